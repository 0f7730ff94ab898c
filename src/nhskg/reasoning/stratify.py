"""Stratification: the order in which rules run, from what each reads and writes.

A rule depends on another that may write what it reads. Rules that depend on each other form a
group and run to a fixpoint; every other rule runs once, after what it depends on. A rule that
reads something under negation (NOT EXISTS, MINUS, OPTIONAL, EXISTS in an expression) must not
be in one group with a rule that writes it: then the result would depend on the order of work
(Apt, Blair and Walker, 1988), and the program is refused.

Reads and writes are distinguished by predicate, for ``rdf:type`` by class, and further by the
classes that a rule states of the *subject*. A triple about an instance of one class cannot match a
pattern about an instance of a disjoint class, unless the data are inconsistent, which a check finds
at the end. So that the check misses nothing, memberships themselves (``rdf:type``) are never
distinguished in this way.

Nor does a rule feed a domain or a range that would only repeat its own premises: if it writes
``x p y`` for an x that is in the domain of p already, nothing new follows about x.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Group, Node, Pattern, ProgramError, Term, groups_in
from nhskg.reasoning.rules import Rule, Stratum
from nhskg.reasoning.schema import Sameness

Kinds = frozenset[ox.NamedNode]
_NONE: Kinds = frozenset()


@dataclass(frozen=True, slots=True)
class _Access:
    """What a rule reads or writes: a predicate (None: any), a class, the classes of its ends."""

    predicate: Term | None
    kind: Term | None = None
    subject_kinds: Kinds = _NONE
    object_kinds: Kinds = _NONE
    negative: bool = False
    concluded: tuple[str, ox.NamedNode] | None = None
    """Of a rule that only concludes a class of an end of its premise: which end, which class."""

    @property
    def key(self) -> Term | None:
        """The class or the predicate; None for any."""
        return self.kind if self.predicate == TYPE else self.predicate

    def __str__(self) -> str:
        if self.predicate == TYPE:
            return f"class {_name(self.kind) or 'any'}"
        return _name(self.predicate) or "any predicate"


def _name(node: Term | None) -> str:
    return node.value if isinstance(node, ox.NamedNode) else ""


class Disjointness:
    """Finds which classes can share no instance, by the axioms of a schema.

    Args:
        above: each class's superclasses.
        pairs: the classes that are stated to be disjoint.
    """

    def __init__(self, above: Mapping[Term, set[Term]], pairs: Iterable[tuple[Term, Term]]) -> None:
        self._above = above
        self._pairs = {(a, b) for one, two in pairs for a, b in ((one, two), (two, one))}
        self._known: dict[tuple[Kinds, Kinds], bool] = {}

    def _upward(self, kinds: Kinds) -> set[Term]:
        return {above for kind in kinds for above in (kind, *self._above.get(kind, ()))}

    def implied(self, kinds: Kinds, kind: ox.NamedNode) -> bool:
        """Return whether being in some of ``kinds`` means being in ``kind``."""
        return kind in self._upward(kinds)

    def between(self, one: Kinds, two: Kinds) -> bool:
        """Return whether nothing can be in all classes of both sets."""
        if (one, two) not in self._known:
            upward = self._upward(two)
            found = any((a, b) in self._pairs for a in self._upward(one) for b in upward)
            self._known[one, two] = found
        return self._known[one, two]


# -- reads and writes


def _with_kinds(patterns: Iterable[Pattern], known: Mapping[Node, Kinds]) -> dict[Node, Kinds]:
    """Return the classes of each node that some patterns state, added to those known."""
    kinds = dict(known)
    for pattern in patterns:
        if pattern.predicate == TYPE and isinstance(pattern.object, ox.NamedNode):
            kinds[pattern.subject] = kinds.get(pattern.subject, _NONE) | {pattern.object}
    return kinds


def _access(pattern: Pattern, kinds: Mapping[Node, Kinds], same: Sameness) -> _Access:
    """Return what a pattern reads or writes, with one name for terms that are the same."""
    predicate, kind = pattern.predicate, pattern.object
    if isinstance(predicate, ox.Variable):
        return _Access(None)
    if pattern.closure:  # its steps begin and end at things of any class
        return _Access(same.representative(predicate))
    if predicate == TYPE:
        return _Access(TYPE, same.representative(kind) if isinstance(kind, ox.NamedNode) else None)
    one, two = (kinds.get(node, _NONE) for node in (pattern.subject, pattern.object))
    return _Access(same.representative(predicate), None, one, two)


def _reads(rule: Rule, same: Sameness) -> list[_Access]:
    def visit(group: Group, known: Mapping[Node, Kinds], negative: bool) -> Iterator[_Access]:
        kinds = _with_kinds(group.patterns(), known)
        for element in group.elements:
            if isinstance(element, Pattern):
                yield replace(_access(element, kinds, same), negative=negative)
            for inner, negated in groups_in(element):
                yield from visit(inner, kinds, negative or negated)

    found = list(visit(rule.body, {}, False))
    return [replace(found[0], concluded=_concluded(rule))] if len(found) == 1 else found


def _concluded(rule: Rule) -> tuple[str, ox.NamedNode] | None:
    """Return the end of the only premise, and the class, if a class is all the rule concludes."""
    (premise, *more), (head, *other) = rule.body.elements, rule.head
    if more or other or not isinstance(premise, Pattern) or premise.predicate == TYPE:
        return None
    if head.predicate != TYPE or not isinstance(head.object, ox.NamedNode):
        return None
    ends = {premise.subject: "subject", premise.object: "object"}
    return (ends[head.subject], head.object) if head.subject in ends else None


def _writes(rule: Rule, same: Sameness) -> list[_Access]:
    kinds = _with_kinds((*rule.body.patterns(), *rule.head), {})
    return [_access(pattern, kinds, same) for pattern in rule.head]


def _feeds(written: _Access, read: _Access, disjointness: Disjointness) -> bool:
    if written.predicate is None or read.predicate is None:
        return True
    if written.predicate != read.predicate:
        return False
    if read.predicate == TYPE:
        return written.kind is None or read.kind is None or written.kind == read.kind
    if read.concluded is not None:
        end, kind = read.concluded
        known = written.subject_kinds if end == "subject" else written.object_kinds
        return not disjointness.implied(known, kind)
    return not disjointness.between(written.subject_kinds, read.subject_kinds)


# -- strata


_Feeds = list["dict[int, _Access | None]"]
"""For each rule the rules that feed it, with what is read under negation, if anything is."""


def stratify(
    rules: Sequence[Rule],
    disjointness: Disjointness,
    same: Sameness,
    negation_of: Callable[[Rule], str],
) -> tuple[Stratum, ...]:
    """Return the rules in strata, in the order in which they run.

    Raises:
        ProgramError: a rule reads under negation what depends on it. The message begins with where
            its negation is, as ``negation_of`` says.
    """
    feeds = _dependencies(rules, disjointness, same)
    level: dict[int, int] = {}
    strata: dict[int, list[tuple[bool, list[int]]]] = defaultdict(list)
    for group in _components(feeds):
        sources = {source for member in group for source in feeds[member]}
        number = 1 + max((level[source] for source in sources.difference(group)), default=-1)
        level.update(dict.fromkeys(group, number))
        strata[number].append((not sources.isdisjoint(group), group))
        for reader in group:
            for source, negative in feeds[reader].items():
                if source in group and negative is not None:
                    message = _cycle_message(rules, feeds, reader, source, negative)
                    raise ProgramError(negation_of(rules[reader]) + message)
    ordered: list[Stratum] = []
    for number in sorted(strata):
        once = sorted(m for recursive, group in strata[number] if not recursive for m in group)
        groups = [(False, once), *sorted(each for each in strata[number] if each[0])]
        for recursive, group in groups:
            if group:
                ordered.append(Stratum(tuple(rules[m] for m in group), recursive))
    return tuple(ordered)


def _dependencies(rules: Sequence[Rule], disjointness: Disjointness, same: Sameness) -> _Feeds:
    writers: dict[Term | None, list[tuple[int, _Access]]] = defaultdict(list)
    for number, rule in enumerate(rules):
        for written in dict.fromkeys(_writes(rule, same)):
            writers[written.key].append((number, written))
    everything = [writer for found in writers.values() for writer in found]
    feeds: _Feeds = []
    for rule in rules:
        sources: dict[int, _Access | None] = {}
        for read in dict.fromkeys(_reads(rule, same)):
            some = (*writers.get(None, ()), *writers.get(read.key, ()))
            for source, written in everything if read.key is None else some:
                if _feeds(written, read, disjointness):
                    sources[source] = sources.get(source) or (read if read.negative else None)
        feeds.append(sources)
    return feeds


def _components(feeds: _Feeds) -> list[list[int]]:
    """Return the strongly connected components, sources first (Kosaraju and Sharir, 1981)."""
    readers: list[list[int]] = [[] for _ in feeds]
    for reader, sources in enumerate(feeds):
        for source in sources:
            readers[source].append(reader)
    seen: set[int] = set()
    order = [node for root in range(len(feeds)) for node in _postorder(root, readers, seen)]
    seen.clear()
    return [
        sorted(found) for root in reversed(order) if (found := list(_postorder(root, feeds, seen)))
    ]


def _postorder(root: int, edges: Sequence[Iterable[int]], seen: set[int]) -> Iterator[int]:
    """Yield the nodes reached from a root and not seen yet, each after those it leads to."""
    stack = [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(other, False) for other in edges[node] if other not in seen]


def _cycle_message(
    rules: Sequence[Rule], feeds: _Feeds, reader: int, source: int, negative: _Access
) -> str:
    """Name the cycle: the shortest way from the reader back to what it reads under negation."""
    previous: dict[int, int] = {source: source}
    todo = [source]
    for node in todo:
        for feeder in feeds[node]:
            if feeder not in previous:
                previous[feeder] = node
                todo.append(feeder)
    path = [reader]
    while path[-1] != source:
        path.append(previous[path[-1]])
    steps = " → ".join(str(rules[n]) for n in path)
    return (
        f"negation in a cycle: {rules[reader]} must not read {negative} under negation "
        f"(NOT EXISTS, MINUS or OPTIONAL), because {steps} → "
        f"{rules[reader]} derives it from its own result"
    )
