"""The invented corpus of the shapes' examples, and how an example is added to it."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import yaml
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from nhskg.graph.mapping import map_ontology
from nhskg.rdf import terms
from nhskg.rdf.lines import find_places, read_rdf
from nhskg.shacl.findings import Locate
from nhskg.shacl.shapes import NSH, Shapes, load_shapes

ROOT = Path(__file__).parents[2]
SHAPES = ROOT / "shapes"
EXAMPLES = SHAPES / "examples"

ABBREVIATIONS = {
    "gz:": "id:claim/gazette/",
    "ev:": "id:claim/gazette/sign-off/evidence/",
    "doc:": "id:document/",
    "pos:": "id:passage/gazette/",
    "holding:": "id:holding/",
    "conflict:": "id:conflict/",
    "quantity:": "id:quantity/",
}
"""How the headers of examples shorten the IRIs of what is found."""

_GRAPHS = {"asserted": terms.GRAPH + "example", "derived": terms.DERIVED_GRAPH}
_PREFIXES = {**terms.PREFIXES, "gz": terms.ID + "claim/gazette/", "nsh": NSH}

Expected = tuple[str, str, str, str]
"""Rule, severity, IRI of the focus; ``file:line`` of what is wrong, or nothing."""


class Example(NamedTuple):
    """An example: its requirement, and exactly what is to be found once it is added."""

    path: Path
    requirement: str
    graph: str
    expected: set[Expected]

    @property
    def is_valid(self) -> bool:
        return "-valid-" in self.path.name

    def locate(self) -> Locate:
        paths = (self.path, EXAMPLES / "corpus.ttl", EXAMPLES / "corpus-derived.ttl")
        return partial(find_places, [read_rdf(each) for each in paths])

    def quads(self) -> list[Quad]:
        return [*base(), *turtle(self.path.read_text("utf-8"), self.graph)]


@cache
def shapes(name: str = "") -> Shapes:
    """Return the shapes of a corpus, or those of a file."""
    return load_shapes(SHAPES / name)


def examples() -> list[Example]:
    found = []
    for path in sorted(EXAMPLES.glob("*valid-*.ttl")):
        lines = path.read_text("utf-8").splitlines()
        header = yaml.safe_load("\n".join(line[2:] for line in lines if line.startswith("#+")))
        expected = {_expected(path, *each) for each in header["expect"]}
        found.append(Example(path, header["requirement"], header["graph"], expected))
    return found


def _expected(
    path: Path, rule: str, severity: str, focus: str, line: int | str | None = None
) -> Expected:
    """Return what a header says is found; a line that is a number is one of the example itself."""
    prefix, colon, rest = focus.partition(":")
    full = ABBREVIATIONS.get(prefix + colon, prefix + colon) + rest
    where = f"{path.name}:{line}" if isinstance(line, int) else (line or "")
    return rule, severity, full.replace("id:", terms.ID), where


@cache
def base() -> tuple[Quad, ...]:
    return (
        *turtle((EXAMPLES / "corpus.ttl").read_text("utf-8")),
        *turtle((EXAMPLES / "corpus-derived.ttl").read_text("utf-8"), "derived"),
        *map_ontology(ROOT / "ontology"),
    )


def turtle(text: str, graph: str = "asserted") -> list[Quad]:
    """Return Turtle text, with all prefixes known, as quads of the asserted or derived graph."""
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in _PREFIXES.items())
    name = NamedNode(_GRAPHS[graph])
    triples = parse(input=head + text, format=RdfFormat.TURTLE)
    return [Quad(each.subject, each.predicate, each.object, name) for each in triples]
