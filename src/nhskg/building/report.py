"""What a build made, and what it tells of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Quad, Store, Triple

from nhskg import terms
from nhskg.annotation.corpus import Corpus
from nhskg.graph.store import Published
from nhskg.validation.findings import Finding, Severity
from nhskg.validation.validated import Validated

__all__ = [
    "CLAIMS",
    "Assembled",
    "BuildReport",
    "Progress",
    "Redone",
    "arrange_figures",
    "count_figures",
    "count_kinds",
]

Progress = Callable[[str], None]
"""Called with a few words at the beginning of each step."""

CLAIMS: Final = ("provision", "stance", "silence", "relation")
"""The kinds of claim."""

COUNTED: Final = {
    **{
        f"holdings {basis}": f"{basis.capitalize()}Holding"
        for basis in ("stipulated", "conditional", "tentative", "presupposed", "inherited")
    },
    "conflicts": "Conflict",
}
"""What is counted of what is derived: the classes, by the names of their counts."""


@dataclass(frozen=True)
class Assembled:
    """A graph in memory: what is asserted, what follows from it, and what is wrong with it.

    Attributes:
        corpus: the annotations it was made from.
        store: asserted graphs, ontology, and the derived graph.
        asserted: number of triples asserted by the annotations, the ontology left out.
        derived: number of triples derived.
        findings: violations, warnings and remarks, in order.
        validated: what the next validation may want to know of this one.
        serving: what only served reasoning, for the next build to go on from; nothing where it
            cannot.
    """

    corpus: Corpus
    store: Store
    asserted: int
    derived: int
    findings: tuple[Finding, ...]
    validated: Validated
    serving: tuple[Quad, ...] | None = None


@dataclass(frozen=True, slots=True)
class Redone:
    """What a build has done, and not taken from an earlier one.

    Attributes:
        documents: the number of documents read and mapped.
        whole: whether it was a build from nothing.
    """

    documents: int
    whole: bool


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
    kinds = Counter(type(claim).__name__.lower() for _, _, claim in assembled.corpus.claims())
    return arrange_figures(
        {
            "documents": len(assembled.corpus.documents),
            "claims": kinds.total(),
            **{f"  {kind}s": kinds[kind] for kind in CLAIMS},
            "shared things": len(assembled.corpus.register),
            "triples asserted": assembled.asserted,
            "triples derived": assembled.derived,
            **{name: _count(assembled.store, kind) for name, kind in COUNTED.items()},
        },
        assembled.findings,
    )


def arrange_figures(
    counts: dict[str, int | float], findings: Iterable[Finding]
) -> dict[str, int | float]:
    """Return counts with the numbers of findings after them."""
    severities = Counter(finding.severity for finding in findings)
    figures = dict(counts)
    for severity in Severity:
        name = f"{severity.value.lower()}s" if severity is not Severity.INFO else "remarks"
        figures[name] = severities[severity]
    return figures


def _count(store: Store, name: str) -> int:
    kind = NamedNode(terms.NS + name)
    quads = store.quads_for_pattern(None, NamedNode(terms.RDF_TYPE), kind, None)
    return len({quad.subject for quad in quads})


def count_kinds(triples: Iterable[Triple]) -> Counter[str]:
    """Return how many of the things that are counted some triples make, by their names."""
    names = {terms.NS + kind: name for name, kind in COUNTED.items()}
    return Counter(
        names[triple.object.value]
        for triple in triples
        if triple.predicate.value == terms.RDF_TYPE
        and isinstance(triple.object, NamedNode)
        and triple.object.value in names
    )
