"""The pipeline of a build: read, map, reason, validate; all in memory, and always from nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyoxigraph import NamedNode, Store

from nhskg.annotation.corpus import Corpus
from nhskg.annotation.reader import check_anchored, read_corpus
from nhskg.building.ontology_lint import check_house_style
from nhskg.building.report import Assembled, Progress
from nhskg.building.supporting_claims import ClaimsBehind
from nhskg.graph.mapping import map_corpus, map_ontology
from nhskg.graph.source_locations import locator
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.rdf.errors import AnnotationError
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.engine import CompiledEngine, Derivation, Engine, read_rule_texts
from nhskg.shacl.findings import Finding, Locate, no_documents
from nhskg.shacl.unused_shapes import UNMATCHED
from nhskg.shacl.validation import validate_graph
from nhskg.vocabulary import load_vocabulary

__all__ = ["assemble", "validate_project"]

_DERIVED = NamedNode(terms.DERIVED_GRAPH)


def assemble(
    project: Project, *, engine: Engine | None = None, progress: Progress | None = None
) -> Assembled:
    """Read, map, reason and validate in memory; nothing is written.

    Args:
        project: the corpus.
        engine: the reasoning engine; the compiled engine by default.
        progress: called with the name of each step as it begins.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
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
    locate = locator(corpus, store, behind=ClaimsBehind(store, rules))
    clashes = _clashes(derivation, store, rules, locate)
    findings = [*clashes, *validate_graph(store, project.shapes, locate=locate)]
    return Assembled(
        corpus, store, asserted, derivation.derived, _about_documents(project, corpus, findings)
    )


def validate_project(project: Project, *, progress: Progress | None = None) -> tuple[Finding, ...]:
    """Return the findings against a project and its own ontology, in order; nothing is written.

    Args:
        project: the corpus.
        progress: called with the name of each step as it begins.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
    """
    found = assemble(project, progress=progress).findings
    return tuple(sorted((*found, *check_house_style(project))))


def _about_documents(
    project: Project, corpus: Corpus, findings: Iterable[Finding]
) -> tuple[Finding, ...]:
    """Return findings in order; a project without documents is a violation.

    Every shape is unmatched then, which is left out.
    """
    if corpus.documents:
        return tuple(sorted(findings))
    rest = (each for each in findings if each.rule != UNMATCHED)
    return tuple(sorted((no_documents(project.documents), *rest)))


def _clashes(
    derivation: Derivation, store: Store, rules: Sequence[RuleText], locate: Locate
) -> list[Finding]:
    """Return the inconsistencies, with the claims behind them."""
    if not derivation.inconsistencies:
        return []
    from nhskg.building.clashes import clash_findings  # noqa: PLC0415  # rarely needed

    return list(clash_findings(derivation.inconsistencies, store, rules, locate))
