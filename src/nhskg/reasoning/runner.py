"""Runs a program on a store: stratum by stratum, recursive groups on what is new only.

A rule that does not recurse is one INSERT. A recursive group is evaluated semi-naively
(Bancilhon and Ramakrishnan, 1986): a graph of its own tells which premises, and which subjects, one
round has made new, and the next round needs at least one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.arranging import arranged
from nhskg.reasoning.equality import saturate_equality
from nhskg.reasoning.inconsistencies import find_inconsistencies
from nhskg.reasoning.model import TYPE, Group, Inconsistency, Pattern, ProgramError, Rule
from nhskg.reasoning.program import Program, is_hidden
from nhskg.reasoning.render import NEWS, SCRATCH, insert_text
from nhskg.reasoning.sizes import Sizes
from nhskg.reasoning.stores import ReasoningStore
from nhskg.reasoning.variants import News, news_of, with_news

__all__ = ["MOST_ROUNDS", "SCRATCH", "evaluate"]

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

    def targets(self, rule: Rule) -> dict[ox.NamedNode, list[Pattern]]:
        """Return the graphs that a rule's conclusions belong to, with these."""
        found: dict[ox.NamedNode, list[Pattern]] = {}
        for pattern in rule.head:
            found.setdefault(SCRATCH if is_hidden(pattern) else self.graph, []).append(pattern)
        return found

    def can_match(self, rule: Rule) -> bool:
        """Tell whether each premise by itself has a match; if not, the rule need not run."""
        return all(
            self.store.matches(Pattern(p.subject, p.helper or p.predicate, p.object))
            for p in rule.body.patterns()
        )

    def derive(
        self,
        rule: Rule,
        body: Group | None = None,
        *,
        guarded: bool = True,
        told: tuple[ox.NamedNode, list[Pattern]] | None = None,
        news: ox.NamedNode | None = None,
    ) -> None:
        """Run a rule, with ``body`` in the place of its own.

        ``told`` is what tells of its conclusions, and the graph for it; ``news`` is the graph that
        tells what is new.
        """
        if not self.can_match(rule):
            return
        heads = self.targets(rule)
        if told is not None and told[1]:
            heads[told[0]] = told[1]
        body = arranged(rule.body if body is None else body, self.sizes)
        guard = rule.head if guarded else ()
        self.store.update(insert_text(heads, body, guard=guard, news=news))

    def once(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            guarded = any(_general(pattern) in self.asserted for pattern in rule.head)
            self.derive(rule, guarded=guarded)

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
                self.derive(rule)
            self.sizes.forget(p for rule in rules for p in rule.head if is_hidden(p))
            saturate_equality(self.store, self.graph)
            if self.store.count(self.graph) + self.store.count(SCRATCH) == size:
                return
        raise _no_end(rules)

    def semi_naive(self, rules: Sequence[Rule]) -> None:
        """Run a group on all triples once, and then on what the last round derived."""
        news = News(rules)
        told = {rule: news.told(rule.head) for rule in rules}
        last, new = (ox.NamedNode(f"{NEWS}{number}") for number in range(2))
        try:
            for rule in rules:
                self.derive(rule, told=(new, told[rule]))
            for _ in range(MOST_ROUNDS):
                if not self.store.matches(_ANYTHING, new):
                    return
                last, new = new, last
                self.sizes.forget(p for rule in rules for p in told[rule])
                self.sizes.forget(p for rule in rules for p in rule.head if is_hidden(p))
                for rule in rules:
                    for variant in news.variants[rule]:
                        if variant is None:
                            self.derive(rule, told=(new, told[rule]))
                        elif self.store.matches(news_of(variant), last):
                            body = with_news(rule.body, variant)
                            self.derive(rule, body, told=(new, told[rule]), news=last)
                self.store.update(f"DROP SILENT GRAPH {last}")
        finally:
            self.store.update(f"DROP SILENT GRAPH {last} ; DROP SILENT GRAPH {new}")
        raise _no_end(rules)


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
