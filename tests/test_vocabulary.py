from __future__ import annotations

from itertools import chain
from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.annotation.claims import Relation, Stance
from nhskg.annotation.fields import slots
from nhskg.annotation.register import Event, Work
from nhskg.project import shipped_data
from nhskg.rdf.errors import AnnotationError, InputError, Place
from nhskg.rdf.terms import DCTERMS, NS, SKOS, TIME
from nhskg.vocabulary import REGISTER_KINDS, Kind, Vocabulary, load_vocabulary

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


def test_kinds_come_from_schemes_and_classes(ontology: Path) -> None:
    """A class and a type of event are no ids."""
    vocabulary = load_vocabulary(ontology)
    assert [(slug, term.kind) for slug, term in vocabulary.items()] == [
        ("decide", Kind.POWER),
        ("shouted", Kind.VOICE),
        ("sign-off", Kind.POWER),
        ("thing", Kind.OTHER),
    ]
    place = Place(ontology / "a.ttl", 11, 5)
    expected = (NS + "SignOff", "sign-off", "sign-off", Kind.POWER, "The last word.", place)
    assert vocabulary["sign-off"] == expected


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


def test_the_ontology_has_the_words_of_every_kind_and_of_the_models(real: Vocabulary) -> None:
    """What only the field ``type`` of the register names is in no vocabulary."""
    words = {kind: [term.slug for term in real.values() if term.kind is kind] for kind in Kind}
    for kind in set(Kind) - REGISTER_KINDS:
        assert bool(words[kind]) == (kind is not Kind.OTHER), kind
    polarities = [slots(model)["polarity"].words for model in (Stance, Relation)]
    assert sorted(chain(*polarities)) == words[Kind.POLARITY]
    files = (shipped_data() / "ontology").glob("*.ttl")
    declared = "".join(path.read_text("utf-8") for path in files)
    for word in {*slots(Event)["type"].words, *slots(Work)["type"].words} - {"other"}:
        assert f'skos:notation "{word}"' in declared


def test_each_predicate_of_the_ontology_says_what_it_relates(real: Vocabulary) -> None:
    """What leads to a matter begins with anything; a word and a time are no objects."""
    ends = list(ox.parse(path=str(shipped_data() / "ontology" / "relation-ends.ttl")))
    subjects = {str(each.subject) for each in ends if "domainIncludes" in each.predicate.value}
    objects = {str(each.subject) for each in ends if "rangeIncludes" in each.predicate.value}
    predicates = {f"<{term.iri}>" for term in real.values() if term.kind is Kind.PREDICATE}
    same = f"<{NS}probablySameAs>"
    words = {f"<{DCTERMS}description>", f"<{SKOS}altLabel>"}
    assert predicates - subjects == {same, f"<{NS}leadsTo>"}
    assert predicates - objects == {same, *words, f"<{TIME}hasTime>"}
    assert subjects | objects == predicates - {same}
