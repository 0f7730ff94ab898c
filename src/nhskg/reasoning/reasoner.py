"""Reasons over a store: compile, run, and again while new axioms or equalities appear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.model import TYPE, Inconsistency, Node, Pattern, ProgramError
from nhskg.reasoning.program import Program, compile_program
from nhskg.reasoning.property_axioms import SAME, X, Y
from nhskg.reasoning.runner import SCRATCH, evaluate, find_inconsistencies
from nhskg.reasoning.schema import AXIOM_CLASSES, AXIOM_PREDICATES, is_axiom
from nhskg.reasoning.stores import ReasoningStore
from nhskg.terms import RDF

__all__ = ["Outcome", "read_axioms", "reason", "values_in"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reasoning did: the program that ran last, the passes it took, the clashes found."""

    program: Program
    passes: int
    inconsistencies: tuple[Inconsistency, ...]


def reason(
    store: ReasoningStore, rules: Sequence[RuleText], graph: ox.NamedNode, *, check: bool = True
) -> Outcome:
    """Derive all that follows from the named graphs of a store, into ``graph``, empty before.

    Axioms are taken from the data. When a pass derives an axiom, or a first ``owl:sameAs``, the
    program is compiled anew with it. A program with negation starts again from the asserted
    triples and the axioms (or equalities) found, as more facts can mean fewer; it must find them
    again.

    Raises:
        ProgramError: the rules make no program, or a derived axiom undoes its own derivation.
        StoreError: the store cannot do its part.
    """
    axioms = read_axioms(store)
    same: set[ox.Triple] = set(store.triples([Pattern(X, SAME, Y)]))
    assumed: set[ox.Triple] = set()
    passes = 0
    while True:
        passes += 1
        program = compile_program(axioms, rules, values_of=values_in(store))
        evaluate(program, store, graph, equality=bool(same))
        now = read_axioms(store)
        equal = set(store.triples([Pattern(X, SAME, Y)]))
        if now == axioms and equal == same:
            break
        new = (now - axioms) | (equal - same)
        axioms, same = now, equal
        if program.negates:
            assumed |= {t for t in new}
            _restart(store, graph, assumed)
    return Outcome(program, passes, find_inconsistencies(program, store) if check else ())


def _restart(store: ReasoningStore, graph: ox.NamedNode, assumed: Iterable[ox.Triple]) -> None:
    store.update(f"DROP SILENT GRAPH {graph}")
    store.add(assumed, graph)


def read_axioms(store: ReasoningStore) -> set[ox.Triple]:
    """Return the axioms among a store's triples, with the lists that they use."""
    patterns = [Pattern(X, ox.NamedNode(iri), Y) for iri in sorted(AXIOM_PREDICATES)]
    patterns += [Pattern(X, TYPE, ox.NamedNode(iri)) for iri in sorted(AXIOM_CLASSES)]
    patterns += [Pattern(X, ox.NamedNode(RDF + name), Y) for name in ("first", "rest")]
    found = set(store.triples(patterns))
    nodes = {t.subject for t in found if isinstance(t.subject, ox.BlankNode)}
    anonymous = [Pattern(X, TYPE, node) for node in sorted(nodes, key=str)]
    found.update(store.triples(anonymous))
    return {triple for triple in found if is_axiom(triple)}


def values_in(store: ReasoningStore):  # type: ignore[no-untyped-def]
    """Return the function that tells which IRIs a variable of a pattern takes in a store."""

    def values(pattern: Pattern, variable: ox.Variable) -> Iterator[ox.NamedNode]:
        text = f"SELECT DISTINCT {variable} WHERE {{ GRAPH ?g {{ {pattern.subject} {pattern.predicate} {pattern.object} }} }}"
        for (term,) in store.select(text):
            if isinstance(term, ox.NamedNode):
                yield term

    return values


_UNUSED = (Node, ProgramError, SCRATCH)
