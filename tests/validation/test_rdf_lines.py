"""RDF files and their lines: of triples, of subjects, of faults."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import yaml

from nhskg.rdf.errors import InputError
from nhskg.rdf.lines import FORMATS, RdfFile, RdfParser, read_rdf
from tests.cases import cases

PATH = Path("data.ttl")
PREFIX = "@prefix : <http://e/> ."


def iri(name: str) -> ox.NamedNode:
    return ox.NamedNode("http://e/" + name)


def parsed(text: str, form: ox.RdfFormat = ox.RdfFormat.TURTLE) -> RdfFile:
    return RdfParser(PATH, text.encode(), form).read()


@cases("validation/lines.yaml")
def test_a_triple_is_on_the_line_on_which_its_object_begins(case: Any) -> None:
    file = parsed(case["text"], FORMATS[case["ending"]])
    found = {}
    for quad in file.quads:
        is_blank = isinstance(quad.object, ox.BlankNode)
        name = "_" if is_blank else getattr(quad.object, "value", "").rpartition("/")[2]
        place = file.place(quad.subject, quad.predicate, quad.object)
        at = str(place).removeprefix(f"{PATH}:")
        found[f"{quad.predicate.value.rpartition('/')[2]} {name}"] = at
    assert found == case["places"]


@pytest.mark.parametrize(
    ("terms", "place"),
    [
        ([iri("zoe")], "data.ttl:7:1"),
        ([iri("bob")], "data.ttl:14:1"),
        ([iri("team")], "data.ttl:2:1"),
        ([iri("list")], "data.ttl:20:1"),
        ([iri("Person")], "data.ttl:7:8"),
        ([iri("nobody")], "None"),
        ([iri("bob"), iri("name")], "data.ttl:14:1"),
        ([iri("zoe"), iri("mail"), ox.Literal("no")], "data.ttl:8:3"),
    ],
)
def test_what_is_not_there_is_at_its_property_its_subject_or_the_node_as_an_object(
    terms: list[ox.NamedNode], place: str
) -> None:
    text = (Path(__file__).parent / "lines.yaml").read_text("utf-8")
    assert str(parsed(yaml.safe_load(text)["Turtle"]["text"]).place(*terms)) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"{PREFIX}\n:x a :A .", "2:1"),
        (f"{PREFIX} :x a :A .", "1:25"),
        (f"  {PREFIX}\n\n  :x a :A .", "3:3"),
        ("PREFIX owl: <urn:o> prefix : <http://e/>\n:x a :A .", "2:1"),
        ("@base <http://b/> . @prefix : <http://e/> . # :x\n:x a :A .", "2:1"),
        (f"{PREFIX}\n<http://e/x> a :A .", "2:1"),
        (f"# {PREFIX}\n{PREFIX}\n:y :p :x .", "3:7"),
        (f"\ufeff{PREFIX} :x a :A .", "1:25"),
    ],
)
def test_a_term_is_found_by_any_prefix_of_its_file(text: str, place: str) -> None:
    assert str(parsed(text).place(iri("x"))) == f"data.ttl:{place}"


def test_the_work_grows_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding all lines looks at each line of the text a bounded number of times."""
    code, looked = RdfFile._code, Counter[int]()

    def count(file: RdfFile, line: int) -> str:
        looked[len(file.quads)] += 1
        return code(file, line)

    monkeypatch.setattr(RdfFile, "_code", count)
    for size in (100, 200):
        triples = "".join(f':s{n}\n  :p "{n}" ;\n  :q {n} .\n' for n in range(size))
        file = parsed(f"{PREFIX}\n{triples}")
        for quad in file.quads:
            assert file.place(quad.subject)
            assert file.place(quad.subject, quad.predicate, quad.object)
    assert looked[400] < 2.1 * looked[200]


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("d.ttl", b"@prefix ex: <urn:> .\nex:a ex:b\n", "d.ttl:3:1: not valid Turtle: Unexpected"),
        ("d.nt", b"<urn:a> <urn:b> <urn:c> .\n<urn:a> .\n", "d.nt:2:9: not valid N-Triples: "),
        ("d.rdf", b"<a>", "not valid RDF/XML: "),
        ("d.ttl", b"<urn:a> <urn:b> '\xff' .", "d.ttl:1:18: not valid Turtle: Invalid UTF-8"),
        ("d.docx", b"", "d.docx: unknown file ending; known are .jsonld"),
        ("none.ttl", None, "none.ttl: cannot be read: No such file"),
    ],
)
def test_a_fault_has_its_place(tmp_path: Path, name: str, raw: bytes | None, message: str) -> None:
    path = tmp_path / name
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        read_rdf(path)
    assert message in str(caught.value)


def test_relative_iris_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "d.ttl"
    path.write_text("<#a> <urn:p> <b> .")
    (quad,) = read_rdf(path).quads
    assert quad.subject == ox.NamedNode(path.as_uri() + "#a")
    assert quad.object == ox.NamedNode((tmp_path / "b").as_uri())
