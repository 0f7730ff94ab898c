"""Find proofs: the shortest derivation of a triple, or all minimal ones, in a built store.

The shortest is that of Knuth, "A generalization of Dijkstra's algorithm" (1977): a triple takes one
step more than its premises, and is settled only after them, so that nothing supports itself. The
instances of a triple are asked of the store when it is in the best proof so far; until then it
counts as one step, which is never too much. All minimal proofs are found by Reiter's hitting set
tree (1987): the shortest proof, then the shortest without one of its steps, and so on.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from graphlib import TopologicalSorter
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.proofs import Found, Proof, RuleIndex, Step, instances
from nhskg.reasoning.rules import RuleText
from nhskg.reasoning.triple_lookup import Facts

MOST_PROOFS: Final = 100
"""The number of proofs of one triple after which ``all_proofs`` stops."""
_MOST_SEARCHES: Final = 1_000
_Banned = frozenset[Step]
_Choice = dict[ox.Triple, Step]


@dataclass(frozen=True, slots=True)
class _Cost:
    """The steps that a triple takes, and the last of them, if its rule instances are known."""

    steps: int
    last: Step | None
    triple: ox.Triple

    def __lt__(self, other: _Cost) -> bool:
        if self.steps != other.steps or not (self.last and other.last):
            return self.steps < other.steps
        return _order(self.last) < _order(other.last)


class ProofFinder:
    """Finds proofs in a store that was built with some rules and has ``derived`` in a graph.

    Raises:
        ProgramError, StoreError: from every search, where the rules make no program or the store
            cannot evaluate one.
    """

    def __init__(
        self,
        store: ox.Store,
        texts: Sequence[RuleText],
        *,
        derived: ox.NamedNode,
        index: type[RuleIndex] = RuleIndex,
    ) -> None:
        self.facts = Facts(store, derived)
        self.rules = index(self.facts, texts)
        self._is_asserted = cache(self.facts.is_asserted)
        self._known: dict[ox.Triple, list[Step]] = {}
        self._is_cut = False

    def shortest(self, goal: ox.Triple) -> Proof | None:
        """Return a proof with the least steps, one used twice counted twice; None if none."""
        return next(iter(self.all_proofs(goal, most=1).proofs), None)

    def all_proofs(self, goal: ox.Triple, *, most: int = MOST_PROOFS) -> Found:
        """Return the minimal proofs of a triple, the shortest first, at most so many.

        A proof is minimal if leaving out any of its steps leaves no proof.
        """
        if self.facts.is_asserted(goal):
            return Found(goal, (Proof(goal),))
        found: dict[_Banned, _Choice] = {}
        todo = deque([frozenset[Step]()] if self.facts.holds(goal) else [])
        seen = set(todo)
        while todo and len(found) < most and len(seen) < _MOST_SEARCHES:
            banned = todo.popleft()
            chosen = next((c for used, c in found.items() if not used & banned), None)
            chosen = chosen or self._least(goal, banned)
            if chosen is not None:
                used = frozenset(chosen.values())
                found.setdefault(used, chosen)
                following = dict.fromkeys(banned | {each} for each in chosen.values())
                todo += [each for each in following if each not in seen]
                seen |= following.keys()
        proofs = sorted((_proof(goal, c) for c in found.values()), key=lambda p: len(p.steps))
        return Found(goal, tuple(proofs), not todo and not self._is_cut)

    def _expand(self, triple: ox.Triple) -> None:
        """Ask for the rule instances that conclude a triple."""
        found: dict[Step, None] = {}
        for rule, facts in self.rules.candidates(triple):
            made, whole = instances(rule, triple, facts)
            found |= dict.fromkeys(each for each in made if triple not in each.premises)
            self._is_cut = self._is_cut or not whole
        self._known[triple] = sorted(found, key=_order)

    def _least(self, goal: ox.Triple, banned: _Banned) -> _Choice | None:
        """Return the instances of a shortest proof that uses none of some; None if none."""
        while True:
            costs = self._costs(goal, banned)
            if goal not in costs:
                return None
            chosen = _reached(goal, {t: cost.last for t, cost in costs.items() if cost.steps})
            unknown = [triple for triple in chosen if triple not in self._known]
            for triple in unknown:
                self._expand(triple)
            if not unknown:
                return _without_spare({t: last for t, last in chosen.items() if last}, goal)

    def _costs(self, goal: ox.Triple, banned: _Banned) -> dict[ox.Triple, _Cost]:
        """Settle, cheapest first, the triples that a goal may rest on as far as is known."""
        heap: list[_Cost] = []
        waiting: dict[tuple[ox.Triple, Step], int] = {}
        users: dict[ox.Triple, list[tuple[ox.Triple, Step]]] = defaultdict(list)
        todo, seen = [goal], {goal}
        while todo:
            triple = todo.pop()
            if self._is_asserted(triple) or triple not in self._known:
                heap.append(_Cost(0 if self._is_asserted(triple) else 1, None, triple))
                continue
            for step in (each for each in self._known[triple] if each not in banned):
                waiting[triple, step] = len(step.premises)
                if not step.premises:
                    heap.append(_Cost(1, step, triple))
                for premise in step.premises:
                    users[premise].append((triple, step))
                    todo += [] if premise in seen else [premise]
                    seen.add(premise)
        heapq.heapify(heap)
        costs: dict[ox.Triple, _Cost] = {}
        while heap:
            cost = heapq.heappop(heap)
            if cost.triple not in costs:
                costs[cost.triple] = cost
                for user, step in users[cost.triple]:
                    waiting[user, step] -= 1
                    if not waiting[user, step]:
                        steps = 1 + sum(costs[premise].steps for premise in step.premises)
                        heapq.heappush(heap, _Cost(steps, step, user))
        return costs


def _order(step: Step) -> tuple[int, str, list[str]]:
    return len(step.premises), step.rule, list(map(str, step.premises))


def _reached(
    goal: ox.Triple, chosen: Mapping[ox.Triple, Step | None]
) -> dict[ox.Triple, Step | None]:
    """Return what is chosen for a goal and for what it rests on."""
    found: dict[ox.Triple, Step | None] = {}
    todo = [goal]
    while todo:
        triple = todo.pop()
        if triple in chosen and triple not in found:
            found[triple] = last = chosen[triple]
            todo += reversed(last.premises if last else ())
    return found


def _without_spare(chosen: _Choice, goal: ox.Triple) -> _Choice:
    """Return a choice without the instances whose conclusions others have too."""
    used = list(dict.fromkeys(chosen.values()))
    times = Counter(triple for each in used for triple in each.conclusions if triple in chosen)
    used.sort(key=lambda each: all(times[t] > 1 for t in each.conclusions if t in chosen))
    for triple, instance in chosen.items():
        for each in (e for e in used if triple in e.conclusions):
            below = {t for premise in each.premises for t in (premise, *_reached(premise, chosen))}
            if each == instance or triple not in below:
                chosen[triple] = each
                break
    return {triple: last for triple, last in _reached(goal, chosen).items() if last}


def _proof(goal: ox.Triple, chosen: _Choice) -> Proof:
    """Put the chosen instances in an order in which each rests on earlier ones."""
    graph = {t: [p for p in i.premises if p in chosen] for t, i in chosen.items()}
    used: dict[Step, list[ox.Triple]] = defaultdict(list)
    for triple in TopologicalSorter(graph).static_order():
        used[chosen[triple]].append(triple)
    return Proof(goal, tuple(replace(s, conclusions=tuple(c)) for s, c in used.items()))
