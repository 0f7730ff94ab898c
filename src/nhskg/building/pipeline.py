"""Build and validate a project: read, map, reason, validate in memory; then publish the store."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Store

from nhskg import __version__
from nhskg.annotation.corpus import Corpus, check_anchored
from nhskg.annotation.reader import read_corpus
from nhskg.building.clashes import SupportingClaims, clash_findings
from nhskg.graph.mapping import map_corpus, map_ontology
from nhskg.graph.source_locations import Locator
from nhskg.graph.store import Published, new_store, publish
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.rdf.errors import AnnotationError, Place
from nhskg.rdf.lines import find_places, read_rdf
from nhskg.reasoning.reasoner import CompiledEngine, Engine, read_rule_texts
from nhskg.shacl.findings import Finding, Severity
from nhskg.shacl.shapes import ONTOLOGY_STYLE, load_shapes
from nhskg.shacl.unused_shapes import UNMATCHED
from nhskg.shacl.validation import validate_quads
from nhskg.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from nhskg.shacl.engines import EngineName


NO_DOCUMENTS: Final = "no-documents"
"""The rule of a corpus in which there is nothing to check."""

_DERIVED: Final = NamedNode(terms.DERIVED_GRAPH)


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


def assemble(
    project: Project,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
    shacl_engine: EngineName = "turbo",
) -> Assembled:
    """Read, map, reason and validate in memory; nothing is written.

    Args:
        project: the corpus.
        engine: the reasoning engine; the compiled engine by default.
        progress: called with the name of each step as it begins.
        shacl_engine: what validates by the shapes.

    Raises:
        AnnotationError: the annotations have faults; all of them are reported.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: the engine reasons on a server, which does not do its part.
    """
    say = progress or (lambda _: None)
    say("reading")
    corpus = read_corpus(project, load_vocabulary(project.ontology))
    unanchored = check_anchored(corpus.documents)
    if unanchored:
        raise AnnotationError(unanchored)
    say("mapping")
    store = Store()
    store.extend(map_corpus(corpus))
    asserted = len(store)
    store.extend(map_ontology(project.ontology))
    say("reasoning")
    rules = read_rule_texts(project.ontology / "rules")
    derivation = (engine or CompiledEngine(rules)).derive(store, _DERIVED)
    say("validating")
    supporting = SupportingClaims(store, rules)
    locate = Locator(corpus, store, behind=supporting)
    findings = [
        *clash_findings(derivation.inconsistencies, supporting, locate),
        *validate_quads(store, load_shapes(project.shapes), locate=locate, engine=shacl_engine),
    ]
    if not corpus.documents:  # every shape is unmatched then
        findings = [each for each in findings if each.rule != UNMATCHED]
        missing = Finding(
            rule=NO_DOCUMENTS,
            severity=Severity.VIOLATION,
            message="there are no documents here, and so no claims to check",
            repair="add one, seeds/documents/<id>.yaml, or name another project with --project",
            place=Place(project.documents),
        )
        findings.append(missing)
    figures = _count_figures(corpus, store, findings, asserted=asserted, derived=derivation.derived)
    return Assembled(corpus, store, tuple(sorted(findings)), figures)


def _count_figures(
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
        **{name: _count_subjects(store, *what) for name, what in _COUNTED.items()},
        **{_SEVERITIES[each]: severities[each] for each in Severity},
    }


def _count_subjects(store: Store, predicate: str, name: str | None) -> int:
    value = None if name is None else NamedNode(terms.NS + name)
    derived = NamedNode(terms.DERIVED_GRAPH)
    quads = store.quads_for_pattern(None, NamedNode(predicate), value, derived)
    return len({quad.subject for quad in quads})


def validate_project(
    project: Project, *, progress: Progress | None = None, shacl_engine: EngineName = "turbo"
) -> tuple[Finding, ...]:
    """Return the findings against a project and its own ontology, in order; nothing is written.

    Arguments and errors are those of :func:`assemble`.
    """
    found = assemble(project, progress=progress, shacl_engine=shacl_engine).findings
    return tuple(sorted((*found, *_check_house_style(project))))


def _check_house_style(project: Project) -> tuple[Finding, ...]:
    """Return what the style shapes have against a project's own ontology.

    An ontology that ships with nhskg was checked before it shipped.
    """
    shapes = project.shapes / ONTOLOGY_STYLE
    if project.ontology != project.root / "ontology" or not shapes.is_file():
        return ()
    files = [read_rdf(path) for path in sorted(project.ontology.glob("*.ttl"))]
    locate = partial(find_places, files)
    found = validate_quads(map_ontology(project.ontology), load_shapes(shapes), locate=locate)
    return tuple(each for each in found if each.rule != UNMATCHED)


def build_project(
    project: Project, *, engine: Engine | None = None, progress: Progress | None = None
) -> Assembled:
    """Build a project's store from nothing and, where it has no violation, publish it.

    The store that answered until now answers until the new one takes its place in one
    rename; see :mod:`nhskg.graph.store`. Arguments and errors are those of :func:`assemble`.

    Raises:
        StoreError: the build folder cannot be written, or another build is running.
    """
    started = time.monotonic()
    with new_store(project.build) as folder:
        assembled = assemble(project, engine=engine, progress=progress)
        figures = assembled.figures
        if not assembled.violations:
            if progress:
                progress("writing")
            _write(folder / "data", assembled.store)
            figures["seconds"] = time.monotonic() - started
            published = publish(folder, {"version": __version__, "figures": figures})
            assembled = replace(assembled, published=published)
    figures["seconds"] = time.monotonic() - started
    return assembled


def _write(path: Path, store: Store) -> None:
    """Write a store to a folder that does not exist yet, and close it."""
    disk = Store(str(path))
    disk.bulk_extend(store)
    disk.optimize()
    disk.flush()
