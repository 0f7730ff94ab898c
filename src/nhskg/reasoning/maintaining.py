"""What follows, kept up to date: after a change only what the change bears on is derived anew.

Delete and rederive (Gupta, Mumick and Subrahmanian, "Maintaining Views Incrementally", 1993),
stratum by stratum, with negation: whatever a change of a premise may bear on, be it one that must
be there or one that must not, is taken back, and then derived again by the rules as they stand.
What has come or gone by that is the change that the next strata see.

The state before stays at hand as long as it is needed: what is gone, or may come, stands in the
store's default graph, which no rule looks into.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from nhskg.reasoning.affected import (
    Key,
    NotIncrementalError,
    Occurrence,
    Row,
    affected_rows,
    asked,
    keys_of,
    occurrences,
    plain,
    tests_apart,
    values_for,
)
from nhskg.reasoning.arranging import arranged
from nhskg.reasoning.inconsistencies import find_inconsistencies
from nhskg.reasoning.model import TYPE, Check, Group, Pattern, Rule, Values, walk_patterns
from nhskg.reasoning.program import Program, is_hidden
from nhskg.reasoning.property_axioms import SAME, X, Y
from nhskg.reasoning.rederiving import possible_values
from nhskg.reasoning.render import SCRATCH, group_text
from nhskg.reasoning.runner import MOST_ROUNDS
from nhskg.reasoning.schema import is_axiom
from nhskg.reasoning.sizes import Sizes
from nhskg.reasoning.stores import EmbeddedStore

__all__ = ["Maintained", "NotIncrementalError", "maintain"]

_ASIDE = ox.DefaultGraph()
"""Where triples stand that were, or may be, and are not (now)."""


@dataclass(frozen=True, slots=True)
class Maintained:
    """What has come of a change.

    Attributes:
        gone: triples of the derived graph that are no longer in it.
        came: triples that are new in it.
        clashing: whether something that must not be may be there now.
    """

    gone: frozenset[ox.Triple]
    came: frozenset[ox.Triple]
    clashing: bool


def maintain(
    program: Program,
    store: ox.Store,
    graph: ox.NamedNode,
    gone: Iterable[ox.Quad],
    came: Iterable[ox.Quad],
) -> Maintained:
    """Take quads from what is asserted, add others, and bring what follows up to date.

    Args:
        program: the program that has run; what it was compiled from must be the same now.
        store: its named graphs hold what was asserted, all that followed in ``graph``, and what
            only served reasoning in the scratch graph (see :func:`nhskg.reasoning.reasoner.reason`
            with ``keep``). The default graph is empty.
        graph: the graph of what is derived.
        gone: quads to be taken from what is asserted.
        came: quads to be added.

    Raises:
        NotIncrementalError: the consequences are to be found from nothing; the store may be left in
            any state.
    """
    run = _Run(program, store, graph)
    run.apply(list(gone), list(came))
    for number in range(len(program.strata)):
        run.redo(number)
    run.check_put_back()
    store.clear_graph(_ASIDE)
    was = frozenset(triple for triple, there in run.derived.items() if there)
    now = frozenset(triple for triple in run.derived if run.in_derived(triple))
    if any(triple.predicate == SAME for triple in now - was):
        raise NotIncrementalError("two things have come to be the same")
    return Maintained(was - now, now - was, run.may_clash())


@dataclass(slots=True)
class _Writing:
    """What may write a triple of some form: the rule, its stratum, the place in its head."""

    rule: Rule
    stratum: int
    place: int


@dataclass
class _Run:
    """One change, on its way through the strata."""

    program: Program
    store: ox.Store
    graph: ox.NamedNode
    changed: dict[ox.Triple, None] = field(default_factory=dict)
    """What has come or gone so far."""
    there: dict[ox.Triple, bool] = field(default_factory=dict)
    """Of each triple looked at, whether it was there before the change."""
    derived: dict[ox.Triple, bool] = field(default_factory=dict)
    """Of each triple put into the derived graph, or taken from it, whether it was in it before."""
    put_back: dict[int, tuple[set[ox.Triple], set[ox.Triple]]] = field(default_factory=dict)
    """Of each stratum what was derived again, and all that had come or gone once it had run."""

    def __post_init__(self) -> None:
        self.sizes = Sizes(EmbeddedStore(self.store))
        self.facts = frozenset(self.program.facts)
        self.reading: dict[int, dict[Key, list[Occurrence]]] = {}
        self.writing: dict[Key, list[_Writing]] = defaultdict(list)
        self.checked: dict[Key, list[Occurrence]] = defaultdict(list)
        for number, stratum in enumerate(self.program.strata):
            found: dict[Key, list[Occurrence]] = defaultdict(list)
            for rule in stratum.rules:
                for each in occurrences(rule):
                    found[keys_of(each.pattern)].append(each)
                for place, pattern in enumerate(rule.head):
                    kind = pattern.object if pattern.predicate == TYPE else None
                    if isinstance(pattern.predicate, ox.Variable) or isinstance(kind, ox.Variable):
                        raise NotIncrementalError(f"{rule} writes any predicate, or any class")
                    self.writing[keys_of(pattern)].append(_Writing(rule, number, place))
            self.reading[number] = found
        self.whole: list[Check] = []
        """Checks that are asked as they stand."""
        for check in self.program.checks:
            asked = list(occurrences(Rule(check.name, (), check.body), general=True))
            if len(asked) > len(check.body.patterns()):
                self.whole.append(check)  # what it asks not to be there may have gone
                continue
            for each in asked:
                self.checked[keys_of(each.pattern)].append(each)

    # -- what is asserted

    def apply(self, gone: list[ox.Quad], came: list[ox.Quad]) -> None:
        """Change what is asserted, and note what has come and gone of the union."""
        for quad in (*gone, *came):
            ends = (quad.subject, quad.object)
            if any(isinstance(end, ox.BlankNode | ox.Triple) for end in ends):
                raise NotIncrementalError("a blank node has come or gone")
            if is_axiom(quad) or quad.predicate == SAME:
                raise NotIncrementalError("an axiom has come or gone")
        if EmbeddedStore(self.store).matches(Pattern(X, SAME, Y)):
            raise NotIncrementalError("some things are the same")
        there = {quad.triple for quad in came if self.stands(quad.triple)}
        for quad in gone:
            self.store.remove(quad)
        self.store.extend(came)
        for triple in {quad.triple: None for quad in came}:
            if self.in_derived(triple):
                self.store.remove(_quad(triple, self.graph))
                self.derived.setdefault(triple, True)
            elif triple not in there:
                self.there[triple] = False
                self.changed[triple] = None
        for triple in {quad.triple: None for quad in gone}:
            if not self.stands(triple):
                self.put_aside(triple)
                self.there[triple] = True
                self.changed[triple] = None

    # -- one stratum

    def redo(self, number: int) -> None:
        """Take back what may have changed in a stratum, and derive it again."""
        candidates = {
            triple
            for triple in self.changed
            if self.there[triple]
            and self.written_in(triple, number)
            and not self.is_asserted(triple)
        }
        candidates |= self.affected(number, candidates)
        if not candidates:
            return
        for triple in sorted(candidates, key=str):
            target = self.target(triple)
            quad = _quad(triple, target)
            found = quad in self.store
            self.there.setdefault(triple, found)
            if found:
                self.store.remove(quad)
                self.store.add(_quad(triple, _ASIDE))
                self.note(triple, target, there=True)
        after = self.derived_again(number, candidates)
        for triple in candidates:
            was, now = self.there[triple], triple in after
            if now or not was:
                self.store.remove(_quad(triple, _ASIDE))
            if was != now:
                self.changed[triple] = None
            else:
                self.changed.pop(triple, None)
        self.put_back[number] = after, set(self.changed)

    def check_put_back(self) -> None:
        """Check that nothing was derived again from what has gone since.

        A rule need not stand after another that writes what it reads, where nothing new follows
        from that (see :mod:`nhskg.reasoning.stratify`); but something may have followed.

        Raises:
            NotIncrementalError: something was.
        """
        for number, (after, known) in self.put_back.items():
            since = [t for t in self.changed if self.there[t] and t not in known]
            for each, rows in self.matched(self.reading[number], since):
                wanted = sorted({v for p in each.rule.head for v in p.variables()}, key=str)
                for row in affected_rows(self.store, each, rows, wanted):
                    if not after.isdisjoint(_heads(each.rule, row)):
                        raise NotIncrementalError(f"{each.rule}: derived from what has gone since")

    def affected(self, number: int, candidates: set[ox.Triple]) -> set[ox.Triple]:
        """Return what the rules of a stratum may conclude, or have concluded, from a change."""
        found: set[ox.Triple] = set()
        fresh = list(dict.fromkeys((*self.changed, *candidates)))
        for _ in range(MOST_ROUNDS):
            met: dict[ox.Triple, None] = {}
            for each, rows in self.matched(self.reading[number], fresh):
                wanted = sorted({v for p in each.rule.head for v in p.variables()}, key=str)
                for row in affected_rows(self.store, each, rows, wanted):
                    met.update(dict.fromkeys(_heads(each.rule, row)))
            new = [
                triple
                for triple in met
                if triple not in found
                and triple not in candidates
                and triple not in self.facts
                and not self.is_asserted(triple)
            ]
            for triple in new:
                self.put_aside(triple)
            found.update(new)
            if not new:
                return found
            fresh = new
        raise NotIncrementalError("a change that finds no end")

    def derived_again(self, number: int, candidates: set[ox.Triple]) -> set[ox.Triple]:
        """Put back the candidates that follow from what there is, and return them."""
        rules: dict[int, Rule] = {}
        for triple in candidates:
            for writing in self.writers(triple):
                if writing.stratum <= number:
                    rules.setdefault(id(writing.rule), writing.rule)
        tables = [(rule, possible_values(self.store, rule, candidates)) for rule in rules.values()]
        after: set[ox.Triple] = set()
        for _ in range(MOST_ROUNDS):
            new: set[ox.Triple] = set()
            for rule, table in tables:
                for triple in self.concluded(rule, table):
                    if triple in candidates and triple not in after and triple not in new:
                        new.add(triple)
            for triple in new:
                target = self.target(triple)
                self.store.add(_quad(triple, target))
                self.note(triple, target, there=False)
            after |= new
            if not new:
                return after
        raise NotIncrementalError("a change that finds no end")

    def concluded(self, rule: Rule, table: Values | None) -> Iterator[ox.Triple]:
        """Yield what a rule concludes from what there is, with some values of its variables."""
        if table is not None and not table.rows:
            return
        body = rule.body
        if table is None:
            self.sizes.forget(plain(p) for p, _, _ in walk_patterns(body) if p.helper)
            body = arranged(body, self.sizes)
        else:
            patterns, tests = tests_apart(body.patterns(), set(table.names))
            others = [e for e in body.elements if not isinstance(e, Pattern)]
            body = arranged(Group((table, *patterns, *others, *tests)), _Unsized(), few=True)
        wanted = sorted({v for p in rule.head for v in p.variables()}, key=str)
        names = " ".join(map(str, wanted)) or "(1 AS ?true)"
        text = f"SELECT DISTINCT {names} WHERE {{\n{group_text(body, graphs=True)}}}"
        for row in asked(self.store, text, wanted):
            yield from _heads(rule, row)

    # -- checks

    def may_clash(self) -> bool:
        """Tell whether a rule that ends in false may have a match with what has come or gone."""
        there = [triple for triple in self.changed if self.stands(triple)]
        for each, rows in self.matched(self.checked, there):
            if affected_rows(self.store, each, rows, ()):
                return True
        whole = replace(self.program, checks=tuple(self.whole))
        return bool(find_inconsistencies(whole, EmbeddedStore(self.store)))

    # -- helpers

    def matched(
        self, reading: dict[Key, list[Occurrence]], triples: Sequence[ox.Triple]
    ) -> Iterator[tuple[Occurrence, list[Row]]]:
        """Yield the occurrences that triples match, with what their variables are."""
        by_key: dict[Key, list[ox.Triple]] = defaultdict(list)
        for triple in triples:
            key = _key(triple)
            for each in dict.fromkeys((key, (key[0], ""), ("", ""))):
                by_key[each].append(triple)
        for key, group in by_key.items():
            for found in reading.get(key, ()):
                rows = values_for(found.pattern, group)
                if rows:
                    yield found, rows

    def writers(self, triple: ox.Triple) -> list[_Writing]:
        return [
            each
            for each in self.writing.get(_key(triple), ())
            if values_for(each.rule.head[each.place], [triple])
        ]

    def written_in(self, triple: ox.Triple, number: int) -> bool:
        return any(each.stratum == number for each in self.writers(triple))

    def target(self, triple: ox.Triple) -> ox.NamedNode:
        hidden = is_hidden(Pattern(triple.subject, triple.predicate, triple.object))  # type: ignore[arg-type]
        return SCRATCH if hidden else self.graph

    def note(self, triple: ox.Triple, target: ox.NamedNode, *, there: bool) -> None:
        if target == self.graph:
            self.derived.setdefault(triple, there)

    def put_aside(self, triple: ox.Triple) -> None:
        if not self.stands(triple):
            self.store.add(_quad(triple, _ASIDE))

    def in_derived(self, triple: ox.Triple) -> bool:
        return _quad(triple, self.graph) in self.store

    def standing(self, triple: ox.Triple) -> Iterator[ox.Quad]:
        return self.store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)

    def stands(self, triple: ox.Triple) -> bool:
        """Tell whether a triple stands in a named graph."""
        return any(quad.graph_name != _ASIDE for quad in self.standing(triple))

    def is_asserted(self, triple: ox.Triple) -> bool:
        """Tell whether a triple stands in a named graph that holds nothing derived."""
        return any(
            quad.graph_name not in (_ASIDE, self.graph, SCRATCH) for quad in self.standing(triple)
        )


class _Unsized:
    """Sizes that are neither small nor large: nothing depends on them with a few rows."""

    def __call__(self, _: Pattern) -> tuple[int, int]:
        return 100, 10_000

    def reaches_literals(self, _: Pattern) -> bool:
        return True


def _quad(triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def _key(triple: ox.Triple) -> Key:
    return keys_of(Pattern(triple.subject, triple.predicate, triple.object))  # type: ignore[arg-type]


def _heads(rule: Rule, row: Row) -> Iterator[ox.Triple]:
    """Yield what a rule concludes with some values; what would be no triple is left out.

    Raises:
        NotIncrementalError: something is concluded of a blank node, which no query can name.
    """
    for pattern in rule.head:
        one = plain(pattern).substituted(row)
        if isinstance(one.subject, ox.BlankNode):
            raise NotIncrementalError(f"{rule} concludes something of a blank node")
        if one.variables() or not isinstance(one.subject, ox.NamedNode):
            continue
        yield ox.Triple(one.subject, one.predicate, one.object)  # type: ignore[arg-type]
