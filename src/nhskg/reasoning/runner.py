"""Runs a program on a store: stratum by stratum, recursive groups on what is new only.

A rule that does not recurse is one INSERT. A recursive group is evaluated semi-naively
(Bancilhon and Ramakrishnan, 1986): what one round derives goes into a graph of its own, and the
next round needs at least one premise from there. Equality, where there is any, is saturated in
general form (eq-sym, eq-trans, eq-rep-s, eq-rep-p, eq-rep-o) before and after each stratum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.model import (
    TYPE,
    Check,
    Element,
    Exists,
    Filter,
    Inconsistency,
    Node,
    Pattern,
    ProgramError,
    Rule,
    Stratum,
    Term,
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

_P, _Q = ox.Variable("p"), ox.Variable("q")


def evaluate(program: Program, store: ReasoningStore, graph: ox.NamedNode, *, equality: bool = False) -> None:
    """Put into ``graph`` what the program derives from the union of the store's named graphs.

    With ``equality`` the triples ``owl:sameAs`` are reasoned with. What only serves reasoning is
    gone again at the end.

    Raises:
        ProgramError: a recursive group finds no end.
        StoreError: the store cannot do its part.
    """
    try:
        if program.facts:
            store.add([t for t in program.facts if not store.matches(Pattern(*t))], graph)
        if equality:
            _saturate_equality(store, graph)
        for stratum in program.strata:
            _run(stratum, store, graph, equality=equality)
            if equality:
                _saturate_equality(store, graph)
    finally:
        store.update(f"DROP SILENT GRAPH {SCRATCH}")


def _run(stratum: Stratum, store: ReasoningStore, graph: ox.NamedNode, *, equality: bool) -> None:
    if not stratum.recursive:
        for rule in stratum.rules:
            if _can_match(rule, store):
                store.update(insert_text(rule.head, rule.body, into=_target(rule, graph)))
        return
    if equality:
        _to_fixpoint(stratum, store, graph)
    else:
        _semi_naive(stratum, store, graph)


def _target(rule: Rule, graph: ox.NamedNode) -> str:
    return SCRATCH.value if is_hidden(rule.head[0]) else graph.value


def _matched(pattern: Pattern) -> Pattern:
    return Pattern(pattern.subject, pattern.helper, pattern.object) if pattern.helper else pattern


def _can_match(rule: Rule, store: ReasoningStore) -> bool:
    """Tell whether each premise by itself has a match; if not, the rule need not run."""
    return all(store.matches(_matched(p)) for p in rule.body.patterns() if p.closure != "*")


# -- recursion


def _semi_naive(stratum: Stratum, store: ReasoningStore, graph: ox.NamedNode) -> None:
    rules = stratum.rules
    written = [pattern for rule in rules for pattern in rule.head]
    deltas: list[ox.NamedNode] = []

    def next_delta() -> ox.NamedNode:
        if len(deltas) >= MOST_ROUNDS:
            names = ", ".join(sorted({str(rule) for rule in rules}))
            raise ProgramError(f"no end after {MOST_ROUNDS} rounds of {names}")
        deltas.append(ox.NamedNode(f"{DELTA}{len(deltas)}"))
        return deltas[-1]

    try:
        first = next_delta()
        for rule in rules:
            recursive = any(_unify(w, p) for w in written for p in _positive(rule))
            into = first.value if recursive or True else _target(rule, graph)
            if _can_match(rule, store):
                store.update(insert_text(rule.head, rule.body, into=into))
        while store.matches(Pattern(X, _P, Y), deltas[-1]):
            last, new = deltas[-1], next_delta()
            for rule in rules:
                for text in _delta_texts(rule, written, last, new, store):
                    store.update(text)
    finally:
        for delta in deltas:
            _settle(delta, stratum, store, graph)


def _settle(delta: ox.NamedNode, stratum: Stratum, store: ReasoningStore, graph: ox.NamedNode) -> None:
    hidden = [is_hidden(rule.head[0]) for rule in stratum.rules]
    if all(hidden):
        store.update(f"ADD SILENT {delta} TO {SCRATCH} ; DROP SILENT GRAPH {delta}")
        return
    if any(hidden):
        for pattern in {p for rule in stratum.rules for p in rule.head if is_hidden(p)}:
            triple = f"{pattern.subject} {pattern.predicate} {pattern.object}"
            store.update(
                f"DELETE {{ GRAPH {delta} {{ {triple} }} }} INSERT {{ GRAPH {SCRATCH} {{ {triple} }} }} "
                f"WHERE {{ GRAPH {delta} {{ {triple} }} }}"
            )
    store.update(f"ADD SILENT {delta} TO {graph} ; DROP SILENT GRAPH {delta}")


def _positive(rule: Rule) -> Iterator[Pattern]:
    yield from (p for p in rule.body.patterns() if not p.closure)


def _unify(written: Pattern, read: Pattern) -> bool:
    pairs = zip(
        (written.subject, written.predicate, written.object),
        (read.subject, read.predicate, read.object),
        strict=True,
    )
    return all(isinstance(a, ox.Variable) or isinstance(b, ox.Variable) or a == b for a, b in pairs)


def _delta_texts(
    rule: Rule,
    written: Sequence[Pattern],
    last: ox.NamedNode,
    new: ox.NamedNode,
    store: ReasoningStore,
) -> Iterator[str]:
    direct = [p for p in _positive(rule) if any(_unify(w, p) for w in written)]
    nested = any(
        any(_unify(w, p) for w in written)
        for element in rule.body.elements
        if not isinstance(element, Pattern | Filter)
        for p, negative, _ in walk_patterns(_as_group(element))
        if not negative
    )
    if nested:  # what is new may match inside EXISTS or UNION: evaluate the rule as a whole
        if _can_match(rule, store):
            yield insert_text(rule.head, rule.body, into=new.value)
        return
    for pattern in direct:
        if store.matches(pattern, last) and _can_match(rule, store):
            yield insert_text(rule.head, rule.body, into=new.value, delta=(pattern, last.value))


def _as_group(element: Element):  # type: ignore[no-untyped-def]
    from nhskg.reasoning.model import Group

    return Group((element,))


def _to_fixpoint(stratum: Stratum, store: ReasoningStore, graph: ox.NamedNode) -> None:
    """Run a group naively, saturating equality after each round."""
    for _ in range(MOST_ROUNDS):
        size = store.count(graph) + store.count(SCRATCH)
        for rule in stratum.rules:
            if _can_match(rule, store):
                store.update(insert_text(rule.head, rule.body, into=_target(rule, graph)))
        _saturate_equality(store, graph)
        if store.count(graph) + store.count(SCRATCH) == size:
            return
    raise ProgramError(f"no end after {MOST_ROUNDS} rounds")


# -- equality

_EQUALITY: Final[tuple[Rule, ...]] = tuple(
    Rule(name, (head,), body)
    for name, head, body in ()
)


def _equality_rules() -> tuple[Rule, ...]:
    from nhskg.reasoning.model import Expression, Group

    def apart(one: Node, two: Node) -> Filter:
        return Filter(Expression(("!", "sameTerm", "(", one, ",", two, ")")))

    same = Pattern(X, SAME, Y)
    return (
        Rule("eq-sym", (Pattern(Y, SAME, X),), Group((same, apart(X, Y)))),
        Rule("eq-trans", (Pattern(X, SAME, Z),), Group((same, Pattern(Y, SAME, Z), apart(X, Z)))),
        Rule("eq-rep-s", (Pattern(Y, _P, Z),), Group((same, apart(X, Y), Pattern(X, _P, Z), Filter(Expression((_P, "!=", SAME)))))),
        Rule("eq-rep-p", (Pattern(Z, Y, _Q),), Group((same, apart(X, Y), Pattern(Z, X, _Q)))),
        Rule("eq-rep-o", (Pattern(Z, _P, Y),), Group((same, apart(X, Y), Pattern(Z, _P, X), Filter(Expression((_P, "!=", SAME)))))),
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


def _instances(patterns: Sequence[Pattern], values: dict[ox.Variable, Node]) -> tuple[ox.Triple, ...]:
    triples = []
    for pattern in patterns:
        one = pattern.substituted(values)
        triples.append(ox.Triple(one.subject, one.predicate, one.object))  # type: ignore[arg-type]
    return tuple(dict.fromkeys(triples))


_UNUSED = (TYPE, Exists, Term)
