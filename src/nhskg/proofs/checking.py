"""Checks proofs, sharing nothing with the finder but the data that a proof is made of.

A proof is accepted only if

* it ends in its goal, and each premise is concluded by an earlier step or asserted;
* each axiom is asserted;
* each OWL step's conclusions follow from its premises and axioms, and from nothing else, by the
  rules that it names, taken in general form from :mod:`nhskg.proofs.standard`;
* each domain step's conclusions follow by the text of the rule's file, evaluated twice: over the
  step's premises alone, so that these suffice for what the rule asks to be there, and over the
  whole store, so that what it asks not to be there is not. Both must have a solution with the
  same values, and the rule must give the conclusions for these values;
* nothing that the proof calls absent is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from nhskg.errors import InputError, Place
from nhskg.proofs.model import Proof, Step
from nhskg.proofs.standard import construct_texts
from nhskg.terms import DERIVED_GRAPH

__all__ = ["Objection", "ProofChecker"]

_HEAD: Final = re.compile(r"\bCONSTRUCT\s*\{[^{}]*\}\s*(?=WHERE\b)")
_HERE: Final = ox.NamedNode("urn:nhskg:checked")
_MOST_ROUNDS: Final = 50

_Row = frozenset[tuple[str, object]]
_Triples = set[ox.Triple]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a proof is not accepted.

    Attributes:
        step: the number of the step at fault, from 1; nothing where it is the whole.
        message: what is wrong.
    """

    step: int | None
    message: str

    def __str__(self) -> str:
        return f"step {self.step}: {self.message}" if self.step else self.message


class ProofChecker:
    """Checks proofs against a built store and the files of the domain rules.

    Args:
        store: asserted graphs, ontology and derived graph.
        rules: the folder of the project's CONSTRUCT rules.
    """

    def __init__(self, store: ox.Store, rules: Path) -> None:
        self._store = store
        self._rules = rules
        self._texts: dict[str, str] = {}
        self._solutions: dict[str, list[_Row]] = {}
        self._quick: dict[str, set[_Row]] = {}
        self._absent: dict[str, bool] = {}
        self._checked: dict[Step, str] = {}

    def check(self, proof: Proof) -> Objection | None:
        """Return the first thing wrong with a proof; None if it is accepted.

        Raises:
            InputError: a rule's file cannot be read.
        """
        known: _Triples = set()
        for number, step in enumerate(proof.steps, start=1):
            message = self._fault(step, known)
            if message:
                return Objection(number, message)
            known |= set(step.conclusions)
        if proof.steps and proof.goal not in proof.steps[-1].conclusions:
            return Objection(None, "the last step does not conclude the goal")
        if not proof.steps and not self._is_asserted(proof.goal):
            return Objection(None, "a proof without steps, and the goal is not asserted")
        return None

    def _fault(self, step: Step, known: _Triples) -> str:
        for premise in step.premises:
            if premise not in known and not self._is_asserted(premise):
                return f"neither asserted nor concluded before: {premise}"
        if step not in self._checked:
            self._checked[step] = self._own_fault(step)
        return self._checked[step]

    def _own_fault(self, step: Step) -> str:
        """Return what is wrong with a step by itself, whatever it stands among."""
        for axiom in step.axioms:
            if not self._is_asserted(axiom):
                return f"not an asserted axiom: {axiom}"
        if not step.conclusions:
            return "it concludes nothing"
        for absence in step.absent:
            if not self._is_absent(absence.pattern):
                return f"called absent, and there: {absence.pattern}"
        return self._domain_fault(step) if step.source else self._standard_fault(step)

    def _is_asserted(self, triple: ox.Triple) -> bool:
        quads = self._store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        return any(quad.graph_name != ox.NamedNode(DERIVED_GRAPH) for quad in quads)

    def _is_absent(self, pattern: str) -> bool:
        if pattern not in self._absent:
            found = self._store.query(f"ASK {{ {pattern} }}", use_default_graph_as_union=True)
            self._absent[pattern] = not found
        return self._absent[pattern]

    # -- rules of the standard

    def _standard_fault(self, step: Step) -> str:
        texts = construct_texts(step.rule.split("+"))
        if texts is None:
            return f"no rule of OWL 2 RL: {step.rule}"
        small = _small([*step.premises, *self._spelt_out(step.axioms)])
        if any(_quad(triple) in small for triple in step.conclusions):
            return "it concludes one of its own premises"
        for _ in range(_MOST_ROUNDS):
            size = len(small)
            for text in texts:
                found = small.query(text, use_default_graph_as_union=True)
                assert isinstance(found, ox.QueryTriples)
                small.extend([_quad(triple) for triple in list(found)])
            if all(_quad(triple) in small for triple in step.conclusions):
                return ""
            if len(small) == size:
                break
        return f"does not follow by {step.rule}: {' '.join(map(str, step.conclusions))}"

    def _spelt_out(self, axioms: Iterable[ox.Triple]) -> _Triples:
        """Return axioms with all that is asserted of their blank nodes: expressions, lists."""
        found: _Triples = set()
        todo = list(axioms)
        while todo:
            triple = todo.pop()
            if triple in found:
                continue
            found.add(triple)
            for node in (triple.subject, triple.object):
                if isinstance(node, ox.BlankNode):
                    quads = self._store.quads_for_pattern(node, None, None, None)
                    todo += [q.triple for q in quads if self._is_asserted(q.triple)]
        return found

    # -- rules of the domain

    def _domain_fault(self, step: Step) -> str:
        text = self._text(step.rule)
        small = _small(step.premises)
        for row in _solve(small, text):
            if not self._holds_in_whole(step.rule, text, row):
                continue
            if set(step.conclusions) <= _conclude(small, text, row):
                return ""
        return f"does not follow by {step.rule} from its premises, or something stands against it"

    def _text(self, rule: str) -> str:
        if rule not in self._texts:
            path = self._rules / f"{rule}.rq"
            try:
                self._texts[rule] = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(f"cannot be read ({error})", place=Place(path)) from error
        return self._texts[rule]

    def _holds_in_whole(self, rule: str, text: str, row: _Row) -> bool:
        """Tell whether the rule has a solution over the whole store with these values."""
        if rule not in self._solutions:
            rows = list(_solve(self._store, text))
            self._solutions[rule], self._quick[rule] = rows, set(rows)
        if row in self._quick[rule]:
            return True
        return any(row <= other for other in self._solutions[rule])


def _quad(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, _HERE)


def _small(triples: Iterable[ox.Triple]) -> ox.Store:
    store = ox.Store()
    store.extend([_quad(triple) for triple in triples])
    return store


def _solve(store: ox.Store, text: str) -> Iterator[_Row]:
    """Yield the solutions of a rule's WHERE clause."""
    asked, count = _HEAD.subn("SELECT * ", text)
    if count != 1:
        raise InputError("a rule is not of the form CONSTRUCT { … } WHERE { … }")
    found = store.query(asked, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    for row in found:
        pairs = zip(names, row, strict=True)
        yield frozenset((name, term) for name, term in pairs if term is not None)


def _conclude(store: ox.Store, text: str, row: _Row) -> _Triples:
    """Return what a rule gives over a store for the values of one solution."""
    values: Mapping[str, object] = dict(row)
    names = " ".join(f"?{name}" for name in values)
    terms = " ".join(map(str, values.values()))
    pinned = f"{text}\nVALUES ({names}) {{ ({terms}) }}"
    found = store.query(pinned, use_default_graph_as_union=True)
    assert isinstance(found, ox.QueryTriples)
    return set(found)
