"""Look up triples in a store: values, asserted or derived, joins by index, paths."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from nhskg.rdf.errors import StoreError
from nhskg.rdf.sparql.algebra import Node, Pattern, Term
from nhskg.rdf.terms import DERIVED_GRAPH, RDF_TYPE

__all__ = ["Bindings", "Facts", "as_triple", "match", "nodes"]

Bindings = Mapping[ox.Variable, Term]
"""Values of a rule's variables."""

_Row = dict[ox.Variable, Term]
_DERIVED = ox.NamedNode(DERIVED_GRAPH)
_TYPE = ox.NamedNode(RDF_TYPE)


def as_triple(pattern: Pattern) -> ox.Triple | None:
    """Return the triple that a pattern is; None where a variable is left or it is no triple."""
    subject, predicate, value = pattern.subject, pattern.predicate, pattern.object
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


def match(pattern: Pattern, triple: ox.Triple) -> _Row | None:
    """Return the values of a pattern's variables that make it the triple, or None."""
    values: _Row = {}
    wanted = (pattern.subject, pattern.predicate, pattern.object)
    for node, term in zip(wanted, nodes(triple), strict=True):
        if isinstance(node, ox.Variable):
            if values.setdefault(node, term) != term:
                return None
        elif node != term:
            return None
    return values


