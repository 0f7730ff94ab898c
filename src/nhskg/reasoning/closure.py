"""All that the tables of OWL 2 RL derive, what holds of everything too, and proofs of each of it.

Every node is named here, expressions that say the same by one name: so an expression is a class
like any other, its members are derived, and a step of a proof applies one rule to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Filter, Group, Pattern, construct_text
from nhskg.rdf.sparql.parser import expression
from nhskg.rdf.terms import OWL, RDF, RDFS
from nhskg.reasoning.axiom_rules import BY_VALUE, SAME
from nhskg.reasoning.blank_nodes import skolemize
from nhskg.reasoning.general_rules import (
    equality_rules,
    identity_rules,
    reflexivity_rules,
    schema_rules,
)
from nhskg.reasoning.literal_values import DATATYPES, MEMBER, same_value
from nhskg.reasoning.program import is_hidden
from nhskg.reasoning.proof_finder import ProofFinder
from nhskg.reasoning.proofs import Proof, RuleIndex
from nhskg.reasoning.reasoner import CompiledEngine
from nhskg.reasoning.rules import Rule
from nhskg.reasoning.schema import NOTHING, THING, Schema, is_axiom
from nhskg.reasoning.triple_lookup import nodes

GIVEN, DERIVED = ox.NamedNode("urn:nhskg:given"), ox.NamedNode("urn:nhskg:derived")
_VOCABULARY: Final = ox.NamedNode("urn:nhskg:vocabulary")

_ANNOTATIONS: Final = {
    *(RDFS + name for name in ("label", "comment", "seeAlso", "isDefinedBy")),
    *(OWL + name for name in ("deprecated", "versionInfo", "priorVersion")),
    *(OWL + name for name in ("backwardCompatibleWith", "incompatibleWith")),
}
_DECLARED: Final = (
    ("prp-ap", _ANNOTATIONS, OWL + "AnnotationProperty"),
    ("cls-thing", {THING.value}, OWL + "Class"),
    ("cls-nothing1", {NOTHING.value}, OWL + "Class"),
    ("dt-type1", DATATYPES - {RDF + "langString"}, RDFS + "Datatype"),
)
DECLARATIONS: Final = tuple(
    Rule(
        name,
        tuple(Pattern(ox.NamedNode(i), TYPE, ox.NamedNode(kind)) for i in sorted(iris)),
        Group(()),
    )
    for name, iris, kind in _DECLARED
)
"""The rules that declare terms of the vocabulary, and need nothing for it."""


def _by_value() -> Rule:
    """Return the rule about restrictions to one value, where that is written in two forms."""
    rule = next(each for each in schema_rules() if each.name == "scm-hv")
    b, v, w = map(ox.Variable, "bvw")
    body = (e.substituted({v: w}) if e.subject == b else e for e in rule.body.patterns())
    tests = (same_value(v, w), Filter(expression(f"!sameTerm({v}, {w})")))
    return replace(rule, name=f"{rule.name}+{BY_VALUE}", body=Group((*body, *tests)))


class _Rules(RuleIndex):
    """The rules of all tables, for a store in which all nodes are named and nothing is left out."""

    whole = True

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules of the program, and those that it leaves to others."""
        general = (*schema_rules(), *reflexivity_rules(), *identity_rules(), _by_value())
        return (*self.program.rules, *general, *DECLARATIONS)


class Closure:
    """What follows from some triples, whose blank nodes are named by IRIs.

    Raises:
        NhskgError: the rules make no program.
    """

    def __init__(self, given: Iterable[ox.Triple], engine: CompiledEngine) -> None:
        self.store = store = ox.Store()
        given = list(given)
        self._schema = Schema(filter(is_axiom, given))
        self._first: dict[Any, ox.BlankNode] = dict(self._schema.expressions())
        self.as_given = {self._merged(triple): triple for triple in reversed(given)}
        """What is given, by the triple that it is where expressions that say the same are one."""
        store.extend(ox.Quad(*nodes(skolemize(triple)), GIVEN) for triple in self.as_given)
        heads: Any = [head for rule in DECLARATIONS for head in rule.head]
        store.extend(ox.Quad(h.subject, h.predicate, h.object, _VOCABULARY) for h in heads)
        self.inconsistencies = engine.derive(store, DERIVED).inconsistencies
        store.update(f"ADD {_VOCABULARY} TO {DERIVED} ; DROP GRAPH {_VOCABULARY}")
        self._finder = ProofFinder(store, engine.rules, derived=DERIVED, index=_Rules)
        about_thing = (r for r in self._finder.rules.program.rules if any(map(is_hidden, r.head)))
        rules = (*about_thing, *reflexivity_rules(), *schema_rules(), *equality_rules())
        texts = [construct_text(rule.head, rule.body) for rule in rules]
        size = -1
        while size != len(store):
            size = len(store)
            for text in texts:
                found: Any = store.query(text, use_default_graph_as_union=True)
                store.extend([ox.Quad(*nodes(triple), DERIVED) for triple in list(found)])

    def triples(self) -> set[ox.Triple]:
        """Return what follows, that each thing is the same as itself too."""
        terms = {node for quad in self.store for node in quad.triple} | {SAME}
        found = {ox.Triple(n, SAME, n) for n in terms if not isinstance(n, ox.Literal)}
        derived = self.store.quads_for_pattern(None, None, None, DERIVED)
        found |= {quad.triple for quad in derived if quad.predicate != MEMBER}
        return found - {q.triple for q in self.store.quads_for_pattern(None, None, None, GIVEN)}

    def prove(self, triple: ox.Triple) -> Proof | None:
        """Return a proof of a triple, of which blank nodes are named, too; None if none."""
        kept = ox.Store()  # which keeps numbers by their value
        kept.add(ox.Quad(*nodes(skolemize(self._merged(triple))), DERIVED))
        (quad,) = kept
        if quad.predicate == SAME and quad.subject == quad.object:  # the store has none of these
            self.store.extend([quad, ox.Quad(TYPE, SAME, TYPE, DERIVED)])
        return self._finder.shortest(quad.triple)

    def _merged(self, triple: ox.Triple) -> ox.Triple:
        """Return a triple with the first of the nodes that say the same in place of each."""

        def first(node: Any) -> Any:
            is_blank = isinstance(node, ox.BlankNode)
            return self._first.get(self._schema.class_name(node), node) if is_blank else node

        return ox.Triple(first(triple.subject), triple.predicate, first(triple.object))
