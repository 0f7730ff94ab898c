"""Equality in general form: eq-sym, eq-trans, eq-rep-s, eq-rep-p and eq-rep-o.

OWL 2 Profiles, section 4.3, table 4. Any triple can be concerned, so these rules are outside the
strata: where there is any ``owl:sameAs``, they are applied before and after each stratum, and in
each round of a recursive one. Memberships that only serve reasoning are left alone; they are
derived anew from the triples that equality has added.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from nhskg.rdf.sparql.parser import parse_rule
from nhskg.rdf.terms import OWL, RDFS
from nhskg.reasoning.rules import Rule

_PREFIXES: Final = f"PREFIX owl: <{OWL}> PREFIX rdfs: <{RDFS}>"
_REFLEXIVE: Final = "rdfs:subClassOf rdfs:subPropertyOf owl:equivalentClass owl:equivalentProperty"
"""That a term is below, or equivalent to, one that is the same is left to the schema rules."""
_LIST: Final = _REFLEXIVE.replace(" ", ", ")

_PAIRS: Final = """
eq-sym | ?y owl:sameAs ?x | FILTER(!sameTerm(?x, ?y))
eq-trans | ?x owl:sameAs ?z | ?y owl:sameAs ?z FILTER(!sameTerm(?x, ?y) && !sameTerm(?x, ?z))
"""
_REPLACEMENT: Final = f"""
eq-rep-s | ?y ?p ?z | ?x ?p ?z FILTER(!sameTerm(?x, ?y) && !(?p IN (owl:sameAs, {_LIST})))
eq-rep-p | ?s ?y ?o | ?s ?x ?o FILTER(!sameTerm(?x, ?y) && !(?y IN ({_LIST})))
eq-rep-o | ?z ?p ?y | ?z ?p ?x FILTER(!sameTerm(?x, ?y) && !(?p IN (owl:sameAs, {_LIST})))
eq-rep-s | ?y ?p ?z | VALUES ?p {{ {_REFLEXIVE} }} ?x ?p ?z \
    FILTER(!sameTerm(?y, ?z)) FILTER NOT EXISTS {{ ?y owl:sameAs ?z }}
eq-rep-p | ?s ?y ?o | VALUES ?y {{ {_REFLEXIVE} }} ?s ?x ?o \
    FILTER(!sameTerm(?s, ?o)) FILTER NOT EXISTS {{ ?s owl:sameAs ?o }}
eq-rep-o | ?z ?p ?y | VALUES ?p {{ {_REFLEXIVE} }} ?z ?p ?x \
    FILTER(!sameTerm(?y, ?z)) FILTER NOT EXISTS {{ ?y owl:sameAs ?z }}
"""


@cache
def pair_rules() -> tuple[Rule, ...]:
    """Return the rules that close ``owl:sameAs`` itself."""
    return _rules(_PAIRS)


@cache
def replacement_rules() -> tuple[Rule, ...]:
    """Return the rules that replace a term by one that is the same."""
    return _rules(_REPLACEMENT)


def _rules(table: str) -> tuple[Rule, ...]:
    """Return the rules of a table: name, what follows, and from what besides that ?x is ?y."""
    found: list[Rule] = []
    for line in table.strip().splitlines():
        name, head, body = (part.strip() for part in line.split(" | "))
        text = f"{_PREFIXES} CONSTRUCT {{ {head} }} WHERE {{ ?x owl:sameAs ?y . {body} }}"
        rule = parse_rule(text, source=name)
        found.append(Rule(name, rule.head, rule.body))
    return tuple(found)
