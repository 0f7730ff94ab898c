"""Index of rules by conclusion: which rules can derive a triple, by predicate and class."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Group, Pattern, walk_patterns
from nhskg.rdf.sparql.render import construct_text
from nhskg.rdf.terms import OWL
from nhskg.reasoning.general_rules import SCHEMA_PREDICATES, equality_rules, schema_rules
from nhskg.reasoning.program import Program, compile_program, is_hidden
from nhskg.reasoning.reasoner import read_axioms
from nhskg.reasoning.rule_normalization import RuleText
from nhskg.reasoning.rules import Rule
from nhskg.reasoning.triple_lookup import Facts, nodes

_SAME: Final = ox.NamedNode(OWL + "sameAs")
_STATED: Final = ox.NamedNode("urn:nhskg:stated")
_CLOSED: Final = ox.NamedNode("urn:nhskg:closed")

_Key = tuple[ox.NamedNode | None, ox.NamedNode | None]


class RuleIndex:
    """The program of a built store, compiled from its axioms when it is first needed.

    Args:
        facts: the built store.
        texts: the CONSTRUCT rules of the project.

    Raises:
        ProgramError: when first asked, if the rules make no program.
    """

    def __init__(self, facts: Facts, texts: Sequence[RuleText]) -> None:
        self.facts = facts
        self.texts = tuple(texts)

    def candidates(self, triple: ox.Triple) -> Iterator[tuple[Rule, Facts]]:
        """Yield the rules with a head that can be the triple, and where they are asked."""
        for rule in (*self._by_key[_key(Pattern(*nodes(triple)))], *self._by_key[None, None]):
            yield rule, self.facts
        if triple.predicate.value in SCHEMA_PREDICATES:
            yield from ((rule, self.schema) for rule in schema_rules())
        if next(self.facts.store.quads_for_pattern(None, _SAME, None, None), None) is not None:
            yield from ((rule, self.facts) for rule in equality_rules())

    @cached_property
    def _by_key(self) -> dict[_Key, list[Rule]]:
        found: dict[_Key, list[Rule]] = defaultdict(list)
        for rule in self.program.rules:
            if any(is_hidden(pattern) for pattern, _ in walk_patterns(rule.body)):
                continue  # what it reads is removed when reasoning is done
            for key in {_key(head) for head in rule.head if not is_hidden(head)}:
                found[key].append(rule)
        return found

    @cached_property
    def axioms(self) -> frozenset[ox.Triple]:
        """The asserted axioms."""
        stated = read_axioms(self.facts)
        return frozenset(t for t in stated if self.facts.is_asserted(t))

    @cached_property
    def program(self) -> Program:
        """The program, compiled from what is asserted; a derived axiom is a premise."""
        program = compile_program(self.axioms, self.texts, values_of=self._values_of)
        more = read_axioms(self.facts) - self.axioms - set(program.facts)
        if more:
            program = compile_program(self.axioms | more, self.texts, values_of=self._values_of)
        return program

    def _values_of(self, pattern: Pattern, variable: ox.Variable) -> Iterator[ox.NamedNode]:
        """Yield the IRIs that a variable of a pattern takes."""
        rows = self.facts.select(Group((pattern,)), {}, [variable])
        found = (row[variable] for row in rows)
        yield from (node for node in found if isinstance(node, ox.NamedNode))

    @cached_property
    def schema(self) -> Facts:
        """The axioms, closed under the general rules, blank nodes included."""
        store = ox.Store()
        store.extend([ox.Quad(*nodes(triple), _STATED) for triple in self.axioms])
        size = -1
        while size != (size := len(store)):
            for rule in schema_rules():
                text = construct_text(rule.head, rule.body)
                found = store.query(text, use_default_graph_as_union=True)
                assert isinstance(found, ox.QueryTriples)
                store.extend([ox.Quad(*nodes(triple), _CLOSED) for triple in list(found)])
        return Facts(store, _CLOSED)

    def header(self, rule: str, field: str) -> str:
        """Return a field of the header of a CONSTRUCT rule on one line; empty if it has none."""
        text = next((text.text for text in self.texts if text.name == rule), "")
        field_lines = rf"^#\+ {field}:(?: *>-?)?(.*(?:\n#\+ {{2,}}.*)*)"
        found = re.search(field_lines, text, re.MULTILINE)
        return " ".join(found[1].replace("#+", " ").split()) if found else ""


def _key(pattern: Pattern) -> _Key:
    """Return what a triple or head is filed under; nothing where a variable leaves it open."""
    predicate, value = pattern.predicate, pattern.object
    if not isinstance(predicate, ox.NamedNode):
        return None, None
    if predicate != TYPE:
        return predicate, None
    return (TYPE, value) if isinstance(value, ox.NamedNode) else (None, None)
