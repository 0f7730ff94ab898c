"""The executor of SPARQL texts: runs a program as SPARQL 1.1 Update, on any store.

All graphs are first added to one, the working graph, so that a rule's premises and paths may cross
graphs; each rule is one ``WITH … INSERT``, each recursive group is repeated until it adds nothing.
Nothing is planned: the order of joins is the store's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, Protocol

import pyoxigraph as ox

from nhskg.rdf.errors import StoreError
from nhskg.rdf.sparql import algebra
from nhskg.rdf.sparql.algebra import TYPE, Element, Filter, Group, Pattern, Term, group_text
from nhskg.rdf.sparql.parser import expression
from nhskg.rdf.terms import AUXILIARY, RDF_TYPE
from nhskg.reasoning.axiom_rules import SAME
from nhskg.reasoning.general_rules import pair_rules, replacement_rules
from nhskg.reasoning.literal_values import MEMBER
from nhskg.reasoning.program import MOST_ROUNDS, Program, no_end
from nhskg.reasoning.rules import CHANGING, Rule, told_of
from nhskg.reasoning.schema import THING
from nhskg.reasoning.triple_lookup import match

WORK: Final = ox.NamedNode(AUXILIARY + "work")
"""The working graph of a store in this process."""

_FRESH: Final = tuple(ox.Variable(f"node{number}__") for number in range(3))


class ReasoningStore(Protocol):
    """A store that runs SPARQL 1.1 texts with absolute IRIs, or raises StoreError."""

    graphs: Sequence[ox.NamedNode]
    """The named graphs that hold what is asserted."""

    def update(self, text: str) -> None:
        """Run an update, which may hold several operations."""

    def select(self, text: str) -> Iterable[tuple[Term | None, ...]]:
        """Return the rows of a SELECT query."""

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""


class EmbeddedStore:
    """A pyoxigraph store in this process; see :class:`ReasoningStore`."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        names = store.named_graphs()
        self.graphs: Sequence[ox.NamedNode] = [n for n in names if isinstance(n, ox.NamedNode)]

    def update(self, text: str) -> None:
        """Run an update in one transaction."""
        try:
            self.store.update(text)
        except (OSError, SyntaxError, ValueError, RuntimeError) as error:
            raise StoreError(f"the store refuses an update: {error}\n{text}") from error

    def select(self, text: str) -> Iterable[tuple[Term | None, ...]]:
        """Return the rows of a SELECT query."""
        try:
            return map(tuple, self.store.query(text))  # type: ignore[arg-type]
        except (OSError, SyntaxError, ValueError, RuntimeError) as error:
            raise StoreError(f"the store refuses a query: {error}") from error

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""
        self.store.extend([ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples])


