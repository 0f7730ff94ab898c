"""Runs a program on a store: stratum by stratum, recursive groups on what is new only.

A rule that does not recurse is one INSERT. A recursive group is evaluated semi-naively
(Bancilhon and Ramakrishnan, 1986): what one round derives goes into a graph of its own, and the
next round needs at least one premise from there. Equality, where there is any, is saturated in
general form (eq-sym, eq-trans, eq-rep-s, eq-rep-p, eq-rep-o) before and after each stratum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import pyoxigraph as ox

from nhskg.reasoning.arranging import arranged
from nhskg.reasoning.model import (
    TYPE,
    Check,
    Exists,
    Expression,
    Filter,
    Group,
    Inconsistency,
    Node,
    Pattern,
    ProgramError,
    Rule,
    walk_patterns,
)
from nhskg.reasoning.program import Program, is_hidden
from nhskg.reasoning.property_axioms import SAME, X, Y, Z
from nhskg.reasoning.render import SCRATCH, group_text, insert_text
from nhskg.reasoning.stores import ReasoningStore

__all__ = ["MOST_ROUNDS", "SCRATCH", "evaluate", "find_inconsistencies"]

DELTA: Final = "urn:nhskg:new:"
"""Prefix of the graphs that hold what one round has derived."""
MOST_ROUNDS: Final = 10_000
"""Rounds after which a recursive group is taken to mint names without end."""

MARKS: Final = "urn:nhskg:new:subjects"
MARK: Final = (
    "INSERT {{ GRAPH <" + MARKS + "> {{ ?s a <{delta}> }} }} "
    "WHERE {{ GRAPH <{delta}> {{ ?s ?p ?o }} }}"
)
"""The update that marks each subject of what a round derived."""
MOST_COUNTED: Final = 4_000
"""Classes with so many instances or more count as equally large when premises are ordered."""

_P, _Q = ox.Variable("p"), ox.Variable("q")


def evaluate(
    program: Program, store: ReasoningStore, graph: ox.NamedNode, *, equality: bool = False
) -> None:
    """Put into ``graph`` what the program derives from the union of the store's named graphs.

    With ``equality`` the triples ``owl:sameAs`` are reasoned with. What only serves reasoning is
    gone again at the end.

    Raises:
        ProgramError: a recursive group finds no end.
        StoreError: the store cannot do its part.
    """
    run = _Run(store, graph)
    try:
        if program.facts:
            store.add([t for t in program.facts if not store.matches(Pattern(*t))], graph)
        if equality:
            _saturate_equality(store, graph)
        for stratum in program.strata:
            run.forget_sizes(stratum)
            if not stratum.recursive:
                run.once(stratum.rules)
            elif equality:
                run.to_fixpoint(stratum.rules)
            else:
                run.semi_naive(stratum.rules)
            if equality:
                _saturate_equality(store, graph)
    finally:
        store.update(f"DROP SILENT GRAPH {SCRATCH}")


class _Run:
    """One evaluation: the store, the graph of what is derived, and the sizes of classes so far."""

    def __init__(self, store: ReasoningStore, graph: ox.NamedNode) -> None:
        self.store = store
        self.graph = graph
        self.sizes: dict[Node, int] = {}
        self.changing: list[Pattern] = []

    def forget_sizes(self, stratum: Stratum) -> None:
        """Forget the sizes that the stratum before changed, and those that this one will change."""
        for pattern in (*self.changing, *(p for rule in stratum.rules for p in rule.head)):
            self.sizes.pop(pattern.object if pattern.predicate == TYPE else pattern.predicate, None)
        self.changing = [p for rule in stratum.rules for p in rule.head]

    def target(self, rule: Rule) -> ox.NamedNode:
        return SCRATCH if is_hidden(rule.head[0]) else self.graph

    def size(self, pattern: Pattern) -> int:
        """Return about how many triples match a pattern once its object is known."""
        key = pattern.object if pattern.predicate == TYPE else pattern.helper or pattern.predicate
        if isinstance(key, ox.NamedNode) and key.value.startswith(DELTA):
            return self.store.size(pattern, 100 * MOST_COUNTED)
        if pattern.helper is not None:
            pattern = Pattern(pattern.subject, pattern.helper, pattern.object)
        if key not in self.sizes:
            self.sizes[key] = (
                self.store.size(pattern, MOST_COUNTED)
                if isinstance(pattern.object, ox.NamedNode)
                else self.store.subjects_per_object(pattern, MOST_COUNTED)
            )
        return self.sizes[key]

    def can_match(self, rule: Rule) -> bool:
        """Tell whether each premise by itself has a match; if not, the rule need not run."""
        return all(
            self.store.matches(
                Pattern(p.subject, p.helper, p.object) if p.helper is not None else p
            )
            for p in rule.body.patterns()
        )

    def derive(self, rule: Rule, into: ox.NamedNode) -> None:
        if self.can_match(rule):
            body = arranged(rule.body, self.size)
            self.store.update(insert_text(rule.head, body, into=into.value))

    def once(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            self.derive(rule, self.target(rule))

    # -- recursion

    def to_fixpoint(self, rules: Sequence[Rule]) -> None:
        """Run a group naively, saturating equality after each round."""
        for _ in range(MOST_ROUNDS):
            size = self.store.count(self.graph) + self.store.count(SCRATCH)
            self.once(rules)
            _saturate_equality(self.store, self.graph)
            if self.store.count(self.graph) + self.store.count(SCRATCH) == size:
                return
        raise _no_end(rules)

    def semi_naive(self, rules: Sequence[Rule]) -> None:
        """Run a group on all triples once, and then on what the last round derived."""
        written = [pattern for rule in rules for pattern in rule.head]
        variants = [(rule, variant) for rule in rules for variant in _variants(rule, written)]
        deltas: list[ox.NamedNode] = []

        def next_delta() -> ox.NamedNode:
            if len(deltas) >= MOST_ROUNDS:
                raise _no_end(rules)
            deltas.append(ox.NamedNode(f"{DELTA}{len(deltas)}"))
            return deltas[-1]

        try:
            first = next_delta()
            for rule in rules:
                self.derive(rule, first)
            while self.store.matches(Pattern(X, _P, Y), deltas[-1]):
                last, new = deltas[-1], next_delta()
                self.store.update(MARK.format(delta=last.value))
                for rule, variant in variants:
                    self.derive_new(rule, variant, last, new)
        finally:
            for delta in deltas:
                self.settle(delta, rules)

    def derive_new(
        self, rule: Rule, variant: _Variant, last: ox.NamedNode, new: ox.NamedNode
    ) -> None:
        """Run a rule where one premise, or one subject, is new."""
        if variant is None:
            self.derive(rule, new)
        elif isinstance(variant, Pattern):
            if self.store.matches(variant, last) and self.can_match(rule):
                body = arranged(_types_last(rule.body, variant), self.size)
                delta = (variant, last.value)
                self.store.update(insert_text(rule.head, body, into=new.value, delta=delta))
        elif self.can_match(rule):
            mark = Pattern(variant, TYPE, last)
            body = arranged(Group((mark, *rule.body.elements)), self.size)
            delta = (mark, MARKS)
            self.store.update(insert_text(rule.head, body, into=new.value, delta=delta))

    def settle(self, delta: ox.NamedNode, rules: Sequence[Rule]) -> None:
        """Move what a round derived to where it belongs."""
        hidden = {pattern for rule in rules for pattern in rule.head if is_hidden(pattern)}
        if len(hidden) == len({pattern for rule in rules for pattern in rule.head}):
            self.store.update(f"ADD SILENT {delta} TO {SCRATCH} ; DROP SILENT GRAPH {delta}")
            return
        for p in hidden:
            triple = f"{p.subject} {p.predicate} {p.object}"
            self.store.update(
                f"DELETE {{ GRAPH {delta} {{ {triple} }} }} "
                f"INSERT {{ GRAPH {SCRATCH} {{ {triple} }} }} "
                f"WHERE {{ GRAPH {delta} {{ {triple} }} }}"
            )
        self.store.update(
            f"ADD SILENT {delta} TO {self.graph} ; DROP SILENT GRAPH {delta} ; DROP SILENT GRAPH <{MARKS}>"
        )


_Variant: TypeAlias = "Pattern | Node | None"
"""What must be new for a rule to derive something new: a premise, a subject, or (None) anything."""


def _variants(rule: Rule, written: Sequence[Pattern]) -> list[_Variant]:
    """Return what can be new for a rule, given what the rules of its group write.

    Several premises about one subject are one variant: the subject. What is new inside EXISTS,
    UNION and the like is not told apart.
    """
    fed = [p for p in rule.body.patterns() if not p.closure and _is_fed(p, written)]
    nested = any(
        _is_fed(p, written)
        for element in rule.body.elements
        if not isinstance(element, Pattern | Filter)
        for p, negative, _ in walk_patterns(Group((element,)))
        if not negative
    )
    if nested or any(p.closure and _is_fed(p, written) for p in rule.body.patterns()):
        return [None]
    variants: list[_Variant] = []
    for subject in dict.fromkeys(p.subject for p in fed):
        about = [p for p in fed if p.subject == subject]
        variants.append(about[0] if len(about) == 1 else subject)
    return variants


def _is_fed(read: Pattern, written: Sequence[Pattern]) -> bool:
    wanted = (read.subject, read.helper or read.predicate, read.object)
    return any(
        all(
            isinstance(a, ox.Variable) or isinstance(b, ox.Variable) or a == b
            for a, b in zip((w.subject, w.predicate, w.object), wanted, strict=True)
        )
        for w in written
    )


def _types_last(body: Group, first: Pattern) -> Group:
    """Return a body whose class memberships are tests, so that none is matched before ``first``."""
    others = [p for p in body.patterns() if p.predicate != TYPE]
    bound = {v for p in others for v in p.variables()} | first.variables()
    return Group(
        tuple(
            Exists(Group((e,)), negated=False)
            if isinstance(e, Pattern)
            and e.predicate == TYPE
            and e is not first
            and e.variables() <= bound
            else e
            for e in body.elements
        )
    )


def _no_end(rules: Sequence[Rule]) -> ProgramError:
    names = ", ".join(sorted({str(rule) for rule in rules}))
    return ProgramError(f"no end after {MOST_ROUNDS} rounds of {names}")


# -- equality


def _equality_rules() -> tuple[Rule, ...]:
    def apart(one: Node, two: Node) -> Filter:
        return Filter(Expression(("!", "sameTerm", "(", one, ",", two, ")")))

    same = Pattern(X, SAME, Y)
    return (
        Rule("eq-sym", (Pattern(Y, SAME, X),), Group((same, apart(X, Y)))),
        Rule("eq-trans", (Pattern(X, SAME, Z),), Group((same, Pattern(Y, SAME, Z), apart(X, Z)))),
        Rule(
            "eq-rep-s",
            (Pattern(Y, _P, Z),),
            Group((same, apart(X, Y), Pattern(X, _P, Z), Filter(Expression((_P, "!=", SAME))))),
        ),
        Rule("eq-rep-p", (Pattern(Z, Y, _Q),), Group((same, apart(X, Y), Pattern(Z, X, _Q)))),
        Rule(
            "eq-rep-o",
            (Pattern(Z, _P, Y),),
            Group((same, apart(X, Y), Pattern(Z, _P, X), Filter(Expression((_P, "!=", SAME))))),
        ),
    )


EQUALITY: Final = _equality_rules()


def _saturate_equality(store: ReasoningStore, graph: ox.NamedNode) -> None:
    if not store.matches(Pattern(X, SAME, Y)):
        return
    size = -1
    while (now := store.count(graph)) != size:
        size = now
        for rule in EQUALITY:
            store.update(insert_text(rule.head, rule.body, into=graph.value))


# -- checks


def find_inconsistencies(program: Program, store: ReasoningStore) -> tuple[Inconsistency, ...]:
    """Return the clashes in a store on which the program has run, in order, each once."""
    found: dict[tuple[str, frozenset[ox.Triple]], Inconsistency] = {}
    for check in program.checks:
        for clash in _clashes(check, store):
            found.setdefault((clash.rule, frozenset(clash.triples)), clash)
    return tuple(sorted(found.values(), key=str))


def _clashes(check: Check, store: ReasoningStore) -> Iterator[Inconsistency]:
    patterns = check.body.patterns()
    if not all(store.matches(p) for p in patterns):
        return
    variables = sorted({v for p in patterns for v in p.variables()}, key=str)
    names = " ".join(str(v) for v in variables) or "(1 AS ?true)"
    text = f"SELECT DISTINCT {names} WHERE {{\n{group_text(check.body, graphs=True)}}}"
    for row in store.select(text):
        values: dict[ox.Variable, Node] = {
            v: term for v, term in zip(variables, row, strict=False) if term is not None
        }
        yield Inconsistency(check.name, _instances(patterns, values), check.axioms)


def _instances(
    patterns: Sequence[Pattern], values: dict[ox.Variable, Node]
) -> tuple[ox.Triple, ...]:
    triples = []
    for pattern in patterns:
        one = pattern.substituted(values)
        triples.append(ox.Triple(one.subject, one.predicate, one.object))  # type: ignore[arg-type]
    return tuple(dict.fromkeys(triples))
