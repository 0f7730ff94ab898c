"""A built store as proofs ask it: what holds, what is asserted, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyoxigraph as ox

from nhskg.errors import StoreError
from nhskg.reasoning.model import Node, Pattern, Term
from nhskg.terms import DERIVED_GRAPH, RDF_TYPE

__all__ = ["Bindings", "Facts", "as_triple", "match", "nodes"]

Bindings = Mapping[ox.Variable, Term]
"""Values of a rule's variables."""

_DERIVED = ox.NamedNode(DERIVED_GRAPH)
_TYPE = ox.NamedNode(RDF_TYPE)


def as_triple(subject: Node, predicate: Node, value: Node) -> ox.Triple | None:
    """Return the triple of three terms; None where a variable is left or it is no triple."""
    if isinstance(subject, ox.Variable | ox.Literal) or isinstance(value, ox.Variable):
        return None
    if not isinstance(predicate, ox.NamedNode):
        return None
    return ox.Triple(subject, predicate, value)


def nodes(triple: ox.Triple) -> tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, Term]:
    """Return the three terms of a triple.

    Raises:
        StoreError: the triple is about a triple (RDF 1.2), which nothing here writes.
    """
    subject, value = triple.subject, triple.object
    if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
        raise StoreError(f"a triple about a triple: {triple}")
    return subject, triple.predicate, value


def match(pattern: Pattern, triple: ox.Triple) -> dict[ox.Variable, Term] | None:
    """Return the values of a pattern's variables that make it the triple, or None."""
    values: dict[ox.Variable, Term] = {}
    wanted = (pattern.subject, pattern.predicate, pattern.object)
    for node, term in zip(wanted, nodes(triple), strict=True):
        if isinstance(node, ox.Variable):
            if values.setdefault(node, term) != term:
                return None
        elif node != term:
            return None
    return values


class Facts:
    """Look-ups in a store whose derived triples stand in a graph of their own."""

    def __init__(self, store: ox.Store, derived: ox.NamedNode = _DERIVED) -> None:
        self.store = store
        self.derived = derived

    def graphs(self, triple: ox.Triple) -> list[ox.NamedNode]:
        """Return the graphs in which a triple is asserted, in order."""
        quads = self._quads(Pattern(*nodes(triple)))
        found = {q.graph_name for q in quads if q.graph_name != self.derived}
        return sorted((g for g in found if isinstance(g, ox.NamedNode)), key=str)

    def is_asserted(self, triple: ox.Triple) -> bool:
        """Tell whether a triple is asserted."""
        return bool(self.graphs(triple))

    def holds(self, triple: ox.Triple) -> bool:
        """Tell whether a triple is asserted or derived."""
        return next(self._quads(Pattern(*nodes(triple))), None) is not None

    def values(self, subject: Term, predicate: str) -> list[Term]:
        """Return the objects of a subject's triples with one predicate, in order."""
        if isinstance(subject, ox.Literal):
            return []
        quads = self.store.quads_for_pattern(subject, ox.NamedNode(predicate), None, None)
        return sorted({q.object for q in quads if not isinstance(q.object, ox.Triple)}, key=str)

    def value(self, subject: Term, predicate: str) -> Term | None:
        """Return the first of the objects, or None."""
        return next(iter(self.values(subject, predicate)), None)

    def subjects(self, predicate: str, value: Term) -> list[Term]:
        """Return the subjects of the triples with a predicate and object, in order."""
        quads = self.store.quads_for_pattern(None, ox.NamedNode(predicate), value, None)
        return sorted({q.subject for q in quads if not isinstance(q.subject, ox.Triple)}, key=str)

    def is_a(self, subject: Term, kind: str) -> bool:
        """Tell whether something is in a class."""
        triple = as_triple(subject, _TYPE, ox.NamedNode(kind))
        return triple is not None and self.holds(triple)

    def select(
        self, where: str, variables: Sequence[ox.Variable], given: Bindings | None = None
    ) -> Iterator[dict[ox.Variable, Term]]:
        """Yield the distinct solutions of a group over the union of all graphs.

        Args:
            where: the inside of a WHERE clause, with absolute IRIs.
            variables: those to give; without any, one empty solution says that there is a match.
            given: values of variables that cannot be written in SPARQL: blank nodes.

        Raises:
            StoreError: the store cannot evaluate it.
        """
        given = {v: t for v, t in (given or {}).items() if v in variables}
        fixed: dict[ox.Variable, Term | ox.Triple] = dict(given)
        names = " ".join(map(str, variables))
        text = f"SELECT DISTINCT {names} WHERE {{ {where} }}" if names else f"ASK {{ {where} }}"
        try:
            found = self.store.query(
                text, use_default_graph_as_union=True, substitutions=fixed or None
            )
        except (OSError, SyntaxError, ValueError, RuntimeError) as error:
            raise StoreError(f"the store refuses a query: {error}\n{text}") from error
        if isinstance(found, ox.QueryBoolean):
            if found:
                yield {}
            return
        assert isinstance(found, ox.QuerySolutions)
        for row in found:
            pairs = zip(variables, row, strict=True)
            known = {v: t for v, t in pairs if t is not None and not isinstance(t, ox.Triple)}
            yield {**known, **given}

    def matches(self, pattern: Pattern) -> bool:
        """Tell whether a triple matches a pattern, each of its variables taken by itself."""
        return next(self._quads(pattern), None) is not None

    def join(
        self, patterns: Sequence[Pattern], given: Bindings
    ) -> Iterator[dict[ox.Variable, Term]]:
        """Yield the solutions of triple patterns without paths, with some values given."""
        if not patterns:
            yield dict(given)
            return
        ready = [pattern.substituted(dict(given)) for pattern in patterns]
        first = min(range(len(ready)), key=lambda n: len(ready[n].variables()))
        rest = [pattern for n, pattern in enumerate(ready) if n != first]
        for triple in dict.fromkeys(quad.triple for quad in self._quads(ready[first])):
            values = match(ready[first], triple)
            if values is not None:
                yield from self.join(rest, {**given, **values})

    def _quads(self, pattern: Pattern) -> Iterator[ox.Quad]:
        subject, predicate, value = (
            None if isinstance(node, ox.Variable) else node
            for node in (pattern.subject, pattern.predicate, pattern.object)
        )
        if isinstance(subject, ox.Literal) or isinstance(predicate, ox.BlankNode | ox.Literal):
            return iter(())
        return self.store.quads_for_pattern(subject, predicate, value, None)

    def chain(self, pattern: Pattern) -> tuple[ox.Triple, ...] | None:
        """Return the triples of a shortest path between the ends of a repeated predicate.

        None where there is no path, or where an end is a variable.
        """
        start, end, predicate = pattern.subject, pattern.object, pattern.predicate
        if isinstance(start, ox.Variable) or isinstance(end, ox.Variable):
            return None
        if start == end and pattern.closure == "*":
            return ()
        assert isinstance(predicate, ox.NamedNode)
        ways: dict[Term, tuple[ox.Triple, ...]] = {start: ()}
        layer: list[Term] = [start]
        seen: set[Term] = set()
        while layer:
            following: list[Term] = []
            for node in layer:
                for value in self.values(node, predicate.value):
                    triple = as_triple(node, predicate, value)
                    assert triple is not None
                    if value == end:
                        return (*ways[node], triple)
                    if value not in seen:
                        seen.add(value)
                        ways.setdefault(value, (*ways[node], triple))
                        following.append(value)
            layer = following
        return None
