"""Nothing that a project, a shape, a query or a file says reaches a server, unless allowed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nhskg.project import Project
from tests.cli.runner import Result, nhskg

from .servers import Connection, Request, Server

HEAD = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <urn:ex:> .\n"
SHAPE = HEAD + "ex:S a sh:NodeShape ; sh:targetClass ex:T ;\n"
PARAMETER = "sh:parameter [ sh:path ex:with ]"
HEADER = "#+ title: T\n#+ question: Q?\n#+ columns: [claim]\n"
SERVICE = "SERVICE <URL> { ?s ?p ?o }"
HIDDEN = "# \\\\u000A SERVICE <URL> { ?s ?p ?o }\n"
"""A comment, unless escapes of characters are read first (SPARQL 1.1 Query Language, 19.2)."""


@pytest.fixture
def server() -> Iterator[Server]:
    def refuses(connection: Connection, _: Request) -> None:
        connection.answer(404)

    with Server(refuses) as running:
        yield running


SHAPES = {
    "select": f'{SHAPE} sh:sparql [ sh:select "SELECT $this {{ {SERVICE} }}" ] .',
    "silent": f'{SHAPE} sh:sparql [ sh:select "SELECT $this {{ service silent ?p {{ }} }}" ] .',
    "ask": f"{SHAPE} ex:with 1 . ex:C a sh:ConstraintComponent ; {PARAMETER} ;\n"
    f'sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK {{ {SERVICE} }}" ] .',
    "path": f"{SHAPE} sh:property [ sh:path ex:p ; ex:with 1 ] . ex:C a sh:ConstraintComponent ;\n"
    f"{PARAMETER} ; sh:propertyValidator [ a sh:SPARQLSelectValidator ;\n"
    f'sh:select "SELECT $this {{ $this $PATH ?o . {SERVICE} }}" ] .',
    "target": f"{HEAD}ex:S a sh:NodeShape ; sh:class ex:U ; sh:target [ a sh:SPARQLTarget ;\n"
    f'sh:select "SELECT ?this {{ {SERVICE} }}" ] .',
    "rule": f"{SHAPE} sh:rule [ a sh:SPARQLRule ;\n"
    f'sh:construct "CONSTRUCT {{ $this a $this }} {{ {SERVICE} }}" ] .',
    "function": f"{SHAPE} sh:expression [ ex:f ( sh:this ) ] . ex:f a sh:SPARQLFunction ;\n"
    f'{PARAMETER} ; sh:ask "ASK {{ {SERVICE} }}" .',
}


@pytest.mark.parametrize("engine", ["turbo", "pyshacl"])
@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_a_shape_with_service_is_refused_at_its_line(
    server: Server, tmp_path: Path, text: str, engine: str
) -> None:
    done = validate(tmp_path, text.replace("URL", server.url), "--advanced", "--engine", engine)
    assert (done.exit_code, server.connections) == (2, 0)
    line = text.count("\n", 0, text.upper().index("SERVICE")) + 1
    assert done.stdout.startswith(f"s.ttl:{line}:")
    assert "has a query with SERVICE, which sends data to another server" in done.stdout


@pytest.mark.parametrize("engine", ["turbo", "pyshacl"])
@pytest.mark.parametrize(
    "text",
    [
        f'{SHAPE} sh:sparql [ sh:select """SELECT $this {{ {HIDDEN} $this ?p ?o }}""" ] .',
        f'{SHAPE} sh:sparql [ sh:select "SELECT $this FROM <URL> {{ $this ?p ?o }}" ] .',
        f'{SHAPE} sh:sparql [ sh:select "SELECT $this FROM NAMED <URL> {{ $this ?p ?o }}" ] .',
        f"{SHAPE} sh:js [ sh:jsLibrary [ sh:jsLibraryURL <URL> ] ; sh:jsFunctionName 'f' ] .",
        f"<urn:o> <http://www.w3.org/2002/07/owl#imports> <URL> . {SHAPE} sh:class ex:U .",
        f"{SHAPE} sh:class ex:U . ex:S sh:shapesGraph <URL> .",
    ],
)
def test_what_else_a_shape_names_is_not_fetched(
    server: Server, tmp_path: Path, text: str, engine: str
) -> None:
    validate(tmp_path, text.replace("URL", server.url), "--advanced", "--engine", engine)
    assert server.connections == 0


def validate(folder: Path, shapes: str, *more: str) -> Result:
    (folder / "s.ttl").write_text(shapes, "utf-8")
    (folder / "d.ttl").write_text("<urn:ex:a> a <urn:ex:T> ; <urn:ex:p> 1 .", "utf-8")
    return nhskg("validate", "--data", "d.ttl", "--shapes", "s.ttl", *more, cwd=folder)


FILES = {
    "shapes/mine.ttl": SHAPES["select"],
    "ontology/rules/mine.rq": f"{HEADER}CONSTRUCT {{ ?s a ?o }} WHERE {{\n{SERVICE} }}",
    "queries/holders.rq": f"{HEADER}WHERE {{\n{SERVICE} }}",
    "queries/parts/mine.rq": f"# a service\n{SERVICE}\n",
}


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("shapes/mine.ttl", "validate"),
        ("shapes/mine.ttl", "build"),
        ("ontology/rules/mine.rq", "validate"),
        ("ontology/rules/mine.rq", "build"),
        ("ontology/rules/mine.rq", "reason seeds/g.ttl --rules ontology/rules"),
        ("queries/holders.rq", "query run holders"),
        ("queries/holders.rq", "dump --out out"),
        ("queries/parts/mine.rq", "query run mine"),
    ],
)
def test_what_a_corpus_has_of_its_own_is_refused_at_its_line(
    server: Server, barchester: Project, file: str, command: str
) -> None:
    root = barchester.root
    (root / "seeds/g.ttl").write_text("<urn:a> a <urn:b> .", "utf-8")
    if file.startswith("queries"):
        assert nhskg("build", cwd=root).exit_code == 0
    own = root / file
    own.parent.mkdir(parents=True)
    own.write_text(FILES[file].replace("URL", server.url), "utf-8")
    if "parts" in file:
        (root / "queries/mine.rq").write_text(f"{HEADER}WHERE {{\n  #include mine\n}}\n", "utf-8")
    done = nhskg(*command.split(), cwd=root)
    assert (done.exit_code, server.connections) == (2, 0)
    told = done.stdout + done.stderr
    line = own.read_text("utf-8").partition("SERVICE")[0].count("\n") + 1
    assert f"{Path(file).name}:{line}:" in told
    assert "SERVICE" in told


@pytest.mark.parametrize("doctype", ['SYSTEM "URL"', '[ <!ENTITY e SYSTEM "URL"> ]'])
def test_what_xml_declares_elsewhere_is_not_fetched(
    server: Server, tmp_path: Path, doctype: str
) -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    node = '<d:Description d:about="urn:a"><p xmlns="urn:">&e;</p></d:Description>'
    text = (
        f'<!DOCTYPE x {doctype.replace("URL", server.url)}>\n<d:RDF xmlns:d="{rdf}">{node}</d:RDF>'
    )
    (tmp_path / "d.rdf").write_text(text, "utf-8")
    done = nhskg("sparql", "-q", "ASK {}", "--data", "d.rdf", cwd=tmp_path)
    assert (done.exit_code, server.connections) == (2, 0)


@pytest.mark.parametrize(
    ("query", "more"),
    [
        (f"ASK {{ {SERVICE} }}", []),
        (f"ASK {{ {HIDDEN} }}".replace("\\\\", "\\"), ["--exact"]),
        ("ASK FROM <URL> { ?s ?p ?o }", []),
        ("ASK FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }", ["--exact"]),
        ("LOAD <URL>", []),
        (f"ASK {{ {SERVICE} }}", ["--exact", "--allow-service"]),
    ],
)
def test_a_query_of_files_reaches_no_server(
    server: Server, tmp_path: Path, query: str, more: list[str]
) -> None:
    (tmp_path / "d.ttl").write_text("<urn:a> a <urn:b> .", "utf-8")
    query = query.replace("URL", server.url)
    nhskg("sparql", "-q", query, "--data", "d.ttl", *more, cwd=tmp_path)
    assert server.connections == 0
