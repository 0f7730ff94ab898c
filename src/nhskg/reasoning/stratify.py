"""Strata: the order in which rules run, from what each reads and writes.

A rule depends on another that may write what it reads. Rules that depend on each other form a
group and run to a fixpoint; every other rule runs once, after what it depends on. A rule that
reads something under negation (NOT EXISTS, MINUS, OPTIONAL, EXISTS in an expression) must not
stand in one group with a rule that writes it: then the result would depend on the order of work
(Apt, Blair and Walker, 1988), and the program is refused.

What is read or written is told apart by predicate, for ``rdf:type`` by class, and further by the
classes that the *subject* is known to be in. A triple about a thing of one class cannot match a
pattern about a thing of a disjoint class, unless the thing is in both; then the data are
inconsistent, which a check tells at the end. So that this check misses nothing, memberships
themselves (``rdf:type``) are never told apart in this way.

Nor does a rule feed a domain or a range that would only repeat what its own premises say: if it
writes ``x p y`` for an x that is in the domain of p already, nothing new follows about x. And what
a rule writes about a thing that it tested not to be in a class cannot match a pattern about a thing
of that class: the test makes the class complete before the rule runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from nhskg.reasoning.closure import SchemaClosure
from nhskg.reasoning.folding import class_read
from nhskg.reasoning.model import (
    TYPE,
    Bind,
    Exists,
    Filter,
    Group,
    Minus,
    Node,
    Optional,
    Pattern,
    ProgramError,
    Rule,
    Stratum,
    Union,
)
from nhskg.reasoning.sameness import Sameness

__all__ = [
    "Access",
    "Disjointness",
    "NegationCycleError",
    "accesses_read",
    "accesses_written",
    "stratify",
]

Kinds = frozenset[ox.NamedNode]


@dataclass(frozen=True, slots=True)
class Access:
    """What a rule reads or writes: a predicate (None: any), a class, what its subject is."""

    predicate: ox.NamedNode | None
    kind: ox.NamedNode | None
    subject_kinds: Kinds
    negative: bool = False
    object_kinds: Kinds = frozenset()
    told: tuple[str, ox.NamedNode] | None = None
    """Of a rule that only concludes a class of the subject or object: which end, which class."""
    excluded: Kinds = frozenset()
    """Of what is written: classes that the subject is tested not to be in."""

    def __str__(self) -> str:
        name = "any predicate" if self.predicate is None else self.predicate.value
        return (
            name if self.predicate != TYPE else f"class {self.kind.value if self.kind else 'any'}"
        )


class Disjointness:
    """Tells which classes can share no instance, by the axioms of a schema."""

    def __init__(
        self,
        closure: SchemaClosure,
        pairs: Iterable[tuple[Node, Node]],
        same: Sameness | None = None,
    ) -> None:
        self._same = same or Sameness()
        self._above = closure.superclasses()
        self._pairs = {(a, b) for one, two in pairs for a, b in ((one, two), (two, one))}
        self._known: dict[tuple[Kinds, Kinds], bool] = {}
        self.domain = _by_first(closure.domain)
        self.range = _by_first(closure.range)

    def named_once(self, access: Access) -> Access:
        """Return an access with the one name of those that are the same, by equality."""
        if not self._same:
            return access
        predicate, kind = (
            None if node is None else self._same.representative(node)
            for node in (access.predicate, access.kind)
        )
        return replace(access, predicate=predicate, kind=kind)  # type: ignore[arg-type]

    def implied(self, kinds: Kinds, kind: ox.NamedNode) -> bool:
        """Tell whether being in some of ``kinds`` means being in ``kind``."""
        return any(kind == one or kind in self._above.get(one, ()) for one in kinds)

    def between(self, one: Kinds, two: Kinds) -> bool:
        """Tell whether nothing can be in all classes of both sets."""
        if not one or not two or not self._pairs:
            return False
        if (one, two) not in self._known:
            above_one = {a for kind in one for a in (kind, *self._above.get(kind, ()))}
            above_two = {b for kind in two for b in (kind, *self._above.get(kind, ()))}
            self._known[one, two] = any((a, b) in self._pairs for a in above_one for b in above_two)
        return self._known[one, two]


def _by_first(pairs: Iterable[tuple[object, object]]) -> dict[object, set[ox.NamedNode]]:
    found: dict[object, set[ox.NamedNode]] = defaultdict(set)
    for one, two in pairs:
        if isinstance(two, ox.NamedNode):
            found[one].add(two)
    return found


# -- reads and writes


def _kinds_in(
    patterns: Iterable[Pattern], known: dict[Node, Kinds], disjointness: Disjointness | None
) -> dict[Node, Kinds]:
    """Return the classes of each node that some patterns imply, added to those known."""
    kinds: dict[Node, set[ox.NamedNode]] = {n: set(k) for n, k in known.items()}
    for pattern in patterns:
        if pattern.predicate == TYPE and isinstance(pattern.object, ox.NamedNode):
            kinds.setdefault(pattern.subject, set()).add(pattern.object)
        elif disjointness is not None and not pattern.closure:
            kinds.setdefault(pattern.subject, set()).update(
                disjointness.domain.get(pattern.predicate, ())
            )
            kinds.setdefault(pattern.object, set()).update(
                disjointness.range.get(pattern.predicate, ())
            )
    return {node: frozenset(found) for node, found in kinds.items() if found}


def _access(pattern: Pattern, kinds: dict[Node, Kinds], *, negative: bool) -> Access:
    if isinstance(pattern.predicate, ox.Variable):
        return Access(None, None, frozenset(), negative)
    assert isinstance(pattern.predicate, ox.NamedNode)
    if pattern.closure:  # its steps begin and end at things of any class
        return Access(pattern.predicate, None, frozenset(), negative)
    if pattern.predicate == TYPE:
        kind = pattern.object if isinstance(pattern.object, ox.NamedNode) else None
        return Access(TYPE, kind, frozenset(), negative)
    return Access(
        pattern.predicate,
        None,
        kinds.get(pattern.subject, frozenset()),
        negative,
        kinds.get(pattern.object, frozenset()),
    )


def accesses_read(rule: Rule, disjointness: Disjointness) -> list[Access]:
    """Return what a rule reads. Domains and ranges tell classes only in domain rules."""
    implied = disjointness if rule.source else None

    def visit(group: Group, known: dict[Node, Kinds], negative: bool) -> Iterator[Access]:
        kinds = _kinds_in(group.patterns(), known, implied)
        for element in group.elements:
            if isinstance(element, Pattern):
                yield _access(element, kinds, negative=negative)
            elif isinstance(element, Exists):
                yield from visit(element.group, kinds, negative or element.negated)
            elif isinstance(element, Optional | Minus):
                yield from visit(element.group, kinds, True)
            elif isinstance(element, Union):
                for branch in element.branches:
                    yield from visit(branch, kinds, negative)
            elif isinstance(element, Filter | Bind):
                for part in element.expression.parts:
                    if isinstance(part, Exists):
                        yield from visit(part.group, kinds, True)

    found = list(visit(rule.body, {}, False))
    return [replace(access, told=_told(rule)) for access in found] if len(found) == 1 else found


def _told(rule: Rule) -> tuple[str, ox.NamedNode] | None:
    """Return the end of the only premise, and the class, if a class is all the rule concludes."""
    (premise, *more), (head, *other) = rule.body.elements, rule.head
    if more or other or not isinstance(premise, Pattern) or premise.predicate == TYPE:
        return None
    if head.predicate != TYPE or not isinstance(head.object, ox.NamedNode):
        return None
    ends = {premise.subject: "subject", premise.object: "object"}
    return (ends[head.subject], head.object) if head.subject in ends else None


def accesses_written(rule: Rule, disjointness: Disjointness) -> list[Access]:
    """Return what a rule writes."""
    implied = disjointness if rule.source else None
    kinds = _kinds_in(rule.body.patterns(), {}, implied)
    kinds = _kinds_in(rule.head, kinds, None)
    return [
        replace(_access(pattern, kinds, negative=False), excluded=_excluded(rule, pattern.subject))
        for pattern in rule.head
    ]


def _excluded(rule: Rule, node: Node) -> Kinds:
    """Return the classes that a rule's body tests a node not to be in."""
    tested: set[ox.NamedNode] = set()
    for element in rule.body.elements:
        if isinstance(element, Exists) and element.negated and len(element.group.elements) == 1:
            kind = class_read(element.group.elements[0])
            if kind is not None and element.group.patterns()[0].subject == node:
                tested.add(kind)
    return frozenset(tested)


