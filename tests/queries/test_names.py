"""Names: what a person writes for a thing of the graph, and what is said where it is unclear."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pyoxigraph import Store

from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.names import read_named, resolve
from nhskg.rdf.errors import UsageError
from nhskg.rdf.terms import PREFIXES

NAMES = yaml.safe_load((Path(__file__).parent / "cases" / "names.yaml").read_text("utf-8"))
REPORTERS = "abrahams-column burnham-interview miliband nicholson oldham-report"


@pytest.fixture(scope="module")
def store(real: Project) -> Store:
    return open_published(real.build).open()


@pytest.mark.parametrize(("kind", "name", "thing"), NAMES)
def test_any_name_of_a_thing_is_understood(store: Store, kind: str, name: str, thing: str) -> None:
    prefix, _, local = thing.partition(":")
    assert resolve(store, name, kind).value == PREFIXES[prefix] + local


@pytest.mark.parametrize(
    ("kind", "name", "lines"),
    [
        ("body", "board", ["  hwb (health and wellbeing board)", "  nhs-commissioning-board"]),
        ("plan", "Labour's plans", ["  abrahams-account", "  in-force-labour-plans"]),
        (
            "person",
            "the reporter",
            [f"  reporter-of-article-{each} (the reporter)" for each in REPORTERS.split()],
        ),
    ],
)
def test_of_several_things_with_a_name_none_is_guessed(
    store: Store, kind: str, name: str, lines: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(store, name, kind)
    first = f"more than one {kind} is meant by '{name}'; write the id:"
    assert str(caught.value).splitlines() == [first, *lines]


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("plan", "burnams speech", "; did you mean 'burnham-speech'?"),
        ("plan", "oldam", "; did you mean one of these?\n  oldham-report\n  in-force-labour-plans"),
        ("agent", "Labor", "; did you mean one of these?\n  labour-party (Labour)\n  labour-"),
        ("body", "", "; 'nhskg list bodies' shows what there is"),
        ("claim", "no such", "; 'nhskg find WORD' looks"),
        ("kind of tension", "zzz", "; known are "),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(
    store: Store, kind: str, name: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(store, name, kind)
    assert str(caught.value).startswith(f"unknown {kind} '{name}'{message}")


def test_more_candidates_than_eight_are_counted(store: Store) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(store, "of the", "matter")
    *shown, last = str(caught.value).splitlines()[1:]
    assert len(shown) == 8
    assert last.startswith("  and ")


def test_no_two_things_of_a_kind_have_one_id(store: Store) -> None:
    for kind in ("plan", "body", "power", "document"):
        slugs = [each.slug for each in read_named(store, kind)]
        assert len(set(slugs)) == len(slugs) > 4
