"""The report of a build: its graph, findings and figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Store

from nhskg.annotation.corpus import Corpus
from nhskg.graph.store import Published
from nhskg.rdf import terms
from nhskg.shacl.findings import Finding, Severity

__all__ = ["Assembled", "Progress", "count_figures"]

Progress = Callable[[str], None]
"""Called with the name of each step as it begins."""

_CLAIMS: Final = ("provision", "stance", "silence", "relation")
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
        findings: violations, warnings and remarks, in order.
        figures: counts by name and, of a build, its seconds.
        published: the new store of the build folder; nothing where violations kept it back, and
            where the build was for a server.
    """

    corpus: Corpus
    store: Store
    findings: tuple[Finding, ...]
    figures: dict[str, int | float]
    published: Published | None = None

    @property
    def violations(self) -> int:
        """The number of findings that keep a graph from being published."""
        return sum(finding.severity is Severity.VIOLATION for finding in self.findings)

    def render(self) -> str:
        """Return the summary, a line a figure."""
        width = max(map(len, self.figures))
        lines = []
        for name, value in self.figures.items():
            shown = f"{value:.2f}" if isinstance(value, float) else f"{value:,}"
            lines.append(f"{name:<{width}}  {shown:>8}")
        return "\n".join(lines) + "\n"


def count_figures(
    corpus: Corpus, store: Store, findings: Sequence[Finding], *, asserted: int, derived: int
) -> dict[str, int | float]:
    """Return the counts of a graph, by name, in the order in which to show them.

    Args:
        corpus: the annotations it was made from.
        store: asserted graphs, ontology, and the derived graph.
        findings: what validation found.
        asserted: number of triples asserted by the annotations, the ontology left out.
        derived: number of triples derived.
    """
    kinds = Counter(type(claim).__name__.lower() for _, _, claim in corpus.claims())
    severities = Counter(finding.severity for finding in findings)
    return {
        "documents": len(corpus.documents),
        "claims": kinds.total(),
        **{f"  {kind}s": kinds[kind] for kind in _CLAIMS},
        "shared things": len(corpus.register),
        "triples asserted": asserted,
        "triples derived": derived,
        **{name: _count(store, *what) for name, what in _COUNTED.items()},
        **{_SEVERITIES[each]: severities[each] for each in Severity},
    }


def _count(store: Store, predicate: str, name: str | None) -> int:
    value = None if name is None else NamedNode(terms.NS + name)
    derived = NamedNode(terms.DERIVED_GRAPH)
    quads = store.quads_for_pattern(None, NamedNode(predicate), value, derived)
    return len({quad.subject for quad in quads})
