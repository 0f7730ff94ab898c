"""The report of a build: its graph, findings and figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Store

from nhskg.annotation.corpus import Corpus
from nhskg.graph.store import Published
from nhskg.rdf import terms
from nhskg.shacl.findings import Finding, Severity

__all__ = ["Assembled", "BuildReport", "Progress", "count_figures"]

Progress = Callable[[str], None]
"""Called with the name of each step as it begins."""

_CLAIMS: Final = ("provision", "stance", "silence", "relation")
"""The kinds of claim."""

_COUNTED: Final = {
    "holdings stipulated": (terms.RDF_TYPE, "StipulatedHolding"),
    "holdings conditional": (terms.NS + "effectiveWhen", None),
    "holdings tentative": (terms.RDF_TYPE, "TentativeHolding"),
    "holdings presupposed": (terms.RDF_TYPE, "PresupposedHolding"),
    "holdings inherited": (terms.RDF_TYPE, "InheritedHolding"),
    "conflicts": (terms.RDF_TYPE, "Conflict"),
}
"""What is counted of what is derived: a property and its value, by the names of their counts."""

_SEVERITIES: Final = {
    Severity.VIOLATION: "violations",
    Severity.WARNING: "warnings",
    Severity.INFO: "remarks",
}


@dataclass(frozen=True)
class Assembled:
    """A graph in memory: what is asserted, what follows from it, and what is wrong with it.

    Attributes:
        corpus: the annotations it was made from.
        store: asserted graphs, ontology, and the derived graph.
        asserted: number of triples asserted by the annotations, the ontology left out.
        derived: number of triples derived.
        findings: violations, warnings and remarks, in order.
    """

    corpus: Corpus
    store: Store
    asserted: int
    derived: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
        published: the new store of the build folder; nothing where violations kept it back, and
            where the build was for a server.
        findings: what validation found.
        figures: counts by name, and the seconds that the build took.
        endpoint: the address of the server that the graph was published on, if it was.
    """

    published: Published | None
    findings: tuple[Finding, ...]
    figures: dict[str, int | float]
    endpoint: str | None = None

    @property
    def is_published(self) -> bool:
        """Whether the new graph has taken the place of the old one."""
        return self.published is not None or self.endpoint is not None

    @property
    def violations(self) -> int:
        """The number of findings that keep a store from being published."""
        return sum(finding.severity is Severity.VIOLATION for finding in self.findings)

    def render(self) -> str:
        """Return the summary, a line a figure."""
        width = max(map(len, self.figures))
        lines = []
        for name, value in self.figures.items():
            shown = f"{value:.2f}" if isinstance(value, float) else f"{value:,}"
            lines.append(f"{name:<{width}}  {shown:>8}")
        return "\n".join(lines) + "\n"


def count_figures(assembled: Assembled) -> dict[str, int | float]:
    """Return the counts of what was assembled, by name, in the order in which to show them."""
    kinds = Counter(type(claim).__name__.lower() for _, _, claim in assembled.corpus.claims())
    severities = Counter(finding.severity for finding in assembled.findings)
    return {
        "documents": len(assembled.corpus.documents),
        "claims": kinds.total(),
        **{f"  {kind}s": kinds[kind] for kind in _CLAIMS},
        "shared things": len(assembled.corpus.register),
        "triples asserted": assembled.asserted,
        "triples derived": assembled.derived,
        **{name: _count(assembled.store, *what) for name, what in _COUNTED.items()},
        **{_SEVERITIES[each]: severities[each] for each in Severity},
    }


def _count(store: Store, predicate: str, name: str | None) -> int:
    value = None if name is None else NamedNode(terms.NS + name)
    derived = NamedNode(terms.DERIVED_GRAPH)
    quads = store.quads_for_pattern(None, NamedNode(predicate), value, derived)
    return len({quad.subject for quad in quads})
