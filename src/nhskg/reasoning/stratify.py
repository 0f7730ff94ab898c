"""Stratification: the order in which rules run, from what each reads and writes.

A rule depends on another that may write what it reads. Rules that depend on each other form a
group and run to a fixpoint; every other rule runs once, after what it depends on. A rule that
reads something under negation (NOT EXISTS, MINUS, OPTIONAL, EXISTS in an expression) must not
be in one group with a rule that writes it (Apt, Blair and Walker, 1988).

Reads and writes are distinguished by predicate, for ``rdf:type`` by class, and further by the
classes that a rule states of the *subject*: a triple about an instance of one class matches no
pattern about an instance of a disjoint class, unless the data are inconsistent. A check finds that
at the end, since memberships themselves are not distinguished so. Nor does a rule feed a domain or
a range that would only repeat its own premises.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Group, Node, Pattern, ProgramError, Term, groups_in
from nhskg.reasoning.rules import Rule, Stratum, class_read
from nhskg.reasoning.schema import Sameness

_Kinds = frozenset[Term]
_NONE: _Kinds = frozenset()


@dataclass(frozen=True, slots=True)
class _Access:
    """What a rule reads or writes: a predicate (None: any), a class, the classes of its ends."""

    predicate: Term | None
    kind: Term | None = None
    subject_kinds: _Kinds = _NONE
    object_kinds: _Kinds = _NONE
    negative: bool = False
    concluded: tuple[str, ox.NamedNode] | None = None
    """Of a rule that only concludes a class of an end of its premise: which end, which class."""

    @property
    def key(self) -> Term | None:
        """The class or the predicate; None for any."""
        return self.kind if self.predicate == TYPE else self.predicate

    def __str__(self) -> str:
        name = self.key.value if isinstance(self.key, ox.NamedNode) else ""
        return f"class {name or 'any'}" if self.predicate == TYPE else name or "any predicate"


_Feeds = list["dict[int, _Access | None]"]
"""For each rule the rules that feed it, with what is read under negation, if anything is."""


@dataclass(frozen=True)
class Dependencies:
    """Finds which rules read what others write, by what is stated of classes."""

    superclasses: Mapping[Term, set[Term]]
    disjoint: Iterable[tuple[Term, Term]]
    same: Sameness

    def of(self, rules: Sequence[Rule]) -> _Feeds:
        """Return the rules that feed each rule."""
        apart: dict[Term, set[Term]] = defaultdict(set)
        for one, two in self.disjoint:
            apart[one].add(two)
            apart[two].add(one)
        writers: dict[Term | None, list[tuple[int, _Access]]] = defaultdict(list)
        for number, rule in enumerate(rules):
            kinds = self._with_kinds((*rule.body.patterns(), *rule.head), {})
            for written in dict.fromkeys(self._access(pattern, kinds) for pattern in rule.head):
                writers[written.key].append((number, written))
        everything = list(itertools.chain(*writers.values()))
        feeds: _Feeds = []
        for rule in rules:
            sources: dict[int, _Access | None] = {}
            reads = list(self._reads(rule.body, {}, negative=False))
            if len(reads) == 1:
                reads = [replace(reads[0], concluded=_concluded(rule))]
            for read in dict.fromkeys(reads):
                excluded = _NONE.union(*(apart.get(kind, ()) for kind in read.subject_kinds))
                some = (*writers.get(None, ()), *writers.get(read.key, ()))
                for source, written in everything if read.key is None else some:
                    if _feeds(written, read, excluded):
                        sources[source] = sources.get(source) or (read if read.negative else None)
            feeds.append(sources)
        return feeds

    def _with_kinds(
        self, patterns: Iterable[Pattern], known: Mapping[Node, _Kinds]
    ) -> dict[Node, _Kinds]:
        """Return the classes of each node that some patterns state, added to those known."""
        kinds = dict(known)
        for pattern in patterns:
            if (kind := class_read(pattern)) is not None:
                above = self.superclasses.get(kind, ())
                kinds[pattern.subject] = kinds.get(pattern.subject, _NONE).union((kind,), above)
        return kinds

    def _access(self, pattern: Pattern, kinds: Mapping[Node, _Kinds]) -> _Access:
        """Return what a pattern reads or writes."""
        if isinstance(pattern.predicate, ox.Variable):
            return _Access(None)
        predicate = self.same.group(pattern.predicate)[0]
        if pattern.closure:  # its steps begin and end at things of any class
            return _Access(predicate)
        if pattern.predicate == TYPE:
            kind = class_read(pattern)
            return _Access(TYPE, None if kind is None else self.same.group(kind)[0])
        one, two = (kinds.get(node, _NONE) for node in (pattern.subject, pattern.object))
        return _Access(predicate, None, one, two)

    def _reads(
        self, group: Group, known: Mapping[Node, _Kinds], *, negative: bool
    ) -> Iterator[_Access]:
        kinds = self._with_kinds(group.patterns(), known)
        for element in group.elements:
            if isinstance(element, Pattern):
                yield replace(self._access(element, kinds), negative=negative)
            for inner, negated in groups_in(element):
                yield from self._reads(inner, kinds, negative=negative or negated)


def _concluded(rule: Rule) -> tuple[str, ox.NamedNode] | None:
    """Return the end of the only premise, and the class, if a class is all the rule concludes."""
    (premise, *more), (head, *other) = rule.body.elements, rule.head
    kind = class_read(head)
    if more or other or kind is None or not isinstance(premise, Pattern):
        return None
    ends = {premise.subject: "subject", premise.object: "object"}
    is_relation = premise.predicate != TYPE and head.subject in ends
    return (ends[head.subject], kind) if is_relation else None


def _feeds(written: _Access, read: _Access, excluded: _Kinds) -> bool:
    """Return whether what is written may be read; ``excluded`` are classes disjoint with its."""
    if written.predicate is None or read.predicate is None:
        return True
    if written.predicate != read.predicate:
        return False
    if read.predicate == TYPE:
        return written.kind is None or read.kind is None or written.kind == read.kind
    if read.concluded is not None:
        end, kind = read.concluded
        return kind not in (written.subject_kinds if end == "subject" else written.object_kinds)
    return excluded.isdisjoint(written.subject_kinds)


# -- strata


def stratify(
    rules: Sequence[Rule], dependencies: Dependencies, negation_of: Callable[[Rule], str]
) -> tuple[Stratum, ...]:
    """Return the rules in strata, in the order in which they run.

    Raises:
        ProgramError: a rule reads under negation, ``negation_of`` says where, what depends on it.
    """
    feeds = dependencies.of(rules)
    level: dict[int, int] = {}
    placed: list[tuple[int, bool, list[int]]] = []
    for group in _components(feeds):
        sources = {source for member in group for source in feeds[member]}
        number = 1 + max((level[source] for source in sources.difference(group)), default=-1)
        level.update(dict.fromkeys(group, number))
        placed.append((number, not sources.isdisjoint(group), group))
        for reader in group:
            for source, negative in feeds[reader].items():
                if source in group and negative is not None:
                    message = _cycle_message(rules, feeds, reader, source, negative)
                    raise ProgramError(negation_of(rules[reader]) + message)
    strata: list[Stratum] = []
    for (_, recursive), found in itertools.groupby(sorted(placed), key=lambda each: each[:2]):
        groups = [tuple(rules[member] for member in group) for _, _, group in found]
        together = groups if recursive else [tuple(itertools.chain(*groups))]
        strata += [Stratum(group, recursive) for group in together]
    return tuple(strata)


def _components(feeds: _Feeds) -> list[list[int]]:
    """Return the strongly connected components, sources first (Kosaraju and Sharir, 1981)."""
    readers: list[list[int]] = [[] for _ in feeds]
    for reader, sources in enumerate(feeds):
        for source in sources:
            readers[source].append(reader)
    seen: set[int] = set()
    order = [node for root in range(len(feeds)) for node in _postorder(root, readers, seen)]
    seen.clear()
    return [g for root in reversed(order) if (g := sorted(_postorder(root, feeds, seen)))]


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
    ways = {source: [source]}
    todo = [source]
    for node in todo:
        found = [feeder for feeder in feeds[node] if feeder not in ways]
        ways.update((feeder, [feeder, *ways[node]]) for feeder in found)
        todo += found
    steps = " → ".join(str(rules[number]) for number in ways[reader])
    return (
        f"negation in a cycle: {rules[reader]} must not read {negative} under negation "
        f"(NOT EXISTS, MINUS or OPTIONAL), because {steps} → "
        f"{rules[reader]} derives it from its own result"
    )
