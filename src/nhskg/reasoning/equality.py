"""Equality in general form: eq-sym, eq-trans, eq-rep-s, eq-rep-p and eq-rep-o.

OWL 2 Profiles, section 4.3, table 4. Any triple can be concerned, so these rules stand outside the
strata: where there is any ``owl:sameAs``, they are run before and after each stratum, and in each
round of a recursive one. Triples that only serve reasoning are left alone; they are derived anew
from the triples that equality has added.
"""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.model import Expression, Filter, Group, Node, Pattern, Rule
from nhskg.reasoning.property_axioms import SAME, X, Y, Z, distinct
from nhskg.reasoning.render import insert_text
from nhskg.reasoning.stores import ReasoningStore
from nhskg.terms import OWL, RDFS

__all__ = ["EQUALITY", "saturate_equality"]

_P, _Q = ox.Variable("p"), ox.Variable("q")


def _ours(*nodes: Node) -> Filter:
    """Return the test that nodes are not names that only serve reasoning."""
    parts: list[Node | str] = []
    for node in nodes:
        parts += ["!", "STRSTARTS", "(", "STR", "(", node, ")", ",", '"urn:nhskg:"', ")", "&&"]
    return Filter(Expression(tuple(parts[:-1])))


def _telling(one: Node, two: Node) -> Filter:
    """Return the test that nothing is said to be below itself, which is left out as trivial."""
    listed: list[Node | str] = []
    for name in (
        RDFS + "subClassOf",
        RDFS + "subPropertyOf",
        OWL + "equivalentClass",
        OWL + "equivalentProperty",
    ):
        listed += [ox.NamedNode(name), ","]
    among = (_P, "IN (", *listed[:-1], ")")
    return Filter(Expression(("!", "(", "sameTerm(", one, ",", two, ")", "&&", *among, ")")))


def _rules() -> tuple[Rule, ...]:
    same, apart = Pattern(X, SAME, Y), distinct(X, Y)
    other = Filter(Expression((_P, "!=", SAME)))
    as_subject, as_object = Pattern(X, _P, Z), Pattern(Z, _P, X)
    return (
        Rule("eq-sym", (Pattern(Y, SAME, X),), Group((same, apart))),
        Rule(
            "eq-trans",
            (Pattern(X, SAME, Z),),
            Group((same, Pattern(Y, SAME, Z), distinct(X, Z))),
        ),
        Rule(
            "eq-rep-s",
            (Pattern(Y, _P, Z),),
            Group((same, apart, as_subject, other, _ours(_P, Z), _telling(Y, Z))),
        ),
        Rule("eq-rep-p", (Pattern(Z, Y, _Q),), Group((same, apart, Pattern(Z, X, _Q)))),
        Rule(
            "eq-rep-o",
            (Pattern(Z, _P, Y),),
            Group((same, apart, as_object, other, _ours(_P), _telling(Y, Z))),
        ),
    )


EQUALITY: Final = _rules()


def saturate_equality(store: ReasoningStore, graph: ox.NamedNode) -> None:
    """Put into ``graph`` what equality adds, until it adds nothing."""
    if not store.matches(Pattern(X, SAME, Y)):
        return
    size = -1
    while (now := store.count(graph)) != size:
        size = now
        for rule in EQUALITY:
            store.update(insert_text({graph: rule.head}, rule.body, guard=rule.head))
