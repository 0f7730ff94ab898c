"""Blank nodes that are hard to tell apart: what naming or copying them takes, known before."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox

MOST_STEPS: Final = 100_000_000
"""How many steps RDFC-1.0 may take at most, some 10 s; it tries all orders of nodes alike."""
MOST_COPIES: Final = 1_000_000
"""How many copies of blank nodes a report may have, 20 s, beside 100 for each triple of two."""
_LEVELS: Final = 5
"""How deep the engines of SHACL copy what is said of a blank node into a report."""
_MESSAGE_LEVELS: Final = 20
"""How deep pyshacl-turbo writes it into a message, along each path once; a tree takes no more
steps for each triple. A million take some 10 s.
"""
_FEW: Final = 100
"""Up to how many paths they are counted as walks, which is faster."""

Statements = Iterable[ox.Triple] | Iterable[ox.Quad]


def copied_too_often(statements: Statements) -> ox.BlankNode | None:
    """Return the blank node copied most, if reports on all would take too many copies."""
    below: dict[Any, list[Any]] = defaultdict(list)
    for one, _, two, *_ in statements:
        if isinstance(two, ox.BlankNode) and isinstance(one, ox.BlankNode):
            below[one].append(two)
    counts: dict[Any, int] = {}
    walks: dict[Any, int] = {}
    for level in range(_MESSAGE_LEVELS):
        before = walks
        walks = {n: sum(1 + before.get(each, 0) for each in below[n]) for n in below}
        counts = walks if level < _LEVELS else counts
        if walks == before:
            break
    links = sum(map(len, below.values()))
    found: ox.BlankNode | None = max(counts, key=counts.__getitem__, default=None)
    if sum(counts.values()) > MOST_COPIES + 100 * links:
        return found
    left = MOST_COPIES + _MESSAGE_LEVELS * links
    for node, number in walks.items():
        left -= number if number <= _FEW else _paths(below, node, left)
        if left < 0:
            return node  # type: ignore[no-any-return]
    return None


def _paths(below: dict[Any, list[Any]], start: Any, most: int) -> int:
    """Return how many paths lead from a node, none through a node twice; one more than most."""
    found = 0
    path: list[Any] = []
    ahead = [iter(below[start])]
    while ahead and found <= most:
        for each in ahead[-1]:
            if each not in path:
                found += 1
                if len(ahead) < _MESSAGE_LEVELS:
                    path.append(each)
                    ahead.append(iter(below.get(each, ())))
                    break
        else:
            ahead.pop()
            del path[-1:]
    return found


def can_be_named(statements: Statements) -> bool:
    """Return whether RDFC-1.0 names the blank nodes in steps that are not too many."""
    about: dict[Any, set[tuple[Any, ...]]] = defaultdict(set)
    links: dict[Any, set[tuple[Any, ...]]] = defaultdict(set)
    for one, predicate, two, *_ in statements:
        for end, node, other in ((0, one, two), (1, two, one)):
            if isinstance(node, ox.BlankNode):
                is_blank = isinstance(other, ox.BlankNode)
                about[node].add((end, predicate, None if is_blank else other))
                links[node].update([(end, predicate, other)] * is_blank)
    kinds = {node: frozenset(said) for node, said in about.items()}
    sizes = Counter(kinds.values())
    alike = {node for node, kind in kinds.items() if sizes[kind] > 1}
    steps = 0
    while alike:
        size, orders, left = 0, 1, [alike.pop()]
        while left and orders <= MOST_STEPS:
            node = left.pop()
            size += 1
            near = [each for each in links[node] if sizes[kinds[each[2]]] > 1]
            groups = Counter((end, predicate, kinds[other]) for end, predicate, other in near)
            orders *= math.prod(math.factorial(min(number, 20)) for number in groups.values())
            more = {other for _, _, other in near} & alike
            alike -= more
            left += more
        steps += size**3 * orders
        if steps > MOST_STEPS:
            return False
    return True
