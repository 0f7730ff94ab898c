"""The steps of a build up to a validated graph in memory: read, map, reason, validate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad, Store

from nhskg import terms
from nhskg.annotation.corpus import Corpus, UnreadDocument
from nhskg.annotation.reader import check_anchored, read_corpus
from nhskg.building.behind import ClaimsBehind
from nhskg.building.report import Assembled, Progress
from nhskg.errors import AnnotationError
from nhskg.graph.mapping import map_corpus, map_ontology
from nhskg.project import Project
from nhskg.reasoning.compiled_engine import read_rule_texts
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.engine import Derivation, Engine
from nhskg.reasoning.reasoner import reason
from nhskg.reasoning.render import SCRATCH
from nhskg.reasoning.stores import EmbeddedStore
from nhskg.validation.findings import Finding, Locate, no_documents
from nhskg.validation.idle_shapes import UNMATCHED
from nhskg.validation.loading import load_shapes
from nhskg.validation.locating import locator
from nhskg.validation.shacl import validate_whole
from nhskg.vocabulary import load_vocabulary

__all__ = ["DERIVED", "KeepingEngine", "about_documents", "assemble", "check_read"]

DERIVED = NamedNode(terms.DERIVED_GRAPH)
"""The graph of what is derived."""


@dataclass
class KeepingEngine:
    """The compiled engine, which keeps what only served reasoning, in ``serving``."""

    rules: Sequence[RuleText]
    name: str = "compiled"
    serving: tuple[Quad, ...] | None = None

    def derive(self, store: Store, graph: NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`."""
        seam = EmbeddedStore(store)
        outcome = reason(seam, self.rules, graph, keep=True)
        self.serving = tuple(store.quads_for_pattern(None, None, None, SCRATCH))
        store.remove_graph(SCRATCH)
        return Derivation(seam.count(graph), outcome.inconsistencies)


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
        StoreError: the engine reasons on a server, which does not do its part.
    """
    say = progress or (lambda _: None)
    say("reading")
    corpus = read_corpus(project, load_vocabulary(project.ontology))
    check_read(corpus)
    say("mapping")
    store = Store()
    store.extend(map_corpus(corpus))
    asserted = len(store)
    store.extend(map_ontology(project.ontology))
    say("reasoning")
    rules = read_rule_texts(project.ontology / "rules")
    engine = engine or KeepingEngine(rules)
    derivation = engine.derive(store, DERIVED)
    say("validating")
    locate = locator(corpus, store, behind=ClaimsBehind(store, rules))
    findings = _clashes(derivation, store, rules, locate)
    validated = validate_whole(store, load_shapes(project.shapes), locate=locate)
    findings += validated.findings
    return Assembled(
        corpus,
        store,
        asserted,
        derivation.derived,
        about_documents(project, corpus, findings),
        validated,
        serving=None if derivation.inconsistencies else getattr(engine, "serving", None),
    )


def about_documents(
    project: Project, corpus: Corpus, findings: Iterable[Finding]
) -> tuple[Finding, ...]:
    """Return findings in order; where there are no documents, that, and not what comes of it.

    Shapes find nothing to look at then, which would be told of each.
    """
    if corpus.documents:
        return tuple(sorted(findings))
    rest = (each for each in findings if each.rule != UNMATCHED)
    return tuple(sorted((no_documents(project.documents), *rest)))


def check_read(corpus: Corpus) -> None:
    """Check that what was read is anchored.

    Raises:
        AnnotationError: it is not.
    """
    read = [each for each in corpus.documents if not isinstance(each, UnreadDocument)]
    unanchored = check_anchored(read)
    if unanchored:
        raise AnnotationError(unanchored)


def _clashes(
    derivation: Derivation, store: Store, rules: Sequence[RuleText], locate: Locate
) -> list[Finding]:
    """Return the inconsistencies, with the claims behind them."""
    if not derivation.inconsistencies:
        return []
    from nhskg.building.clashes import clash_findings  # noqa: PLC0415  # rarely needed

    return list(clash_findings(derivation.inconsistencies, store, rules, locate))
