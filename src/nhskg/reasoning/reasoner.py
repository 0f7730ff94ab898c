"""Reasons over a store: compile, run, and again while new axioms or equalities appear.

A derived axiom, or equality, can add the very fact whose absence it was concluded from; then no
reading of the rules is right, as with negation in a cycle. An equality that supports itself,
through what it makes the same, goes unnoticed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import pyoxigraph as ox

from nhskg.rdf import terms
from nhskg.rdf.files import AnyFolder, files_in, read_text
from nhskg.rdf.sparql.algebra import TYPE, Group, Pattern, ProgramError, walk_patterns
from nhskg.reasoning.axiom_rules import SAME, X, Y
from nhskg.reasoning.literal_values import MEMBER
from nhskg.reasoning.program import Program, compile_program
from nhskg.reasoning.rules import Inconsistency, RuleText, normalized_rules, run_on_arrays
from nhskg.reasoning.schema import AXIOM_CLASSES, AXIOM_PREDICATES, Sameness, Schema, is_axiom
from nhskg.reasoning.sparql_executor import EmbeddedStore, SparqlExecutor
from nhskg.reasoning.triple_lookup import as_triple, match

if TYPE_CHECKING:
    from nhskg.reasoning.array_executor import ArrayExecutor  # imports numpy

Executor: TypeAlias = "ArrayExecutor | SparqlExecutor"
"""Holds what is asserted and what is derived, and derives more by a program.

``evaluate`` adds what a program derives, by ``owl:sameAs`` too if ``equality`` says so, or raises
:class:`ProgramError` where a recursive group finds no end.
"""


@dataclass(frozen=True, slots=True)
class Derivation:
    """What an engine has done: the number of new triples, and the clashes found."""

    derived: int
    inconsistencies: tuple[Inconsistency, ...]


class Engine(Protocol):
    """Derives what follows from the union of all graphs of a store."""

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``, which is empty before.

        Raises:
            NhskgError: the rules cannot be read, or make no program.
        """
        ...