def _feeds(written: Access, read: Access, disjointness: Disjointness) -> bool:
    if written.predicate is None or read.predicate is None:
        return True
    if written.predicate != read.predicate:
        return False
    if read.predicate == TYPE:
        return written.kind is None or read.kind is None or written.kind == read.kind
    if read.told is not None:
        end, kind = read.told
        known = written.subject_kinds if end == "subject" else written.object_kinds
        if disjointness.implied(known, kind):
            return False
    if any(disjointness.implied(read.subject_kinds, kind) for kind in written.excluded):
        return False
    return not disjointness.between(written.subject_kinds, read.subject_kinds)


# -- strata


class NegationCycleError(ProgramError):
    """A rule reads under negation what depends on it: the rule, and the cycle in words."""

    def __init__(self, reader: Rule, message: str) -> None:
        super().__init__(message)
        self.reader = reader


def stratify(rules: Sequence[Rule], disjointness: Disjointness) -> tuple[Stratum, ...]:
    """Return the rules in strata, in the order in which they run.

    Raises:
        NegationCycleError: a rule reads under negation what depends on it.
    """
    feeds = _dependencies(rules, disjointness)
    groups = _components(len(rules), feeds)
    level_of: dict[int, int] = {}
    group_of = {member: number for number, group in enumerate(groups) for member in group}
    before: dict[int, set[int]] = defaultdict(set)
    for reader, sources in feeds.items():
        for source, negative in sources.items():
            if group_of[source] != group_of[reader]:
                before[group_of[reader]].add(group_of[source])
            elif negative is not None:
                raise NegationCycleError(
                    rules[reader], _cycle_message(rules, feeds, reader, source, negative)
                )
    strata: dict[int, list[tuple[list[int], bool]]] = defaultdict(list)
    for number, group in enumerate(groups):  # components come in topological order
        level = 1 + max((level_of[g] for g in before[number]), default=-1)
        level_of[number] = level
        recursive = len(group) > 1 or group[0] in feeds.get(group[0], {})
        strata[level].append((sorted(group), recursive))
    ordered: list[Stratum] = []
    for level in sorted(strata):
        once = sorted(m for group, recursive in strata[level] if not recursive for m in group)
        if once:
            ordered.append(Stratum(tuple(rules[m] for m in once), recursive=False))
        for group, recursive in strata[level]:
            if recursive:
                ordered.append(Stratum(tuple(rules[m] for m in group), recursive=True))
    return tuple(ordered)


