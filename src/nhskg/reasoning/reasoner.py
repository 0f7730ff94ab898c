"""Reasons over a store: compile, run, and again while new axioms or equalities appear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from nhskg.rdf.files import read_text
from nhskg.rdf.sparql.algebra import TYPE, Group, Pattern, ProgramError
from nhskg.reasoning.axiom_rules import SAME, X, Y
from nhskg.reasoning.inconsistencies import find_inconsistencies, find_undone
from nhskg.reasoning.program import Executor, Program, compile_program
from nhskg.reasoning.rule_normalization import RuleText, normalized_rules, unsupported
from nhskg.reasoning.rules import Inconsistency, TripleSource
from nhskg.reasoning.schema import AXIOM_CLASSES, AXIOM_PREDICATES, Sameness, is_axiom
from nhskg.reasoning.sparql_executor import EmbeddedStore


@dataclass(frozen=True, slots=True)
class Derivation:
    """What an engine has done: the number of new triples, and the clashes found."""

    derived: int
    inconsistencies: tuple[Inconsistency, ...]


@dataclass(frozen=True, slots=True)
class Outcome(Derivation):
    """What a compiled program has done: the one that ran last, and how often one was compiled."""

    program: Program
    passes: int


def choose_executor(store: ox.Store, rules: Sequence[RuleText]) -> Executor:
    """Return what runs some rules on a store in memory: arrays, or SPARQL where they can't.

    Raises:
        ProgramError: a rule cannot be read.
    """
    stated = [rule for text in rules for rule in normalized_rules(text)]
    if unsupported(stated) is not None:
        from nhskg.reasoning.sparql_executor import SparqlExecutor  # noqa: PLC0415

        return SparqlExecutor(EmbeddedStore(store))
    from nhskg.reasoning.array_executor import ArrayExecutor  # noqa: PLC0415  # imports numpy

    return ArrayExecutor(store)


def reason(executor: Executor, rules: Sequence[RuleText], graph: ox.NamedNode) -> Outcome:
    """Derive all that follows from what an executor holds, into ``graph``, empty before.

    Axioms are taken from the data. When a pass derives an axiom, or a first ``owl:sameAs``, the
    program is compiled anew with it. A program with negation starts again from the asserted
    triples and the axioms (or equalities) found, as more facts can mean fewer; it must find them
    again.

    Raises:
        ProgramError: the rules make no program, or a derived axiom undoes its own derivation.
        StoreError: the store cannot do its part.
    """
    axioms = read_axioms(executor)
    same = Sameness(executor.triples([Pattern(X, SAME, Y)]))
    found: set[ox.Triple] = set()
    values: dict[tuple[Pattern, ox.Variable], frozenset[ox.NamedNode]] = {}

    def values_of(pattern: Pattern, variable: ox.Variable) -> frozenset[ox.NamedNode]:
        if (pattern, variable) not in values:
            values[pattern, variable] = _values(executor, pattern, variable)
        return values[pattern, variable]

    passes = 0
    while True:
        passes += 1
        values.clear()
        program = compile_program(axioms, rules, values_of=values_of, same=same)
        executor.evaluate(program, equality=bool(same))
        new_axioms = read_axioms(executor) - axioms - set(program.facts)
        new_same = {t for t in executor.triples([Pattern(X, SAME, Y)]) if not same.has(t)}
        changed = any(_values(executor, *key) != known for key, known in values.items())
        if not new_axioms and not new_same and not changed:
            break
        axioms |= new_axioms
        same = Sameness(same.triples | new_same)
        if program.negates:
            found |= new_axioms | new_same
            executor.restart(found)
    clashes = find_inconsistencies(program, executor)
    for triple, rule in find_undone(program, executor, found, same) if found else ():
        raise ProgramError(
            f"{rule} concludes {triple} from something's absence, and it adds that very thing"
        )
    return Outcome(executor.finish(graph), clashes, program, passes)


def _values(executor: Executor, pattern: Pattern, variable: ox.Variable) -> frozenset[ox.NamedNode]:
    """Return the IRIs that a variable of a pattern takes."""
    rows = executor.solutions(Group((pattern,)), [variable])
    return frozenset(node for (node,) in rows if isinstance(node, ox.NamedNode))


def read_axioms(store: TripleSource) -> set[ox.Triple]:
    """Return the axioms among a store's triples, with the lists that they use."""
    patterns = [Pattern(X, ox.NamedNode(iri), Y) for iri in sorted(AXIOM_PREDICATES)]
    patterns += [Pattern(X, TYPE, ox.NamedNode(iri)) for iri in sorted(AXIOM_CLASSES)]
    found = set(store.triples(patterns))
    nodes = {t.subject for t in found if isinstance(t.subject, ox.BlankNode)}
    anonymous = [Pattern(X, TYPE, node) for node in sorted(nodes, key=str)]
    found.update(store.triples(anonymous))
    return {triple for triple in found if is_axiom(triple)}


class Engine(Protocol):
    """Derives what follows from the union of all graphs of a store."""

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``, which is empty before.

        Raises:
            NhskgError: the rules cannot be read, or make no program.
        """
        ...


def read_rule_texts(folder: Path) -> list[RuleText]:
    """Read the CONSTRUCT rules of a folder, by name.

    Raises:
        InputError: a rule cannot be read.
    """
    return [read_rule_text(path) for path in sorted(folder.glob("*.rq"))]


def read_rule_text(path: Path) -> RuleText:
    """Read one CONSTRUCT rule.

    Raises:
        InputError: it cannot be read.
    """
    return RuleText(read_text(path), path.stem, str(path))


@dataclass(frozen=True)
class CompiledEngine:
    """Compiles what a store asserts and the rules into one program, and runs it."""

    rules: Sequence[RuleText]

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`."""
        return reason(choose_executor(store, self.rules), self.rules, graph)
