"""From the last build to the next: what has changed is read, and what it bears on is redone.

Of two stores that the last build has left copies are made, which share their files: the one that
answers, and the one to work on, in which what only serves reasoning stands too. The second is
brought up to date (:mod:`nhskg.reasoning.maintaining`), and what has come and gone by that is put
into the first. Both end as a build from nothing would have made them.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store, Triple

from nhskg import terms
from nhskg.annotation.corpus import Corpus, Unchanged, UnreadDocument, UnreadRegister
from nhskg.annotation.reader import read_corpus
from nhskg.building.assembling import DERIVED, about_documents, check_read
from nhskg.building.behind import ClaimsBehind
from nhskg.building.memory import Inputs, Memory, work_folder
from nhskg.building.report import CLAIMS, Progress, arrange_figures, count_kinds
from nhskg.building.writing import copy_store
from nhskg.errors import AnnotationError
from nhskg.graph.mapping import Names, map_one, map_things
from nhskg.graph.store import Published
from nhskg.project import Project
from nhskg.reasoning.compiled_engine import read_rule_texts
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.maintaining import Maintained, NotIncrementalError, maintain
from nhskg.reasoning.program import compile_program
from nhskg.reasoning.reasoner import ValuesFound, read_axioms
from nhskg.reasoning.schema import is_axiom
from nhskg.reasoning.stores import EmbeddedStore
from nhskg.validation.fast import Changes
from nhskg.validation.findings import Finding
from nhskg.validation.loading import load_shapes
from nhskg.validation.locating import locator
from nhskg.validation.shacl import validate_changed, validate_whole
from nhskg.validation.validated import Validated
from nhskg.vocabulary import load_vocabulary

__all__ = ["Updated", "update"]

_MOST_CHANGED = 0.1
"""The share of what is asserted up to which a change is followed up; beyond, all is done anew."""


@dataclass(frozen=True)
class Updated:
    """A store brought up to date.

    Attributes:
        corpus: the annotations; what has not changed is not read.
        store: the store in ``data``.
        findings: violations, warnings and remarks, in order.
        validated: what the next validation may want to know of this one.
        figures: what a build from nothing would count.
    """

    corpus: Corpus
    store: Store
    findings: tuple[Finding, ...]
    validated: Validated
    figures: dict[str, int | float]

    @property
    def read(self) -> int:
        """The number of documents that were read."""
        return sum(not isinstance(each, UnreadDocument) for each in self.corpus.documents)


def update(
    project: Project,
    inputs: Inputs,
    last: Published,
    memory: Memory,
    folder: Path,
    *,
    earlier: Validated | None = None,
    progress: Progress | None = None,
) -> Updated | None:
    """Build a project's store from the last one.

    Args:
        project: the corpus.
        inputs: the digests of what there is to read.
        last: the store of the last build.
        memory: what that build has kept; ontology, rules, shapes and engine are the same.
        earlier: what validation of the last store came to, as far as that is known.
        folder: where ``data``, and the memory's store, are to stand.
        progress: called with a few words at the beginning of each step.

    Returns:
        The store, or nothing where it is to be built from nothing: because too much has changed,
        something that cannot be followed up, or something that makes it inconsistent.

    Raises:
        AnnotationError: the annotations have faults; all of them are told.
        StoreError: a store cannot be copied.
    """
    say = progress or (lambda _: None)
    say("reading")
    corpus = _read(project, inputs, memory)
    say("mapping")
    work = copy_store(work_folder(last.folder), work_folder(folder))
    gone, came = _differences(corpus, memory, inputs, work)
    if len(gone) + len(came) > _MOST_CHANGED * memory.figures["triples asserted"]:
        return None
    say("reasoning")
    rules = read_rule_texts(project.ontology / "rules")
    maintained = _maintain(rules, work, gone, came)
    if maintained is None:
        return None
    work.flush()
    del work
    data = copy_store(last.folder / "data", folder / "data")
    for quad in (*gone, *_derived(maintained.gone)):
        data.remove(quad)
    data.extend([*came, *_derived(maintained.came)])
    for name in {quad.graph_name for quad in gone} | {DERIVED}:
        if not any(data.quads_for_pattern(None, None, None, name)):
            data.remove_graph(name)  # a graph without triples would still be named
    data.flush()
    say("validating")
    locate = locator(corpus, data, behind=ClaimsBehind(data, rules))
    shapes = load_shapes(project.shapes)
    if earlier is None:
        validated = validate_whole(data, shapes, locate=locate)
    else:
        differing = Changes(
            frozenset((*gone, *_derived(maintained.gone))),
            frozenset((*came, *_derived(maintained.came))),
        )
        validated = validate_changed(data, shapes, differing, earlier, locate=locate)
    findings = about_documents(project, corpus, validated.findings)
    counts = _counts(corpus, memory, maintained, len(came) - len(gone))
    return Updated(corpus, data, findings, validated, arrange_figures(counts, findings))


def _derived(triples: Iterable[Triple]) -> list[Quad]:
    return [Quad(t.subject, t.predicate, t.object, DERIVED) for t in triples]


def _read(project: Project, inputs: Inputs, memory: Memory) -> Corpus:
    """Read what has changed, or everything where that would not do.

    A claim that is gone may leave a reference in a document that has not changed; and where there
    is one fault, those of all files are to be told.
    """
    vocabulary = load_vocabulary(project.ontology)
    unchanged = memory.unchanged(inputs)
    corpus = None
    if unchanged is not None:
        with contextlib.suppress(AnnotationError):
            corpus = read_corpus(project, vocabulary, unchanged=unchanged)
        if corpus is not None and _lost_claims(corpus, memory, unchanged):
            corpus = None
    if corpus is None:
        corpus = read_corpus(project, vocabulary)
    check_read(corpus)
    return corpus


def _lost_claims(corpus: Corpus, memory: Memory, unchanged: Unchanged) -> bool:
    """Tell whether a claim of the last build is gone."""
    there = {
        document.id: {claim.id for claim in document.claims}
        for document in corpus.documents
        if document.id not in unchanged.documents
    }
    return any(
        notes.claims.keys() - there.get(name, set())
        for name, notes in memory.documents.items()
        if name not in unchanged.documents
    )


def _differences(
    corpus: Corpus, memory: Memory, inputs: Inputs, work: Store
) -> tuple[list[Quad], list[Quad]]:
    """Return what is no longer asserted, and what is asserted now."""
    gone: list[Quad] = []
    came: list[Quad] = []
    for graph, quads in _mapped(corpus, memory, inputs):
        before = set(work.quads_for_pattern(None, None, None, NamedNode(graph)))
        now = set(quads)
        gone += before - now
        came += now - before
    return gone, came


def _mapped(corpus: Corpus, memory: Memory, inputs: Inputs) -> Iterator[tuple[str, Iterable[Quad]]]:
    """Yield the graphs that may have changed, with what they are to hold."""
    names = Names(corpus)
    if not isinstance(corpus.register, UnreadRegister):
        yield terms.REGISTER_GRAPH, map_things(corpus, names)
    for document in corpus.documents:
        notes = memory.documents.get(document.id)
        same = notes is not None and notes.digest == inputs.documents.get(document.id)
        if not same or not isinstance(corpus.register, UnreadRegister):
            yield terms.document_graph(document.id), map_one(document, names)
    for name in memory.documents.keys() - {document.id for document in corpus.documents}:
        yield terms.document_graph(name), ()


def _maintain(
    rules: Sequence[RuleText], work: Store, gone: list[Quad], came: list[Quad]
) -> Maintained | None:
    """Bring what follows up to date; return nothing where it is to be derived from nothing."""
    seam = EmbeddedStore(work)
    values = ValuesFound(seam)
    program = compile_program(read_axioms(seam), rules, values_of=values)
    try:
        found = maintain(program, work, DERIVED, gone, came)
    except NotIncrementalError:
        return None
    if found.clashing or any(is_axiom(triple) for triple in found.gone | found.came):
        return None
    return None if values.changed() else found


def _counts(
    corpus: Corpus, memory: Memory, maintained: Maintained, asserted: int
) -> dict[str, int | float]:
    """Return the counts of the new store, from those of the last."""
    kinds: Counter[str] = Counter()
    for document in corpus.documents:
        if isinstance(document, UnreadDocument):
            kinds.update(memory.documents[document.id].claims.values())
        else:
            kinds.update(type(claim).__name__.lower() for claim in document.claims)
    before, more, less = (
        memory.figures,
        count_kinds(maintained.came),
        count_kinds(maintained.gone),
    )
    derived = len(maintained.came) - len(maintained.gone)
    return {
        "documents": len(corpus.documents),
        "claims": kinds.total(),
        **{f"  {kind}s": kinds[kind] for kind in CLAIMS},
        "shared things": len(corpus.register),
        "triples asserted": before["triples asserted"] + asserted,
        "triples derived": before["triples derived"] + derived,
        **{name: before[name] + more[name] - less[name] for name in _counted(before)},
    }


def _counted(figures: Iterable[str]) -> list[str]:
    return [name for name in figures if name.startswith(("holdings ", "conflicts"))]
