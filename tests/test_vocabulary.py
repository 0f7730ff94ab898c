from __future__ import annotations

from pathlib import Path
from typing import get_args

import pyoxigraph as ox
import pytest

from nhskg.annotation.claims import Relation, Stance
from nhskg.annotation.corpus import Event, Work
from nhskg.project import shipped_data
from nhskg.rdf.errors import AnnotationError, InputError
from nhskg.rdf.terms import NS, TIME
from nhskg.vocabulary import Kind, Vocabulary, load_vocabulary

TURTLE = """\
@prefix nhs: <https://w3id.org/nhskg/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

nhs:ExclusivePower rdfs:subClassOf nhs:Power .
nhs:Speech a owl:Class ; skos:notation "speech" .
nhs:Decide a nhs:Power ; skos:prefLabel "deciding"@en ; skos:notation "decide" .
nhs:SignOff a nhs:ExclusivePower ; skos:broader nhs:Decide ;
    skos:definition "The last word."@en ;
    skos:notation "sign-off" .
nhs:Shouted skos:inScheme nhs:VoiceScheme ; skos:broader nhs:Loud ; skos:notation "shouted" .
nhs:Debate skos:inScheme nhs:EventTypeScheme ; skos:notation "debate" .
nhs:Thing a nhs:Sundry ; skos:notation "thing" .
nhs:Unnamed a nhs:Power .
"""


@pytest.fixture
def ontology(tmp_path: Path) -> Path:
    (tmp_path / "a.ttl").write_text(TURTLE, "utf-8")
    return tmp_path


def test_a_term_carries_what_the_ontology_says_of_it(ontology: Path) -> None:
    term = load_vocabulary(ontology).terms.get("sign-off")
    assert term is not None
    assert term.iri == NS + "SignOff"
    assert (term.label, term.definition) == ("sign-off", "The last word.")
    assert str(term.place) == f"{ontology}/a.ttl:11:5"


def test_kinds_come_from_schemes_and_classes(ontology: Path) -> None:
    vocabulary = load_vocabulary(ontology)
    assert {slug: term.kind for slug, term in vocabulary.terms.items()} == {
        "decide": Kind.POWER,
        "shouted": Kind.VOICE,
        "sign-off": Kind.POWER,
        "thing": Kind.OTHER,
    }
    assert vocabulary.slugs([Kind.VOICE, Kind.POWER]) == ("decide", "shouted", "sign-off")
    assert vocabulary.of_kind(Kind.ACTION) == ()
    for slug in ("unnamed", "speech", "debate"):  # a class and a type of event are no ids
        assert vocabulary.terms.get(slug) is None


def test_a_notation_given_twice_is_a_fault(ontology: Path) -> None:
    (ontology / "b.ttl").write_text(
        "@prefix nhs: <https://w3id.org/nhskg/ns#> .\n<x:Y> a nhs:Power ;\n"
        '  <http://www.w3.org/2004/02/skos/core#notation> "decide" .\n'
    )
    with pytest.raises(AnnotationError) as caught:
        load_vocabulary(ontology)
    assert str(caught.value) == (
        f"{ontology}/a.ttl:8:57: the notation 'decide' is given to 2 terms: "
        "nhs:Decide, x:Y; keep one"
    )


def test_unreadable_ontologies_are_input_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no ontology here"):
        load_vocabulary(tmp_path)
    (tmp_path / "bad.ttl").write_text("<x:a> <x:b> \n .\n")
    with pytest.raises(InputError) as caught:
        load_vocabulary(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/bad.ttl:2:")
    assert "not valid Turtle" in str(caught.value)
    (tmp_path / "bad.ttl").write_bytes(b"\xff")
    with pytest.raises(InputError, match="Invalid UTF-8"):
        load_vocabulary(tmp_path)


@pytest.fixture(scope="module")
def real() -> Vocabulary:
    return load_vocabulary(shipped_data() / "ontology")


def test_the_register_types_are_terms_of_the_ontology() -> None:
    declared = "".join(
        path.read_text("utf-8") for path in (shipped_data() / "ontology").glob("*.ttl")
    )
    for model in (Event, Work):
        words = set(get_args(model.model_fields["type"].annotation)) - {"other"}
        for word in words:
            assert f'skos:notation "{word}"' in declared


def test_the_ontology_has_terms_of_every_kind_of_vocabulary(real: Vocabulary) -> None:
    for kind in Kind:
        if kind.in_vocabulary and kind is not Kind.OTHER:
            assert real.of_kind(kind), kind
    assert real.of_kind(Kind.OTHER) == ()


def test_words_that_the_models_name_are_in_the_ontology(real: Vocabulary) -> None:
    words = {
        word
        for model in (Stance, Relation)
        for word in get_args(model.model_fields["polarity"].annotation)
    }
    assert words == set(real.slugs([Kind.POLARITY]))


def test_each_predicate_of_the_ontology_says_what_it_relates(real: Vocabulary) -> None:
    """Only what leads to a matter begins with anything, and has-time has no object."""
    ends = list(ox.parse(path=str(shipped_data() / "ontology" / "relation-ends.ttl")))
    subjects = {str(each.subject) for each in ends if "domainIncludes" in each.predicate.value}
    objects = {str(each.subject) for each in ends if "rangeIncludes" in each.predicate.value}
    predicates = {f"<{term.iri}>" for term in real.of_kind(Kind.PREDICATE)}
    assert predicates - subjects == {f"<{NS}leadsTo>"}
    assert predicates - objects == {f"<{TIME}hasTime>"}
    assert subjects | objects == predicates
