"""Runs a program on a store: stratum by stratum, recursive groups on what is new only.

A rule that does not recurse is one INSERT. A recursive group is evaluated semi-naively
(Bancilhon and Ramakrishnan, 1986): what one round derives goes into a graph of its own, and the
next round needs at least one premise, or one subject, from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.arranging import arranged
from nhskg.reasoning.equality import saturate_equality
from nhskg.reasoning.inconsistencies import find_inconsistencies
from nhskg.reasoning.model import TYPE, Group, Inconsistency, Node, Pattern, ProgramError, Rule
from nhskg.reasoning.program import Program, is_hidden
from nhskg.reasoning.render import SCRATCH, insert_text
from nhskg.reasoning.sizes import Sizes
from nhskg.reasoning.stores import ReasoningStore
from nhskg.reasoning.variants import Variant, types_last, variants

__all__ = ["MOST_ROUNDS", "SCRATCH", "evaluate"]

DELTA: Final = "urn:nhskg:new:"
"""Prefix of the graphs that hold what one round has derived."""
MARKS: Final = ox.NamedNode(DELTA + "subjects")
"""The graph in which each subject of what is new is an instance of the round that derived it."""
MOST_ROUNDS: Final = 10_000
"""Rounds after which a recursive group is taken to mint names without end."""

_ANYTHING: Final = Pattern(ox.Variable("s"), ox.Variable("p"), ox.Variable("o"))


def evaluate(
    program: Program,
    store: ReasoningStore,
    graph: ox.NamedNode,
    *,
    equality: bool = False,
    check: bool = False,
    keep: bool = False,
) -> tuple[Inconsistency, ...]:
    """Put into ``graph`` what the program derives from the union of the store's named graphs.

    With ``equality`` the triples ``owl:sameAs`` are reasoned with; with ``check`` the clashes are
    returned, which may concern what only serves reasoning. That is gone again at the end, unless
    ``keep`` asks for it to stay in the scratch graph.

    Raises:
        ProgramError: a recursive group finds no end.
        StoreError: the store cannot do its part.
    """
    run = _Run(program, store, graph)
    try:
        store.add([t for t in program.facts if not store.matches(Pattern(*t))], graph)
        if equality:
            saturate_equality(store, graph)
        for stratum in program.strata:
            if not stratum.recursive:
                run.once(stratum.rules)
            elif equality:
                run.to_fixpoint(stratum.rules)
            else:
                run.semi_naive(stratum.rules)
            run.sizes.forget(pattern for rule in stratum.rules for pattern in rule.head)
            if equality:
                saturate_equality(store, graph)
        run.take_back_asserted()
        return find_inconsistencies(program, store) if check else ()
    except BaseException:
        keep = False
        raise
    finally:
        if not keep:
            store.update(f"DROP SILENT GRAPH {SCRATCH}")


class _Run:
    """One evaluation: the store, the graph of what is derived, and what is known of the data."""

    def __init__(self, program: Program, store: ReasoningStore, graph: ox.NamedNode) -> None:
        self.store = store
        self.graph = graph
        self.sizes = Sizes(store)
        heads = {_general(pattern) for rule in program.rules for pattern in rule.head}
        self.asserted = {p for p in heads if not is_hidden(p) and store.matches(p)}
        """What rules write and the data hold already: only there can a rule repeat the data."""
        self.repeating = {
            _general(p) for rule in program.rules if len(rule.head) > 1 for p in rule.head
        } & self.asserted
        self.growing: frozenset[Node] = frozenset()
        """Predicates that a recursive group writes, as long as it runs."""

    def target(self, rule: Rule) -> ox.NamedNode:
        return SCRATCH if is_hidden(rule.head[0]) else self.graph

    def can_match(self, rule: Rule) -> bool:
        """Tell whether each premise by itself has a match; if not, the rule need not run."""
        return all(
            self.store.matches(Pattern(p.subject, p.helper or p.predicate, p.object))
            for p in rule.body.patterns()
        )

    def derive(self, rule: Rule, into: ox.NamedNode, *, guarded: bool) -> None:
        if self.can_match(rule):
            body = arranged(rule.body, self.sizes)
            self.insert(rule, body, into, guarded=guarded)

    def insert(
        self,
        rule: Rule,
        body: Group,
        into: ox.NamedNode,
        *,
        delta: tuple[Pattern, str] | None = None,
        guarded: bool = True,
    ) -> None:
        self.store.update(
            insert_text(
                rule.head,
                body,
                into=into.value,
                delta=delta,
                guarded=guarded,
                growing=self.growing,
            )
        )

    def once(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            guarded = any(_general(pattern) in self.asserted for pattern in rule.head)
            self.derive(rule, self.target(rule), guarded=guarded)

    def take_back_asserted(self) -> None:
        """Take from what is derived the triples that rules with several heads have repeated."""
        for p in sorted(self.repeating, key=str):
            triple = f"{p.subject} {p.predicate} {p.object}"
            self.store.update(
                f"DELETE {{ GRAPH {self.graph} {{ {triple} }} }} WHERE {{ GRAPH {self.graph} "
                f"{{ {triple} }} GRAPH ?g_ {{ {triple} }} FILTER(?g_ != {self.graph}) }}"
            )

    # -- recursion

    def to_fixpoint(self, rules: Sequence[Rule]) -> None:
        """Run a group naively, saturating equality after each round."""
        for _ in range(MOST_ROUNDS):
            size = self.store.count(self.graph) + self.store.count(SCRATCH)
            for rule in rules:
                self.derive(rule, self.target(rule), guarded=True)
            self.sizes.forget(p for rule in rules for p in rule.head if is_hidden(p))
            saturate_equality(self.store, self.graph)
            if self.store.count(self.graph) + self.store.count(SCRATCH) == size:
                return
        raise _no_end(rules)

    def semi_naive(self, rules: Sequence[Rule]) -> None:
        """Run a group on all triples once, and then on what the last round derived."""
        written = [pattern for rule in rules for pattern in rule.head]
        self.growing = frozenset(pattern.predicate for pattern in written)
        deltas = [ox.NamedNode(DELTA + "0")]
        try:
            for rule in rules:
                self.derive(rule, deltas[0], guarded=True)
            while self.store.matches(_ANYTHING, deltas[-1]):
                if len(deltas) >= MOST_ROUNDS:
                    raise _no_end(rules)
                last, new = deltas[-1], ox.NamedNode(f"{DELTA}{len(deltas)}")
                deltas.append(new)
                self.sizes.forget(p for p in written if is_hidden(p))
                self.store.update(
                    f"INSERT {{ GRAPH {MARKS} {{ ?s a {last} }} }} "
                    f"WHERE {{ SELECT DISTINCT ?s WHERE {{ GRAPH {last} {{ ?s ?p ?o }} }} }}"
                )
                for rule in rules:
                    for variant in variants(rule, written):
                        self.derive_new(rule, variant, last, new)
        finally:
            self.growing = frozenset()
            for delta in deltas:
                self.settle(delta, written)
            self.store.update(f"DROP SILENT GRAPH {MARKS}")

    def derive_new(
        self, rule: Rule, variant: Variant, last: ox.NamedNode, new: ox.NamedNode
    ) -> None:
        """Run a rule where one premise, or something about one subject, is new."""
        if variant is None:
            self.derive(rule, new, guarded=True)
            return
        if isinstance(variant, Pattern):
            if not self.store.matches(variant, last):
                return
            body, delta = types_last(rule.body, variant), (variant, last.value)
        else:
            mark = Pattern(variant, TYPE, last)
            body, delta = Group((mark, *rule.body.elements)), (mark, MARKS.value)
        if self.can_match(rule):
            body = arranged(body, self.sizes)
            self.insert(rule, body, new, delta=delta)

    def settle(self, delta: ox.NamedNode, written: Iterable[Pattern]) -> None:
        """Move what a round derived to where it belongs."""
        written = set(written)
        hidden = {pattern for pattern in written if is_hidden(pattern)}
        target = SCRATCH if hidden == written else self.graph
        for p in hidden if target != SCRATCH else ():
            triple = f"{p.subject} {p.predicate} {p.object}"
            self.store.update(
                f"DELETE {{ GRAPH {delta} {{ {triple} }} }} "
                f"INSERT {{ GRAPH {SCRATCH} {{ {triple} }} }} "
                f"WHERE {{ GRAPH {delta} {{ {triple} }} }}"
            )
        self.store.update(f"ADD SILENT {delta} TO {target} ; DROP SILENT GRAPH {delta}")


def _general(pattern: Pattern) -> Pattern:
    """Return the pattern of all triples that are told apart from others in the same way."""
    kind = pattern.object if pattern.predicate == TYPE else None
    value = kind if isinstance(kind, ox.NamedNode) else ox.Variable("o")
    predicate = pattern.predicate
    if isinstance(predicate, ox.Variable):
        predicate = ox.Variable("p")
    return Pattern(ox.Variable("s"), predicate, value)


def _no_end(rules: Sequence[Rule]) -> ProgramError:
    names = ", ".join(sorted({str(rule) for rule in rules}))
    return ProgramError(f"no end after {MOST_ROUNDS} rounds of {names}")
