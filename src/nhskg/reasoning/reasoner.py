"""Reasons over a store: compile, run, and again while new axioms or equalities appear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from nhskg.rdf.files import read_text
from nhskg.rdf.sparql.algebra import TYPE, Group, Pattern, ProgramError
from nhskg.rdf.terms import RDF
from nhskg.reasoning.array_support import unsupported
from nhskg.reasoning.axiom_rules import SAME, X, Y
from nhskg.reasoning.inconsistencies import find_inconsistencies, find_undone
from nhskg.reasoning.program import Executor, Program, compile_program
from nhskg.reasoning.rule_normalization import RuleText, normalized_rules
from nhskg.reasoning.rules import Inconsistency, TripleSource
from nhskg.reasoning.schema import AXIOM_CLASSES, AXIOM_PREDICATES, Sameness, is_axiom
from nhskg.reasoning.sparql_executor import EmbeddedStore


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reasoning did.

    Attributes:
        program: the program that ran last.
        passes: how often a program was compiled and run.
        derived: the number of triples that follow and are not asserted.
        inconsistencies: the clashes found.
    """

    program: Program
    passes: int
    derived: int
    inconsistencies: tuple[Inconsistency, ...]


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


def reason(
    executor: Executor, rules: Sequence[RuleText], graph: ox.NamedNode, *, check: bool = True
) -> Outcome:
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
    passes = 0
    while True:
        passes += 1
        values = ValuesFound(executor)
        program = compile_program(axioms, rules, values_of=values, same=same)
        executor.evaluate(program, equality=bool(same))
        new_axioms = read_axioms(executor) - axioms - set(program.facts)
        new_same = {t for t in executor.triples([Pattern(X, SAME, Y)]) if not same.has(t)}
        if not new_axioms and not new_same and not values.changed():
            break
        axioms |= new_axioms
        same = Sameness(same.triples | new_same)
        if program.negates:
            found |= new_axioms | new_same
            executor.restart(found)
    clashes = find_inconsistencies(program, executor) if check else ()
    for triple, rule in find_undone(program, executor, found, same) if found else ():
        raise ProgramError(
            f"{rule} concludes {triple} from something's absence, and it adds that very thing"
        )
    return Outcome(program, passes, executor.finish(graph), clashes)


class ValuesFound:
    """Finds which IRIs a variable of a pattern takes, and whether that has changed."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self._known: dict[tuple[Pattern, ox.Variable], frozenset[ox.NamedNode]] = {}

    def __call__(self, pattern: Pattern, variable: ox.Variable) -> frozenset[ox.NamedNode]:
        """Return the IRIs, and remember them."""
        if (pattern, variable) not in self._known:
            self._known[pattern, variable] = self._values(pattern, variable)
        return self._known[pattern, variable]

    def changed(self) -> bool:
        """Return whether what was returned is no longer so."""
        return any(self._values(*key) != values for key, values in self._known.items())

    def _values(self, pattern: Pattern, variable: ox.Variable) -> frozenset[ox.NamedNode]:
        rows = self.executor.solutions(Group((pattern,)), [variable])
        return frozenset(node for (node,) in rows if isinstance(node, ox.NamedNode))


def read_axioms(store: TripleSource) -> set[ox.Triple]:
    """Return the axioms among a store's triples, with the lists that they use."""
    patterns = [Pattern(X, ox.NamedNode(iri), Y) for iri in sorted(AXIOM_PREDICATES)]
    patterns += [Pattern(X, TYPE, ox.NamedNode(iri)) for iri in sorted(AXIOM_CLASSES)]
    patterns += [Pattern(X, ox.NamedNode(RDF + name), Y) for name in ("first", "rest")]
    found = set(store.triples(patterns))
    nodes = {t.subject for t in found if isinstance(t.subject, ox.BlankNode)}
    anonymous = [Pattern(X, TYPE, node) for node in sorted(nodes, key=str)]
    found.update(store.triples(anonymous))
    return {triple for triple in found if is_axiom(triple)}


@dataclass(frozen=True, slots=True)
class Derivation:
    """What an engine has done.

    Attributes:
        derived: number of new triples.
        inconsistencies: the clashes found, each with the triples that clash.
    """

    derived: int
    inconsistencies: tuple[Inconsistency, ...] = ()


class Engine(Protocol):
    """Derives what follows from the union of all graphs of a store."""

    @property
    def name(self) -> str:
        """The engine's name, as on the command line."""
        ...

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
    name: str = "compiled"

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`."""
        outcome = reason(choose_executor(store, self.rules), self.rules, graph)
        return Derivation(outcome.derived, outcome.inconsistencies)
