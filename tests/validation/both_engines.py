"""Both engines on the same data: results counted, so that two that are alike stay two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Quad

from nhskg.rdf.terms import DERIVED_GRAPH
from nhskg.shacl import fast
from nhskg.shacl import validation as shacl
from nhskg.shacl.loading import load_shapes
from nhskg.shacl.requirements import Shapes
from nhskg.shacl.results import Violated

__all__ = ["HEAD", "by_fast", "by_pyshacl", "disagreement", "own_shapes", "shapes_of"]

HEAD: Final = """
@prefix ex: <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:prefixes sh:declare ex:prefix .
ex:prefix sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI .
"""


@cache
def shapes_of(path: Path) -> Shapes:
    """Return the shapes of a folder or a file."""
    return load_shapes(path)


def own_shapes(folder: Path, text: str) -> Shapes:
    """Return shapes written in a test; the file need not stay."""
    path = folder / "own.ttl"
    path.write_text(HEAD + text, "utf-8")
    return Shapes(load_shapes(path).triples)


def by_pyshacl(quads: Sequence[Quad], shapes: Shapes) -> Counter[Violated]:
    """Return the results of pySHACL."""
    return Counter(shacl._by_pyshacl(quads, shapes))


def by_fast(quads: Iterable[Quad], shapes: Shapes) -> tuple[Counter[Violated], fast.Outcome]:
    """Return the results of the fast engine alone, and what it was unsure of."""
    source = fast.Source(quads)
    asserted = fast.DataGraph(source, without=DERIVED_GRAPH)
    outcome = fast.run(fast.divide(shapes), fast.DataGraph(source), asserted)
    return Counter(outcome.results), outcome


def disagreement(quads: Sequence[Quad], shapes: Shapes) -> dict[str, list[Violated]]:
    """Return what one engine finds and the other doesn't, where the fast one is sure."""
    found, outcome = by_fast(quads, shapes)
    expected = by_pyshacl(quads, fast.resting(shapes, outcome.unsure.keys()))
    return {
        name: sorted(counts.elements(), key=repr)
        for name, counts in (("only pySHACL", expected - found), ("only fast", found - expected))
        if counts
    }
