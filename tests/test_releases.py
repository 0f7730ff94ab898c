"""Today's build of the five documents, compared with the releases kept in tests/data/releases.

``docs/terms-0.2.csv`` says what became of each term of 0.1, and so maps the one to the other.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from tools.freeze_release import RELEASES, read_release, release_files, write_release

from nhskg.graph.mapping import map_ontology
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf.terms import ID, NS, PREFIXES, RDF_TYPE, RDFS

TERMS: Final = Path(__file__).parents[1] / "docs" / "terms-0.2.csv"
ADDED_TERMS: Final = (
    f"<{ID}competence/",
    *(f"<{NS}{name}>" for name in ("Competence", "OperativeProvision")),
    *(f"<{NS}{name}>" for name in ("divests", "ends", "excludes", "narrows", "takesAway")),
)
"""Terms that a later ontology derives more triples about than the release has.

A derived triple may be new where its subject, predicate or object begins with one of these. Add the
class, the properties and the IRI prefix of the individuals that a change of the ontology
introduces; anything else that is new is a fault.
"""
NOW_DERIVED: Final = f"<{NS}DisplacingProvision> <{RDFS}subClassOf> <{NS}EffectiveProvision> "
"""An axiom of 0.1 that follows from two others now."""
TYPE: Final = f"<{RDF_TYPE}>"
SCHEMA: Final = {f"<{RDFS}{name}>" for name in ("domain", "range", "subClassOf", "subPropertyOf")}
LINE: Final = re.compile(r"(\S+) (\S+) (.+) (<\S+>) \.")
OUTCOMES: Final = {"kept", "renamed", "merged", "dropped"}


def iri(name: str) -> str:
    """Return the IRI of a prefixed name, or of ``a``, as N-Quads write it."""
    prefix, _, rest = name.partition(":")
    return TYPE if name == "a" else f"<{PREFIXES[prefix]}{rest}>"


class Row(NamedTuple):
    """What became of a term of 0.1.

    The successor is what stands in its place now: another property, or for a class the property
    and the value, or several with ``;`` between, that its instances have instead of it as type.
    """

    term: str
    kind: str
    outcome: str
    successor: str
    note: str

    @property
    def successors(self) -> list[list[str]]:
        parts = filter(None, self.successor.split(" ; "))
        return [[iri(word) for word in part.split()] for part in parts]


ROWS: Final = [Row(**row) for row in csv.DictReader(TERMS.read_text("utf-8").splitlines())]
CHANGED: Final = {iri(row.term): row for row in ROWS if row.outcome != "kept" or row.successor}
NOTED: Final = {iri(row.term) for row in ROWS if row.note}


def mapped(line: str) -> list[str]:
    """Return a quad of 0.1 in present terms; none where its term has none.

    What followed for a term itself, such as its superclasses, need not be so of a term with a note.
    """
    match = LINE.fullmatch(line)
    assert match, line
    subject, predicate, value, graph = match.groups()
    if predicate in SCHEMA and {subject, value} & NOTED:
        return []
    if predicate != TYPE and value in CHANGED and CHANGED[value].kind == "property":
        ((value,),) = CHANGED[value].successors  # the predicate of a relation claim
    row = CHANGED.get(value if predicate == TYPE else predicate)
    if row is None:
        pairs = [(predicate, value)]
    else:
        pairs = [(part[0], part[1] if predicate == TYPE else value) for part in row.successors]
    return [f"{subject} {one} {two} {graph} ." for one, two in pairs]


def in_present_terms(text: str) -> set[str]:
    return {new for line in text.splitlines() for new in mapped(line)}


def quads(files: dict[str, str]) -> set[str]:
    return {line for name in ("asserted.nq", "derived.nq") for line in files[name].splitlines()}


@pytest.fixture(scope="module")
def present(real: Project) -> dict[str, str]:
    return release_files(open_published(real.build).open(), real.queries)


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    return read_release(RELEASES / "0.1")


@pytest.fixture(scope="module")
def ontology(real: Project) -> set[str]:
    return {str(quad) for quad in map_ontology(real.ontology)}


def test_the_table_says_what_became_of_each_term(kept: dict[str, str], ontology: set[str]) -> None:
    """Sorted, a row a term; what is kept is declared still, the rest not; successors are."""
    names = [row.term for row in ROWS]
    assert names == sorted(set(names))
    subjects = {line.split(" ", 1)[0] for line in ontology}
    for row in ROWS:
        assert row.outcome in OUTCOMES
        assert (iri(row.term) in subjects) == (row.outcome == "kept"), row
        assert bool(row.successor) == (row.outcome in ("renamed", "merged")) or (
            row.outcome == "kept" and row.note
        ), row
        assert {each for part in row.successors for each in part} - {TYPE} <= subjects, row
    used = {term for line in quads(kept) for term in re.findall(rf"<{NS}\w+>", line)}
    assert used <= set(map(iri, names))


def test_the_asserted_quads_are_the_same(present: dict[str, str], kept: dict[str, str]) -> None:
    assert set(present["asserted.nq"].splitlines()) == in_present_terms(kept["asserted.nq"])


def test_every_derived_quad_still_follows(
    present: dict[str, str], kept: dict[str, str], ontology: set[str]
) -> None:
    """What was derived still is, or is said by the annotations or the ontology themselves."""
    said = quads(present) | {f"{line} ." for line in ontology}
    wanted, given = (
        {line.rsplit(" ", 2)[0] for line in lines}  # without the graph
        for lines in (in_present_terms(kept["derived.nq"]), said)
    )
    assert sorted(wanted - given) == []


def test_a_new_derived_quad_is_about_an_added_term(
    present: dict[str, str], kept: dict[str, str]
) -> None:
    """A class that is a concept now is such a term, too."""
    concepts = [each for each, row in CHANGED.items() if "skos:broader" in row.successor]
    added = (*ADDED_TERMS, *concepts)
    new = set(present["derived.nq"].splitlines()) - in_present_terms(kept["derived.nq"])
    new = {line for line in new if not any(t.startswith(added) for t in line.split(" ")[:3])}
    assert [line for line in sorted(new) if not line.startswith(NOW_DERIVED)] == []


def test_the_queries_and_the_matrix_answer_the_same(
    present: dict[str, str], kept: dict[str, str]
) -> None:
    answers = [name for name in kept if name.endswith(".csv")]
    assert len(answers) == 12
    for name in answers:
        assert present[name] == kept[name], name


def test_a_release_is_read_as_it_was_written(present: dict[str, str], tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_release(present, tmp_path / folder)
    assert read_release(tmp_path / "one") == present
    for path in (tmp_path / "one").rglob("*.*"):
        twin = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == twin.read_bytes()