class Facts:
    """Look-ups in a store whose derived triples are in a graph of their own."""

    def __init__(self, store: ox.Store, derived: ox.NamedNode = _DERIVED) -> None:
        self.store = store
        self.derived = derived

    def graphs(self, triple: ox.Triple) -> list[ox.NamedNode]:
        """Return the graphs in which a triple is asserted, in order."""
        quads = self._quads(*nodes(triple))
        found = {q.graph_name for q in quads if q.graph_name != self.derived}
        return sorted((g for g in found if isinstance(g, ox.NamedNode)), key=str)

    def is_asserted(self, triple: ox.Triple) -> bool:
        """Tell whether a triple is asserted."""
        return any(quad.graph_name != self.derived for quad in self._quads(*nodes(triple)))

    def holds(self, triple: ox.Triple) -> bool:
        """Tell whether a triple is asserted or derived."""
        return next(self._quads(*nodes(triple)), None) is not None

    def values(self, subject: Term, predicate: str) -> list[Term]:
        """Return the objects of a subject's triples with one predicate, in order."""
        quads = self._quads(subject, ox.NamedNode(predicate), None)
        return sorted({q.object for q in quads if not isinstance(q.object, ox.Triple)}, key=str)

    def value(self, subject: Term, predicate: str) -> Term | None:
        """Return the first of the objects, or None."""
        return next(iter(self.values(subject, predicate)), None)

    def subjects(self, predicate: str, value: Term) -> list[Term]:
        """Return the subjects of the triples with a predicate and object, in order."""
        quads = self._quads(None, ox.NamedNode(predicate), value)
        return sorted({q.subject for q in quads if not isinstance(q.subject, ox.Triple)}, key=str)

    def is_a(self, subject: Term, kind: str) -> bool:
        """Tell whether something is in a class."""
        return next(self._quads(subject, _TYPE, ox.NamedNode(kind)), None) is not None

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples that match any of some patterns."""
        for pattern in patterns:
            quads = self._quads(pattern.subject, pattern.predicate, pattern.object)
            yield from dict.fromkeys(quad.triple for quad in quads)

    def _quads(
        self, subject: Node | None, predicate: Node | None, value: Node | None
    ) -> Iterator[ox.Quad]:
        """Return the quads of three terms; a variable, or None, is any."""
        ends = [None if isinstance(n, ox.Variable) else n for n in (subject, predicate, value)]
        if isinstance(ends[0], ox.Literal) or isinstance(ends[1], ox.BlankNode | ox.Literal):
            return iter(())
        return self.store.quads_for_pattern(ends[0], ends[1], ends[2], None)

    # -- queries

    def select(
        self, where: str, variables: Sequence[ox.Variable], given: Bindings | None = None
    ) -> Iterator[_Row]:
        """Yield the distinct solutions of a group over the union of all graphs.

        Args:
            where: the inside of a WHERE clause, with absolute IRIs.
            variables: those to give; without any, one empty solution says that there is a match.
            given: values of variables that cannot be written in SPARQL: blank nodes.

        Raises:
            StoreError: the store cannot evaluate it.
        """
        fixed: dict[ox.Variable, Term | ox.Triple] = dict(given or {})
        asked = list(dict.fromkeys([*variables, *fixed]))
        names = " ".join(map(str, asked))
        text = f"SELECT DISTINCT {names} WHERE {{ {where} }}" if names else f"ASK {{ {where} }}"
        try:
            found = self.store.query(
                text, use_default_graph_as_union=True, substitutions=fixed or None
            )
        except (OSError, SyntaxError, ValueError, RuntimeError) as error:
            raise StoreError(f"the store refuses a query: {error}\n{text}") from error
        if isinstance(found, ox.QueryBoolean):
            yield from [{}] if found else []
            return
        assert isinstance(found, ox.QuerySolutions)
        for row in found:
            pairs = zip(asked, row, strict=True)
            known = {v: t for v, t in pairs if t is not None and not isinstance(t, ox.Triple)}
            yield {**known, **(given or {})}

    # -- joins

    def join(self, patterns: Sequence[Pattern], given: Bindings) -> Iterator[_Row]:
        """Yield the solutions of triple patterns and paths, with some values given.

        The next pattern is always the one with the fewest matches, so that no hub is listed
        where something rarer narrows the search.
        """
        if not patterns:
            yield dict(given)
            return
        ready = [pattern.substituted(dict(given)) for pattern in patterns]
        first, rows = self._fewest(ready)
        rest = [pattern for n, pattern in enumerate(ready) if n != first]
        for row in rows:
            yield from self.join(rest, {**given, **row})

    def _fewest(self, patterns: Sequence[Pattern]) -> tuple[int, list[_Row]]:
        """Return which pattern has the fewest matches, and these: the first list to end."""
        racing = [n for n, p in enumerate(patterns) if not (p.closure and len(p.variables()) > 1)]
        sources = {n: self.matches(patterns[n]) for n in racing or range(len(patterns))}
        found: dict[int, list[_Row]] = {n: [] for n in sources}
        while True:
            for n, source in sources.items():
                row = next(source, None)
                if row is None:
                    return n, found[n]
                found[n].append(row)

    def matches(self, pattern: Pattern) -> Iterator[_Row]:
        """Yield the values of a pattern's variables under which it holds."""
        if pattern.closure:
            yield from self._path_matches(pattern)
            return
        seen: set[ox.Triple] = set()
        for quad in self._quads(pattern.subject, pattern.predicate, pattern.object):
            row = match(pattern, quad.triple)
            if row is not None and quad.triple not in seen:
                seen.add(quad.triple)
                yield row

    # -- paths of one repeated predicate

    def _path_matches(self, pattern: Pattern) -> Iterator[_Row]:
        start, end = pattern.subject, pattern.object
        if isinstance(start, ox.Variable) and isinstance(end, ox.Variable):
            where = f"{start} {pattern.predicate}{pattern.closure} {end}"
            yield from self.select(where, list(dict.fromkeys([start, end])))
        elif isinstance(start, ox.Variable):
            yield from ({start: node} for node, _ in self._walk(pattern, backwards=True))
        elif isinstance(end, ox.Variable):
            yield from ({end: node} for node, _ in self._walk(pattern))
        elif self.path(pattern) is not None:
            yield {}

    def path(self, pattern: Pattern) -> tuple[ox.Triple, ...] | None:
        """Return the triples of a shortest path between two terms; None where there is none."""
        return next((way for node, way in self._walk(pattern) if node == pattern.object), None)

    def _walk(
        self, pattern: Pattern, *, backwards: bool = False
    ) -> Iterator[tuple[Term, tuple[ox.Triple, ...]]]:
        """Yield what a path leads to from one end, the nearest first, with its triples."""
        start = pattern.object if backwards else pattern.subject
        assert not isinstance(start, ox.Variable)
        todo: deque[tuple[Term, tuple[ox.Triple, ...]]] = deque([(start, ())])
        seen: set[Term] = set()
        if pattern.closure == "*":
            seen.add(start)
            yield todo[0]
        while todo:
            node, way = todo.popleft()
            ends = (None, node) if backwards else (node, None)
            found = (quad.triple for quad in self._quads(ends[0], pattern.predicate, ends[1]))
            for triple in found if backwards else sorted(set(found), key=str):
                after = nodes(triple)[0 if backwards else 2]
                if after not in seen:
                    seen.add(after)
                    todo.append((after, (*way, triple)))
                    yield todo[-1]
