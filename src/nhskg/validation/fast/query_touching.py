"""For which focus nodes a SPARQL constraint can have other solutions, given what changed.

A query of the kind that this engine takes is a union of conjunctions: one branch of each UNION,
with the patterns around them. A solution that came or went has a triple that did, in a pattern of a
conjunction or of an EXISTS beside it; the triple binds the variables of the pattern. From there the
other patterns are followed, in both states at once, until ``$this`` has its values. Filters, and
whether an EXISTS is negated, are left out: without them more nodes are found, and never fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import Final

from nhskg.validation.fast.changes import Delta
from nhskg.validation.fast.lookups import Both
from nhskg.validation.fast.paths import follower, inverted
from nhskg.validation.fast.query_model import Exists, Group, Iri, Pattern, Union, Var
from nhskg.validation.fast.query_safety import THIS
from nhskg.validation.fast.terms import Node
from nhskg.validation.fast.walking import changed_pairs

__all__ = ["touched_by"]

_SAMPLES: Final = 3
_FEW: Final = 32
_MANY: Final = 10 * _FEW
_MOST_BRANCHES: Final = 64

Row = Mapping[str, Node]
"""Values of variables."""


def touched_by(group: Group, delta: Delta, both: Both) -> set[Node] | None:
    """Return the focus nodes for which a query can have other solutions.

    Returns:
        The nodes; nothing where these can be any.

    Raises:
        TooMuch: it takes too long to find them.
    """
    found: set[Node] = set()
    done: set[tuple[Pattern, tuple[Pattern, ...]]] = set()
    if (
        prod(len(each.groups) for each in group.elements if isinstance(each, Union))
        > _MOST_BRANCHES
    ):
        return None
    for patterns, first in _conjunctions(group):
        for number in range(first, len(patterns)):
            start, others = patterns[number], patterns[:number] + patterns[number + 1 :]
            if (start, others) in done:
                continue
            done.add((start, others))
            rows = _distinct(_matched(start, delta, both))
            if rows:
                reached = _this(rows, others, both)
                if reached is None:
                    return None
                found |= reached
    return found


def _conjunctions(group: Group) -> Iterator[tuple[tuple[Pattern, ...], int]]:
    """Yield patterns that hold together, and the first of those at which a change is looked for."""
    unions = [each.groups for each in group.elements if isinstance(each, Union)]
    exists = [each.group for each in group.elements if isinstance(each, Exists)]
    for branches in product(*unions):
        patterns = group.patterns + tuple(one for each in branches for one in each.patterns)
        yield patterns, 0
        for each in exists:
            yield patterns + each.patterns, len(patterns)


def _matched(pattern: Pattern, delta: Delta, both: Both) -> Iterator[Row]:
    """Yield the values that triples that changed give to the variables of a pattern."""
    match pattern.predicate:
        case Iri(iri):
            edges = delta.by_predicate.get(iri, ())
            yield from _bound(pattern, ((subject, iri, value) for subject, value in edges))
        case Var():
            yield from _bound(pattern, delta.all)
        case None:
            assert pattern.path is not None
            pairs = changed_pairs(pattern.path, delta, both)
            yield from _bound(pattern, ((start, None, end) for start, end in pairs))


def _bound(
    pattern: Pattern, edges: Iterable[tuple[Node, str | None, Node]], row: Row | None = None
) -> Iterator[Row]:
    """Yield a row once for each triple that agrees with it and a pattern, with what it binds."""
    for edge in edges:
        found = dict(row or ())
        terms = (pattern.subject, pattern.predicate, pattern.value)
        for term, each in zip(terms, edge, strict=True):
            if isinstance(term, Var):
                assert each is not None
                if found.setdefault(term.name, each) != each:
                    break
            elif isinstance(term, Iri) and term.value != each:
                break
        else:
            yield found


def _this(rows: list[Row], patterns: Sequence[Pattern], both: Both) -> set[Node] | None:
    """Return the values of ``$this`` that patterns lead to; nothing where they don't lead there."""
    left = list(patterns)
    while rows:
        bound = rows[0].keys()
        # once $this is known, patterns serve to tell which rows stay
        usable = [
            each
            for each in left
            if each.variables & bound and (THIS not in bound or each.variables <= bound)
        ]
        if not usable:
            return {row[THIS] for row in rows} if THIS in bound else None
        best = min(usable, key=lambda each: _cost(each, rows, both))
        left.remove(best)
        rows = _distinct(one for row in rows for one in _followed(best, row, both))
        both.spend(len(rows))
    return set()


def _distinct(rows: Iterable[Row]) -> list[Row]:
    return list({tuple(sorted(row.items(), key=_name)): row for row in rows}.values())


def _name(item: tuple[str, Node]) -> str:
    return item[0]


def _value(term: Var | Iri | None, row: Row) -> Node | None:
    """Return the node that a term stands for, if that is known."""
    return term.value if isinstance(term, Iri) else row.get(term.name) if term else None


def _cost(pattern: Pattern, rows: Sequence[Row], both: Both) -> int:
    """Return about how many rows the first rows become, by following a pattern."""
    if pattern.path is not None or isinstance(pattern.predicate, Var):
        return 0 if pattern.variables <= rows[0].keys() else _MANY
    assert isinstance(pattern.predicate, Iri)
    found = 0
    for row in islice(rows, _SAMPLES):
        subject = _value(pattern.subject, row)
        value = _value(pattern.value, row)
        if subject is not None and value is not None:
            found += 1
            continue
        end, of_subject = (value, False) if subject is None else (subject, True)
        assert end is not None
        found += both.count(end, pattern.predicate.value, of_subject=of_subject, most=_FEW)
    return found


def _followed(pattern: Pattern, row: Row, both: Both) -> Iterator[Row]:
    """Yield a row once for each way in which a pattern goes on from it."""
    subject, value = _value(pattern.subject, row), _value(pattern.value, row)
    predicate = pattern.predicate
    if subject is None and value is None:
        # only the predicate is known: nothing leads on from there
        yield row
    elif isinstance(predicate, Var):
        of_subject = subject is not None
        end = subject if subject is not None else value
        assert end is not None
        yield from _bound(pattern, both.around(end, of_subject=of_subject), row)
    elif subject is not None:
        ends = _from(pattern, subject, both)
        yield from _bound(pattern, ((subject, _iri(predicate), end) for end in ends), row)
    elif value is not None:
        starts = _to(pattern, value, both)
        yield from _bound(pattern, ((start, _iri(predicate), value) for start in starts), row)


def _iri(predicate: Var | Iri | None) -> str | None:
    return predicate.value if isinstance(predicate, Iri) else None


def _from(pattern: Pattern, subject: Node, both: Both) -> Sequence[Node]:
    if isinstance(pattern.predicate, Iri):
        return both.values(pattern.predicate.value).get(subject)
    assert pattern.path is not None
    return follower(pattern.path, both)(subject)


def _to(pattern: Pattern, value: Node, both: Both) -> Sequence[Node]:
    if isinstance(pattern.predicate, Iri):
        return both.inverse(pattern.predicate.value).get(value)
    assert pattern.path is not None
    return follower(inverted(pattern.path), both)(value)
