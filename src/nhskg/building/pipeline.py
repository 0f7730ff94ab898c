"""Build and validate a project: read, map, reason, validate in memory; then publish the store."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, RdfFormat, Store, parse, serialize

from nhskg import __version__
from nhskg.annotation.corpus import Corpus, check_anchored
from nhskg.annotation.reader import read_corpus
from nhskg.annotation.writer import verify_texts
from nhskg.building.clashes import SupportingClaims, clash_findings
from nhskg.graph.mapping import map_corpus, map_ontology
from nhskg.graph.source_locations import Locator
from nhskg.graph.store import Published, new_store, publish, write_store
from nhskg.project import Project, reading
from nhskg.rdf import terms
from nhskg.rdf.errors import AnnotationError, InputError, Place
from nhskg.rdf.files import MOST_RDF, files_in, find_file, read_text
from nhskg.rdf.lines import find_places, read_rdf
from nhskg.rdf.yaml_source import read_source
from nhskg.reasoning.reasoner import CompiledEngine, Derivation, Engine, read_rule_texts
from nhskg.shacl.engines import EngineName
from nhskg.shacl.findings import READING, Finding, Report, Severity, from_error, settle
from nhskg.shacl.rules import load_rules
from nhskg.shacl.shapes import ONTOLOGY_STYLE, Shapes, load_shapes
from nhskg.shacl.suppressions import apply_suppressions
from nhskg.shacl.unused_shapes import UNMATCHED
from nhskg.shacl.validation import validate_quads
from nhskg.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from nhskg.rdf.endpoint import Endpoint

Progress = Callable[[str], None]
"""Called with the name of each step as it begins."""

_COUNTED: Final = {
    "holdings": (terms.RDF_TYPE, "Holding"),
    "  stipulated": (terms.RDF_TYPE, "StipulatedHolding"),
    "  tentative": (terms.RDF_TYPE, "TentativeHolding"),
    "  presupposed": (terms.RDF_TYPE, "PresupposedHolding"),
    "  unchanged": (terms.RDF_TYPE, "UnchangedHolding"),
    "losses": (terms.RDF_TYPE, "Loss"),
    "bare entries": (terms.RDF_TYPE, "BareEntry"),
    "entries of existence": (terms.RDF_TYPE, "ExistenceEntry"),
    "conflicts": (terms.RDF_TYPE, "Conflict"),
}
"""What is counted of what is derived: a property and its value, by the names of their counts."""


def _silent(_: str) -> None: ...


@dataclass(frozen=True)
class Assembled:
    """A graph in memory: what is asserted, what follows from it, and what is wrong with it.

    The findings are in order; the figures are counts by name and, of a build, its seconds.
    ``published`` is the new store of the build folder: nothing where violations kept it back, or
    the build was for a server.
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
        return "".join(
            f"{name:<{width}}  {f'{n:.2f}' if isinstance(n, float) else f'{n:,}':>8}\n"
            for name, n in self.figures.items()
        )


def assemble(
    project: Project,
    *,
    engine: Engine | None = None,
    progress: Progress = _silent,
    shacl_engine: EngineName = "turbo",
) -> Assembled:
    """Read, map, reason (by default with the compiled engine) and validate; nothing is written.

    Raises:
        AnnotationError: the annotations have faults; all of them are reported.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: the engine reasons on a server, which does not do its part.
    """
    corpus, store, asserted, derivation = infer(project, engine=engine, progress=progress)
    rules = read_rule_texts(project.ontology / "rules")
    progress("validating")
    supporting = SupportingClaims(store, rules)
    locate = Locator(corpus, store, behind=supporting)
    findings = [
        *clash_findings(derivation.inconsistencies, supporting, locate),
        *validate_quads(store, _shapes_of(project), locate=locate, engine=shacl_engine),
    ]
    findings = [each for each in findings if not _is_idle_as_shipped(each, project)]
    if not corpus.documents:  # every shape is unmatched then
        missing = Finding(
            rule="no-documents",
            severity=Severity.VIOLATION,
            message="there are no documents here, and so no claims to check",
            repair="add one, seeds/documents/<id>.yaml, or name another project with --project",
            place=Place(project.documents),
        )
        findings = [missing, *(each for each in findings if each.rule != UNMATCHED)]
    counts = {"triples asserted": asserted, "triples derived": derivation.derived}
    figures = _figures(corpus, store, findings, counts)
    return Assembled(corpus, store, tuple(sorted(findings)), figures)


