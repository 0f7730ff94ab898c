"""Look up triples in a store: values, asserted or derived, solutions of patterns, paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from nhskg.rdf import terms
from nhskg.rdf.errors import StoreError
from nhskg.rdf.sparql.algebra import TYPE, Bind, Group, Node, Pattern, Term, group_text, groups_in

Bindings = dict[ox.Variable, Term]


def as_triple(pattern: Pattern) -> ox.Triple | None:
    """Return the triple that a pattern is; None where a variable is left or it is no triple."""
    try:
        return ox.Triple(pattern.subject, pattern.predicate, pattern.object)  # type: ignore[arg-type]
    except TypeError:
        return None


def nodes(triple: ox.Triple) -> tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, Term]:
    """Return the three terms of a triple; none is a triple itself (RDF 1.2)."""
    return triple.subject, triple.predicate, triple.object  # type: ignore[return-value]


def match(pattern: Pattern, triple: ox.Triple) -> Bindings | None:
    """Return the values of a pattern's variables that make it the triple, or None."""
    values: Bindings = {}
    wanted = (pattern.subject, pattern.predicate, pattern.object)
    for node, term in zip(wanted, nodes(triple), strict=True):
        if isinstance(node, ox.Variable):
            if values.setdefault(node, term) != term:
                return None
        elif node != term:
            return None
    return values


def substituted(group: Group, values: Bindings) -> Group:
    """Return a group with values put in, but for blank nodes and the variables of its BINDs."""
    bound = set(_assigned(group))
    ready: dict[ox.Variable, Node] = {
        v: t for v, t in values.items() if v not in bound and not isinstance(t, ox.BlankNode)
    }
    return group.substituted(ready)


def _assigned(group: Group) -> Iterator[ox.Variable]:
    """Yield the variables of the BINDs of a group, at any depth."""
    for element in group.elements:
        if isinstance(element, Bind):
            yield element.variable
        for inner, _ in groups_in(element):
            yield from _assigned(inner)


class Facts:
    """Look-ups in a store whose derived triples are in a graph of their own."""

    def __init__(self, store: ox.Store, derived: ox.NamedNode | None = None) -> None:
        self.store = store
        self.derived = derived or ox.NamedNode(terms.DERIVED_GRAPH)

    def graphs(self, triple: ox.Triple) -> list[ox.NamedNode]:
        """Return the graphs in which a triple is asserted, in order."""
        found = {quad.graph_name for quad in self._quads(*nodes(triple))} - {self.derived}
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
        return next(self._quads(subject, TYPE, ox.NamedNode(kind)), None) is not None

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples that match any of some patterns."""
        for pattern in patterns:
            quads = self._quads(pattern.subject, pattern.predicate, pattern.object)
            yield from dict.fromkeys(quad.triple for quad in quads)

    def _quads(
        self, subject: Node | None, predicate: Node | None, value: Node | None
    ) -> Iterator[ox.Quad]:
        """Return the quads of three terms; a variable, or None, is any."""
        s, p, o = (None if isinstance(n, ox.Variable) else n for n in (subject, predicate, value))
        if isinstance(s, ox.Literal) or isinstance(p, ox.BlankNode | ox.Literal):
            return iter(())
        return self.store.quads_for_pattern(s, p, o, None)

    def path(self, pattern: Pattern) -> tuple[ox.Triple, ...] | None:
        """Return the triples of a shortest path between two terms; None where there is none."""
        if pattern.closure == "*" and pattern.subject == pattern.object:
            return ()
        todo: list[tuple[Node, tuple[ox.Triple, ...]]] = [(pattern.subject, ())]
        seen: set[Term] = set()
        for node, way in todo:
            found = {quad.triple for quad in self._quads(node, pattern.predicate, None)}
            for triple in sorted(found, key=str):
                after = nodes(triple)[2]
                if after == pattern.object:
                    return (*way, triple)
                if after not in seen:
                    seen.add(after)
                    todo.append((after, (*way, triple)))
        return None

    def join(self, patterns: Iterable[Pattern], given: Bindings) -> Iterator[Bindings]:
        """Yield the solutions of triple patterns and paths, with some values given.

        Each pattern is looked up by itself first: mostly one has no match, and no query is needed.
        """
        ready: dict[ox.Variable, Node] = {
            v: t for v, t in given.items() if not isinstance(t, ox.BlankNode)
        }
        group: list[Pattern] = []
        for pattern in patterns:
            group.append(found := pattern.substituted(ready))
            if not self._may_match(found):
                return
        yield from self.select(Group(tuple(group)), given)

    def _may_match(self, pattern: Pattern) -> bool:
        """Tell whether a triple matches a pattern; a path, but from a literal, may always match."""
        if pattern.closure:
            return not isinstance(pattern.subject, ox.Literal)
        return (
            next(self._quads(pattern.subject, pattern.predicate, pattern.object), None) is not None
        )

    def select(
        self, group: Group, given: Bindings, names: Iterable[ox.Variable] = ()
    ) -> Iterator[Bindings]:
        """Yield the distinct values of variables, named or all, in a group, with those given.

        Values that are blank nodes have no place in the text of a query, and are put in here.

        Raises:
            StoreError: the store cannot evaluate it.
        """
        fixed: dict[ox.Variable, Term | ox.Triple] = {
            v: t for v, t in given.items() if isinstance(t, ox.BlankNode) and v in group.variables()
        }
        wanted = sorted({*(names or group.possible()), *fixed}, key=str)
        form = f"SELECT DISTINCT {' '.join(map(str, wanted))} WHERE" if wanted else "ASK"
        text = f"{form} {{ {group_text(group)} }}"
        try:
            found = self.store.query(
                text, use_default_graph_as_union=True, substitutions=fixed or None
            )
        except (OSError, SyntaxError, ValueError, RuntimeError) as error:
            raise StoreError(f"the store refuses a query: {error}\n{text}") from error
        if isinstance(found, ox.QueryBoolean):
            yield from [dict(given)] if found else []
            return
        assert isinstance(found, ox.QuerySolutions)
        for solution in found:
            pairs = zip(wanted, solution, strict=True)
            row = {v: t for v, t in pairs if t is not None and not isinstance(t, ox.Triple)}
            if all(given.get(variable, term) == term for variable, term in row.items()):
                yield {**given, **row}