class SparqlExecutor:
    """Derives what follows from a store's named graphs, in a graph; see :class:`Executor`."""

    def __init__(self, store: ReasoningStore, work: ox.NamedNode = WORK) -> None:
        self._store = store
        self._work = work
        self.restart(())

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples, asserted and derived, that match any of some patterns."""
        for pattern in patterns:
            ends = (pattern.subject, pattern.predicate, pattern.object)
            # a query cannot name a blank node
            nodes = [
                v if isinstance(n, ox.BlankNode) else n for n, v in zip(ends, _FRESH, strict=True)
            ]
            names = [node for node in nodes if isinstance(node, ox.Variable)]
            for row in self.solutions(Group((Pattern(nodes[0], nodes[1], nodes[2]),)), names):
                values = dict(zip(names, row, strict=True))
                found = ox.Triple(*(values.get(node, node) for node in nodes))  # type: ignore[arg-type]
                if match(pattern, found) is not None:
                    yield found

    def solutions(
        self, body: Group, variables: Sequence[ox.Variable]
    ) -> Iterator[tuple[Term | None, ...]]:
        """Yield the distinct values of variables in the solutions of a group."""
        names = " ".join(str(name) for name in variables) or "(1 AS ?true)"
        where = f"GRAPH {self._work} {{\n{group_text(_visible(body))}}}"
        for row in self._store.select(f"SELECT DISTINCT {names} WHERE {{ {where} }}"):
            yield row[: len(variables)]

    def evaluate(self, program: Program, *, equality: bool) -> None:
        """Add what a program derives from what there is; see :class:`Executor`."""
        self._delete_auxiliary()
        self._store.add(program.facts, self._work)
        equal = (*pair_rules(), *replacement_rules()) if equality else ()
        self._repeat((), equal)
        for stratum in program.strata:
            if stratum.recursive:
                self._repeat(stratum.rules, equal)
            else:
                self._run(stratum.rules)
                self._repeat((), equal)

    def restart(self, facts: Iterable[ox.Triple]) -> None:
        """Take back all that is derived, but for some facts."""
        added = [f"ADD {graph} TO {self._work}" for graph in self._store.graphs]
        self._store.update(" ;\n".join([f"DROP SILENT GRAPH {self._work}", *added]))
        self._store.add(facts, self._work)

    def finish(self, graph: ox.NamedNode) -> int:
        """Leave what is derived, and nothing auxiliary, in a graph; return how many triples."""
        self._delete_auxiliary()
        asserted = self._asserted("?s ?p ?o")
        self._store.update(
            f"INSERT {{ GRAPH {graph} {{ ?s ?p ?o }} }} WHERE {{ GRAPH {self._work} {{ ?s ?p ?o }} "
            f"FILTER NOT EXISTS {{ {asserted} }} }} ;\nDROP SILENT GRAPH {self._work}"
        )
        return self._count(graph)

    def _count(self, graph: ox.NamedNode) -> int:
        text = f"SELECT (COUNT(*) AS ?n_) WHERE {{ GRAPH {graph} {{ ?s_ ?p_ ?o_ }} }}"
        for row in self._store.select(text):
            if len(row) == 1 and isinstance(row[0], ox.Literal) and row[0].value.isdecimal():
                return int(row[0].value)
        raise StoreError("query failed: no count came back where one was asked for")

    def _run(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            self._store.update(_update_text(rule, self._work))

    def _repeat(self, rules: Sequence[Rule], equal: Sequence[Rule]) -> None:
        """Run rules, and those of equality, until they add nothing."""
        for rule in rules:
            if found := CHANGING.search(group_text(rule.body)):
                message = f"no end, as {found[1]} makes another value each time; leave it out"
                raise told_of(rule, message)
        for _ in range(MOST_ROUNDS if rules or equal else 0):
            size = self._count(self._work)
            self._run((*rules, *equal))
            if self._count(self._work) == size:
                return
        if rules or equal:
            raise no_end(rules, MOST_ROUNDS)

    def _delete_auxiliary(self) -> None:
        """Delete what only serves reasoning: memberships of auxiliary classes and of owl:Thing."""
        member = f"?x <{RDF_TYPE}> ?class"
        named = f"NOT EXISTS {{ GRAPH {self._work} {{ ?class {SAME} ?other }} }}"
        self._store.update(
            f"DELETE {{ GRAPH {self._work} {{ {member} }} }} "
            f"WHERE {{ GRAPH {self._work} {{ {member} }} "
            f'FILTER(STRSTARTS(STR(?class), "{AUXILIARY}") || (?class = {THING} && {named})) '
            f"FILTER NOT EXISTS {{ {self._asserted(member)} }} }} ;\n"
            f"DELETE WHERE {{ GRAPH {self._work} {{ ?class {MEMBER} ?literal }} }}"
        )

    def _asserted(self, triple: str) -> str:
        """Return the pattern of a triple in any of the graphs that hold what is asserted."""
        graphs = ", ".join(str(each) for each in self._store.graphs)
        return f"GRAPH ?g {{ {triple} }} FILTER(?g IN ({graphs}))"


@lru_cache(maxsize=4096)  # a recursive rule runs many times
def _update_text(rule: Rule, work: ox.NamedNode) -> str:
    head, body = algebra.template_text(rule.head), group_text(_visible(rule.body))
    return f"WITH {work}\nINSERT {{ {head} }}\nWHERE {{\n{body}}}"


def _visible(part: Any) -> Any:
    """Return a group in which no variable is bound to a term that only serves reasoning."""
    if not isinstance(part, algebra.Tree):
        return part
    part = part.map(_visible)
    if not isinstance(part, Group):
        return part
    tests: list[Element] = []
    for pattern in part.patterns():
        kind = pattern.object
        if isinstance(pattern.predicate, ox.Variable):
            tests.append(Filter(expression(f"{pattern.predicate} != {MEMBER}")))
        if isinstance(kind, ox.Variable) and pattern.predicate == TYPE:
            tests.append(Filter(expression(f'!STRSTARTS(STR({kind}), "{AUXILIARY}")')))
        elif isinstance(kind, ox.Variable) and isinstance(pattern.predicate, ox.Variable):
            test = f'{pattern.predicate} != {TYPE} || !STRSTARTS(STR({kind}), "{AUXILIARY}")'
            tests.append(Filter(expression(test)))
    return Group((*part.elements, *tests))
