"""Blank nodes that cannot be told apart do not hang a report, or what follows from data."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from nhskg.rdf.alike import can_be_named, copied_too_often
from nhskg.rdf.errors import InputError
from nhskg.reasoning.inference import infer
from nhskg.reasoning.reasoner import CompiledEngine
from nhskg.shacl.validation import validate_rdf

SHAPE = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:S> a sh:NodeShape ; sh:targetSubjectsOf <urn:k> ;
  sh:property [ sh:path <urn:name> ; sh:minCount 1 ] ."""
SUB_PROPERTY = "<urn:k> <http://www.w3.org/2000/01/rdf-schema#subPropertyOf> <urn:l> .\n"


def everyone(count: int) -> str:
    """Return a graph of blank nodes that are all linked with all."""
    pairs = ((a, b) for a in range(count) for b in range(count) if a != b)
    return "".join(f"_:n{a} <urn:k> _:n{b} .\n" for a, b in pairs)


def ring(count: int) -> str:
    return "".join(f"_:n{a} <urn:k> _:n{(a + 1) % count} .\n" for a in range(count))


def triangles(count: int) -> str:
    """Return a ring in which each node is linked with the next two."""
    ends = ((a, (a + step) % count) for a in range(count) for step in (1, 2))
    return "".join(f"_:n{a} <urn:k> _:n{b} .\n" for a, b in ends)


def leaves(count: int) -> str:
    return "".join(f"_:n{a} <urn:k> <urn:x> .\n" for a in range(count))


def parsed(text: str) -> list[ox.Quad]:
    return list(ox.parse(text, format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize(
    ("text", "can"),
    [
        (everyone(3), True),
        (everyone(20), False),
        (ring(300), True),
        (ring(5_000), False),
        (leaves(10_000), True),
        ("", True),
    ],
)
def test_what_naming_takes_is_known_before(text: str, can: bool) -> None:
    assert can_be_named(parsed(text)) is can


def test_many_trees_chains_and_pairs_of_blank_nodes_are_not_refused() -> None:
    links = [(f"_:t{n // 2}", f"_:t{n}") for n in range(2, 20_000)]
    links += [(f"_:c{n}", f"_:c{n + 1}") for n in range(20_000)]
    for n in range(1_000):
        links += [(f"_:h{n}", f"_:h{n}-{leaf}") for leaf in range(3)]
        links += [(f"_:h{n}-{leaf}", f"_:h{n}") for leaf in range(3)]
    text = "".join(f"{a} <urn:k> {b} .\n" for a, b in links)
    assert copied_too_often(parsed(text)) is None


def test_what_follows_of_nodes_alike_is_derived() -> None:
    quads = parsed(SUB_PROPERTY + everyone(20))
    assert len(infer(quads, CompiledEngine(())).triples) == 20 * 19


def test_a_report_of_nodes_alike_is_made_or_refused(tmp_path: Path) -> None:
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    shapes.write_text(SHAPE)
    data.write_text(everyone(4))
    assert len(validate_rdf([data], [shapes]).findings) == 4
    data.write_text(everyone(20))
    with pytest.raises(InputError, match="more than 1,000,000 copies of blank nodes") as error:
        validate_rdf([data], [shapes])
    data.write_text(triangles(12))
    assert len(validate_rdf([data], [shapes]).findings) == 12
    data.write_text(triangles(30))
    with pytest.raises(InputError, match="more than 1,000,000 copies of blank nodes") as error:
        validate_rdf([data], [shapes])
    assert error.value.place
    assert (error.value.place.path, error.value.place.line) == (data, 1)
