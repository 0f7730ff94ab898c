"""The rules that a proof may use, by what they conclude, each with the facts it is asked of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from nhskg.proofs.facts import Facts, nodes
from nhskg.proofs.general_rules import SCHEMA_PREDICATES, equality_rules, schema_rules
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.model import Rule, walk_patterns
from nhskg.reasoning.program import Program, compile_program, is_hidden
from nhskg.reasoning.reasoner import read_axioms, values_in
from nhskg.reasoning.render import construct_text
from nhskg.reasoning.stores import EmbeddedStore
from nhskg.terms import NS, OWL, RDF_TYPE

__all__ = ["Candidate", "Rulebook"]

_TITLE = re.compile(r"^#\+ title:(.*)$", re.MULTILINE)
_TYPE = ox.NamedNode(RDF_TYPE)
_HOLDER = ox.NamedNode(NS + "holder")
_STATED = ox.NamedNode("urn:nhskg:stated")
_CLOSED = ox.NamedNode("urn:nhskg:closed")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that may support a triple, and where its premises are looked up."""

    rule: Rule
    facts: Facts


class Rulebook:
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

    @cached_property
    def axioms(self) -> frozenset[ox.Triple]:
        """The asserted axioms."""
        stated = read_axioms(EmbeddedStore(self.facts.store))
        return frozenset(t for t in stated if self.facts.is_asserted(t))

    @cached_property
    def program(self) -> Program:
        """The program, compiled from what is asserted; a derived axiom is a premise."""
        seam = EmbeddedStore(self.facts.store)
        values = values_in(seam)
        program = compile_program(self.axioms, self.texts, values_of=values)
        more = read_axioms(seam) - self.axioms - set(program.facts)
        if more:
            program = compile_program(self.axioms | more, self.texts, values_of=values)
        return program

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of each domain rule, from its header."""
        found = {text.name: _TITLE.search(text.text) for text in self.texts}
        return {name: title[1].strip() for name, title in found.items() if title}

    def domain_rules(self) -> Iterator[Rule]:
        """Yield the rules that come from the project's files."""
        yield from (rule for rule in self.program.rules if rule.source)

    def holding_rules(self) -> Iterator[Rule]:
        """Yield the domain rules that give a body a holding."""
        for rule in self.domain_rules():
            if any(head.predicate == _HOLDER for head in rule.head):
                yield rule

    @cached_property
    def holding_kinds(self) -> frozenset[ox.NamedNode]:
        """The classes in which domain rules put holdings: the bases of the matrix."""
        return frozenset(
            head.object
            for rule in self.holding_rules()
            for head in rule.head
            if head.predicate == _TYPE and isinstance(head.object, ox.NamedNode)
        )

    def candidates(self, triple: ox.Triple) -> Iterator[Candidate]:
        """Yield the rules with a head that can be the triple."""
        for rule in (*self._by_key[_key(triple)], *self._by_key[("", "")]):
            yield Candidate(rule, self.facts)
        if triple.predicate.value in SCHEMA_PREDICATES:
            for rule in schema_rules():
                yield Candidate(rule, self.schema)
        if self._has_equality:
            for rule in equality_rules():
                yield Candidate(rule, self.facts)

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], list[Rule]]:
        found: dict[tuple[str, str], list[Rule]] = defaultdict(list)
        for rule in self.program.rules:
            if any(is_hidden(pattern) for pattern, _, _ in walk_patterns(rule.body)):
                continue  # what it reads is gone when reasoning is done
            for key in {_key(head) for head in rule.head if not is_hidden(head)}:
                found[key].append(rule)
        return found

    @cached_property
    def _has_equality(self) -> bool:
        same = ox.NamedNode(OWL + "sameAs")
        return next(self.facts.store.quads_for_pattern(None, same, None, None), None) is not None

    @cached_property
    def schema(self) -> Facts:
        """The axioms, closed under the general rules, blank nodes included."""
        store = ox.Store()
        store.extend([ox.Quad(*nodes(triple), _STATED) for triple in self.axioms])
        size = -1
        while size != (size := len(store)):
            for rule in schema_rules():
                found = store.query(
                    construct_text(rule.head, rule.body), use_default_graph_as_union=True
                )
                assert isinstance(found, ox.QueryTriples)
                fresh = [ox.Quad(*nodes(triple), _CLOSED) for triple in found]
                store.extend(fresh)
        return Facts(store, _CLOSED)


def _key(pattern: object) -> tuple[str, str]:
    """Return what a triple or pattern is filed under: its predicate and, for types, the class."""
    predicate = getattr(pattern, "predicate", None)
    if not isinstance(predicate, ox.NamedNode):
        return ("", "")
    if predicate.value != RDF_TYPE:
        return (predicate.value, "")
    kind = getattr(pattern, "object", None)
    return (RDF_TYPE, kind.value) if isinstance(kind, ox.NamedNode) else ("", "")
