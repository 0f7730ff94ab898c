"""RDF files and their lines: of triples, of subjects, of faults."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nhskg.rdf import positions
from nhskg.rdf.errors import InputError
from nhskg.rdf.lines import FORMATS, RdfFile, RdfFiles, RdfParser, find_places, read_rdf
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


def test_a_blank_node_is_where_it_is_described() -> None:
    text = f"{PREFIX}\n:a :p [\n  :q [\n:r 1 ] ] ,\n_:b .\n_:b\n  :q 2 ."
    file = parsed(text)
    found = {str(file.place(quad.subject)) for quad in file.quads}
    assert found == {f"{PATH}:{at}" for at in ("2:1", "2:7", "3:6", "6:1")}


class CountedTokens:
    """The pattern of a token, and how many it has found in texts of a length."""

    def __init__(self) -> None:
        self.found, self._pattern = Counter[int](), positions.RDF_TOKEN

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        for each in self._pattern.finditer(text):
            self.found[len(text)] += 1
            yield each


def test_a_text_is_walked_once_whatever_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = CountedTokens()
    monkeypatch.setattr(positions, "RDF_TOKEN", tokens)
    looked = []
    for size in (300, 1_200):
        text = PREFIX + "".join(f":s{n} :p 1 ;\n :q [ :r 2 ] , 3 .\n" for n in range(size))
        file = parsed(text)
        for quad in file.quads[::10]:
            assert file.place(quad.subject)
            assert file.place(quad.subject, quad.predicate, quad.object)
        looked.append(tokens.found[len(text)] / size)
    assert looked == [pytest.approx(12, abs=0.1)] * 2


def test_of_many_files_those_are_looked_at_that_have_the_node(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked, find = Counter[int](), RdfFile.find

    def counting(file: RdfFile, *triple: Any) -> tuple[int, int]:
        looked[len(files)] += 1
        return find(file, *triple)

    monkeypatch.setattr(RdfFile, "find", counting)
    for size in (50, 200):
        files = RdfFiles(parsed(f"{PREFIX}\n:s{n} :p :s{n + 1} .") for n in range(size))
        for number in range(size):
            places = find_places(files, iri(f"s{number}"), iri("p"), iri(f"s{number + 1}"))
            assert [each.line for each in places[:1]] == [2]
            assert len(places) == 1 + bool(number)
    assert looked[200] < 4.1 * looked[50]


class Text:
    """A text that is written token by token, with the lines of its numbered objects."""

    def __init__(self, draw: st.DrawFn, head: str, spaces: st.SearchStrategy[str]) -> None:
        self.text, self.lines = head, dict[int, int]()
        self._draw, self._spaces = draw, spaces

    def write(self, *parts: str) -> None:
        """Write tokens, each with something between that separates them."""
        for each in parts:
            self.text += self._draw(self._spaces) + each

    def number(self, form: str = "{}") -> None:
        """Write a number that is nowhere else, and keep the line on which it begins."""
        number = 71_000 + len(self.lines)
        self.write("")
        self.lines[number] = len(re.split(r"\r\n|\r|\n", self.text))
        self.text += form.format(number)


SPACES = st.sampled_from([" ", "\n", "\r\n", "\r\r", "\t", ' # :a :p 7 . [ ( "\n', " #'\r\n "])
FORMS = st.sampled_from(["{} ", '"{}"', '"""{}\n\r"""', "'{}'@en", "'{}'^^:t", ":n{}", "<n{}>"])


@st.composite
def texts(draw: st.DrawFn) -> Text:
    """Draw statements with objects of all kinds, one in another."""
    written = Text(draw, PREFIX, SPACES)

    def node(depth: int) -> None:
        kind = draw(st.sampled_from(["number", "blank", "list", "triple"][: 4 if depth else 1]))
        if kind == "number":
            written.number(draw(FORMS))
        elif kind == "list":
            written.write("(")
            for _ in range(draw(st.integers(0, 3))):
                node(depth - 1)
            written.write(")")
        elif kind == "triple":
            written.write("<<(", ":a", ":p", "1", ")>>")
        else:
            written.write("[")
            if draw(st.booleans()):
                predicates(depth - 1)
            written.write("]")

    def predicates(depth: int) -> None:
        for number in range(draw(st.integers(1, 3))):
            written.write(*[";"] * bool(number), draw(st.sampled_from([":p", "a", "<q>"])))
            node(depth)
            if draw(st.booleans()):
                written.write(",")
                node(depth)
            if draw(st.integers(0, 5)) == 5:
                written.write("{|")
                predicates(0)
                written.write("|}")

    for _ in range(draw(st.integers(1, 4))):
        written.write(
            draw(st.sampled_from([":s", "_:b", "[ ]", "( 1 ( 2 ) 'x' )", "<< :a :p 1 >>"]))
        )
        predicates(2)
        written.write(".")
    return written


XML = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
XML_SPACES = st.sampled_from(["", " ", "\n", "\r\n", "\r", "<!-- <e:p>7</e:p>\n -->", "<?a\n>?>"])
XML_FORMS = st.sampled_from(
    [
        *("<e:p>{}</e:p>", "<e:p>\n{}</e:p>", "<e:p r:datatype='http://e/t'\n>{}</e:p>"),
        *('<e:p r:resource="n{}"/>', '<e:p\n e:q="{}"/>', "<e:p><e:T r:about='n{}'/>\n</e:p>"),
    ]
)


@st.composite
def xml_texts(draw: st.DrawFn) -> Text:
    """Draw RDF/XML with properties of all kinds, one in another."""
    written = Text(draw, XML, XML_SPACES)

    def node(depth: int) -> None:
        tag = draw(st.sampled_from(["e:T", "r:Description"]))
        written.write(f"<{tag}>")
        properties(depth)
        written.write(f"</{tag}>")

    def properties(depth: int) -> None:
        for _ in range(draw(st.integers(0, 3))):
            kind = draw(
                st.sampled_from(["", "node", "Resource", "Collection"][: 4 if depth else 1])
            )
            if not kind:
                written.number(draw(XML_FORMS))
                continue
            written.write("<e:p>" if kind == "node" else f'<e:p\n r:parseType="{kind}">')
            (properties if kind == "Resource" else node)(depth - 1)
            written.write("</e:p>")

    node(2)
    written.write("</r:RDF>")
    return written


def lines_found(file: RdfFile) -> dict[int, int | None]:
    """Return the lines on which the numbered objects of a file are told to be."""
    found = {}
    for quad in file.quads:
        value = "" if isinstance(quad.object, ox.BlankNode) else getattr(quad.object, "value", "")
        if number := re.search(r"71\d{3}", value):
            place = file.place(quad.subject, quad.predicate, quad.object)
            found[int(number[0])] = place and place.line
    return found


@given(texts())
def test_each_object_of_random_turtle_is_on_its_line(written: Text) -> None:
    assert lines_found(parsed(written.text)) == written.lines


@given(xml_texts())
def test_each_object_of_random_rdf_xml_is_at_its_element(written: Text) -> None:
    assert lines_found(parsed(written.text, ox.RdfFormat.RDF_XML)) == written.lines


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("d.ttl", b"@prefix ex: <urn:> .\nex:a ex:b\n", "d.ttl:3:1: not valid Turtle: Unexpected"),
        ("d.nt", b"<urn:a> <urn:b> <urn:c> .\n<urn:a> .\n", "d.nt:2:9: not valid N-Triples: "),
        ("d.rdf", b"<a>", "not valid RDF/XML: "),
        ("d.rdf", b"<a", "d.rdf:1:3: not valid RDF/XML: "),
        ("d.rdf", b"<a xmlns='urn:a:'>\n<!-- b", "d.rdf:2:7: not valid RDF/XML: "),
        ("d.rdf", b"<a xmlns='urn:a:'>\n<!-- " + b"b" * 9000, "d.rdf:2:9006: not valid RDF/XML: "),
        (
            "d.n3",
            b"# {\n<urn:a> <urn:b> {\n<urn:c> a <urn:d> } .",
            "d.n3:2:17: not valid N3: a form",
        ),
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
