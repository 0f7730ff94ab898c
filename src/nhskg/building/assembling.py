"""The steps of a build up to a validated graph in memory: read, map, reason, validate."""

from __future__ import annotations

from pyoxigraph import NamedNode, Store

from nhskg import terms
from nhskg.annotation.reader import check_anchored, read_corpus
from nhskg.building.report import Assembled, Progress
from nhskg.errors import AnnotationError
from nhskg.graph.mapping import map_corpus, map_ontology
from nhskg.project import Project
from nhskg.reasoning.compiled_engine import CompiledEngine, read_rule_texts
from nhskg.reasoning.engine import Engine
from nhskg.validation.findings import from_inconsistency
from nhskg.validation.locating import locator
from nhskg.validation.shacl import validate_graph
from nhskg.vocabulary import load_vocabulary

__all__ = ["assemble"]


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
    return Assembled(corpus, store, len(asserted), derivation.derived, tuple(sorted(findings)))
