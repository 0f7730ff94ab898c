"""The reference engine: owlrl for OWL 2 RL, and the CONSTRUCT rules one stratum after another.

Slow, and complete but for owlrl's known defects. rdflib and owlrl are imported
only when it runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.sparql.algebra import Inconsistency
from nhskg.rdf.sparql.parser import parse_rule
from nhskg.rdf.terms import BASE, OWL, PREFIXES, RDF, RDF_TYPE, RDFS
from nhskg.reasoning.infer import is_telling
from nhskg.reasoning.reasoner import Derivation, read_rule_text
from nhskg.reasoning.skolemization import BLANK, free_blank_nodes, name_blank_nodes

if TYPE_CHECKING:
    from rdflib import Graph

_ERROR: Final = "http://www.daml.org/2002/03/agents/agent-ont#error"
_NODE: Final = "urn:nhskg-node:"
"""Prefix of the IRIs that stand for blank nodes while rdflib has the triples."""
_ORDER: Final = re.compile(r"^#\+ order: (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StratumRule:
    """A CONSTRUCT rule and the stratum that its header names."""

    name: str
    stratum: int
    text: str


def read_rules(folder: Path) -> list[StratumRule]:
    """Read the CONSTRUCT rules of a folder, in order of their strata.

    Raises:
        InputError: a rule cannot be read, or its header names no stratum.
    """
    return sorted(map(read_rule, folder.glob("*.rq")), key=lambda rule: (rule.stratum, rule.name))


def read_rule(path: Path) -> StratumRule:
    """Read one CONSTRUCT rule.

    Raises:
        InputError: it cannot be read, or its header names no stratum.
        ProgramError: it is no CONSTRUCT rule.
    """
    text = read_rule_text(path).text
    parse_rule(text, source=str(path))
    found = _ORDER.search(text)
    if not found:
        raise InputError("no order; add a line '#+ order: N'", place=Place(path, 1))
    return StratumRule(path.stem, int(found[1]) // 10, text)


def is_trivial(triple: ox.Triple) -> bool:
    """Return whether a derived triple says nothing of the corpus.

    Trivial are what is true of everything (``x owl:sameAs x``, ``x a owl:Thing``), and whatever has
    a subject that nhskg did not mint, such as the terms of RDF and OWL.
    """
    subject, value = triple.subject, triple.object
    if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(BASE):
        return True
    if not isinstance(value, ox.NamedNode):
        return not isinstance(value, ox.Literal)
    predicate = triple.predicate.value
    if predicate == OWL + "sameAs":
        return subject == value
    if predicate == RDF_TYPE:
        return value.value.startswith((OWL, RDFS, RDF)) and value.value not in _TELLING
    return not is_telling(triple)


_TELLING: Final = (OWL + "NegativePropertyAssertion",)


@dataclass(frozen=True)
class OwlrlEngine:
    """owlrl and the rules in turn: a closure, then each stratum with closures to a fixpoint.

    Attributes:
        rules: the rules, in order of their strata.
        name: its name on the command line.
        trivial: tells which derived triples to leave out.
    """

    rules: Sequence[StratumRule]
    name: str = "owlrl"
    trivial: Callable[[ox.Triple], bool] = is_trivial

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`."""
        asserted = {q.triple for q in store}
        triples = _closure(asserted)
        for _, stratum in groupby(self.rules, key=lambda rule: rule.stratum):
            triples = _to_fixpoint(triples, [rule.text for rule in stratum])
        wrong = {t.subject for t in triples if t.predicate.value == _ERROR}
        new = {
            t
            for t in triples
            if t not in asserted and t.subject not in wrong and not self.trivial(t)
        }
        store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in new)
        return Derivation(len(new), tuple(_errors(triples)))


def _to_fixpoint(triples: set[ox.Triple], rules: Sequence[str]) -> set[ox.Triple]:
    """Apply rules and close under OWL 2 RL in turn until neither adds anything."""
    while True:
        work = ox.Store()
        work.extend(ox.Quad(*triple) for triple in triples)
        for text in rules:
            found = work.query(text, prefixes=PREFIXES)
            assert isinstance(found, ox.QueryTriples)
            work.extend([ox.Quad(*triple) for triple in found])
        if len(work) == len(triples):
            return triples
        triples = _closure({quad.triple for quad in work})


def _closure(triples: set[ox.Triple]) -> set[ox.Triple]:
    import owlrl  # noqa: PLC0415  # heavy, and never on the way to an answer
    from rdflib import Graph  # noqa: PLC0415

    graph = Graph()
    # rdflib names blank nodes anew when it reads them; as IRIs they keep their names
    named = (name_blank_nodes(triple, prefix=_NODE) for triple in triples)
    raw = ox.serialize(named, format=ox.RdfFormat.N_TRIPLES)
    assert raw is not None
    graph.parse(data=raw, format="nt")
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
    ).expand(graph)
    return {free_blank_nodes(triple, prefix=_NODE) for triple in _resolved(graph)}


def _resolved(graph: Graph) -> Iterator[ox.Triple]:
    """Yield the triples that RDF allows; owlrl derives some with a literal as subject."""
    from rdflib import Literal, URIRef  # noqa: PLC0415

    lines = (
        f"{subject.n3()} {predicate.n3()} {value.n3()} ."
        for subject, predicate, value in graph
        if not isinstance(subject, Literal)
        and isinstance(predicate, URIRef)
        and not predicate.startswith(_NODE)  # the inverse of a property, which has no name
    )
    for quad in ox.parse("\n".join(lines), format=ox.RdfFormat.TURTLE):
        yield quad.triple


def _errors(triples: set[ox.Triple]) -> Iterator[Inconsistency]:
    """Yield owlrl's error messages; it tells what is wrong in words only."""
    for triple in sorted(triples, key=str):
        if triple.predicate.value == _ERROR and isinstance(triple.object, ox.Literal):
            message = triple.object.value.replace(_NODE, "_:").replace(BLANK, "_:")
            yield Inconsistency(rule=message, triples=())
