"""The steps of a build up to a validated graph in memory: read, map, reason, validate."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode, RdfFormat, Store

from nhskg import terms
from nhskg.annotation.corpus import Corpus, UnreadDocument
from nhskg.annotation.reader import check_anchored, read_corpus
from nhskg.building.memory import DocumentNotes, Inputs, Memory, triples_of
from nhskg.building.report import Assembled, Progress
from nhskg.errors import AnnotationError
from nhskg.graph.mapping import Names, map_one, map_ontology, map_things
from nhskg.project import Project
from nhskg.reasoning.compiled_engine import read_rule_texts
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.engine import Derivation, Engine
from nhskg.reasoning.footprint import Footprint, footprint_of
from nhskg.reasoning.model import Pattern
from nhskg.reasoning.property_axioms import SAME, X, Y
from nhskg.reasoning.reasoner import reason, values_in
from nhskg.reasoning.stores import EmbeddedStore
from nhskg.validation.findings import Finding, Locate
from nhskg.validation.locating import locator
from nhskg.validation.shacl import validate_graph
from nhskg.vocabulary import Vocabulary, load_vocabulary

__all__ = ["NotingEngine", "assemble"]

DERIVED = NamedNode(terms.DERIVED_GRAPH)


@dataclass
class NotingEngine:
    """The compiled engine, which notes the footprint of the program that it ran."""

    rules: Sequence[RuleText]
    name: str = "compiled"
    footprint: Footprint | None = None

    def derive(self, store: Store, graph: NamedNode) -> Derivation:
        """Put all that follows and isn't asserted into ``graph``; see :class:`Engine`."""
        seam = EmbeddedStore(store)
        outcome = reason(seam, self.rules, graph)
        if not seam.matches(Pattern(X, SAME, Y)):
            self.footprint = footprint_of(outcome.program, self.rules, values_in(seam))
        return Derivation(seam.count(graph), outcome.inconsistencies)


def assemble(
    project: Project,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
    inputs: Inputs | None = None,
    memory: Memory | None = None,
) -> Assembled:
    """Read, map, reason and validate in memory; nothing is written.

    Args:
        project: the corpus.
        engine: what reasons; the compiled engine where none is given.
        progress: called with a few words at the beginning of each step.
        inputs: the digests of what there is to read; needed with ``memory``.
        memory: what an earlier build with the same ontology, rules and engine has kept, against
            which there was no violation.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        InputError: a file of the ontology, the rules or the shapes cannot be read.
        StoreError: the engine reasons on a server, which does not do its part.
    """
    say = progress or (lambda _: None)
    say("reading")
    vocabulary = load_vocabulary(project.ontology)
    corpus = _read(project, vocabulary, inputs, memory)
    say("mapping")
    store = Store()
    _map(corpus, store, memory)
    asserted = len(store)
    store.extend(map_ontology(project.ontology))
    say("reasoning")
    engine = engine or NotingEngine(read_rule_texts(project.ontology / "rules"))
    derivation, reused = _derive(engine, store, memory)
    say("validating")
    locate = locator(corpus, store)
    findings = _clashes(derivation, store, project, locate)
    findings += validate_graph(store, project.shapes, locate=locate)
    return Assembled(
        corpus,
        store,
        asserted,
        derivation.derived,
        tuple(sorted(findings)),
        notes=_notes(corpus, inputs, memory),
        footprint=memory.footprint if reused and memory else getattr(engine, "footprint", None),
        reasoned=not reused,
    )


def _clashes(
    derivation: Derivation, store: Store, project: Project, locate: Locate
) -> list[Finding]:
    """Return the inconsistencies, with the claims behind them."""
    if not derivation.inconsistencies:
        return []
    from nhskg.building.clashes import clash_findings  # noqa: PLC0415  # rarely needed

    rules = read_rule_texts(project.ontology / "rules")
    return list(clash_findings(derivation.inconsistencies, store, rules, locate))


def _read(
    project: Project, vocabulary: Vocabulary, inputs: Inputs | None, memory: Memory | None
) -> Corpus:
    """Read the documents that have changed, or all of them where that would not do.

    A claim that is gone may leave a reference in a document that has not changed; and where there
    is one fault, those of all files are to be told.
    """
    unchanged = memory.unchanged(inputs) if memory and inputs else {}
    corpus = None
    if memory and unchanged:
        with contextlib.suppress(AnnotationError):
            corpus = read_corpus(project, vocabulary, unchanged=unchanged)
        if corpus is not None and _lost_claims(corpus, memory):
            corpus = None
    if corpus is None:
        corpus = read_corpus(project, vocabulary)
    read = [each for each in corpus.documents if not isinstance(each, UnreadDocument)]
    unanchored = check_anchored(replace(corpus, documents=tuple(read)))
    if unanchored:
        raise AnnotationError(unanchored)
    return corpus


def _lost_claims(corpus: Corpus, memory: Memory) -> bool:
    """Tell whether a claim of an earlier build is gone."""
    for name, notes in memory.documents.items():
        document = corpus.document(name)
        if isinstance(document, UnreadDocument):
            continue
        if document is None or notes.claims.keys() - {claim.id for claim in document.claims}:
            return True
    return False


def _map(corpus: Corpus, store: Store, memory: Memory | None) -> None:
    """Put what the annotations assert into a store, from the earlier build where it is the same."""
    names = Names(corpus)
    store.extend(map_things(corpus, names))
    for document in corpus.documents:
        if memory is not None and isinstance(document, UnreadDocument):
            memory.load(terms.document_graph(document.id), store)
        else:
            store.extend(map_one(document, names))


def _derive(engine: Engine, store: Store, memory: Memory | None) -> tuple[Derivation, bool]:
    """Derive what follows, or take it from an earlier build where that must be the same.

    Returns:
        What was derived, and whether it is from an earlier build.
    """
    if memory is not None and memory.footprint is not None and not _is_touched(store, memory):
        memory.load(DERIVED.value, store)
        return Derivation(EmbeddedStore(store).count(DERIVED)), True
    return engine.derive(store, DERIVED), False


def _is_touched(store: Store, memory: Memory) -> bool:
    """Tell whether anything that reasoning looks at has come or gone since an earlier build."""
    assert memory.footprint is not None
    now = {each.value for each in store.named_graphs() if isinstance(each, NamedNode)}
    for graph in (now | memory.files.keys()) - {DERIVED.value, terms.ONTOLOGY_GRAPH}:
        raw = store.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(graph)) or b""
        changed = memory.lines(graph).symmetric_difference(raw.splitlines())
        try:
            if any(memory.footprint.touches(triple) for triple in triples_of(changed)):
                return True
        except ValueError:
            return True
    return False


def _notes(
    corpus: Corpus, inputs: Inputs | None, memory: Memory | None
) -> dict[str, DocumentNotes]:
    """Return what is to be kept of each document."""
    notes = {}
    for document in corpus.documents:
        if memory is not None and isinstance(document, UnreadDocument):
            notes[document.id] = memory.documents[document.id]
        else:
            claims = {claim.id: type(claim).__name__.lower() for claim in document.claims}
            digest = inputs.documents.get(document.id, "") if inputs else ""
            notes[document.id] = DocumentNotes(digest, claims)
    return notes
