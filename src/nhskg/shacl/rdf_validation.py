"""Any RDF validated by any shapes, reported as the SHACL recommendation says.

pySHACL is the engine. Its report is taken as RDF, its own wording of results replaced (that of a
node without a name differs from run to run), and its blank nodes labelled canonically (RDF Dataset
Canonicalization, RDFC-1.0), so that the same input gives the same bytes. The findings for the other
forms are read from the same results.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.lines import RdfText, find_places
from nhskg.rdf.paths import path_text
from nhskg.rdf.terms import SH, compact, local_name
from nhskg.shacl.fast import DataGraph, Source
from nhskg.shacl.findings import Finding, Severity, settle
from nhskg.shacl.reports.rules import Rule, targeted_rules
from nhskg.shacl.requirements import Shapes
from nhskg.shacl.unused_shapes import UNMATCHED, idle_shapes, unknown_words

__all__ = ["RDF_ENDINGS", "Validated", "validate_rdf"]

STDIN: Final = Path("<stdin>")
"""The path that stands for standard input, which is read as TriG (and so as Turtle)."""

RDF_ENDINGS: Final = (".ttl", ".trig", ".nt", ".nq", ".rdf", ".owl", ".jsonld")
"""The files of a folder that are RDF; one that is named may have another ending of a format."""

_POSITION: Final = re.compile(r"^Parser error at line \d+ [^:]*: ")
_COMPONENT: Final = "ConstraintComponent"
_RESULT: Final = SH + "result"
_MESSAGE: Final = ox.NamedNode(SH + "resultMessage")
_RULE: Final = ox.NamedNode("urn:nhskg:rule")
"""Marks the rule of a result while its report is at work; it is in no report."""

Term = Any
"""A term of pyoxigraph."""


@dataclass(frozen=True)
class Validated:
    """What came of a validation.

    Attributes:
        findings: the validation results, and the shapes that found nothing to look at.
        triples: the validation report of the recommendation, blank nodes labelled canonically.
        rules: the named shapes that have a target, by the name that findings give them.
    """

    findings: tuple[Finding, ...]
    triples: tuple[ox.Triple, ...]
    rules: dict[str, Rule]


def validate_rdf(data: Sequence[Path], shapes: Sequence[Path]) -> Validated:
    """Validate the union of some files by the union of others.

    Nothing is inferred or imported, and nothing but the data tells which class is below which
    (Shapes Constraint Language, 3.1 and 3.4). Files are Turtle, TriG, N-Triples, N-Quads, RDF/XML
    or JSON-LD, by the ends of their names; a folder stands for all such files in it, ``-`` for
    standard input.

    Raises:
        InputError: a file cannot be read as RDF, or pySHACL refuses the shapes.
    """
    from nhskg.shacl import pyshacl_engine as engine  # noqa: PLC0415  # loads rdflib and pySHACL

    texts, triples, _ = _read_all(data)
    shape_texts, shape_triples, files = _read_all(shapes)
    graph, shape_graph = (
        engine.to_graph(each, prepared=False) for each in (triples, shape_triples)
    )
    report = engine.run(graph, shape_graph, shapes[0])
    prefixes = dict(pair for text in (*texts, *shape_texts) for pair in text.prefixes)
    results = _Results(report, Shapes(tuple(shape_triples), files), prefixes)
    findings = [results.finding(node, texts) for node in results.nodes()]
    findings += _unmatched(results.shapes, triples, shapes[0])
    return Validated(settle(findings), results.canonical(), results.rules)


def _read_all(
    paths: Sequence[Path],
) -> tuple[list[RdfText], list[ox.Triple], dict[str, Path]]:
    """Return the texts, their triples, each once, and the first file that describes an IRI."""
    texts: list[RdfText] = []
    triples: dict[ox.Triple, None] = {}
    files: dict[str, Path] = {}
    for file in (each for path in paths for each in _expanded(path)):
        text, found = _read(file)
        texts.append(text)
        triples |= dict.fromkeys(found)
        for triple in found:
            if isinstance(triple.subject, ox.NamedNode):
                files.setdefault(triple.subject.value, text.path)
    return texts, list(triples), files


def _expanded(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = [each for each in sorted(path.iterdir()) if each.suffix in RDF_ENDINGS]
    if not files:
        raise InputError("no RDF here: no *.ttl, *.nt, *.rdf … in the folder", place=Place(path))
    return files


def _read(path: Path) -> tuple[RdfText, list[ox.Triple]]:
    if str(path) == "-":
        path, raw, form = STDIN, sys.stdin.buffer.read(), ox.RdfFormat.TRIG
    else:
        found = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
        if found is None:
            message = "the end of its name tells no RDF format; use .ttl, .trig, .nt, .nq, .rdf …"
            raise InputError(message, place=Place(path))
        form = found
        try:
            raw = path.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(f"cannot be read: {reason}", place=Place(path)) from error
    try:
        # labels of blank nodes are those of a file, and another's are others
        quads = list(ox.parse(input=raw, format=form, rename_blank_nodes=True))
    except SyntaxError as error:
        place = Place(path, error.lineno, error.offset)
        reason = _POSITION.sub("", str(error.msg))
        raise InputError(f"not valid {form.name}: {reason}", place=place) from error
    triples = [ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads]
    return RdfText(path, raw.decode("utf-8", "replace")), triples


class _Results:
    """The validation results of a report, with the shapes that they come from."""

    def __init__(
        self, report: tuple[ox.Triple, ...], shapes: Shapes, prefixes: dict[str, str]
    ) -> None:
        self.shapes = shapes
        self.rules = targeted_rules(shapes)
        self._prefixes = prefixes
        self._report = Shapes(report)
        self._report = Shapes(_canonical([*self._worded(report), *self._marks()]))

    def nodes(self) -> list[Term]:
        """Return the nodes of the results."""
        return [each.object for each in self._report.triples if each.predicate.value == _RESULT]

    def canonical(self) -> tuple[ox.Triple, ...]:
        """Return the report with canonical labels."""
        return tuple(each for each in self._report.triples if each.predicate != _RULE)

    def _worded(self, report: tuple[ox.Triple, ...]) -> Iterator[ox.Triple]:
        """Yield the report with the messages that do not differ from run to run."""
        yield from (each for each in report if each.predicate != _MESSAGE)
        for node in self.nodes():
            for message in self._messages(node):
                yield ox.Triple(node, _MESSAGE, message)

    def _marks(self) -> Iterator[ox.Triple]:
        """Yield the rule of each result, while blank shapes have the labels of their graph."""
        owners = _owners(self.shapes)
        for node in self.nodes():
            shape = self._one(node, "sourceShape")
            owner = owners.get(shape)
            if owner is None and isinstance(shape, ox.NamedNode):
                owner = shape.value
            component = self._one(node, "sourceConstraintComponent").value
            yield ox.Triple(
                node, _RULE, ox.Literal(local_name(owner or component).removesuffix(_COMPONENT))
            )

    def finding(self, node: Term, texts: list[RdfText]) -> Finding:
        """Return a result as a finding, at the line of its focus."""
        focus, value, path = self._about(node)
        predicate = path.value if isinstance(path, ox.NamedNode) else None
        named = isinstance(focus, ox.NamedNode)
        places = find_places(texts, focus.value, predicate) if named else ()
        severity = local_name(str(self._one(node, "resultSeverity").value))
        messages = sorted(each.value for each in self._report.values(node, _MESSAGE.value))
        return Finding(
            rule=self._report.text(node, _RULE.value),
            severity=_SEVERITIES.get(severity, Severity.VIOLATION),
            message=" ".join(messages),
            focus=_shown(focus),
            path=None if path is None else self._path(path, _bare),
            value=None if value is None or (value == focus and path is None) else _shown(value),
            place=places[0] if places else None,
            related=places[1:],
            component=self._one(node, "sourceConstraintComponent").value,
        )

    def _about(self, node: Term) -> tuple[Term, Term, Term]:
        """Return the focus, the value and the path of a result, None for what it has not."""
        return self._one(node, "focusNode"), self._one(node, "value"), self._one(node, "resultPath")

    def _one(self, node: Term, name: str) -> Term:
        found = self._report.values(node, SH + name)
        return found[0] if found else None

    def _messages(self, node: Term) -> list[ox.Literal]:
        """Return the messages of a shape or constraint, or one of ours in place of pySHACL's."""
        sources = [self._one(node, name) for name in ("sourceShape", "sourceConstraint")]
        if any(self.shapes.values(each, SH + "message") for each in sources if each is not None):
            found = self._report.values(node, SH + "resultMessage")
            return [each for each in found if isinstance(each, ox.Literal)]
        component = local_name(self._one(node, "sourceConstraintComponent").value)
        name = component.removesuffix(_COMPONENT)
        parameter = name[:1].lower() + name[1:]
        limits = self.shapes.values(sources[0], SH + parameter) if sources[0] is not None else []
        return [ox.Literal(self._sentence(node, parameter, limits))]

    def _sentence(self, node: Term, parameter: str, limits: list[Term]) -> str:
        """Return what a result says, nodes without a name left out."""
        focus, value, path = self._about(node)
        text = f"does not meet sh:{parameter}"
        if len(limits) == 1 and not isinstance(limits[0], ox.BlankNode):
            text += f" {self._short(limits[0])}"
        if path is not None:
            text += f" along {self._path(path, self._prefixed)}"
        named = value is not None and not isinstance(value, ox.BlankNode) and value != focus
        return f"{text}: {self._short(value)}" if named else text

    def _short(self, term: Term) -> str:
        """Return a term as the files write it, as far as their prefixes go."""
        return self._prefixed(term.value) if isinstance(term, ox.NamedNode) else str(term.value)

    def _prefixed(self, iri: str) -> str:
        for prefix, namespace in self._prefixes.items():
            if namespace and iri.startswith(namespace):
                return f"{prefix}:{iri[len(namespace) :]}"
        return _bare(iri)

    def _path(self, path: Term, name: Callable[[str], str]) -> str:
        return path_text(self._report, path, name, all_brackets=True)