_Feeds = dict[int, "dict[int, Access | None]"]
"""For each rule the rules that feed it, with what is read under negation, if anything is."""


def _dependencies(rules: Sequence[Rule], disjointness: Disjointness) -> _Feeds:
    writers: dict[object, list[tuple[int, Access]]] = defaultdict(list)
    for number, rule in enumerate(rules):
        for written in set(map(disjointness.named_once, accesses_written(rule, disjointness))):
            writers[
                written.predicate if written.predicate != TYPE else (TYPE, written.kind)
            ].append((number, written))
    feeds: _Feeds = {}
    for number, rule in enumerate(rules):
        sources: dict[int, Access | None] = {}
        for read in set(map(disjointness.named_once, accesses_read(rule, disjointness))):
            for source, written in _writers_of(read, writers):
                if _feeds(written, read, disjointness):
                    sources[source] = sources.get(source) or (read if read.negative else None)
        feeds[number] = sources
    return feeds


def _writers_of(
    read: Access, writers: dict[object, list[tuple[int, Access]]]
) -> Iterator[tuple[int, Access]]:
    yield from writers.get(None, ())
    if read.predicate is None:
        for key, found in writers.items():
            if key is not None:
                yield from found
    elif read.predicate == TYPE:
        if read.kind is None:
            for key, found in writers.items():
                if isinstance(key, tuple):
                    yield from found
        else:
            yield from writers.get((TYPE, read.kind), ())
            yield from writers.get((TYPE, None), ())
    else:
        yield from writers.get(read.predicate, ())


def _components(count: int, feeds: _Feeds) -> list[list[int]]:
    """Return the strongly connected components, sources first (Tarjan 1972, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    components: list[list[int]] = []
    for root in range(count):
        if root in index:
            continue
        work: list[tuple[int, Iterator[int]]] = [(root, iter(feeds.get(root, {})))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, children = work[-1]
            child = next((c for c in children if c not in index or c in on_stack), None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component: list[int] = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    components.append(component)
            elif child in index:
                low[node] = min(low[node], index[child])
            else:
                index[child] = low[child] = len(index)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(feeds.get(child, {}))))
    return components


def _cycle_message(
    rules: Sequence[Rule], feeds: _Feeds, reader: int, source: int, negative: Access
) -> str:
    """Name the cycle: the shortest way from the reader back to what it reads under negation."""
    previous: dict[int, int] = {source: source}
    todo = [source]
    for node in todo:
        if node == reader:
            break
        for feeder in feeds.get(node, {}):
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
