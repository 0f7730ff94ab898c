"""Finds the proofs of a triple by asking, backwards, which rule instances support it.

Nothing has been recorded while reasoning. From the goal the finder explores what each triple
could rest on, down to what is asserted, and computes for each triple the least number of steps
(Knuth, "A generalization of Dijkstra's algorithm", 1977); a triple never supports itself. All
minimal proofs are then told in the order of how many steps more than the least they take.

A proof is minimal if leaving out any of its steps leaves no proof: each triple it needs is
concluded once, and nothing is concluded that it doesn't need.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from nhskg.proofs.facts import Facts
from nhskg.proofs.instances import Instance, Instances
from nhskg.proofs.model import Absence, Found, Proof, Step
from nhskg.proofs.rulebook import Rulebook
from nhskg.reasoning.domain import RuleText

__all__ = ["MOST_PROOFS", "ProofFinder"]

MOST_PROOFS: Final = 100
"""The number of proofs of one triple after which ``all_proofs`` stops."""
MOST_INSTANCES: Final = 100
"""The number of instances of one rule that are considered for one triple."""
_MOST_STATES: Final = 50_000

_Choice = dict[ox.Triple, Instance]


@dataclass(frozen=True, slots=True)
class _Explored:
    """What triples may rest on.

    Attributes:
        instances: for each derived triple, the rule instances that conclude it.
        steps: for each with a well-founded proof, the least number of steps.
        cut: the triples of which some instances were left out.
    """

    instances: dict[ox.Triple, list[Instance]] = field(default_factory=dict)
    steps: dict[ox.Triple, int] = field(default_factory=dict)
    cut: set[ox.Triple] = field(default_factory=set)

    def cost(self, instance: Instance) -> int | None:
        """Return the least number of steps of a proof that ends in an instance."""
        total = 1
        for premise in instance.premises:
            if premise in self.instances:
                if premise not in self.steps:
                    return None
                total += self.steps[premise]
        return total


class ProofFinder:
    """Finds proofs in a built store.

    Args:
        store: asserted graphs, ontology and derived graph.
        texts: the project's CONSTRUCT rules, with which the store was built.
    """

    def __init__(self, store: ox.Store, texts: Sequence[RuleText]) -> None:
        self.facts = Facts(store)
        self.rules = Rulebook(self.facts, texts)
        self._explored = _Explored()
        self._instances = Instances(MOST_INSTANCES)

    def shortest(self, goal: ox.Triple) -> Proof | None:
        """Return a proof with the least steps, one used twice counted twice; None if none.

        Raises:
            ProgramError: the project's rules make no program.
            StoreError: the store cannot evaluate a rule.
        """
        return next(iter(self.all_proofs(goal, most=1).proofs), None)

    def all_proofs(self, goal: ox.Triple, *, most: int = MOST_PROOFS) -> Found:
        """Return the minimal proofs of a triple, the shortest first, at most so many.

        Raises:
            ProgramError: the project's rules make no program.
            StoreError: the store cannot evaluate a rule.
        """
        if self.facts.is_asserted(goal):
            return Found(goal, (Proof(goal),))
        if not self.facts.holds(goal):
            return Found(goal, ())
        self._explore(goal)
        if goal not in self._explored.steps:
            return Found(goal, ())
        choices, complete = _enumerate(goal, self._explored, most)
        proofs = [_proof(goal, choice) for choice in choices]
        proofs.sort(key=lambda proof: len(proof.steps))
        return Found(goal, tuple(proofs), complete and not self._cut(goal))

    def _cut(self, goal: ox.Triple) -> bool:
        """Tell whether instances were left out of what a goal may rest on."""
        todo, seen = [goal], set[ox.Triple]()
        while todo:
            triple = todo.pop()
            if triple in seen or triple not in self._explored.instances:
                continue
            seen.add(triple)
            todo += [p for i in self._explored.instances[triple] for p in i.premises]
        return bool(seen & self._explored.cut)

    def _explore(self, goal: ox.Triple) -> None:
        """Find what a goal may rest on, and count steps for what was not known before."""
        known = self._explored
        fresh: list[ox.Triple] = []
        todo = [goal]
        while todo:
            triple = todo.pop()
            if triple in known.instances or self.facts.is_asserted(triple):
                continue
            fresh.append(triple)
            known.instances[triple], whole = self._supporting(triple)
            if not whole:
                known.cut.add(triple)
            todo += [premise for each in known.instances[triple] for premise in each.premises]
        _count_steps(known, fresh)

    def _supporting(self, triple: ox.Triple) -> tuple[list[Instance], bool]:
        """Return the rule instances that conclude a triple, and whether these are all."""
        found: dict[Instance, None] = {}
        complete = True
        for each in self.rules.candidates(triple):
            made, whole = self._instances.supporting(each.rule, triple, each.facts)
            found |= dict.fromkeys(i for i in made if triple not in i.premises)
            complete = complete and whole
        return sorted(found, key=Instance.order), complete


def _count_steps(explored: _Explored, fresh: Sequence[ox.Triple]) -> None:
    """Fill in the least number of steps for each triple that has a well-founded proof.

    What was explored before rests on nothing that is explored only now.
    """
    users: dict[ox.Triple, set[ox.Triple]] = {triple: set() for triple in fresh}
    for triple in fresh:
        for premise in (p for i in explored.instances[triple] for p in i.premises if p in users):
            users[premise].add(triple)
    todo = dict.fromkeys(reversed(fresh))
    while todo:
        triple = next(iter(todo))
        del todo[triple]
        costs = [c for each in explored.instances[triple] if (c := explored.cost(each))]
        least = min(costs, default=None)
        if least is not None and least < explored.steps.get(triple, least + 1):
            explored.steps[triple] = least
            todo |= dict.fromkeys(users[triple])


def _enumerate(goal: ox.Triple, explored: _Explored, most: int) -> tuple[list[_Choice], bool]:
    """Return choices of an instance for each triple needed, by extra steps, and if all."""
    ticket = itertools.count()
    heap: list[tuple[int, int, int, _Choice, tuple[ox.Triple, ...]]] = []
    heapq.heappush(heap, (0, 0, next(ticket), {}, (goal,)))
    found: list[_Choice] = []
    for _ in range(_MOST_STATES):
        if not heap:
            return found, True
        extra, depth, _, chosen, agenda = heapq.heappop(heap)
        if not agenda:
            if not _is_minimal(goal, chosen):
                continue
            if len(found) == most:
                return found, False
            found.append(chosen)
            continue
        triple, rest = agenda[0], agenda[1:]
        for instance, more in _options(triple, chosen, explored):
            known = {*chosen, *rest, triple}
            needed = [p for p in instance.premises if p in explored.instances and p not in known]
            state = ({**chosen, triple: instance}, (*needed, *rest))
            heapq.heappush(heap, (extra + more, depth - 1, next(ticket), *state))
    return found, False


def _options(triple: ox.Triple, chosen: _Choice, explored: _Explored) -> list[tuple[Instance, int]]:
    """Return the instances that may conclude a triple, with how many steps over the least.

    One that is in use already, and concludes this too, leaves no choice.
    """
    possible = [i for i in explored.instances[triple] if not _circular(triple, i, chosen)]
    used = set(chosen.values())
    for instance in possible:
        if instance in used:
            return [(instance, 0)]
    costs = ((instance, explored.cost(instance)) for instance in possible)
    return [(i, cost - explored.steps[triple]) for i, cost in costs if cost is not None]


def _is_minimal(goal: ox.Triple, chosen: _Choice) -> bool:
    """Tell whether no step can be left out."""
    used = list(dict.fromkeys(chosen.values()))
    open_ = {p for i in used for p in i.premises if p in chosen}
    return not any(
        _reaches(goal, [i for i in used if i is not left_out], open_) for left_out in used
    )


def _reaches(goal: ox.Triple, used: list[Instance], open_: set[ox.Triple]) -> bool:
    """Tell whether instances conclude the goal from what needs no proof."""
    known: set[ox.Triple] = set()
    size = -1
    while size != len(known):
        size = len(known)
        for instance in used:
            if all(p in known or p not in open_ for p in instance.premises):
                known |= instance.conclusions
    return goal in known


def _circular(triple: ox.Triple, instance: Instance, chosen: _Choice) -> bool:
    """Tell whether a premise of an instance rests, by what is chosen, on its conclusion."""
    todo, seen = list(instance.premises), set()
    while todo:
        premise = todo.pop()
        if premise == triple:
            return True
        if premise not in seen and premise in chosen:
            seen.add(premise)
            todo += chosen[premise].premises
    return False


def _proof(goal: ox.Triple, chosen: _Choice) -> Proof:
    """Put the chosen instances in an order in which each rests on earlier ones."""
    used: dict[Instance, list[ox.Triple]] = {}
    absent: dict[Instance, tuple[Absence, ...]] = {}
    done: set[ox.Triple] = set()

    def conclude(triple: ox.Triple) -> None:
        if triple in done or triple not in chosen:
            return
        done.add(triple)
        instance = chosen[triple]
        for premise in instance.premises:
            conclude(premise)
        used.setdefault(instance, []).append(triple)
        absent[instance] = instance.absent

    conclude(goal)
    steps = [
        Step(i.rule, i.source, tuple(concluded), i.premises, i.axioms, absent[i])
        for i, concluded in used.items()
    ]
    return Proof(goal, tuple(steps))