_SEVERITIES: Final = {each.value: each for each in Severity}


def _owners(shapes: Shapes) -> dict[Term, str]:
    """Return the named shape that each property shape is a part of, blank ones too."""
    owners: dict[Term, str] = {}
    for requirement in shapes.requirements:
        queue: list[Term] = [ox.NamedNode(requirement.iri)]
        while queue:
            node = queue.pop()
            if node not in owners:
                owners[node] = requirement.iri
                queue += shapes.values(node, SH + "property")
    return owners


def _canonical(triples: Iterable[ox.Triple]) -> tuple[ox.Triple, ...]:
    """Return a graph with its blank nodes labelled canonically, by RDFC-1.0."""
    dataset = ox.Dataset(ox.Quad(each.subject, each.predicate, each.object) for each in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    found = (ox.Triple(each.subject, each.predicate, each.object) for each in dataset)
    return tuple(sorted(found, key=str))


def _bare(iri: str) -> str:
    """Return an IRI with a prefix that everybody knows, or in angle brackets."""
    short = compact(iri)
    return f"<{short}>" if short == iri else short


def _shown(term: Term) -> str:
    return str(term) if isinstance(term, ox.BlankNode) else str(term.value)


def _unmatched(shapes: Shapes, triples: Iterable[ox.Triple], path: Path) -> Iterator[Finding]:
    """Yield what of the shapes checks nothing: a target, or all of them, or a word in them."""
    data = DataGraph(Source(ox.Quad(*each) for each in triples))
    targets = list(shapes.targets())
    missing = [each for each in targets if not data.finds(each[1])]
    for node, target in missing:
        shape = node.value if isinstance(node, ox.NamedNode) else None
        name = local_name(shape) if shape else "a shape without a name"
        yield Finding(
            rule=UNMATCHED,
            severity=Severity.INFO,
            message=f"{name} finds nothing to look at: {target.kind} {compact(target.term)}",
            focus=shape,
            path=target.kind,
            value=target.term,
            place=shapes.place(shape) if shape else Place(path),
        )
    if len(missing) == len(targets):
        reason = "no target of a shape finds anything" if targets else "no shape here has a target"
        message = f"{reason}: nothing was checked"
        yield Finding(UNMATCHED, Severity.VIOLATION, message, place=Place(path))
    yield from idle_shapes(shapes, Severity.WARNING)
    yield from unknown_words(shapes, Severity.WARNING)