def infer(
    project: Project, *, engine: Engine | None = None, progress: Progress = _silent
) -> tuple[Corpus, Store, int, Derivation]:
    """Read, map and reason; return the corpus, its graph, the triples asserted and the derivation.

    Errors are those of :func:`assemble`, but for those of shapes.
    """
    progress("reading")
    corpus = read_corpus(project, load_vocabulary(project.ontology))
    if unanchored := check_anchored(corpus.documents):
        raise AnnotationError(unanchored)
    progress("mapping")
    store = Store()
    store.extend(map_corpus(corpus))
    asserted = len(store)
    store.extend(map_ontology(project.ontology, corpus.vocabulary))
    progress("reasoning")
    engine = engine or CompiledEngine(read_rule_texts(project.ontology / "rules"))
    return corpus, store, asserted, engine.derive(store, NamedNode(terms.DERIVED_GRAPH))


def _shapes_of(project: Project) -> Shapes:
    """Return the shapes of a project, with its base IRI and its limit of quotes in shipped ones."""
    shapes, limit = load_shapes(project.shapes), reading().quote_words
    changes = {"12 words": f"{limit} words", "{1,12}": f"{{1,{limit}}}"}
    changes[f"{terms.BASE}id/"] = terms.ID
    if all(old == new for old, new in changes.items()):
        return shapes
    raw = (serialize(shapes.triples, format=RdfFormat.N_TRIPLES) or b"").decode("utf-8")
    for old, new in changes.items():
        raw = raw.replace(old, new)
    triples = (quad.triple for quad in parse(raw, format=RdfFormat.N_TRIPLES))
    return Shapes(triples, shapes.files)


def _is_idle_as_shipped(finding: Finding, project: Project) -> bool:
    """Return whether a finding says that a shipped shape has nothing to check in an own corpus."""
    path = finding.place.path if finding.place else project.root
    return finding.rule == UNMATCHED and not path.is_relative_to(project.root)


def _figures(
    corpus: Corpus, store: Store, findings: Sequence[Finding], triples: dict[str, int]
) -> dict[str, int | float]:
    """Return the counts of a graph, in the order in which to show them."""
    kinds = Counter(type(claim).__name__.lower() for _, _, claim in corpus.claims())
    severities = Counter(finding.severity for finding in findings)
    withdrawn = sum(len(each.claims) for each in corpus.documents) - kinds.total()

    def derived(predicate: str, kind: str | None) -> int:
        value = NamedNode(terms.NS + kind) if kind else None
        graph = NamedNode(terms.DERIVED_GRAPH)
        quads = store.quads_for_pattern(None, NamedNode(predicate), value, graph)
        return len({quad.subject for quad in quads})

    return {
        "documents": len(corpus.documents),
        "claims": kinds.total(),
        **{f"  {kind}s": kinds[kind] for kind in ("provision", "stance", "silence", "relation")},
        **({"withdrawn claims": withdrawn} if withdrawn else {}),
        "shared things": len(corpus.register),
        **triples,
        **{name: derived(*counted) for name, counted in _COUNTED.items()},
        "violations": severities[Severity.VIOLATION],
        "warnings": severities[Severity.WARNING],
        "remarks": severities[Severity.INFO],
    }


def validate_project(
    project: Project, *, progress: Progress = _silent, shacl_engine: EngineName = "turbo"
) -> tuple[Finding, ...]:
    """Return the findings against a project and its own ontology, in order; nothing is written.

    Errors are those of :func:`assemble`.
    """
    assembled = assemble(project, progress=progress, shacl_engine=shacl_engine)
    findings, vocabulary = assembled.findings, assembled.corpus.vocabulary
    style, own = find_file(project.shapes, ONTOLOGY_STYLE), project.root / "ontology"
    paths = files_in(project.ontology, ".ttl")
    if style and any(path.parent == own for path in paths):
        locate = partial(find_places, [read_rdf(path) for path in paths])
        ontology = [*map_ontology(project.ontology, vocabulary)]
        found = validate_quads(ontology, load_shapes(style), locate=locate)
        findings += tuple(each for each in found if each.place and each.place.path.parent == own)
    return tuple(sorted(findings))


