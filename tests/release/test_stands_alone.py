"""A dump stands alone: whatever is used in it is labelled and described."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import yaml
from pyoxigraph import Literal, NamedNode

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf import terms
from nhskg.release.labels import label_quads

PREF, LABEL = (NamedNode(terms.SKOS + "prefLabel"), NamedNode(terms.RDFS + "label"))
WORDING: Final = yaml.safe_load((Path(__file__).parent / "labels.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def labels(built: Project) -> dict[str, str]:
    """The labels of our own corpus that are made, by what follows the base of ids."""
    found = label_quads(open_published(built.build).open(), built.queries)
    pairs = [(q.subject, q.object) for q in found if q.predicate == PREF]
    assert all(isinstance(node, NamedNode) and isinstance(o, Literal) for node, o in pairs)
    return {str(s)[1:-1].removeprefix(terms.ID): getattr(o, "value", "") for s, o in pairs}


@pytest.mark.parametrize("thing", WORDING)
def test_a_label_is_made_of_the_parts_of_a_thing(thing: str, labels: dict[str, str]) -> None:
    assert labels[thing] == WORDING[thing]


def test_labels_are_short_and_without_ids(labels: dict[str, str]) -> None:
    assert max(map(len, labels.values())) <= 200
    assert not [words for words in labels.values() if "https:" in words or "claim/" in words]


def test_a_thing_has_the_same_label_in_both_vocabularies(built: Project) -> None:
    """Of SKOS and of RDFS, in English, and neither twice."""
    store = open_published(built.build).open()
    graph = list(label_quads(store, built.queries))
    assert len(set(graph)) == len(graph)
    found = {
        predicate: {
            (quad.subject, quad.object)
            for quad in [*graph, *store.quads_for_pattern(None, predicate, None)]
            if quad.predicate == predicate and isinstance(quad.object, Literal)
        }
        for predicate in (PREF, LABEL)
    }
    assert found[PREF] == found[LABEL]
    assert {label.language for _, label in found[PREF]} == {"en"}
