"""Proof checker, independent of the code that finds proofs; only the data model is shared.

A proof is accepted only if

* it ends in its goal, and each premise is concluded by an earlier step or asserted;
* each axiom is asserted;
* each OWL step's conclusions follow from its premises and axioms, and from nothing else, by the
  rules that it names, taken in general form from ``standard_rules.yaml``, a second copy of the
  standard's tables on purpose: the checker must not depend on the compiler of the axioms;
* a step by a rule of table 8, or from a thing that is a literal, follows where each literal has a
  name, of which the checker adds what the rule says, by values of its own reckoning
  (:mod:`tests.oracles.literals`);
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

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePath
from typing import Final

import pyoxigraph as ox
import yaml

from nhskg.rdf.sparql.algebra import group_text
from nhskg.rdf.sparql.parser import tokens
from nhskg.rdf.terms import DERIVED_GRAPH, OWL, RDF, RDFS
from nhskg.reasoning.proofs import Absence, Proof, Step
from nhskg.reasoning.reasoner import read_rule_text

from .literals import DATATYPE_RULES, DECLARED, told_of, with_names

_HERE: Final = ox.NamedNode("urn:nhskg:checked")
_DERIVED: Final = ox.NamedNode(DERIVED_GRAPH)
_CHAIN: Final = ox.NamedNode(OWL + "propertyChainAxiom")
_SAME: Final = ox.NamedNode(OWL + "sameAs")
_FIRST: Final = ox.NamedNode(RDF + "first")
_REST: Final = ox.NamedNode(RDF + "rest")
_MOST_ROUNDS: Final = 50
_PREFIXES: Final = f"PREFIX owl: <{OWL}> PREFIX rdf: <{RDF}> PREFIX rdfs: <{RDFS}>\n"
_RULES: Final[dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("standard_rules.yaml").read_text("utf-8")
)

_Row = frozenset[tuple[str, object]]
_Triples = set[ox.Triple]


class ProofChecker:
    """Checks proofs against a built store and the files of the domain rules.

    Args:
        store: asserted graphs, ontology and derived graph.
        rules: the folder of the project's CONSTRUCT rules.
        derived: the name of the derived graph.
    """

    def __init__(self, store: ox.Store, rules: Path, derived: ox.NamedNode = _DERIVED) -> None:
        self._store = store
        self._derived = derived
        self._rules = rules
        # proofs share most of their steps
        self._is_asserted = cache(self._find_asserted)
        self._is_absent = cache(self._find_absent)
        self._own_fault = cache(self._find_fault)
        self._solutions = cache(lambda text: set(_solve(store, text)))
        self._bare = cache(lambda rule, given: _closed(rule, given)[0])

    def check(self, proof: Proof) -> str | None:
        """Return the first thing wrong with a proof; None if it is accepted."""
        if not proof.steps:
            is_asserted = self._is_asserted(proof.goal)
            return None if is_asserted else "a proof without steps, and the goal is not asserted"
        known: _Triples = set()
        for number, step in enumerate(proof.steps, start=1):
            for premise in step.premises:
                if premise not in known and not self._is_asserted(premise):
                    return f"step {number}: neither asserted nor concluded before: {premise}"
            # steps are equal whatever they call absent
            if message := self._own_fault(step, step.absent):
                return f"step {number}: {message}"
            known |= set(step.conclusions)
        if proof.goal not in proof.steps[-1].conclusions:
            return "the last step does not conclude the goal"
        wanted: _Triples = {proof.goal}
        for number in range(len(proof.steps), 0, -1):
            step = proof.steps[number - 1]
            for triple in step.conclusions:
                if triple not in wanted:
                    return f"step {number}: concluded, and then not used: {triple}"
            wanted |= set(step.premises)
        return None

    def _find_fault(self, step: Step, absent: tuple[Absence, ...]) -> str:
        """Return what is wrong with a step by itself, whatever it stands among."""
        for axiom in step.axioms:
            if not self._is_asserted(axiom):
                return f"not an asserted axiom: {axiom}"
        if not step.conclusions:
            return "it concludes nothing"
        for absence in absent:
            for pattern in (absence.pattern, group_text(absence.group)):
                if not self._is_absent(pattern):
                    return f"called absent, and there: {pattern}"
        return self._domain_fault(step) if step.source else self._standard_fault(step)

    def _find_asserted(self, triple: ox.Triple) -> bool:
        quads = self._store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        return any(quad.graph_name != self._derived for quad in quads)

    def _find_absent(self, pattern: str) -> bool:
        return not self._store.query(f"ASK {{ {pattern} }}", use_default_graph_as_union=True)

    # -- steps by the rules of OWL 2 RL

    def _standard_fault(self, step: Step) -> str:
        given = {*step.premises, *(() if step.rule == "eq-ref" else self._spelt_out(step))}
        if not _RULES.keys() | {"prp-spo2", *DATATYPE_RULES} >= set(step.rule.split("+")):
            return f"no rule of OWL 2 RL: {step.rule}"
        if not given.isdisjoint(step.conclusions):
            return "it concludes one of its own premises"
        if not _closed(step.rule, given, step.conclusions)[1]:
            return f"does not follow by {step.rule}: {' '.join(map(str, step.conclusions))}"
        for premise in step.premises:
            rest = frozenset(given - {premise})
            if len(step.premises) > 1 or "dt-" in step.rule:
                follows = _closed(step.rule, rest, step.conclusions)[1]
            else:  # from axioms alone, which many steps share
                closed = self._bare(step.rule, rest)
                follows = all(_quad(triple) in closed for triple in step.conclusions)
            if follows:
                return f"follows without this premise: {premise}"
        return ""

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

    # -- steps by the project's own rules

    def _domain_fault(self, step: Step) -> str:
        path = self._rules / f"{step.rule}.rq"
        if not path.is_file():
            return f"no rule of the project: {step.rule}"
        if PurePath(step.source).name != path.name:
            return f"{step.rule} does not stand in {step.source}"
        if step.axioms:
            return f"{step.rule} applies to no axiom"
        text = read_rule_text(path).text
        fault = f"does not follow by {step.rule} from its premises, or something stands against it"
        small = _small(step.premises)
        for row in _solve(small, text):
            whole = self._solutions(text)
            holds = row in whole or any(row <= other for other in whole)
            if holds and _conclude(small, text, row).issuperset(step.conclusions):
                idle = _idle_premise(text, step.premises, row)
                if idle is None:
                    return ""
                fault = f"follows without this premise: {idle}"
        return fault


def _idle_premise(text: str, premises: Iterable[ox.Triple], row: _Row) -> ox.Triple | None:
    """Return a premise without which a rule has the same solution."""
    rest = _small(premises)
    for premise in premises:
        rest.remove(_quad(premise))
        if row in _solve(rest, text):
            return premise
        rest.add(_quad(premise))
    return None


def _closed(
    rule: str, given: Iterable[ox.Triple], wanted: Iterable[ox.Triple] = ()
) -> tuple[ox.Store, bool]:
    """Apply rules to triples until all that is wanted is there, which is told, or no more comes."""
    given, wanted = set(given), set(wanted)
    told = (
        DECLARED if rule == "dt-type1" else told_of(rule, given | wanted) if "dt-" in rule else ()
    )
    same = (each.object for each in given if each.predicate == _SAME)
    named = told or (wanted and any(isinstance(each, ox.Literal) for each in same))
    small = _small(map(with_names, given) if named else given)
    small.extend(map(_quad, told))
    texts = [
        f"{_PREFIXES}CONSTRUCT {{ {head} }} WHERE {{ {body} }}"
        for name in rule.split("+")
        if not name.startswith("dt-")
        for head, body in (_chains(given) if name == "prp-spo2" else [_RULES[name].split("<-")])
    ]
    goals = [_quad(with_names(triple) if named else triple) for triple in wanted]
    for _ in range(_MOST_ROUNDS):
        size = len(small)
        for text in texts:
            found = small.query(text, use_default_graph_as_union=True)
            assert isinstance(found, ox.QueryTriples)
            small.extend([_quad(triple) for triple in list(found)])
        if goals and all(goal in small for goal in goals):
            return small, True
        if len(small) == size:
            break
    return small, False


def closure(given: Iterable[ox.Triple]) -> set[ox.Triple]:
    """Return what follows by all rules but those of table 8 about literals, what is given too."""
    small, _ = _closed("+".join([*_RULES, "prp-spo2"]), {*given, *DECLARED})
    return {quad.triple for quad in small}


def all_follow(given: Iterable[ox.Triple], wanted: Iterable[ox.Triple]) -> bool:
    """Tell whether some triples follow by the rules of all tables."""
    return _closed("+".join([*_RULES, "prp-spo2", *DATATYPE_RULES]), {*given, *DECLARED}, wanted)[1]


def _chains(given: Iterable[ox.Triple]) -> Iterator[tuple[str, str]]:
    """Yield head and body of prp-spo2 for the property chains of each length among triples."""
    rest: dict[object, object] = {t.subject: t.object for t in given if t.predicate == _REST}
    lengths = set()
    for triple in given:
        cell: object = triple.object if triple.predicate == _CHAIN else None
        length = 0
        while cell in rest and length <= len(rest):
            cell, length = rest[cell], length + 1
        lengths.add(length)
    for length in sorted(lengths - {0}):
        cells = [f"?l{n} rdf:first ?p{n} ; rdf:rest ?l{n + 1} ." for n in range(length)]
        links = [f"?u{n} ?p{n} ?u{n + 1} ." for n in range(length)]
        end = f"FILTER(?l{length} = rdf:nil)"
        body = " ".join(["?p owl:propertyChainAxiom ?l0 .", *cells, end, *links])
        yield f"?u0 ?p ?u{length}", body


def _quad(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, _HERE)


def _small(triples: Iterable[ox.Triple]) -> ox.Store:
    store = ox.Store()
    store.extend([_quad(triple) for triple in triples])
    return store


def _solve(store: ox.Store, text: str) -> Iterator[_Row]:
    """Yield the solutions of a rule's WHERE clause."""
    found = store.query(_asked(text), use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    for row in found:
        pairs = zip(names, row, strict=True)
        yield frozenset((name, term) for name, term in pairs if term is not None)


@cache
def _asked(text: str) -> str:
    """Return a rule as a query of the solutions of its WHERE clause."""
    starts = {each.upper: each.start for each in tokens(text) if each.kind == "word"}
    return f"{text[: starts['CONSTRUCT']]} SELECT * {text[starts['WHERE'] :]}"


def _conclude(store: ox.Store, text: str, row: _Row) -> _Triples:
    """Return what a rule gives over a store for the values of one solution."""
    values: Mapping[str, object] = dict(row)
    names = " ".join(f"?{name}" for name in values)
    terms = " ".join(map(str, values.values()))
    pinned = f"{text}\nVALUES ({names}) {{ ({terms}) }}"
    found = store.query(pinned, use_default_graph_as_union=True)
    assert isinstance(found, ox.QueryTriples)
    return set(found)
