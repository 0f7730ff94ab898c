"""The rules that end in false, asked once a program has run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Check, Inconsistency, Node, Pattern
from nhskg.reasoning.executor import Executor
from nhskg.reasoning.program import Program, is_hidden
from nhskg.reasoning.schema import Schema

__all__ = ["find_inconsistencies"]


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


def _clashes(check: Check, executor: Executor) -> Iterator[Inconsistency]:
    patterns = check.body.patterns()
    variables = sorted({v for p in patterns for v in p.variables()}, key=str)
    for row in executor.solutions(check.body, variables):
        values: dict[ox.Variable, Node] = {
            v: term for v, term in zip(variables, row, strict=False) if term is not None
        }
        yield Inconsistency(check.name, _instances(patterns, values), check.axioms)


def _instances(
    patterns: Sequence[Pattern], values: dict[ox.Variable, Node]
) -> tuple[ox.Triple, ...]:
    triples = []
    for pattern in patterns:
        one = pattern.substituted(values)
        triples.append(ox.Triple(one.subject, one.predicate, one.object))  # type: ignore[arg-type]
    return tuple(dict.fromkeys(triples))
