"""OWL 2 RL/RDF rules for the schema (table 9) and equality (table 4), as proofs cite them.

A program holds none of these: the schema is closed while compiling, and equality is saturated apart
from the rules. Here they are as in OWL 2 Profiles, section 4.3, what is trivial by itself.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import expression_text
from nhskg.rdf.sparql.parser import parse_rule
from nhskg.rdf.terms import OWL, RDF, RDFS
from nhskg.reasoning.literal_values import same_value
from nhskg.reasoning.rules import Rule

SCHEMA_PREDICATES: Final = frozenset(
    [RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")]
    + [OWL + name for name in ("equivalentClass", "equivalentProperty")]
)
"""The predicates of the triples that follow from the schema alone."""

_PREFIXES: Final = f"PREFIX owl: <{OWL}> PREFIX rdf: <{RDF}> PREFIX rdfs: <{RDFS}>"

SUBSUMPTION: Final = """
scm-eqc1 | ?a rdfs:subClassOf ?b . ?b rdfs:subClassOf ?a | ?a owl:equivalentClass ?b
scm-eqp1 | ?a rdfs:subPropertyOf ?b . ?b rdfs:subPropertyOf ?a | ?a owl:equivalentProperty ?b
scm-hv | ?a rdfs:subClassOf ?b | ?a owl:hasValue ?v ; owl:onProperty ?p .
  ?b owl:hasValue ?v ; owl:onProperty ?q . ?p rdfs:subPropertyOf ?q
scm-svf1 | ?a rdfs:subClassOf ?b | ?a owl:someValuesFrom ?c ; owl:onProperty ?p .
  ?b owl:someValuesFrom ?d ; owl:onProperty ?p . ?c rdfs:subClassOf ?d
scm-svf2 | ?a rdfs:subClassOf ?b | ?a owl:someValuesFrom ?c ; owl:onProperty ?p .
  ?b owl:someValuesFrom ?c ; owl:onProperty ?q . ?p rdfs:subPropertyOf ?q
scm-avf1 | ?a rdfs:subClassOf ?b | ?a owl:allValuesFrom ?c ; owl:onProperty ?p .
  ?b owl:allValuesFrom ?d ; owl:onProperty ?p . ?c rdfs:subClassOf ?d
scm-avf2 | ?b rdfs:subClassOf ?a | ?a owl:allValuesFrom ?c ; owl:onProperty ?p .
  ?b owl:allValuesFrom ?c ; owl:onProperty ?q . ?p rdfs:subPropertyOf ?q
scm-int | ?c rdfs:subClassOf ?m | ?c owl:intersectionOf ?l . ?l rdf:rest* ?cell . ?cell rdf:first ?m
scm-uni | ?m rdfs:subClassOf ?c | ?c owl:unionOf ?l . ?l rdf:rest* ?cell . ?cell rdf:first ?m
"""
"""The rules of table 9 that conclude subsumptions: name, what follows, and from what."""
TRANSITIVITY: Final = """
scm-sco | ?a rdfs:subClassOf ?c | ?a rdfs:subClassOf ?b . ?b rdfs:subClassOf ?c
scm-spo | ?a rdfs:subPropertyOf ?c | ?a rdfs:subPropertyOf ?b . ?b rdfs:subPropertyOf ?c
"""
LAST: Final = """
scm-eqc2 | ?a owl:equivalentClass ?b | ?a rdfs:subClassOf ?b . ?b rdfs:subClassOf ?a
scm-eqp2 | ?a owl:equivalentProperty ?b
  | ?a rdfs:subPropertyOf ?b . ?b rdfs:subPropertyOf ?a
scm-dom1 | ?p rdfs:domain ?b | ?p rdfs:domain ?a . ?a rdfs:subClassOf ?b
scm-dom2 | ?p rdfs:domain ?c | ?q rdfs:domain ?c . ?p rdfs:subPropertyOf ?q
scm-rng1 | ?p rdfs:range ?b | ?p rdfs:range ?a . ?a rdfs:subClassOf ?b
scm-rng2 | ?p rdfs:range ?c | ?q rdfs:range ?c . ?p rdfs:subPropertyOf ?q
"""
"""Those of which no others need the conclusions, in an order in which each is needed once."""

REFLEXIVITY: Final = """
scm-cls | ?c rdfs:subClassOf ?c , owl:Thing ; owl:equivalentClass ?c .
  owl:Nothing rdfs:subClassOf ?c | ?c a owl:Class
scm-op | ?p rdfs:subPropertyOf ?p ; owl:equivalentProperty ?p | ?p a owl:ObjectProperty
scm-dp | ?p rdfs:subPropertyOf ?p ; owl:equivalentProperty ?p | ?p a owl:DatatypeProperty
"""
"""Those of which what they conclude is trivial."""

_IDENTITY: Final = """
eq-ref | ?x owl:sameAs ?x | ?x ?p ?o
eq-ref | ?x owl:sameAs ?x | ?s ?x ?o
eq-ref | ?x owl:sameAs ?x | ?s ?p ?x
"""
_EQUALITY: Final = """
eq-sym | ?y owl:sameAs ?x | ?x owl:sameAs ?y
eq-trans | ?x owl:sameAs ?z | ?x owl:sameAs ?y . ?y owl:sameAs ?z
eq-rep-s | ?y ?p ?z | ?x owl:sameAs ?y . ?x ?p ?z . FILTER(?x != ?y)
eq-rep-p | ?s ?y ?o | ?x owl:sameAs ?y . ?s ?x ?o . FILTER(?x != ?y)
eq-rep-o | ?z ?p ?y | ?x owl:sameAs ?y . ?z ?p ?x . FILTER(?x != ?y)
eq-sym+eq-trans | ?x owl:sameAs ?z
  | ?x owl:sameAs ?y . ?z owl:sameAs ?y . FILTER(isLiteral(?y) && ?x != ?z)
