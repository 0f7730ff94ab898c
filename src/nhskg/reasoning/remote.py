"""The program on a SPARQL server: the :class:`ReasoningStore` of an endpoint.

The texts are those that run on the embedded store. Two things differ around them. The request,
not the text, says which graphs there are to see (the named-graph parameters of the SPARQL 1.1
Protocol), so that what else is on the server takes no part. And SPARQL has no way to name a
blank node: each is sent as an IRI made of its label (RDF 1.1 Concepts, section 3.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from nhskg.graph.endpoint import Endpoint
from nhskg.graph.staging import Staging
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.engine import Derivation
from nhskg.reasoning.model import Pattern, ProgramError, Term
from nhskg.reasoning.reasoner import reason

__all__ = ["RemoteEngine", "RemoteStore"]

NODE: Final = "urn:nhskg:node:"
"""How the IRI that stands for a blank node begins; its label follows."""

_WORKING: Final = re.compile(r"<urn:nhskg:(scratch|new:[^<>]*)>")
"""The graphs that a program works in, as its texts name them."""

_BATCH: Final = 5_000
_PATTERNS: Final = 100


@dataclass
class RemoteStore:
    """Named graphs of a server; see :class:`ReasoningStore`.

    Attributes:
        endpoint: the server.
        graphs: the names of the graphs that take part; those that a program works in are added.
        prefix: how the names of the graphs to work in begin.
    """

    endpoint: Endpoint
    graphs: list[str]
    prefix: str

    def update(self, text: str) -> None:
        """Run an update."""
        text = self._renamed(text)
        self.endpoint.update(text, graphs=self.graphs)

    def select(self, text: str, *, width: int | None = None) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT query, of so many columns."""
        text = self._renamed(text)
        for row in self.endpoint.select(text, width=width, graphs=self.graphs):
            yield tuple(None if term is None else _from_iri(term) for term in row)

    def matches(self, pattern: Pattern, graph: ox.NamedNode | None = None) -> bool:
        """Tell whether any triple matches."""
        where = _in_graph(pattern, str(graph or "?g_"))
        is_possible = not isinstance(pattern.subject, ox.Literal)
        return is_possible and any(self.select(f"SELECT (1 AS ?n_) WHERE {{ {where} }} LIMIT 1"))

    def size(self, pattern: Pattern, most: int) -> int:  # noqa: ARG002  # goes with the planner
        """Return that it is unknown how many triples match."""
        return most

    def subjects_per_object(self, pattern: Pattern, most: int) -> int:  # noqa: ARG002  # as above
        """Return that this is unknown."""
        return most

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples that match any of some patterns."""
        unions = []
        for pattern in patterns:
            nodes = zip("spo", _nodes(pattern), strict=True)
            binds = " ".join(f"BIND ({_written(node)} AS ?{name}_)" for name, node in nodes)
            if not isinstance(pattern.subject, ox.Literal):
                unions.append(f"{{ {_in_graph(pattern)} {binds} }}")
        for start in range(0, len(unions), _PATTERNS):
            where = " UNION ".join(unions[start : start + _PATTERNS])
            for row in self.select(f"SELECT ?s_ ?p_ ?o_ WHERE {{ {where} }}", width=3):
                yield ox.Triple(*row)  # type: ignore[arg-type]

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""
        lines = [" ".join(map(_written, triple)) for triple in triples]
        for start in range(0, len(lines), _BATCH):
            data = " .\n".join(lines[start : start + _BATCH])
            self.update(f"INSERT DATA {{ GRAPH {graph} {{\n{data}\n}} }}")

    def count(self, graph: ox.NamedNode) -> int:
        """Return the number of triples in a graph."""
        text = f"SELECT (COUNT(*) AS ?n_) WHERE {{ GRAPH {graph} {{ ?s_ ?p_ ?o_ }} }}"
        for (count,) in self.select(text, width=1):
            if isinstance(count, ox.Literal) and count.value.isdecimal():
                return int(count.value)
        raise self.endpoint.error("query", "no count came back where one was asked for")

    def _renamed(self, text: str) -> str:
        """Return a text with the graphs to work in named for this build, and note them."""
        names = {f"{self.prefix}{name}" for name in _WORKING.findall(text)}
        self.graphs += sorted(names.difference(self.graphs))
        return _WORKING.sub(rf"<{self.prefix}\1>", text)


@dataclass(frozen=True)
class RemoteEngine:
    """Uploads all triples of a store to a server, reasons there, and downloads what follows."""

    rules: Sequence[RuleText]
    staging: Staging
    name: str = "compiled"

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`.

        Raises:
            StoreError: the server does not do its part.
        """
        staging = self.staging
        given, derived = (f"{staging.prefix}{name}" for name in ("given", "derived"))
        staging.working += [given, derived]
        staging.upload(given, list({_mapped(quad.triple) for quad in store}))
        remote = RemoteStore(staging.endpoint, [given, derived], staging.prefix)
        try:
            outcome = reason(remote, self.rules, ox.NamedNode(derived))
        except ProgramError:
            staging.check()  # the reason may be that another build has cleared what was given
            raise
        staging.check()
        text = f"SELECT ?s_ ?p_ ?o_ WHERE {{ GRAPH <{derived}> {{ ?s_ ?p_ ?o_ }} }}"
        found = [ox.Triple(*row) for row in remote.select(text, width=3)]  # type: ignore[arg-type]
        store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in found)
        return Derivation(len(found), outcome.inconsistencies)


def _nodes(pattern: Pattern) -> tuple[object, object, object]:
    return pattern.subject, pattern.predicate, pattern.object


def _in_graph(pattern: Pattern, graph: str = "?g_") -> str:
    return f"GRAPH {graph} {{ {' '.join(map(_written, _nodes(pattern)))} }}"


def _written(term: object) -> str:
    return f"<{NODE}{term.value}>" if isinstance(term, ox.BlankNode) else str(term)


def _mapped(triple: ox.Triple) -> ox.Triple:
    """Return a triple with IRIs for its blank nodes."""
    nodes = [ox.NamedNode(NODE + n.value) if isinstance(n, ox.BlankNode) else n for n in triple]
    return ox.Triple(*nodes)


def _from_iri(term: Term) -> Term:
    if isinstance(term, ox.NamedNode) and term.value.startswith(NODE):
        return ox.BlankNode(term.value.removeprefix(NODE))
    return term
