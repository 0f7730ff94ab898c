"""From triples that changed, back along the paths that lead over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nhskg.validation.fast.changes import Delta
from nhskg.validation.fast.lookups import Both
from nhskg.validation.fast.paths import (
    Alternative,
    Inverse,
    Path,
    Predicate,
    Repeated,
    Steps,
    follower,
    inverted,
)
from nhskg.validation.fast.terms import Node

__all__ = ["back", "changed_pairs", "changed_starts"]


def back(path: Path, ends: Iterable[Node], both: Both) -> set[Node]:
    """Return the nodes from which a path leads to one of some nodes, in either state."""
    follow = follower(inverted(path), both)
    found: set[Node] = set()
    for each in ends:
        reached = follow(each)
        both.spend(len(reached))
        found.update(reached)
    return found


def changed_starts(path: Path, delta: Delta, both: Both) -> set[Node]:
    """Return the nodes from which a path leads over a triple that changed."""
    match path:
        case Predicate(iri):
            return {subject for subject, _ in delta.by_predicate.get(iri, ())}
        case Inverse(iri):
            return {value for _, value in delta.by_predicate.get(iri, ())}
        case Alternative(paths):
            return set().union(*(changed_starts(each, delta, both) for each in paths))
        case Repeated(inner, _):
            starts = changed_starts(inner, delta, both)
            return back(Repeated(inner, or_none=True), starts, both) if starts else starts
        case Steps(steps):
            found: set[Node] = set()
            for number, step in enumerate(steps):
                starts = changed_starts(step, delta, both)
                if starts and number:
                    starts = back(Steps(steps[:number]), starts, both)
                found |= starts
            return found


def changed_pairs(path: Path, delta: Delta, both: Both) -> Iterator[tuple[Node, Node]]:
    """Yield the ends of the ways along a path that lead over a triple that changed."""
    match path:
        case Predicate(iri):
            yield from delta.by_predicate.get(iri, ())
        case Inverse(iri):
            yield from ((value, subject) for subject, value in delta.by_predicate.get(iri, ()))
        case Alternative(paths):
            for each in paths:
                yield from changed_pairs(each, delta, both)
        case Repeated(inner, _):
            again = Repeated(inner, or_none=True)
            yield from _around(again, inner, again, delta, both)
        case Steps(steps):
            for number, step in enumerate(steps):
                before, after = Steps(steps[:number]), Steps(steps[number + 1 :])
                yield from _around(before, step, after, delta, both)


def _around(
    before: Path, step: Path, after: Path, delta: Delta, both: Both
) -> Iterator[tuple[Node, Node]]:
    """Yield the ends of the ways that go along a path, over what changed of a step, and on."""
    to_start, to_end = follower(inverted(before), both), follower(after, both)
    for start, end in changed_pairs(step, delta, both):
        starts, ends = to_start(start), to_end(end)
        both.spend(len(starts) * len(ends))
        yield from ((one, other) for one in starts for other in ends)
