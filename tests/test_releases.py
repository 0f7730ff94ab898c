"""Today's build of the five documents, compared with the releases kept in tests/data/releases."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from tools.freeze_release import RELEASES, read_release, release_files, write_release

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf.terms import ID, NS

ADDED_TERMS: tuple[str, ...] = (
    f"{ID}competence/",
    *(NS + name for name in "Competence divests ends excludes narrows takesAway".split()),
)
"""Terms that a later ontology derives more triples about than the release has.

A derived triple may be new where its subject, predicate or object is one of these IRIs, or
begins with one that ends in ``/`` or ``#``. Add the class, the properties and the IRI prefix of
the individuals that a change of the ontology introduces; anything else that is new is a fault.
"""


def is_added(quad: ox.Quad) -> bool:
    """Return whether a derived quad is about a term of :data:`ADDED_TERMS`."""
    names = [
        term.value
        for term in (quad.subject, quad.predicate, quad.object)
        if isinstance(term, ox.NamedNode)
    ]
    return any(
        name == term or (term.endswith(("/", "#")) and name.startswith(term))
        for name in names
        for term in ADDED_TERMS
    )


@pytest.fixture(scope="module")
def present(real: Project) -> dict[str, str]:
    return release_files(open_published(real.build).open(), real.queries)


@pytest.fixture(scope="module", params=["0.1"])
def kept(request: pytest.FixtureRequest) -> dict[str, str]:
    return read_release(RELEASES / request.param)


def test_the_asserted_quads_are_the_same(present: dict[str, str], kept: dict[str, str]) -> None:
    assert set(present["asserted.nq"].splitlines()) == set(kept["asserted.nq"].splitlines())


def test_every_derived_quad_is_still_derived(present: dict[str, str], kept: dict[str, str]) -> None:
    missing = set(kept["derived.nq"].splitlines()) - set(present["derived.nq"].splitlines())
    assert sorted(missing) == []


def test_a_new_derived_quad_is_about_an_added_term(
    present: dict[str, str], kept: dict[str, str]
) -> None:
    new = set(present["derived.nq"].splitlines()) - set(kept["derived.nq"].splitlines())
    quads = ox.parse("\n".join(sorted(new)), format=ox.RdfFormat.N_QUADS)
    assert [str(quad) for quad in quads if not is_added(quad)] == []


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
