"""The closure of a schema under the schema rules (OWL 2 Profiles, table 9), as SPARQL updates.

The schema is small beside the data, so its closure is computed once, while compiling. What
follows for named terms is part of the result; what follows for anonymous expressions only serves
the compilation. The subsumptions between restrictions, which no rule about instances would find,
become axioms of their own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Term
from nhskg.rdf.terms import AUXILIARY, OWL, PREFIXES, RDFS
from nhskg.reasoning.literal_values import canonical
from nhskg.reasoning.schema import NOTHING, THING, Sameness, Schema

_SUB_CLASS: Final = ox.NamedNode(RDFS + "subClassOf")
_EQUIVALENT: Final = {
    _SUB_CLASS: ox.NamedNode(OWL + "equivalentClass"),
    ox.NamedNode(RDFS + "subPropertyOf"): ox.NamedNode(OWL + "equivalentProperty"),
}
_EDGE: Final = ox.NamedNode(AUXILIARY + "edge")

_RULES: Final = """
scm-eqc1 | ?x rdfs:subClassOf ?y . ?y rdfs:subClassOf ?x | ?x owl:equivalentClass ?y
scm-eqp1 | ?x rdfs:subPropertyOf ?y . ?y rdfs:subPropertyOf ?x | ?x owl:equivalentProperty ?y
scm-op | ?x rdfs:subPropertyOf ?x | ?x a owl:ObjectProperty
scm-dp | ?x rdfs:subPropertyOf ?x | ?x a owl:DatatypeProperty
scm-cls | ?x rdfs:subClassOf ?x , owl:Thing . owl:Nothing rdfs:subClassOf ?x
  | { ?x a owl:Class } UNION { VALUES ?x { owl:Thing owl:Nothing } }
scm-int | ?x rdfs:subClassOf ?y | ?x owl:intersectionOf/rdf:rest*/rdf:first ?y
scm-uni | ?y rdfs:subClassOf ?x | ?x owl:unionOf/rdf:rest*/rdf:first ?y
scm-hv | ?c edge: ?d
  | ?c owl:hasValue ?v . ?d owl:hasValue ?v . ?c owl:onProperty ?p . ?d owl:onProperty ?q .
    ?p rdfs:subPropertyOf+ ?q
scm-svf1 | ?c edge: ?d
  | ?c owl:onProperty ?p . ?d owl:onProperty ?p . ?c owl:someValuesFrom ?x .
    ?d owl:someValuesFrom ?y . ?x rdfs:subClassOf+ ?y
scm-svf2 | ?c edge: ?d
  | ?c owl:someValuesFrom ?x . ?d owl:someValuesFrom ?x . ?c owl:onProperty ?p .
    ?d owl:onProperty ?q . ?p rdfs:subPropertyOf+ ?q
scm-avf1 | ?c edge: ?d
  | ?c owl:onProperty ?p . ?d owl:onProperty ?p . ?c owl:allValuesFrom ?x .
    ?d owl:allValuesFrom ?y . ?x rdfs:subClassOf+ ?y
scm-avf2 | ?d edge: ?c
  | ?c owl:allValuesFrom ?x . ?d owl:allValuesFrom ?x . ?c owl:onProperty ?p .
    ?d owl:onProperty ?q . ?p rdfs:subPropertyOf+ ?q
cax-sco | ?x rdfs:subClassOf ?y | ?x edge: ?y
eq-rep | ?c ?p ?d
  | VALUES ?p { rdfs:subClassOf rdfs:subPropertyOf } ?x ?p ?y .
    ?x (owl:sameAs|^owl:sameAs)* ?c . ?y (owl:sameAs|^owl:sameAs)* ?d
"""
"""The name of a rule, what follows, and from what; scm-sco and scm-spo are the paths with ``+``."""

_ENTAILED: Final = """
SELECT DISTINCT ?x ?relation ?y WHERE {
  { VALUES ?relation { rdfs:subClassOf } ?x rdfs:subClassOf+ ?y }
  UNION { VALUES ?relation { rdfs:subPropertyOf } ?x rdfs:subPropertyOf+ ?y }
  UNION { VALUES ?relation { rdfs:domain rdfs:range } ?p ?relation ?c .
          ?x rdfs:subPropertyOf* ?p . ?c rdfs:subClassOf* ?y }
}
"""
"""What holds in the end; the last branch is scm-dom1, -dom2, -rng1 and -rng2."""


@dataclass(frozen=True, slots=True)
class SchemaClosure:
    """What a schema entails.

    Attributes:
        facts: the entailed triples between IRIs, the trivial ones left out: a term below or
            equivalent to itself, anything below owl:Thing, owl:Nothing below anything.
        superclasses: each class's superclasses.
        between_restrictions: the axioms that a restriction is below another.
    """

    facts: frozenset[ox.Triple]
    superclasses: dict[Term, set[Term]]
    between_restrictions: frozenset[ox.Triple]


def close_schema(schema: Schema, same: Sameness) -> SchemaClosure:
    """Return the closure of a schema under the scm rules, and of what is the same in it.

    A class is below itself (scm-cls), so below what is the same (eq-rep-o); equality over the data
    does not find that, as no data say so.
    """
    store = ox.Store()
    for triple in (*schema.triples, *same.triples):
        store.add(ox.Quad(triple.subject, triple.predicate, canonical(triple.object)))
    rows = (row.split(" | ") for row in _RULES.replace("\n  ", " ").strip().splitlines())
    update = " ;".join(f"INSERT {{ {head} }} WHERE {{ {body} }}" for _, head, body in rows)
    size = -1
    while size < len(store):
        size = len(store)
        store.update(update, prefixes={**PREFIXES, "edge": _EDGE.value})
    solutions = store.query(_ENTAILED, prefixes=PREFIXES)
    assert isinstance(solutions, ox.QuerySolutions)
    entailed: set[tuple[Any, ...]] = set(map(tuple, solutions))
    above: dict[Term, set[Term]] = defaultdict(set)
    facts: set[ox.Triple] = set()
    for one, relation, two in entailed:
        if relation == _SUB_CLASS:
            above[one].add(two)
        if isinstance(one, ox.NamedNode) and isinstance(two, ox.NamedNode) and one != two:
            if two != THING and one != NOTHING:
                facts.add(ox.Triple(one, relation, two))
            if relation in _EQUIVALENT and (two, relation, one) in entailed:  # scm-eqc2, scm-eqp2
                facts.add(ox.Triple(one, _EQUIVALENT[relation], two))
    edges = store.quads_for_pattern(None, _EDGE, None)
    between = {ox.Triple(e.subject, _SUB_CLASS, e.object) for e in edges if e.subject != e.object}
    return SchemaClosure(frozenset(facts), dict(above), frozenset(between))
