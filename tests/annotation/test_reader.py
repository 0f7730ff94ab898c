"""Every fault of annotation has a place and a repair, and all are told together.

Each file of ``faults`` is a case: a document, or a register file, put beside the
invented corpus. Its faults stand at its end, as comments that begin with ``#!``.
"""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from nhskg.annotation.corpus import Corpus, check_anchored
from nhskg.annotation.reader import read_corpus
from nhskg.annotation.register import Plan
from nhskg.project import Project, shipped_data
from nhskg.rdf.errors import MOST_FAULTS, AnnotationError
from nhskg.vocabulary import Vocabulary

FAULTS = Path(__file__).parent / "faults"
CASES = sorted(FAULTS.glob("*/*.yaml"))


def faults_of(project: Project, vocabulary: Vocabulary) -> list[str]:
    with pytest.raises(AnnotationError) as caught:
        read_corpus(project, vocabulary)
    return [
        str(fault).replace(f"{project.seeds}/", "").replace(str(shipped_data()), "SHIPPED")
        for fault in caught.value.faults
    ]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}-{case.stem}" for case in CASES])
def test_each_case_has_exactly_its_faults(
    case: Path, project: Project, vocabulary: Vocabulary
) -> None:
    target = project.seeds / case.parent.name / "case.yaml"
    shutil.copy(case, target)
    told = [
        line.replace(f"{case.parent.name}/case.yaml:", "")
        for line in faults_of(project, vocabulary)
    ]
    expected = [line[3:] for line in case.read_text("utf-8").splitlines() if line.startswith("#! ")]
    assert told == expected


def test_one_file_hides_no_fault_of_another(project: Project, vocabulary: Vocabulary) -> None:
    (project.documents / "a.yaml").write_text("document: {id: a, label: a, source: a.txt}\nx: y\n")
    (project.documents / "b.yaml").write_text("claims: [\n")
    (project.documents / "c.yml").write_text("")
    (project.documents / ".hidden.yaml").write_text("%")
    (project.register / "d.yaml").write_text("people: [{id: d}]\n")
    assert faults_of(project, vocabulary) == [
        "documents/a.yaml:2:1: unknown field 'x'",
        (
            "documents/b.yaml:2:1: not valid YAML: did not find expected node content "
            "while parsing a flow node"
        ),
        "documents/c.yml: not read: the name of an annotation file ends in .yaml; rename it",
        "register/d.yaml:1:10: missing field 'definition'",
        "register/d.yaml:1:10: missing field 'label'",
    ]


def test_an_unreadable_file_does_not_make_ids_unknown(
    project: Project, vocabulary: Vocabulary
) -> None:
    """Only its own fault is told: what a register or document would have declared isn't missing."""
    register = project.register / "base.yaml"
    before = register.read_text("utf-8")
    register.write_text("people: &x\n")
    (told,) = faults_of(project, vocabulary)
    assert told.startswith("register/base.yaml:1:9: an anchor, &x;")
    register.write_text(before)
    (project.documents / "gazette-boards.yaml").write_text("\t")
    (project.documents / "a.yaml").write_text(
        "document: {id: a, label: a, source: a.txt}\n"
        "claims: [{id: a, kind: stance, polarity: supports, about: claim/gazette-boards/silent, "
        'claimant: curator, voice: curator-inference, quote: "a"}]\n'
    )
    assert len(faults_of(project, vocabulary)) == 1


def test_the_corpus_is_typed(corpus: Corpus) -> None:
    """Each field of it can be located in its file."""
    (document,) = corpus.documents
    found = [claim.model_dump() for claim in document.claims]
    kinds = ["provision", "provision", "stance", "silence", "relation"]
    assert [each["kind"] for each in found] == kinds
    sign_off, keeps = found[:2]
    assert (sign_off["from_"], sign_off["to"]) == (("almshouse-trust",), ("county-board",))
    assert sign_off["timing"]["not_before"] == "1855"
    assert [part["quote"] for part in sign_off["also"]] == ["County boards may", "hold the purse"]
    assert keeps["target"] == ("almshouse-trust",)
    quantity = corpus.register["board-ready"].value.model_dump()["quantity"]
    assert (quantity["share"], quantity["bound"]) == (Decimal("0.3"), "about")
    plans = {name for name, entry in corpus.register.items() if isinstance(entry.value, Plan)}
    assert plans == {"hiram-report", "in-force-1855"}
    routes = ((0, "power"), (1, "target"), (1, "cohort"))
    places = [str(document.source.place("claims", *route)) for route in routes]
    assert places == [f"{document.source.path}:{place}" for place in ("13:12", "40:13", "36:5")]
    entry = corpus.register["hiram-report"]
    assert str(entry.source.place(*entry.route, "baseline")) == f"{entry.source.path}:29:15"


DEFAULTS = """\
document:
  id: speech
  label: x
  source: x.txt
  defaults:
    claimant: septimus-harding
    capacity: warden
    occasion: warden-speech
    voice: direct-quote
claims:
"""
STANCE = "  - {{id: {}, kind: stance, polarity: supports, about: hiram-report, quote: x{}}}\n"


def test_defaults_of_a_document_are_taken_over_by_its_claims(
    project: Project, vocabulary: Vocabulary
) -> None:
    """Who names another claimant takes over neither the capacity nor the occasion of the first."""
    given = {
        "a": "",
        "b": ", voice: headline",
        "c": ", claimant: county-board",
        "d": ", claimant: curator, voice: curator-inference",
    }
    stances = "".join(STANCE.format(*each) for each in given.items())
    (project.documents / "speech.yaml").write_text(DEFAULTS + stances, "utf-8")
    _, document = read_corpus(project, vocabulary).documents
    found = {
        each.id: (each.claimant, each.capacity, each.occasion, each.voice)
        for each in document.claims
    }
    assert found == {
        "a": (("septimus-harding",), "warden", "warden-speech", "direct-quote"),
        "b": (("septimus-harding",), "warden", "warden-speech", "headline"),
        "c": (("county-board",), None, None, "direct-quote"),
        "d": (("curator",), None, None, "curator-inference"),
    }


def test_what_is_not_anchored_is_told(corpus: Corpus) -> None:
    path = corpus.documents[0].source.path
    told = [str(fault).replace(f"{path}:", "") for fault in check_anchored(corpus.documents)]
    assert told[0] == "3:3: not anchored: 'sha256' or 'length' is missing; run nhskg anchor"
    assert told[2] == "33:9: not anchored: 'at' is missing; run nhskg anchor"
    assert len(told) == 9


def test_of_very_many_faults_of_a_file_the_first_are_told_and_those_of_others_too(
    project: Project, vocabulary: Vocabulary
) -> None:
    claim = "{id: c, kind: stance, claimant: nobody}"
    text = "document: {id: a, label: a, source: a.txt}\nclaims:\n" + f"  - {claim}\n" * 1_000
    (project.documents / "a.yaml").write_text(text)
    (project.documents / "b.yaml").write_text("x: y\n")
    told = faults_of(project, vocabulary)
    of_first = [line for line in told if line.startswith("documents/a.yaml:")]
    assert len(of_first) == MOST_FAULTS + 1
    assert sum("there are more faults in this file than the 1,000 told" in x for x in told) == 1
    assert told[len(of_first) :] == [
        "documents/b.yaml:1:1: missing field 'document' (with 'id', 'label' and 'source')",
        "documents/b.yaml:1:1: unknown field 'x'",
    ]
