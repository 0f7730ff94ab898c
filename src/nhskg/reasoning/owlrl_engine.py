"""The reference engine: owlrl for OWL 2 RL, and the CONSTRUCT rules one stratum after another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.lines import of_rdf_1_2
from nhskg.rdf.sparql.parser import parse_rule
from nhskg.rdf.terms import OWL, PREFIXES, RDF, RDF_TYPE, RDFS
from nhskg.reasoning.blank_nodes import BLANK, deskolemize, skolemize
from nhskg.reasoning.inference import ERROR, is_informative
from nhskg.reasoning.reasoner import Derivation
from nhskg.reasoning.rules import Inconsistency, RuleText

_NODE: Final = "urn:nhskg-node:"
"""Prefix of the IRIs that stand for blank nodes while rdflib has the triples."""


@dataclass(frozen=True)
class OwlrlEngine:
    """owlrl and the rules in turn: a closure, then each stratum with closures to a fixpoint.

    The header of each rule names its order, of which the tens are the stratum. With a ``base``,
    only what says something of an IRI that begins so is derived.

    Raises:
        InputError: the header of a rule names no order.
        ProgramError: a text is no CONSTRUCT rule.
    """

    rules: Sequence[RuleText]
    base: str = ""

    def __post_init__(self) -> None:
        for rule in self.rules:
            parse_rule(rule.text, source=rule.source or rule.name)
            _stratum(rule)

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`."""
        asserted = {q.triple for q in store}
        triples = _closure(asserted)
        ordered = sorted(self.rules, key=lambda rule: (_stratum(rule), rule.name))
        for _, stratum in groupby(ordered, key=_stratum):
            triples = _to_fixpoint(triples, [rule.text for rule in stratum])
        # owlrl says what is wrong in words only
        errors = sorted((t for t in triples if t.predicate.value == ERROR), key=str)
        wrong = {error.subject for error in errors}
        derived = (t for t in triples - asserted if t.subject not in wrong)
        new = {t for t in derived if not self.base or self.is_about_base(t)}
        store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in new)
        words = (error.object.value for error in errors if isinstance(error.object, ox.Literal))
        clashes = (text.replace(_NODE, "_:").replace(BLANK, "_:") for text in words)
        return Derivation(len(new), tuple(Inconsistency(text, ()) for text in clashes))

    def is_about_base(self, triple: ox.Triple) -> bool:
        """Return whether a triple says something particular of a thing of the base."""
        subject, value = triple.subject, triple.object
        if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(self.base):
            return False
        if not isinstance(value, ox.NamedNode):
            return isinstance(value, ox.Literal)
        if triple.predicate.value == RDF_TYPE:
            is_negative = value.value == OWL + "NegativePropertyAssertion"
            return is_negative or not value.value.startswith((OWL, RDFS, RDF))
        return is_informative(triple)


def _stratum(rule: RuleText) -> int:
    if found := re.search(r"^#\+ order: (\d+)", rule.text, re.MULTILINE):
        return int(found[1]) // 10
    place = Place(Path(rule.source or rule.name), 1)
    raise InputError("no order; add a line '#+ order: N'", place=place)


def _to_fixpoint(triples: set[ox.Triple], rules: Sequence[str]) -> set[ox.Triple]:
    """Apply rules and close under OWL 2 RL in turn until neither adds anything."""
    while True:
        work = ox.Store()
        work.extend(ox.Quad(*triple) for triple in triples)
        for text in rules:
            found: Any = work.query(text, prefixes=PREFIXES)
            work.extend([ox.Quad(*triple) for triple in found])
        if len(work) == len(triples):
            return triples
        triples = _closure({quad.triple for quad in work})


def _closure(triples: set[ox.Triple]) -> set[ox.Triple]:
    import owlrl  # noqa: PLC0415  # heavy, and never on the way to an answer
    from rdflib import Graph, Literal, URIRef  # noqa: PLC0415

    # rdflib names blank nodes anew when it reads them; as IRIs they keep their names
    for triple in triples:
        if what := of_rdf_1_2(triple.object):
            raise InputError(f"owlrl does not have {what}: {triple}")
    named = (skolemize(triple, prefix=_NODE) for triple in triples)
    raw = ox.serialize(named, format=ox.RdfFormat.N_TRIPLES) or b""
    graph = Graph().parse(data=raw, format="nt")
    try:
        owlrl.DeductiveClosure(
            owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
        ).expand(graph)
    except ValueError as error:  # a list without an end
        raise InputError(f"owlrl refuses the data: {error}") from error
    # of what owlrl derives RDF does not allow a literal as a subject, and a property without a name
    lines = (
        f"{subject.n3()} {predicate.n3()} {value.n3()} ."
        for subject, predicate, value in graph
        if not isinstance(subject, Literal)
        and isinstance(predicate, URIRef)
        and not predicate.startswith(_NODE)
    )
    quads = ox.parse("\n".join(lines), format=ox.RdfFormat.TURTLE)
    return {deskolemize(quad.triple, prefix=_NODE) for quad in quads}
