"""``nhskg reason``: OWL 2 RL reasoning over any RDF files, with rules of your own."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import click
from pyoxigraph import NamedNode

from nhskg.cli.options import context_options, engine_option, list_files, refuse_overwriting
from nhskg.queries.engine import read_quads
from nhskg.rdf import lines, terms
from nhskg.rdf.contexts import Contexts
from nhskg.rdf.errors import FindingsError, InputError, Place, UsageError
from nhskg.rdf.files import files_in, write_atomically
from nhskg.rdf.terms import PREFIXES
from nhskg.reasoning.inference import FORMATS, InconsistencyWriter, as_written, infer, render
from nhskg.reasoning.owlrl_engine import OwlrlEngine
from nhskg.reasoning.profile import outside_profile
from nhskg.reasoning.reasoner import CompiledEngine, read_rule_text


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
@click.option("--output", type=click.Path(path_type=Path), help="File to write to; else stdout.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="Form of the derived triples; else by the ending of --output, else Turtle.",
)
@context_options
def reason_command(
    files: tuple[Path, ...],
    rules: tuple[Path, ...],
    engine_name: str,
    axiomatic: bool,
    output: Path | None,
    form: str | None,
    contexts: Contexts,
) -> None:
    """Derive what follows from RDF files by OWL 2 RL, and by rules of your own.

    Axioms and data may be in any of the files (- is standard input); the graphs in
    them are taken together. The derived triples come out sorted, without those that were given
    and those that hold of everything. Exit code 1 where the data contradict the
    axioms: each contradiction is reported, with its rule and its triples. An axiom
    outside OWL 2 RL is a warning.

    \b
    nhskg reason ontology.ttl data.nq
    nhskg reason data.ttl --rules rules/ --output derived.ttl
    nhskg reason data.ttl --engine owlrl --format ntriples
    """
    paths: list[Path] = []
    for path in rules:
        inside = files_in(path, ".rq") if path.is_dir() else [path]
        if not inside:
            raise InputError("no rules here: no *.rq in the folder", place=Place(path))
        paths += inside
    if axiomatic and engine_name == "owlrl":
        raise UsageError("--axiomatic needs the compiled engine; leave out --engine owlrl")
    (data,) = list_files(files)
    refuse_overwriting(output, [*data, *paths])
    texts = [read_rule_text(path) for path in paths]
    engine = OwlrlEngine(texts) if engine_name == "owlrl" else CompiledEngine(texts)
    prefixes: dict[str, str] = {}
    given = list(read_quads(data, prefixes=prefixes, contexts=contexts))
    for axiom in outside_profile(given):
        click.echo(f"warning: outside OWL 2 RL: {axiom}", err=True)
    found = as_written(infer(given, engine, axiomatic=axiomatic), given)
    by_ending = lines.format_of(output) if output else None
    form = form or next((name for name in FORMATS if FORMATS[name] == by_ending), "turtle")
    graph = NamedNode(terms.DERIVED_GRAPH)
    raw = render(found.triples, form, prefixes=prefixes or PREFIXES, graph=graph)
    if output is None:
        sys.stdout.buffer.write(raw)
    else:
        is_packed = output.suffix.lower() == ".gz"
        write_atomically(output, gzip.compress(raw, mtime=0) if is_packed else raw)
    writer = InconsistencyWriter(given, prefixes)
    for clash in found.inconsistencies:
        click.echo(writer.line(clash), err=True)
    if count := len(found.inconsistencies):
        noun = "contradiction" if count == 1 else "contradictions"
        raise FindingsError(f"{count} {noun}; correct the data, or the axiom that forbids it")
