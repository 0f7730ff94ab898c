"""Proof checker, independent of the code that finds proofs; only the data model is shared.

A proof is accepted only if

* it ends in its goal, and each premise is concluded by an earlier step or asserted;
* each axiom is asserted;
* each OWL step's conclusions follow from its premises and axioms, and from nothing else, by the
  rules that it names, taken in general form from :mod:`tests.oracles.standard_rules`;
* each domain step names its file, and its conclusions follow by the text of that file, evaluated
  twice: over the step's premises alone, so that these suffice for what the rule asks to be there,
  and over the whole store, so that what it asks not to be there is not. Both must have a solution
  with the same values, and the rule must give the conclusions for these values;
* nothing in it is idle, since what it rests on is shown as evidence: each conclusion is the goal
  or a later premise, and no step would do without one of its premises;
* nothing that the proof calls absent is there: neither what it says as SPARQL nor what the words
  for it are made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import group_text
from nhskg.rdf.sparql.parser import tokens
from nhskg.rdf.terms import DERIVED_GRAPH, OWL, RDF
from nhskg.reasoning.proofs import Absence, Proof, Step
from tests.oracles.standard_rules import construct_texts

_HERE: Final = ox.NamedNode("urn:nhskg:checked")
_DERIVED: Final = ox.NamedNode(DERIVED_GRAPH)
_CHAIN: Final = ox.NamedNode(OWL + "propertyChainAxiom")
_FIRST: Final = ox.NamedNode(RDF + "first")
_REST: Final = ox.NamedNode(RDF + "rest")
_MOST_ROUNDS: Final = 50

_Row = frozenset[tuple[str, object]]
_Triples = set[ox.Triple]


class ProofChecker:
    """Checks proofs against a built store and the files of the domain rules.

    What has been looked at is not looked at again: proofs share most of their steps.

    Args:
        store: asserted graphs, ontology and derived graph.
        rules: the folder of the project's CONSTRUCT rules.
    """

    def __init__(self, store: ox.Store, rules: Path) -> None:
        self._store = store
        self._asserted: dict[ox.Triple, bool] = {}
        self._absent: dict[str, bool] = {}
        self._checked: dict[tuple[Step, tuple[Absence, ...]], str] = {}
        self._standard = _Standard(store, self._is_asserted)
        self._domain = _Domain(store, rules)

    def check(self, proof: Proof) -> str | None:
        """Return the first thing wrong with a proof; None if it is accepted."""
        if not proof.steps:
            is_asserted = self._is_asserted(proof.goal)
            return None if is_asserted else "a proof without steps, and the goal is not asserted"
        known: _Triples = set()
        for number, step in enumerate(proof.steps, start=1):
            message = self._fault(step, known)
            if message:
                return f"step {number}: {message}"
            known |= set(step.conclusions)
        if proof.goal not in proof.steps[-1].conclusions:
            return "the last step does not conclude the goal"
        return _idle_conclusion(proof)

    def _fault(self, step: Step, known: _Triples) -> str:
        for premise in step.premises:
            if premise not in known and not self._is_asserted(premise):
                return f"neither asserted nor concluded before: {premise}"
        key = (step, step.absent)  # steps are equal whatever they call absent
        if key not in self._checked:
            self._checked[key] = self._own_fault(step)
        return self._checked[key]

    def _own_fault(self, step: Step) -> str:
        """Return what is wrong with a step by itself, whatever it stands among."""
        for axiom in step.axioms:
            if not self._is_asserted(axiom):
                return f"not an asserted axiom: {axiom}"
        if not step.conclusions:
            return "it concludes nothing"
        for absence in step.absent:
            for pattern in (absence.pattern, group_text(absence.group)):
                if not self._is_absent(pattern):
                    return f"called absent, and there: {pattern}"
        return self._domain.fault(step) if step.source else self._standard.fault(step)

    def _is_asserted(self, triple: ox.Triple) -> bool:
        if triple not in self._asserted:
            quads = self._store.quads_for_pattern(
                triple.subject, triple.predicate, triple.object, None
            )
            self._asserted[triple] = any(quad.graph_name != _DERIVED for quad in quads)
        return self._asserted[triple]

    def _is_absent(self, pattern: str) -> bool:
        if pattern not in self._absent:
            found = self._store.query(f"ASK {{ {pattern} }}", use_default_graph_as_union=True)
            self._absent[pattern] = not found
        return self._absent[pattern]


def _idle_conclusion(proof: Proof) -> str | None:
    """Return what is concluded and neither the goal nor a premise of a later step."""
    wanted: _Triples = {proof.goal}
    for number in range(len(proof.steps), 0, -1):
        step = proof.steps[number - 1]
        for triple in step.conclusions:
            if triple not in wanted:
                return f"step {number}: concluded, and then not used: {triple}"
        wanted |= set(step.premises)
    return None


class _Standard:
    """Checks steps by the rules of OWL 2 RL."""

    def __init__(self, store: ox.Store, is_asserted: Callable[[ox.Triple], bool]) -> None:
        self._store = store
        self._is_asserted = is_asserted
        self._bare: dict[tuple[str, frozenset[ox.Triple]], ox.Store] = {}

    def fault(self, step: Step) -> str:
        """Return what is wrong with a step, or nothing."""
        given = {*step.premises, *self._spelt_out(step)}
        if construct_texts(step.rule.split("+"), {0}) is None:
            return f"no rule of OWL 2 RL: {step.rule}"
        if not given.isdisjoint(step.conclusions):
            return "it concludes one of its own premises"
        if not _follow(step, given):
            return f"does not follow by {step.rule}: {' '.join(map(str, step.conclusions))}"
        for premise in step.premises:
            rest = given - {premise}
            if self._follow_from_rest(step, rest):
                return f"follows without this premise: {premise}"
        return ""

    def _follow_from_rest(self, step: Step, rest: _Triples) -> bool:
        """Tell the same as :func:`_follow`, from axioms alone only once."""
        if len(step.premises) > 1:
            return _follow(step, rest)
        key = (step.rule, frozenset(rest))
        if key not in self._bare:
            self._bare[key] = _small(rest)
            _close(self._bare[key], step.rule, rest, ())
        return all(_quad(triple) in self._bare[key] for triple in step.conclusions)

    def _spelt_out(self, step: Step) -> _Triples:
        """Return what belongs to a step's axioms and premises, so that nothing can be held back.

        These are all asserted cells of their lists, since a rule over a list is about every
        member; and of axioms whatever is asserted of their anonymous expressions.
        """
        found: _Triples = set()
        todo = [(triple, True) for triple in step.axioms]
        todo += [(triple, False) for triple in step.premises]
        while todo:
            triple, whole = todo.pop()
            if triple in found:
                continue
            if whole or triple not in step.premises:
                found.add(triple)
            for node in (triple.subject, triple.object):
                if isinstance(node, ox.BlankNode) and whole:
                    todo += [(t, True) for t in self._asserted_of(node, None)]
                elif isinstance(node, ox.NamedNode | ox.BlankNode):
                    cells = [*self._asserted_of(node, _FIRST), *self._asserted_of(node, _REST)]
                    todo += [(t, False) for t in cells if t not in step.premises]
        return found

    def _asserted_of(
        self, node: ox.NamedNode | ox.BlankNode, predicate: ox.NamedNode | None
    ) -> Iterator[ox.Triple]:
        for quad in self._store.quads_for_pattern(node, predicate, None, None):
            if self._is_asserted(quad.triple):
                yield quad.triple


def _follow(step: Step, given: _Triples) -> bool:
    """Tell whether a step's conclusions follow from triples by the rules that it names."""
    return _close(_small(given), step.rule, given, step.conclusions)


