"""The executor of SPARQL texts: runs a program as SPARQL 1.1 Update, on any store.

All graphs are first added to one, the working graph, so that a rule's premises and paths may cross
graphs; each rule is one ``WITH … INSERT``, each recursive group is repeated until it adds nothing.
Nothing is planned: the order of joins is the store's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pyoxigraph as ox

from nhskg.reasoning.executor import MOST_ROUNDS, no_end
from nhskg.reasoning.model import Exists, Expression, Filter, Group, Node, Pattern, Rule, Term
from nhskg.reasoning.program import Program
from nhskg.reasoning.property_axioms import SAME, X, Y, Z, distinct
from nhskg.reasoning.render import group_text, template_text
from nhskg.reasoning.schema import AUXILIARY, THING
from nhskg.reasoning.stores import ReasoningStore
from nhskg.terms import OWL, RDF_TYPE, RDFS

__all__ = ["WORK", "SparqlExecutor"]

WORK: Final = ox.NamedNode(AUXILIARY + "work")
"""The working graph of a store in this process."""

_P, _Q = ox.Variable("p"), ox.Variable("q")
_FRESH: Final = tuple(ox.Variable(f"node{number}__") for number in range(3))


class SparqlExecutor:
    """Derives what follows from the named graphs of a store; see :class:`Executor`.

    Args:
        store: a store in this process or on a server.
        work: the working graph, which is dropped at the end.
    """

    def __init__(self, store: ReasoningStore, work: ox.NamedNode = WORK) -> None:
        self._store = store
        self._work = work
        self._graphs = store.graphs()
        self.restart(())

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples, asserted and derived, that match any of some patterns."""
        for pattern in patterns:
            ends = (pattern.subject, pattern.predicate, pattern.object)
            fresh = iter(_FRESH)  # a query cannot name a blank node
            asked = [next(fresh) if isinstance(n, ox.BlankNode) else n for n in ends]
            names = [node for node in asked if isinstance(node, ox.Variable)]
            for row in self.solutions(Group((Pattern(asked[0], asked[1], asked[2]),)), names):
                values = dict(zip(names, row, strict=True))
                found = [values[n] if isinstance(n, ox.Variable) else n for n in asked]
                if all(
                    isinstance(n, ox.Variable) or n == f for n, f in zip(ends, found, strict=True)
                ):
                    yield ox.Triple(*found)  # type: ignore[arg-type]

    def solutions(
        self, body: Group, variables: Sequence[ox.Variable]
    ) -> Iterator[tuple[Term | None, ...]]:
        """Yield the distinct values of variables in the solutions of a group."""
        names = " ".join(str(name) for name in variables) or "(1 AS ?true)"
        where = f"GRAPH {self._work} {{\n{group_text(body, hide_auxiliary=True)}}}"
        for row in self._store.select(f"SELECT DISTINCT {names} WHERE {{ {where} }}"):
            yield row[: len(variables)]

    def evaluate(self, program: Program, *, equality: bool) -> None:
        """Add what a program derives from what there is; see :class:`Executor`."""
        self._delete_auxiliary()
        self._store.add(program.facts, self._work)
        if equality:
            self._repeat(EQUALITY)
        for stratum in program.strata:
            if stratum.recursive:
                self._repeat((*stratum.rules, *(EQUALITY if equality else ())))
            else:
                self._run(stratum.rules)
            if equality:
                self._repeat(EQUALITY)

    def restart(self, facts: Iterable[ox.Triple]) -> None:
        """Take back all that is derived, but for some facts."""
        added = [f"ADD {graph} TO {self._work}" for graph in self._graphs]
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
        return self._store.count(graph)

    # -- running

    def _run(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            where = group_text(rule.body, hide_auxiliary=True)
            self._store.update(
                f"WITH {self._work}\nINSERT {{ {template_text(rule.head)} }}\nWHERE {{\n{where}}}"
            )

    def _repeat(self, rules: Sequence[Rule]) -> None:
        """Run rules until they add nothing."""
        for _ in range(MOST_ROUNDS):
            size = self._store.count(self._work)
            self._run(rules)
            if self._store.count(self._work) == size:
                return
        raise no_end(rules, MOST_ROUNDS)

    def _delete_auxiliary(self) -> None:
        """Delete what only serves reasoning: memberships of auxiliary classes and of owl:Thing."""
        member = f"?x <{RDF_TYPE}> ?class"
        named = f"NOT EXISTS {{ GRAPH {self._work} {{ ?class {SAME} ?other }} }}"
        self._store.update(
            f"DELETE {{ GRAPH {self._work} {{ {member} }} }} "
            f"WHERE {{ GRAPH {self._work} {{ {member} }} "
            f'FILTER(STRSTARTS(STR(?class), "{AUXILIARY}") || (?class = {THING} && {named})) '
            f"FILTER NOT EXISTS {{ {self._asserted(member)} }} }}"
        )

    def _asserted(self, triple: str) -> str:
        """Return the pattern of a triple in any of the graphs that hold what is asserted."""
        graphs = ", ".join(str(each) for each in self._graphs)
        return f"GRAPH ?g {{ {triple} }} FILTER(?g IN ({graphs}))"


# -- equality


def _reflexive(one: Node, two: Node) -> Filter:
    """Return the test that a triple doesn't say that a term is below one that is the same."""
    names = ("subClassOf", "subPropertyOf", "equivalentClass", "equivalentProperty")
    listed: list[Node | str] = []
    for vocabulary, name in zip((RDFS, RDFS, OWL, OWL), names, strict=True):
        listed += [ox.NamedNode(vocabulary + name), ","]
    among = (_P, "IN (", *listed[:-1], ")")
    same = ("(", "sameTerm(", one, ",", two, ")", "||", _exists(Pattern(one, SAME, two)), ")")
    return Filter(Expression(("!", "(", *among, "&&", *same, ")")))


def _exists(pattern: Pattern) -> Exists:
    return Exists(Group((pattern,)), negated=False)


def _equality() -> tuple[Rule, ...]:
    same, apart = Pattern(X, SAME, Y), distinct(X, Y)
    other = Filter(Expression((_P, "!=", SAME)))
    return (
        Rule("eq-sym", (Pattern(Y, SAME, X),), Group((same, apart))),
        Rule(
            "eq-trans",
            (Pattern(X, SAME, Z),),
            Group((same, Pattern(Y, SAME, Z), distinct(X, Z))),
        ),
        Rule(
            "eq-rep-s",
            (Pattern(Y, _P, Z),),
            Group((same, apart, Pattern(X, _P, Z), other, _reflexive(Y, Z))),
        ),
        Rule("eq-rep-p", (Pattern(Z, Y, _Q),), Group((same, apart, Pattern(Z, X, _Q)))),
        Rule(
            "eq-rep-o",
            (Pattern(Z, _P, Y),),
            Group((same, apart, Pattern(Z, _P, X), other, _reflexive(Y, Z))),
        ),
    )


EQUALITY: Final = _equality()
"""Equality in general form: eq-sym, eq-trans, eq-rep-s, eq-rep-p, eq-rep-o (table 4)."""
