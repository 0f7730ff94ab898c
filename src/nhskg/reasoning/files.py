"""Reasoning over any RDF, not only nhskg's own: what is given, what is said of what follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.errors import InputError, Place
from nhskg.reasoning.engine import Engine
from nhskg.reasoning.model import Inconsistency
from nhskg.reasoning.schema import is_axiom
from nhskg.terms import DERIVED_GRAPH, OWL, PREFIXES, RDF, RDF_TYPE, RDFS, XSD, compact

__all__ = ["FORMATS", "Followed", "follow", "is_telling", "render", "rule_files", "told"]

FORMATS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}
"""The forms that derived triples are written in."""

_GIVEN: Final = ox.NamedNode("urn:nhskg:given")
_DERIVED: Final = ox.NamedNode("urn:nhskg:derived")
_VOCABULARIES: Final = (RDF, RDFS, OWL, XSD)
_ERROR: Final = "http://www.daml.org/2002/03/agents/agent-ont#error"
_REFLEXIVE: Final = frozenset(
    {
        OWL + "sameAs",
        OWL + "equivalentClass",
        OWL + "equivalentProperty",
        RDFS + "subClassOf",
        RDFS + "subPropertyOf",
    }
)
_TO_THING: Final = frozenset({RDF_TYPE, RDFS + "subClassOf", RDFS + "domain", RDFS + "range"})


@dataclass(frozen=True, slots=True)
class Followed:
    """What follows from some data: the triples in order, and the clashes."""

    triples: tuple[ox.Triple, ...]
    inconsistencies: tuple[Inconsistency, ...]


def follow(quads: Iterable[ox.Quad], engine: Engine) -> Followed:
    """Derive what follows from the union of the graphs of some quads, without what is trivial.

    Blank nodes are named anew, the same each time.

    Args:
        quads: what is given, in any graphs.
        engine: what derives.

    Raises:
        NhskgError: the rules make no program.
    """
    store = ox.Store()
    default = ox.DefaultGraph()
    store.extend(
        ox.Quad(q.subject, q.predicate, q.object, _GIVEN) if q.graph_name == default else q
        for q in quads
    )
    expressions = {
        quad.subject
        for quad in store
        if isinstance(quad.subject, ox.BlankNode) and is_axiom(quad) and _describes(quad)
    }
    derivation = engine.derive(store, _DERIVED)
    found = [quad.triple for quad in store.quads_for_pattern(None, None, None, _DERIVED)]
    telling = [
        triple
        for triple in found
        if is_telling(triple) and expressions.isdisjoint((triple.subject, triple.object))
    ]
    return Followed(_in_order(telling), derivation.inconsistencies)


def _describes(quad: ox.Quad) -> bool:
    """Tell whether an axiom is part of a class expression or a list, and not of an individual."""
    if quad.predicate.value != RDF_TYPE:
        return quad.predicate.value not in (OWL + "sameAs", OWL + "differentFrom")
    return isinstance(quad.object, ox.NamedNode)


def is_telling(triple: ox.Triple) -> bool:
    """Tell whether a derived triple says something that is not so of everything.

    Left aside are: that a term is the same as, below or equivalent to itself; that anything is in
    or below owl:Thing, or above owl:Nothing; and what the vocabularies of RDF, RDFS, OWL and XML
    Schema say of their own terms.
    """
    subject, predicate, value = triple.subject, triple.predicate.value, triple.object
    if predicate == _ERROR or (predicate in _REFLEXIVE and subject == value):
        return False
    if _iri(value) in (OWL + "Thing", RDFS + "Resource") and predicate in _TO_THING:
        return False
    if _iri(subject) == OWL + "Nothing" and predicate == RDFS + "subClassOf":
        return False
    return not (_iri(subject).startswith(_VOCABULARIES) and _iri(value).startswith(_VOCABULARIES))


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _in_order(triples: Sequence[ox.Triple]) -> tuple[ox.Triple, ...]:
    if any(isinstance(end, ox.BlankNode) for t in triples for end in (t.subject, t.object)):
        dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        triples = [quad.triple for quad in dataset]
    return tuple(sorted(triples, key=str))


def render(triples: Iterable[ox.Triple], form: str) -> bytes:
    """Return triples in one of :data:`FORMATS`; where it has graphs, in the derived graph."""
    syntax = FORMATS[form]
    if syntax.supports_datasets:
        graph = ox.NamedNode(DERIVED_GRAPH)
        quads = [ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples]
        prefixes = PREFIXES if syntax == ox.RdfFormat.TRIG else None
        return ox.serialize(quads, format=syntax, prefixes=prefixes) or b""
    prefixes = PREFIXES if syntax == ox.RdfFormat.TURTLE else None
    return ox.serialize(triples, format=syntax, prefixes=prefixes) or b""


def told(clash: Inconsistency) -> str:
    """Return an inconsistency as one line: the rule, the triples that clash, the axioms behind."""
    line = f"{clash.rule}: these cannot all be true: {_joined(clash.triples)}"
    return f"{line}; by {_joined(clash.axioms)}" if clash.axioms else line


def _joined(triples: Iterable[ox.Triple]) -> str:
    return " . ".join(" ".join(map(_short, triple)) for triple in triples)


def _short(term: object) -> str:
    if not isinstance(term, ox.NamedNode):
        return str(term)
    short = compact(term.value)
    return short if short != term.value else f"<{short}>"


def rule_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files of CONSTRUCT rules that are named, and those of the folders named.

    Raises:
        InputError: there is none in a folder.
    """
    files: list[Path] = []
    for path in paths:
        found = sorted(path.glob("*.rq")) if path.is_dir() else [path]
        if not found:
            raise InputError("no rules here: no *.rq in the folder", place=Place(path))
        files += found
    return files
