"""Contradictions in what a program derived, also in words, and conclusions that undid themselves.

Contradictions are the matches of rules that end in false. A derived axiom, or equality, can add the
very fact whose absence it was concluded from; then no reading of the rules is right, as with
negation in a cycle. An equality that supports itself, through what it makes the same, goes
unnoticed.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Group, Pattern
from nhskg.rdf.terms import PREFIXES, RDF_TYPE
from nhskg.reasoning.axiom_rules import SAME
from nhskg.reasoning.program import Executor, Program, is_hidden
from nhskg.reasoning.rules import Inconsistency, Rule
from nhskg.reasoning.schema import Sameness, Schema
from nhskg.reasoning.triple_lookup import as_triple, match


def find_inconsistencies(program: Program, executor: Executor) -> tuple[Inconsistency, ...]:
    """Return the clashes in what an executor holds after a program has run, in order, each once."""
    found: dict[tuple[str, frozenset[ox.Triple]], Inconsistency] = {}
    for check in program.checks:
        for clash in _clashes(check, executor):
            key = (clash.rule, frozenset(clash.triples))
            found[key] = min(found.get(key, clash), clash, key=str)
    if any(is_hidden(Pattern(*t)) for clash in found.values() for t in clash.triples):
        nodes = Schema(program.schema).expressions()
        found = {key: _by_nodes(clash, nodes) for key, clash in found.items()}
    return tuple(sorted(found.values(), key=str))


def _by_nodes(clash: Inconsistency, nodes: Mapping[ox.NamedNode, ox.BlankNode]) -> Inconsistency:
    """Return a clash with the node of each anonymous class for the name it has while reasoning."""
    triples = []
    for triple in clash.triples:
        node = nodes.get(triple.object) if isinstance(triple.object, ox.NamedNode) else None
        value = triple.object if node is None else node
        triples.append(ox.Triple(triple.subject, triple.predicate, value))
    return replace(clash, triples=tuple(triples))


def _clashes(check: Rule, executor: Executor) -> Iterator[Inconsistency]:
    patterns = check.body.patterns()
    for triples in _instances(patterns, check.body, executor):
        yield Inconsistency(check.name, tuple(dict.fromkeys(triples)), check.axioms)


def _instances(
    patterns: Sequence[Pattern], body: Group, executor: Executor
) -> Iterator[list[ox.Triple]]:
    """Yield the triples that some patterns become in each match of a body."""
    names = sorted({v for p in patterns for v in p.variables()}, key=str)
    for row in executor.solutions(body, names):
        values = {name: term for name, term in zip(names, row, strict=True) if term is not None}
        found = (as_triple(pattern.substituted(values)) for pattern in patterns)
        yield [triple for triple in found if triple is not None]


def find_undone(
    program: Program, executor: Executor, found: Collection[ox.Triple], same: Sameness
) -> Iterator[tuple[ox.Triple, Rule]]:
    """Yield the triples that no rule concludes any more, each with a rule that concluded it.

    Args:
        program: the program that ran last.
        executor: what holds all that is asserted and derived.
        found: the axioms and equalities that were derived before and then taken for given.
        same: what is the same in the store.
    """
    predicates = {triple.predicate for triple in found}
    heads = [
        (rule, head)
        for rule in program.rules
        for head in rule.head
        if isinstance(head.predicate, ox.Variable) or head.predicate in predicates
    ]
    concluded = {
        triple
        for rule, head in heads
        for triples in _instances([head], rule.body, executor)
        for triple in triples
    }
    still = Sameness(t for t in same.triples if t not in found or t in concluded)
    for triple in sorted(found, key=str):
        could = [rule for rule, head in heads if match(head, triple) is not None]
        if triple.predicate == SAME:
            holds = triple in concluded or still.has(triple)
        else:
            groups = (still.group(node) for node in triple)
            names: Any = itertools.product(*groups)
            holds = not concluded.isdisjoint(itertools.starmap(ox.Triple, names))
        if could and not holds:
            yield triple, could[0]


class InconsistencyWriter:
    """Writes contradictions in some data.

    Args:
        given: the data; class expressions and lists are written as they are there.
        prefixes: those to shorten IRIs with, from prefix to namespace; the usual ones are known.
    """

    def __init__(self, given: Iterable[ox.Quad], prefixes: Mapping[str, str]) -> None:
        known = {**PREFIXES, **prefixes}
        longest = sorted(known.items(), key=lambda item: (-len(item[1]), item[0]))
        self._prefixes = [(prefix, namespace) for prefix, namespace in longest if namespace]
        self._schema = Schema(given)

    def line(self, clash: Inconsistency) -> str:
        """Return an inconsistency as one line."""
        if not clash.triples:
            text = clash.rule
        else:
            text = f"{clash.rule}: these cannot all be true: {self._joined(clash.triples)}"
        # the axioms of an expression are written where it is
        axioms = [a for a in clash.axioms if not self._is_described(a.subject)] or clash.axioms
        return f"{text}; by {self._joined(axioms)}" if axioms else text

    def _is_described(self, node: object) -> bool:
        return isinstance(node, ox.BlankNode) and bool(self._schema.about(node))

    def _joined(self, triples: Iterable[ox.Triple]) -> str:
        return " . ".join(
            " ".join(self._term(node, ()) for node in triple) for triple in dict.fromkeys(triples)
        )

    def _term(self, term: object, within: tuple[object, ...]) -> str:
        if isinstance(term, ox.BlankNode) and self._is_described(term) and term not in within:
            return self._expression(term, (*within, term))
        if isinstance(term, ox.NamedNode):
            return self._short(term.value)
        if isinstance(term, ox.Literal) and '"^^' in str(term):
            return f"{str(term).rsplit('^^', 1)[0]}^^{self._short(term.datatype.value)}"
        return str(term)

    def _expression(self, node: ox.BlankNode, within: tuple[object, ...]) -> str:
        if items := self._schema.items(node):
            return f"({' '.join(self._term(item, within) for item in items)})"
        described = self._schema.about(node)
        parts = sorted(
            f"{'a' if predicate == RDF_TYPE else self._short(predicate)} "
            f"{self._term(value, within)}"
            for predicate, value in described
            if predicate != RDF_TYPE or len(described) == 1
        )
        return f"[ {' ; '.join(parts)} ]"

    def _short(self, iri: str) -> str:
        for prefix, namespace in self._prefixes:
            rest = iri.removeprefix(namespace)
            if rest and rest != iri and not {"/", "#"} & set(rest):
                return f"{prefix}:{rest}"
        return f"<{iri}>"
