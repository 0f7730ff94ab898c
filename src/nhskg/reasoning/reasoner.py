"""Reasons over a store: compile, run, and again while new axioms or equalities appear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from nhskg.reasoning.domain import RuleText, ValuesOf
from nhskg.reasoning.model import TYPE, Inconsistency, Pattern, ProgramError
from nhskg.reasoning.program import Program, compile_program
from nhskg.reasoning.property_axioms import SAME, X, Y
from nhskg.reasoning.render import SCRATCH
from nhskg.reasoning.runner import evaluate
from nhskg.reasoning.sameness import Sameness
from nhskg.reasoning.schema import AXIOM_CLASSES, AXIOM_PREDICATES, is_axiom
from nhskg.reasoning.stores import ReasoningStore
from nhskg.reasoning.support import find_undone
from nhskg.terms import RDF

__all__ = ["Outcome", "ValuesFound", "read_axioms", "reason", "values_in"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reasoning did: the program that ran last, the passes it took, the clashes found."""

    program: Program
    passes: int
    inconsistencies: tuple[Inconsistency, ...]


def reason(
    store: ReasoningStore,
    rules: Sequence[RuleText],
    graph: ox.NamedNode,
    *,
    check: bool = True,
) -> Outcome:
    """Derive all that follows from the named graphs of a store, into ``graph``, empty before.

    Axioms are taken from the data. When a pass derives an axiom, or a first ``owl:sameAs``, the
    program is compiled anew with it. A program with negation starts again from the asserted
    triples and the axioms (or equalities) found, as more facts can mean fewer; it must find them
    again. Helper triples are gone at the end.

    Raises:
        ProgramError: the rules make no program, or a derived axiom undoes its own derivation.
        StoreError: the store cannot do its part.
    """
    axioms = read_axioms(store)
    same = Sameness(store.triples([Pattern(X, SAME, Y)]))
    found: set[ox.Triple] = set()
    passes = 0
    while True:
        passes += 1
        values = ValuesFound(store)
        program = compile_program(axioms, rules, values_of=values, same=same)
        store.update(f"DROP SILENT GRAPH {SCRATCH}")
        clashes = evaluate(program, store, graph, equality=bool(same), check=check)
        new_axioms = read_axioms(store) - axioms - set(program.facts)
        new_same = {t for t in store.triples([Pattern(X, SAME, Y)]) if not same.has(t)}
        if not new_axioms and not new_same and not values.changed():
            break
        axioms |= new_axioms
        same = Sameness(same.triples | new_same)
        if program.negates:
            found |= new_axioms | new_same
            store.update(f"DROP SILENT GRAPH {graph}")
            store.add(found, graph)
    for triple, rule in find_undone(program, store, found, same) if found else ():
        raise ProgramError(
            f"{rule} concludes {triple} from something's absence, and it adds that very thing"
        )
    return Outcome(program, passes, clashes)


class ValuesFound:
    """Tells which IRIs a variable of a pattern takes in a store, and whether that has changed."""

    def __init__(self, store: ReasoningStore) -> None:
        self.store = store
        self.told: dict[tuple[Pattern, ox.Variable], frozenset[ox.NamedNode]] = {}

    def __call__(self, pattern: Pattern, variable: ox.Variable) -> frozenset[ox.NamedNode]:
        """Return the IRIs, and remember them."""
        if (pattern, variable) not in self.told:
            self.told[pattern, variable] = self._ask(pattern, variable)
        return self.told[pattern, variable]

    def changed(self) -> bool:
        """Tell whether what was returned is no longer so."""
        return any(self._ask(*asked) != told for asked, told in self.told.items())

    def _ask(self, pattern: Pattern, variable: ox.Variable) -> frozenset[ox.NamedNode]:
        ends = {pattern.subject: "subject", pattern.object: "object"}
        return frozenset(
            node
            for triple in self.store.triples([pattern])
            if isinstance(node := getattr(triple, ends[variable]), ox.NamedNode)
        )


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


def values_in(store: ReasoningStore) -> ValuesOf:
    """Return the function that tells which IRIs a variable of a pattern takes in a store."""
    return ValuesFound(store)