def report_project(
    project: Project, *, texts: Path | None, progress: Progress, shacl_engine: EngineName
) -> Report:
    """Return the findings against a project, and its texts, that no comment in it suppresses.

    What cannot be read is a finding, too.
    """
    complete = readable = True
    try:
        findings = validate_project(project, progress=progress, shacl_engine=shacl_engine)
    except InputError as error:
        findings, complete, readable = from_error(error), False, _is_readable(error)
    if texts is not None:
        known = {each.place for each in findings if each.rule == READING}
        faults = verify_texts(files_in(project.documents, ".yaml"), texts)
        new = [each for each in faults if each.place not in known]
        findings += from_error(AnnotationError(new))
    report = Report(
        settle(findings),
        rules=load_rules(project.shapes),
        roots=(Path.cwd(), project.root),
        complete=complete,
        readable=readable,
    )
    files = (each for each in project.inputs() if complete and each.is_file())
    return apply_suppressions(report, ((each, read_text(each, MOST_RDF)) for each in files))


def _is_readable(error: InputError) -> bool:
    """Return whether all files are YAML or Turtle, and the error is about their content."""
    if not isinstance(error, AnnotationError):
        return False
    paths = {fault.place.path for fault in error.faults}
    yaml = {path for path in paths if path.suffix in (".yaml", ".yml")}
    try:
        for path in yaml:
            read_source(path)
    except AnnotationError:
        return False
    return all(path.is_file() for path in paths - yaml)


def build_project(
    project: Project, *, engine: Engine | None = None, progress: Progress = _silent
) -> Assembled:
    """Build a project's store from nothing and, where it has no violation, publish it.

    The store before answers until the new one takes its place; see :mod:`nhskg.graph.store`. Other
    errors are those of :func:`assemble`.

    Raises:
        StoreError: the build folder cannot be written, or another build is running.
    """
    started = time.monotonic()
    with new_store(project.build) as folder:
        assembled = assemble(project, engine=engine, progress=progress)
        figures = assembled.figures
        if not assembled.violations:
            progress("writing")
            write_store(folder, assembled.store)
            figures["seconds"] = time.monotonic() - started
            published = publish(folder, {"version": __version__, "figures": figures})
            assembled = replace(assembled, published=published)
    figures["seconds"] = time.monotonic() - started
    return assembled


def build_remotely(
    project: Project,
    endpoint: Endpoint,
    *,
    engine: Engine | None = None,
    reason_there: bool = False,
    progress: Progress = _silent,
) -> Assembled:
    """Build a project's graph, and publish it on a SPARQL server where it has no violation.

    The graphs published before stay until the new ones replace them in one request; see
    :mod:`nhskg.rdf.endpoint`. The build folder is not touched. With ``reason_there`` the compiled
    program runs on the server. Other errors are those of :func:`assemble`.

    Raises:
        StoreError: the server does not do its part; what it had published stays.
    """
    from nhskg.rdf.endpoint import Staging  # noqa: PLC0415  # network
    from nhskg.reasoning.remote import RemoteEngine  # noqa: PLC0415

    started = time.monotonic()
    with Staging(endpoint) as staging:
        if reason_there:
            engine = RemoteEngine(read_rule_texts(project.ontology / "rules"), staging)
        assembled = assemble(project, engine=engine, progress=progress)
        if not assembled.violations:
            progress("publishing")
            store = assembled.store
            # no iterator of the store may outlive its line: a failed request keeps the frame, and
            # another thread may free it
            for name in [graph.value for graph in store.named_graphs()]:
                quads = list(store.quads_for_pattern(None, None, None, NamedNode(name)))
                staging.stage(name, [quad.triple for quad in quads])
            staging.publish()
    assembled.figures["seconds"] = time.monotonic() - started
    return assembled
