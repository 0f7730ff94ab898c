"""What a build made, and what it tells of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode, Store

from nhskg import terms
from nhskg.annotation.corpus import Corpus
from nhskg.building.memory import DocumentNotes
from nhskg.graph.store import Published
from nhskg.reasoning.footprint import Footprint
from nhskg.validation.findings import Finding, Severity

__all__ = ["Assembled", "BuildReport", "Progress", "Redone", "count_figures"]

Progress = Callable[[str], None]
"""Called with a few words at the beginning of each step."""

_BASES = ("stipulated", "tentative", "presupposed", "inherited")


@dataclass(frozen=True)
class Assembled:
    """A graph in memory: what is asserted, what follows from it, and what is wrong with it.

    Attributes:
        corpus: the annotations it was made from.
        store: asserted graphs, ontology, and the derived graph.
        asserted: number of triples asserted by the annotations, the ontology left out.
        derived: number of triples derived.
        findings: violations, warnings and remarks, in order.
        notes: what the next build may want to know of each document, by its id.
        footprint: what reasoning has looked at; nothing where that cannot be told.
        reasoned: whether reasoning was done, and not taken from an earlier build.
    """

    corpus: Corpus
    store: Store
    asserted: int
    derived: int
    findings: tuple[Finding, ...]
    notes: Mapping[str, DocumentNotes]
    footprint: Footprint | None = None
    reasoned: bool = True


@dataclass(frozen=True, slots=True)
class Redone:
    """What a build has done, and not taken from an earlier one.

    Attributes:
        documents: the number of documents read and mapped.
        reasoning: whether reasoning was done.
        writing: whether the store was written whole, and not as a copy with the changes put in.
    """

    documents: int
    reasoning: bool
    writing: bool


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
        published: the new store of the build folder; nothing where violations kept it back, and
            where the build was for a server.
        findings: what validation found.
        figures: counts by name, and the seconds that the build took.
        endpoint: the address of the server that the graph was published on, if it was.
        redone: what was done anew; nothing where the build was for a server.
    """

    published: Published | None
    findings: tuple[Finding, ...]
    figures: dict[str, int | float]
    endpoint: str | None = None
    redone: Redone | None = None

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
    kinds = Counter(kind for notes in assembled.notes.values() for kind in notes.claims.values())
    severities = Counter(finding.severity for finding in assembled.findings)
    figures: dict[str, int | float] = {
        "documents": len(assembled.corpus.documents),
        "claims": kinds.total(),
        **{f"  {kind}s": kinds[kind] for kind in ("provision", "stance", "silence", "relation")},
        "shared things": len(assembled.corpus.register),
        "triples asserted": assembled.asserted,
        "triples derived": assembled.derived,
    }
    for basis in _BASES:
        figures[f"holdings {basis}"] = _count(assembled.store, f"{basis.capitalize()}Holding")
    figures["conflicts"] = _count(assembled.store, "Conflict")
    for severity in Severity:
        figures[f"{severity.value.lower()}s" if severity is not Severity.INFO else "remarks"] = (
            severities[severity]
        )
    return figures


def _count(store: Store, name: str) -> int:
    kind = NamedNode(terms.NS + name)
    quads = store.quads_for_pattern(None, NamedNode(terms.RDF_TYPE), kind, None)
    return len({quad.subject for quad in quads})