@dataclass(frozen=True)
class CompiledEngine:
    """Compiles what a store asserts and the rules into one program, and runs it."""

    rules: Sequence[RuleText]

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`."""
        return reason(choose_executor(store, self.rules), self.rules, graph)


def choose_executor(store: ox.Store, rules: Sequence[RuleText]) -> Executor:
    """Return what runs some rules on a store in memory: arrays, or SPARQL where they can't.

    Raises:
        ProgramError: a rule cannot be read.
    """
    if not run_on_arrays(rule for text in rules for rule in normalized_rules(text)):
        return SparqlExecutor(EmbeddedStore(store))
    from nhskg.reasoning.array_executor import ArrayExecutor  # noqa: PLC0415  # imports numpy

    return ArrayExecutor(store)


def reason(executor: Executor, rules: Sequence[RuleText], graph: ox.NamedNode) -> Derivation:
    """Derive all that follows from what an executor holds, into ``graph``, empty before.

    When a pass derives an axiom, or an ``owl:sameAs``, the program is compiled anew with it. If it
    has negation, it starts again from what is asserted and these, and must find them again.

    Raises:
        ProgramError: the rules make no program, or a derived axiom undoes its own derivation.
        StoreError: the store cannot do its part.
    """
    axioms = read_axioms(executor.triples)
    same = Sameness(executor.triples([Pattern(X, SAME, Y)]))
    found: set[ox.Triple] = set()
    values: dict[tuple[Pattern, ox.Variable], frozenset[ox.NamedNode]] = {}

    def values_of(pattern: Pattern, variable: ox.Variable) -> frozenset[ox.NamedNode]:
        if (pattern, variable) not in values:
            values[pattern, variable] = _values(executor, pattern, variable)
        return values[pattern, variable]

    while True:
        values.clear()
        program = compile_program(axioms, rules, values_of=values_of, same=same)
        executor.evaluate(program, equality=bool(same.triples))
        new_axioms = read_axioms(executor.triples) - axioms - set(program.facts)
        new_same = {t for t in executor.triples([Pattern(X, SAME, Y)]) if not same.has(t)}
        changed = any(_values(executor, *key) != known for key, known in values.items())
        if not new_axioms and not new_same and not changed:
            break
        axioms |= new_axioms
        same = Sameness(same.triples | new_same)
        if any(negative for rule in program.rules for _, negative in walk_patterns(rule.body)):
            found |= new_axioms | new_same
            executor.restart(found)
    clashes = _inconsistencies(program, executor)
    if found:
        _check_still_concluded(program, executor, found, same)
    return Derivation(executor.finish(graph), clashes)


def _values(executor: Executor, pattern: Pattern, variable: ox.Variable) -> frozenset[ox.NamedNode]:
    """Return the IRIs that a variable of a pattern takes."""
    rows = executor.solutions(Group((pattern,)), [variable])
    return frozenset(node for (node,) in rows if isinstance(node, ox.NamedNode))


def read_axioms(triples: Callable[[Iterable[Pattern]], Iterable[ox.Triple]]) -> set[ox.Triple]:
    """Return the axioms of a store, with the lists that they use, by its look-up of patterns."""
    patterns = [Pattern(X, ox.NamedNode(iri), Y) for iri in sorted(AXIOM_PREDICATES)]
    patterns += [Pattern(X, TYPE, ox.NamedNode(iri)) for iri in sorted(AXIOM_CLASSES)]
    found = set(triples(patterns))
    nodes = {t.subject for t in found if isinstance(t.subject, ox.BlankNode)}
    found.update(triples([Pattern(X, TYPE, node) for node in sorted(nodes, key=str)]))
    return set(filter(is_axiom, found))


# -- contradictions


def _inconsistencies(program: Program, executor: Executor) -> tuple[Inconsistency, ...]:
    """Return the clashes in what an executor holds after a program has run, in order, each once."""
    found: dict[tuple[str, frozenset[ox.Triple]], Inconsistency] = {}
    for check in program.checks:
        told = [each for each in check.body.patterns() if each.predicate != MEMBER]
        for triples in _instances(told, check.body, executor):
            clash = Inconsistency(check.name, tuple(dict.fromkeys(triples)), check.axioms)
            key = (clash.rule, frozenset(triples))
            found[key] = min(found.get(key, clash), clash, key=str)
    nodes: dict[Any, Any] = Schema(program.schema).expressions() if found else {}

    def as_given(t: ox.Triple) -> ox.Triple:
        return ox.Triple(t.subject, t.predicate, nodes.get(t.object, t.object))

    clashes = (replace(c, triples=tuple(map(as_given, c.triples))) for c in found.values())
    return tuple(sorted(clashes, key=str))


def _instances(
    patterns: Sequence[Pattern], body: Group, executor: Executor
) -> Iterator[list[ox.Triple]]:
    """Yield the triples that some patterns become in each match of a body."""
    names = sorted(Group(tuple(patterns)).variables(), key=str)
    for row in executor.solutions(body, names):
        values = {name: term for name, term in zip(names, row, strict=True) if term is not None}
        found = (as_triple(pattern.substituted(values)) for pattern in patterns)
        yield [triple for triple in found if triple is not None]


def _check_still_concluded(
    program: Program, executor: Executor, found: Collection[ox.Triple], same: Sameness
) -> None:
    """Check that rules still conclude the axioms and equalities that were then taken for given."""
    predicates = {triple.predicate for triple in found}
    heads = [
        (rule, head)
        for rule in program.rules
        for head in rule.head
        if isinstance(head.predicate, ox.Variable) or head.predicate in predicates
    ]
    instances = (_instances([head], rule.body, executor) for rule, head in heads)
    concluded = set(itertools.chain.from_iterable(itertools.chain.from_iterable(instances)))
    still = Sameness(t for t in same.triples if t not in found or t in concluded)
    for triple in sorted(found, key=str):
        if triple.predicate == SAME:
            holds = triple in concluded or still.has(triple)
        else:
            names: Any = itertools.product(*map(still.group, triple))
            forms = (each for each in names if not isinstance(each[0], ox.Literal))
            holds = not concluded.isdisjoint(itertools.starmap(ox.Triple, forms))
        rules = (rule for rule, head in heads if match(head, triple) is not None)
        if not holds and (rule := next(rules, None)):
            raise ProgramError(
                f"{rule} concludes {triple} from something's absence, and it adds that very thing"
            )


# -- files of rules


def read_rule_texts(folder: AnyFolder) -> list[RuleText]:
    """Read the CONSTRUCT rules of a folder, by name; see :func:`read_rule_text`."""
    return [read_rule_text(path) for path in files_in(folder, ".rq")]


_NAME: Final = re.compile(r"<urn:nhskg:name>\((\?\w+)\)")


def read_rule_text(path: Path) -> RuleText:
    """Read one CONSTRUCT rule; errors are those of :func:`nhskg.rdf.files.read_text`.

    In it ``<urn:nhskg:name>(?x)`` stands for what follows our namespace in the IRI of x or, in any
    other namespace, for the whole IRI, percent-encoded: what IRIs of derived things are made of.
    These begin with the base IRI of the corpus.
    """
    name = rf'ENCODE_FOR_URI(REPLACE(STR(\1), "^({terms.NS}|{terms.ID})", ""))'
    text = _NAME.sub(name, read_text(path)).replace(f'"{terms.BASE}id/', f'"{terms.ID}')
    return RuleText(text, path.stem, str(path))