eq-sym+eq-rep-o | ?z ?p ?x
  | ?x owl:sameAs ?y . ?z ?p ?y . FILTER(isLiteral(?y) && ?p != owl:sameAs)
dt-eq+eq-rep-o | ?z ?p ?y
  | ?z ?p ?v . FILTER(isLiteral(?y) && isLiteral(?v) && !sameTerm(?v, ?y)) FILTER(BY_VALUE)
"""


# Any triple can be concerned by equality, so its rules are outside the strata: where there is any
# owl:sameAs, they are applied before and after each stratum, and in each round of a recursive one.
_REFLEXIVE: Final = "rdfs:subClassOf rdfs:subPropertyOf owl:equivalentClass owl:equivalentProperty"
"""That a term is below, or equivalent to, one that is the same is left to the schema rules."""
_LIST: Final = _REFLEXIVE.replace(" ", ", ")

_PAIRS: Final = """
eq-sym | ?y owl:sameAs ?x | FILTER(!sameTerm(?x, ?y))
eq-trans | ?x owl:sameAs ?z | ?y owl:sameAs ?z FILTER(!sameTerm(?x, ?y) && !sameTerm(?x, ?z))
eq-trans | ?x owl:sameAs ?z | ?z owl:sameAs ?y FILTER(isLiteral(?y) && !sameTerm(?x, ?z))
"""
_REPLACEMENT: Final = f"""
eq-rep-s | ?y ?p ?z | ?x ?p ?z FILTER(!sameTerm(?x, ?y)) FILTER(!(?p IN (owl:sameAs, {_LIST})))
eq-rep-p | ?s ?y ?o | ?s ?x ?o FILTER(!sameTerm(?x, ?y)) FILTER(!(?y IN ({_LIST})))
eq-rep-o | ?z ?p ?y | ?z ?p ?x FILTER(!sameTerm(?x, ?y)) FILTER(!(?p IN (owl:sameAs, {_LIST})))
eq-rep-o | ?z ?p ?x | ?z ?p ?y FILTER(isLiteral(?y)) FILTER(?p != owl:sameAs)
dt-eq+eq-rep-o | ?z ?p ?y | ?z ?p ?v
  FILTER(isLiteral(?y)) FILTER(isLiteral(?v)) FILTER(!sameTerm(?v, ?y)) FILTER(BY_VALUE)
eq-rep-s | ?y ?p ?z | VALUES ?p {{ {_REFLEXIVE} }} ?x ?p ?z
  FILTER(!sameTerm(?y, ?z)) FILTER NOT EXISTS {{ ?y owl:sameAs ?z }}
eq-rep-p | ?s ?y ?o | VALUES ?y {{ {_REFLEXIVE} }} ?s ?x ?o
  FILTER(!sameTerm(?s, ?o)) FILTER NOT EXISTS {{ ?s owl:sameAs ?o }}
eq-rep-o | ?z ?p ?y | VALUES ?p {{ {_REFLEXIVE} }} ?z ?p ?x
  FILTER(!sameTerm(?y, ?z)) FILTER NOT EXISTS {{ ?y owl:sameAs ?z }}
"""


_BY_VALUE: Final = expression_text(same_value(*map(ox.Variable, "vy")).expression)


def rows(table: str) -> list[list[str]]:
    """Return the rules of a table: the name of each, what follows by it, and from what."""
    return [line.split(" | ") for line in table.replace("\n  ", " ").split("\n") if line]


@cache
def _rules(table: str, premise: str = "") -> tuple[Rule, ...]:
    found: list[Rule] = []
    for name, head, body in rows(table):
        text = f"{_PREFIXES} CONSTRUCT {{ {head} }} WHERE {{ {premise} {body} }}"
        rule = parse_rule(text.replace("BY_VALUE", _BY_VALUE), source=name)
        found.append(Rule(name, rule.head, rule.body))
    return tuple(found)


schema_rules = partial(_rules, SUBSUMPTION + TRANSITIVITY + LAST)
"""Returns the rules of table 9."""
equality_rules = partial(_rules, _EQUALITY)
"""Returns the rules of table 4."""
reflexivity_rules = partial(_rules, REFLEXIVITY)
"""Returns the rules of table 9 that say what holds of every class or property."""
identity_rules = partial(_rules, _IDENTITY)
"""Returns the rules by which a thing is the same as itself."""
pair_rules = partial(_rules, _PAIRS, "?x owl:sameAs ?y .")
"""Returns the rules that close ``owl:sameAs`` itself."""
replacement_rules = partial(_rules, _REPLACEMENT, "?x owl:sameAs ?y .")
"""Returns the rules that replace a term by one that is the same."""
