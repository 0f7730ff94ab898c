"""``nhskg reason``: OWL 2 RL reasoning over any RDF files, with rules of your own."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Final

import click
from pyoxigraph import NamedNode

from nhskg.cli.options import engine_option
from nhskg.cli.printing import say, tell
from nhskg.cli.rdf_files import context_options, list_files, refuse_overwriting
from nhskg.queries.engine import read_files
from nhskg.rdf import lines, terms
from nhskg.rdf.contexts import Contexts
from nhskg.rdf.errors import FindingsError, InputError, Place, UsageError
from nhskg.rdf.escaping import plain
from nhskg.rdf.files import files_in, write_atomically
from nhskg.rdf.terms import PREFIXES
from nhskg.reasoning.blank_nodes import LabelledFiles
from nhskg.reasoning.closure import Closure
from nhskg.reasoning.inference import (
    FORMATS,
    StatementWriter,
    as_written,
    infer,
    read_triple,
    render,
)
from nhskg.reasoning.owlrl_engine import OwlrlEngine
from nhskg.reasoning.profile import outside_profile
from nhskg.reasoning.proof_trees import ProofWriter, render_wide
from nhskg.reasoning.reasoner import CompiledEngine, read_rule_text
from nhskg.reasoning.rules import RuleText

_OF_PROOFS: Final = ("text", "json")


@click.command("reason")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option(
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="CONSTRUCT rules (*.rq) to apply beside OWL 2 RL; repeatable.",
)
@engine_option
@click.option(
    "--axiomatic", is_flag=True, help="Also what holds of everything, as that a is the same as a."
)
@click.option("--with-input", is_flag=True, help="Also what the files say, as they write it.")
@click.option(
    "--why",
    metavar="TRIPLE",
    help="Instead, the proof of a triple: in Turtle, with the prefixes of the files.",
)
@click.option("--output", type=click.Path(path_type=Path), help="File to write to; else stdout.")
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS, *_OF_PROOFS]),
    help="Form of the derived triples; else by the ending of --output, else Turtle. A proof is "
    "text, or json.",
)
@context_options
def reason_command(
    files: tuple[Path, ...],
    rules: tuple[Path, ...],
    engine_name: str,
    axiomatic: bool,
    with_input: bool,
    why: str | None,
    output: Path | None,
    form: str | None,
    contexts: Contexts,
) -> None:
    """Derive what follows from RDF files by OWL 2 RL, and by rules of your own.

    Axioms and data may be in any of the files, or of those in folders (- is standard input);
    the graphs in them are taken together. The derived triples come out sorted, without those
    that were given and those that hold of everything. Exit code 1 where the data contradict the
    axioms: each contradiction is reported, with its rule and its triples. An axiom outside OWL
    2 RL is a warning.

    \b
    nhskg reason ontology.ttl data.nq
    nhskg reason data.ttl --rules rules/ --output derived.ttl
    nhskg reason data.ttl --engine owlrl --format ntriples
    nhskg reason data.ttl --why 'ex:a rdf:type ex:B'
    """
    paths: list[Path] = []
    for path in rules:
        inside = files_in(path, ".rq") if path.is_dir() else [path]
        if not inside:
            raise InputError("no rules here: no *.rq in the folder", place=Place(path))
        others = sorted(set(path.glob("[!.]*")) - set(inside)) if path.is_dir() else ()
        if left := [each.name for each in others]:
            tell([f"left out {len(left)} of {path}/: {lines.some_of(left)} (no rule, *.rq)"])
        paths += inside
    if engine_name == "owlrl" and (axiomatic or why):
        option = "--why" if why else "--axiomatic"
        raise UsageError(f"{option} needs the compiled engine; leave out --engine owlrl")
    if form and (form in _OF_PROOFS) != bool(why):
        raise UsageError(f"--format {form} is {'not ' if why else ''}for --why")
    (data,) = list_files(files)
    read_too = [*data, *paths, *contexts.mapped.values()]
    refuse_overwriting(output, read_too, given=(*files, *rules))
    texts = [read_rule_text(path) for path in paths]
    read = LabelledFiles(read_files(data, contexts=contexts))
    given, prefixes = read.quads, read.prefixes
    if why is not None:
        _write(_explained(read, texts, why, form), output)
        return
    engine = OwlrlEngine(texts) if engine_name == "owlrl" else CompiledEngine(texts)
    for axiom in outside_profile(given):
        say(f"warning: outside OWL 2 RL: {axiom}")
    found = as_written(infer(given, engine, axiomatic=axiomatic, rename=not with_input), given)
    by_ending = lines.format_of(output) if output else None
    form = form or next((name for name in FORMATS if FORMATS[name] == by_ending), "turtle")
    graph = NamedNode(terms.DERIVED_GRAPH)
    known, shown = prefixes or PREFIXES, given if with_input else ()
    _write(render(found.triples, form, prefixes=known, graph=graph, given=shown), output)
    writer = StatementWriter(given, prefixes)
    for clash in found.inconsistencies:
        say(writer.line(clash))
    if count := len(found.inconsistencies):
        noun = "contradiction" if count == 1 else "contradictions"
        raise FindingsError(f"{count} {noun}; correct the data, or the axiom that forbids it")


def _write(raw: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(raw)
    else:
        is_packed = output.suffix.lower() == ".gz"
        write_atomically(output, gzip.compress(raw, mtime=0) if is_packed else raw)


def _explained(read: LabelledFiles, rules: list[RuleText], why: str, form: str | None) -> bytes:
    """Return the proof of a triple.

    Raises:
        FindingsError: it does not follow.
    """
    triple = read_triple(why, read.prefixes)
    engine = CompiledEngine(rules)
    closure = Closure((quad.triple for quad in read.quads), engine)
    writer = StatementWriter(read.quads, read.prefixes)
    proof = closure.prove(triple)
    if proof is None:
        held = triple in infer(read.quads, engine, rename=False).triples
        fault = (
            "is derived, and has no proof by the tables" if held else "is neither given nor derived"
        )
        raise FindingsError(f"{writer.statement(triple)} {fault}")
    forms = ProofWriter(writer, lambda triple: read.place(closure.as_given.get(triple, triple)))
    if form == "json":
        return forms.json(proof).encode()
    return plain(render_wide([forms.tree(proof)])).encode()
