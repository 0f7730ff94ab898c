"""From the files of a project to a store that answers: read, map, reason, validate, publish."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store

from nhskg import __version__, terms
from nhskg.annotation.corpus import Corpus
from nhskg.annotation.reader import check_anchored, read_corpus
from nhskg.errors import AnnotationError
from nhskg.graph.mapping import map_corpus, map_ontology
from nhskg.graph.store import BuildArea, Published
from nhskg.project import Project
from nhskg.reasoning.compiled_engine import CompiledEngine, read_rule_texts
from nhskg.reasoning.engine import Engine
from nhskg.validation.findings import Finding, Severity, from_inconsistency, settle
from nhskg.validation.locating import locator
from nhskg.validation.shacl import validate_graph
from nhskg.vocabulary import load_vocabulary

__all__ = ["Assembled", "BuildReport", "assemble", "build_project"]

Progress = Callable[[str], None]


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
        published: the new store; nothing where violations kept it back.
        findings: what validation found.
        figures: counts by name, and the seconds that the build took.
    """

    published: Published | None
    findings: tuple[Finding, ...]
    figures: dict[str, int | float]

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


def assemble(
    project: Project, *, engine: Engine | None = None, progress: Progress | None = None
) -> Assembled:
    """Read, map, reason and validate in memory; nothing is written.

    Args:
        project: the corpus.
        engine: what reasons; the compiled engine where none is given.
        progress: called with a few words at the beginning of each step.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
    """
    say = progress or (lambda _: None)
    say("reading")
    vocabulary = load_vocabulary(project.ontology)
    corpus = read_corpus(project, vocabulary)
    unanchored = check_anchored(corpus)
    if unanchored:
        raise AnnotationError(unanchored)
    say("mapping")
    store = Store()
    asserted = list(map_corpus(corpus))
    store.extend(asserted)
    store.extend(map_ontology(project.ontology))
    say("reasoning")
    engine = engine or CompiledEngine(read_rule_texts(project.ontology / "rules"))
    derivation = engine.derive(store, NamedNode(terms.DERIVED_GRAPH))
    say("validating")
    locate = locator(corpus, store)
    findings = [
        from_inconsistency(each.rule, each.triples, locate) for each in derivation.inconsistencies
    ]
    findings += validate_graph(store, project.shapes, locate=locate)
    return Assembled(corpus, store, len(asserted), derivation.derived, settle(findings))


def build_project(
    project: Project, *, engine: Engine | None = None, progress: Progress | None = None
) -> BuildReport:
    """Build a project's store and, where no violation stands against it, publish it.

    The store that answered until now answers until the new one takes its place in one
    rename; see :mod:`nhskg.graph.store`.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: the build folder cannot be written, or another build is running.
    """
    started = time.monotonic()
    with BuildArea(project.build) as area:
        assembled = assemble(project, engine=engine, progress=progress)
        figures = _figures(assembled)
        published = None
        if not figures["violations"]:
            if progress:
                progress("writing")
            with area.new_folder() as folder:
                _write(folder, assembled.store)
                figures["seconds"] = time.monotonic() - started
                published = area.publish(folder, {"version": __version__, "figures": figures})
        figures["seconds"] = time.monotonic() - started
    return BuildReport(published, assembled.findings, figures)


def _write(folder: Path, store: Store) -> None:
    disk = Store(str(folder / "data"))
    disk.bulk_extend(store)
    disk.optimize()
    disk.flush()


_BASES = ("stipulated", "tentative", "presupposed", "inherited")


def _figures(assembled: Assembled) -> dict[str, int | float]:
    kinds = Counter(type(claim).__name__.lower() for _, _, claim in assembled.corpus.claims())
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
    quads: set[Quad | object] = {
        quad.subject
        for quad in store.quads_for_pattern(
            None, NamedNode(terms.RDF_TYPE), NamedNode(terms.NS + name), None
        )
    }
    return len(quads)