def _close(small: ox.Store, rule: str, given: _Triples, wanted: Iterable[ox.Triple]) -> bool:
    """Apply rules until all that is wanted is there, which is told, or nothing more follows."""
    texts = construct_texts(rule.split("+"), _chain_lengths(given)) or []
    goals = [_quad(triple) for triple in wanted]
    for _ in range(_MOST_ROUNDS):
        size = len(small)
        for text in texts:
            found = small.query(text, use_default_graph_as_union=True)
            assert isinstance(found, ox.QueryTriples)
            small.extend([_quad(triple) for triple in list(found)])
        if goals and all(goal in small for goal in goals):
            return True
        if len(small) == size:
            break
    return False


def _chain_lengths(given: _Triples) -> set[int]:
    """Return the lengths of the property chains among triples."""
    rest: dict[object, object] = {t.subject: t.object for t in given if t.predicate == _REST}
    found = set()
    for triple in given:
        if triple.predicate == _CHAIN:
            cell: object = triple.object
            length = 0
            while cell in rest and length <= len(rest):
                cell, length = rest[cell], length + 1
            found.add(length)
    return found


class _Domain:
    """Checks steps by the project's own rules."""

    def __init__(self, store: ox.Store, rules: Path) -> None:
        self._store = store
        self._rules = rules
        self._texts: dict[str, str | None] = {}
        self._solutions: dict[str, list[_Row]] = {}
        self._quick: dict[str, set[_Row]] = {}
        self._uses: dict[tuple[str, frozenset[ox.Triple]], list[tuple[_Row, _Triples]]] = {}
        self._needed: dict[tuple[str, frozenset[ox.Triple], _Row], ox.Triple | None] = {}

    def fault(self, step: Step) -> str:
        """Return what is wrong with a step, or nothing."""
        text = self._text(step.rule)
        if text is None:
            return f"no rule of the project: {step.rule}"
        if PurePath(step.source).name != f"{step.rule}.rq":
            return f"{step.rule} does not stand in {step.source}"
        if step.axioms:
            return f"{step.rule} applies to no axiom"
        premises = frozenset(step.premises)
        idle: ox.Triple | None = None
        for row, conclusions in self._consequences(step.rule, text, premises):
            if not conclusions.issuperset(step.conclusions):
                continue
            idle = self._idle_premise(step.rule, text, premises, row)
            if idle is None:
                return ""
        if idle is not None:
            return f"follows without this premise: {idle}"
        return f"does not follow by {step.rule} from its premises, or something stands against it"

    def _consequences(
        self, rule: str, text: str, premises: frozenset[ox.Triple]
    ) -> list[tuple[_Row, _Triples]]:
        """Return what a rule gives for premises, with the values, if nothing stands against it."""
        key = (rule, premises)
        if key not in self._uses:
            small = _small(premises)
            rows = [row for row in _solve(small, text) if self._holds_in_whole(rule, text, row)]
            self._uses[key] = [(row, _conclude(small, text, row)) for row in rows]
        return self._uses[key]

    def _idle_premise(
        self, rule: str, text: str, premises: frozenset[ox.Triple], row: _Row
    ) -> ox.Triple | None:
        """Return a premise without which the rule has the same solution."""
        key = (rule, premises, row)
        if key not in self._needed:
            rest = _small(premises)
            self._needed[key] = None
            for premise in premises:
                rest.remove(_quad(premise))
                if row in _solve(rest, text):
                    self._needed[key] = premise
                rest.add(_quad(premise))
        return self._needed[key]

    def _text(self, rule: str) -> str | None:
        """Return the text of a rule's file; None if there is no such file."""
        if rule not in self._texts:
            path = self._rules / f"{rule}.rq"
            self._texts[rule] = path.read_text("utf-8") if path.is_file() else None
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
    starts = {each.upper: each.start for each in tokens(text) if each.kind == "word"}
    asked = f"{text[: starts['CONSTRUCT']]} SELECT * {text[starts['WHERE'] :]}"
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
