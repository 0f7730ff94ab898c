"""The program on a SPARQL server: the seam of :mod:`nhskg.reasoning.stores` over HTTP.

The texts are those that run on the embedded store. Two things differ around them. The request,
not the text, says which graphs there are to see (the named-graph parameters of the SPARQL 1.1
Protocol), so that what else stands on the server takes no part. And SPARQL has no way to name a
blank node: each travels as an IRI made of its label (RDF 1.1 Concepts, section 3.5).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from nhskg.errors import StoreError
from nhskg.graph.endpoint import Endpoint
from nhskg.graph.staging import Staging, has_blank
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.engine import Derivation
from nhskg.reasoning.model import Pattern, ProgramError, Term
from nhskg.reasoning.reasoner import reason

__all__ = ["RemoteEngine", "RemoteStore"]

NODE: Final = "urn:nhskg:node:"
"""How the IRI that stands for a blank node begins; its label follows."""

_WORKING: Final = re.compile(r"<urn:nhskg:(scratch|new:[^<>]*)>")
"""The graphs that a program works in, as its texts name them."""

_DROPPED: Final = re.compile(r"DROP SILENT GRAPH <([^<>]*)>")

_BATCH: Final = 5_000


@dataclass
class RemoteStore:
    """A server's graphs, as the runner asks of them; see :class:`ReasoningStore`.

    Attributes:
        endpoint: the server.
        given: the graphs that hold what is given and what is derived.
        prefix: how the names of the graphs to work in are to begin.
    """

    endpoint: Endpoint
    given: tuple[str, ...]
    prefix: str
    _working: dict[str, None] = field(default_factory=dict, init=False)
    _failure: StoreError | None = field(default=None, init=False)
    _known: dict[tuple[Pattern, str | None], bool] = field(default_factory=dict, init=False)

    @property
    def graphs(self) -> list[str]:
        """The graphs that take part."""
        return [*self.given, *self._working]

    def update(self, text: str) -> None:
        """Run an update."""
        self._forget(text)
        renamed = self._renamed(text)
        with self._stopping():
            self.endpoint.update(renamed, graphs=self.graphs)
        for name in _DROPPED.findall(renamed):
            self._working.pop(name, None)

    def select(self, text: str, *, width: int | None = None) -> Iterator[tuple[Term | None, ...]]:
        """Yield the rows of a SELECT query, of so many columns."""
        renamed = self._renamed(text)
        with self._stopping():
            rows = list(self.endpoint.select(renamed, graphs=self.graphs, width=width))
        for row in rows:
            yield tuple(None if term is None else _from_iri(term) for term in row)

    def matches(self, pattern: Pattern, graph: ox.NamedNode | None = None) -> bool:
        """Tell whether any triple matches; nothing is asked twice between two changes."""
        if isinstance(pattern.subject, ox.Literal):
            return False
        key = (pattern, graph.value if graph else None)
        if key not in self._known:
            text = self._renamed(f"ASK {{ {_in_graph(pattern, str(graph) if graph else '?g_')} }}")
            with self._stopping():
                self._known[key] = self.endpoint.ask(text, graphs=self.graphs)
        return self._known[key]

    def size(self, pattern: Pattern, most: int) -> int:
        """Return how many triples match a pattern, counting no further than ``most``."""
        inner = f"SELECT * WHERE {{ {_in_graph(pattern)} }} LIMIT {most}"
        return self._numbers(f"SELECT (COUNT(*) AS ?n_) WHERE {{ {{ {inner} }} }}", 1)[0]

    def subjects_per_object(self, pattern: Pattern, most: int) -> int:
        """Return the mean number of subjects that an object of the pattern's predicate has."""
        value = pattern.object
        if not isinstance(value, ox.Variable):
            return self.size(pattern, most)
        inner = f"SELECT {value} WHERE {{ {_in_graph(pattern)} }} LIMIT {64 * most}"
        triples, objects = self._numbers(
            f"SELECT (COUNT(*) AS ?n_) (COUNT(DISTINCT {value}) AS ?m_) WHERE {{ {{ {inner} }} }}",
            2,
        )
        return min(most, triples // objects) if objects else 0

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples that match any of some patterns."""
        unions = []
        for pattern in patterns:
            if isinstance(pattern.subject, ox.Literal):
                continue
            binds = [
                f"BIND ({_written(node)} AS ?{name}_)"
                for name, node in zip("spo", _nodes(pattern), strict=True)
            ]
            unions.append(f"{{ {_in_graph(pattern)} {' '.join(binds)} }}")
        for start in range(0, len(unions), 100):
            text = " UNION ".join(unions[start : start + 100])
            for row in self.select(f"SELECT ?s_ ?p_ ?o_ WHERE {{ {text} }}", width=3):
                try:
                    yield ox.Triple(*row)  # type: ignore[arg-type]
                except TypeError as error:
                    raise self.endpoint.unfit("what came back is no triple") from error

    def add(self, triples: Iterable[ox.Triple], graph: ox.NamedNode) -> None:
        """Add triples to a graph."""
        lines = [" ".join(_written(term) for term in triple) for triple in triples]
        for start in range(0, len(lines), _BATCH):
            data = " .\n".join(lines[start : start + _BATCH])
            self.update(f"INSERT DATA {{ GRAPH {graph} {{\n{data}\n}} }}")

    def count(self, graph: ox.NamedNode) -> int:
        """Return the number of triples in a graph."""
        return self._numbers(
            f"SELECT (COUNT(*) AS ?n_) WHERE {{ GRAPH {graph} {{ ?s_ ?p_ ?o_ }} }}", 1
        )[0]

    def _numbers(self, text: str, width: int) -> list[int]:
        rows = list(self.select(text, width=width))
        if len(rows) != 1:
            raise self.endpoint.unfit(f"{len(rows)} rows came back where counts were asked for")
        return [self.endpoint.number(term) for term in rows[0]]

    @contextlib.contextmanager
    def _stopping(self) -> Iterator[None]:
        """Ask nothing more of a server once it has failed: each question may take its time."""
        if self._failure is not None:
            raise self._failure
        try:
            yield
        except StoreError as error:
            self._failure = error
            raise

    def _renamed(self, text: str) -> str:
        """Return a text with the graphs to work in named for this build, and note them."""

        def rename(found: re.Match[str]) -> str:
            name = f"{self.prefix}{found[1]}"
            self._working.setdefault(name)
            return f"<{name}>"

        return _WORKING.sub(rename, text)

    def _forget(self, text: str) -> None:
        """Forget what an update may change: what only adds leaves true what was found."""
        adds = text.startswith("INSERT")
        self._known = {key: True for key, found in self._known.items() if adds and found}


def _nodes(pattern: Pattern) -> tuple[object, object, object]:
    return pattern.subject, pattern.predicate, pattern.object


def _in_graph(pattern: Pattern, graph: str = "?g_") -> str:
    return f"GRAPH {graph} {{ {' '.join(map(_written, _nodes(pattern)))} }}"


def _written(term: object) -> str:
    return f"<{NODE}{term.value}>" if isinstance(term, ox.BlankNode) else str(term)


def _to_iri(term: Term) -> Term:
    return ox.NamedNode(NODE + term.value) if isinstance(term, ox.BlankNode) else term


def _from_iri(term: Term) -> Term:
    if isinstance(term, ox.NamedNode) and term.value.startswith(NODE):
        return ox.BlankNode(term.value.removeprefix(NODE))
    return term


def _mapped(triple: ox.Triple, change: object) -> ox.Triple:
    return ox.Triple(*(change(term) for term in triple))  # type: ignore[operator]


@dataclass(frozen=True)
class RemoteEngine:
    """Uploads what a store asserts to a server, reasons there, and brings back what follows.

    The uploaded graphs and the derived one stay in staging, to be published from there.
    """

    rules: Sequence[RuleText]
    staging: Staging
    name: str = "compiled"

    def derive(self, store: ox.Store, graph: ox.NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`.

        Raises:
            StoreError: the server does not do its part.
        """
        staging = self.staging
        union: set[ox.Triple] = set()
        for each in sorted(store.named_graphs(), key=str):
            assert isinstance(each, ox.NamedNode)
            triples = [quad.triple for quad in store.quads_for_pattern(None, None, None, each)]
            staging.stage(each.value, triples)
            union.update(_mapped(triple, _to_iri) for triple in triples)
        given = f"{staging.prefix}given"
        staging.upload(given, union)
        derived = ox.NamedNode(staging.name(graph.value))
        seam = RemoteStore(staging.endpoint, (given, derived.value), staging.prefix)
        try:
            outcome = reason(seam, self.rules, derived)
        except ProgramError:
            staging.check()  # the reason may be that another build has cleared what was given
            raise
        is_there = seam.count(derived) > 0  # servers differ in whether a graph without triples is
        given_back = staging.endpoint.get(derived.value) if is_there else []
        found = [_mapped(triple, _from_iri) for triple in given_back]
        self._settle(derived, found)
        store.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in found)
        return Derivation(len(found), outcome.inconsistencies)

    def _settle(self, derived: ox.NamedNode, found: Collection[ox.Triple]) -> None:
        """Give the derived graph its blank nodes back, and see that nothing is missing."""
        staging = self.staging
        held = [triple for triple in found if has_blank(triple)]
        if held:
            triple, ends = "?s_ ?p_ ?o_", ("?s_", "?o_")
            tests = [f'(isIRI({end}) && STRSTARTS(STR({end}), "{NODE}"))' for end in ends]
            inside = f"GRAPH {derived} {{ {triple} }}"
            text = f"DELETE {{ {inside} }} WHERE {{ {inside} FILTER ({' || '.join(tests)}) }}"
            staging.endpoint.update(text, graphs=[derived.value])
            staging.hold(derived.value, held)
        staging.settle({derived.value: len(found) - len(held)})
