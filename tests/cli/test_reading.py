"""Files of RDF as the commands read them: relative IRIs, marks and line ends, folders, contexts."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nhskg.rdf import contexts as contexts_module
from nhskg.rdf import lines
from nhskg.rdf.contexts import Contexts
from nhskg.rdf.errors import InputError
from nhskg.rdf.files import read_text
from nhskg.rdf.lines import RdfParser, find_rdf
from tests.remote.servers import Connection, Request, Server

from .runner import nhskg

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
TEXTS = {
    "ttl": "@prefix e: <http://e/> .\n# a comment\n<#a> a e:T ;\n  e:p <b> .\n",
    "trig": "PREFIX e: <http://e/>\ne:g {\n<#a> a e:T ;\n  e:p <b> }\n",
    "nt": f"\n\n<BASE#a> <{TYPE}> <http://e/T> .\n<BASE#a> <http://e/p> <FOLDER/b> .\n",
    "nq": f"\n\n<BASE#a> <{TYPE}> <http://e/T> .\n<BASE#a> <http://e/p> <FOLDER/b> <urn:g> .\n",
    "rdf": (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"\n xmlns:e="http://e/">\n'
        '<e:T r:about="#a">\n<e:p r:resource="b"/></e:T></r:RDF>\n'
    ),
    "jsonld": """{"@context": {"@vocab": "http://e/"},

"@id": "#a", "@type": "T",
"p": {"@id": "b"}}""",
}
"""One and the same two triples in each format; those are on lines 3 and 4."""
CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "": lambda raw: raw,
    "mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "crlf": lambda raw: raw.replace(b"\n", b"\r\n"),
    "cr": lambda raw: raw.replace(b"\n", b"\r"),
    "gz": gzip.compress,
}
SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
[] sh:targetClass <http://e/T> ; sh:property [ sh:path <http://e/q> ; sh:minCount 1 ] ;
  sh:property [ sh:path <http://e/p> ; sh:nodeKind sh:Literal ] .
"""
SUPER = "<http://e/T> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://e/U> ."
QUERY = "SELECT ?s ?o { ?s <http://e/p> ?o }"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shapes.ttl").write_text(SHAPES)
    (tmp_path / "super.ttl").write_text(SUPER)
    return tmp_path


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("ending", TEXTS)
def test_every_command_reads_every_format(ending: str, change: str, folder: Path) -> None:
    path = folder / (f"d.{ending}.gz" if change == "gz" else f"d.{ending}")
    base, beside = path.as_uri(), (folder / "b").as_uri()
    text = TEXTS[ending].replace("BASE", base).replace("FOLDER/b", beside)
    path.write_bytes(CHANGES[change](text.encode()))
    asked = nhskg("sparql", "-q", QUERY, "--format", "csv", "--data", path.name, cwd=folder)
    assert asked.stdout.split() == ["s,o", f"{base}#a,{beside}"], asked.stderr
    derived = nhskg("reason", path.name, "super.ttl", "--format", "ntriples", cwd=folder)
    assert f"<{base}#a> <{TYPE}> <http://e/U> ." in derived.stdout, derived.stderr
    found = nhskg("validate", "--data", path.name, "--shapes", "shapes.ttl", cwd=folder)
    lines = [each.split(":")[1] for each in found.stdout.splitlines()]
    in_json = ending == "jsonld"  # of which only the subjects have lines
    assert lines == ["3", "3" if in_json else "4"], found.output


def test_standard_input_is_read_from_the_current_folder(folder: Path) -> None:
    text = "<> <http://e/p> <b> ."
    asked = nhskg("sparql", "-q", QUERY, "--format", "csv", "--data", "-", cwd=folder, given=text)
    assert asked.stdout.split()[1] == f"{folder.as_uri()}/,{folder.as_uri()}/b"


def test_a_report_is_read_again(folder: Path) -> None:
    (folder / "d.ttl").write_text(TEXTS["ttl"])
    files = ("--data", "d.ttl", "--shapes", "shapes.ttl")
    report = nhskg("validate", *files, "--format", "turtle", "--output", "r.ttl", cwd=folder)
    focus = "SELECT DISTINCT ?f { ?r <http://www.w3.org/ns/shacl#focusNode> ?f }"
    asked = nhskg("sparql", "-q", focus, "--format", "csv", "--data", "r.ttl", cwd=folder)
    assert asked.stdout.split()[1] == f"{(folder / 'd.ttl').as_uri()}#a", report.output


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("d.ttl.gz", b"<urn:a> <urn:b> <urn:c> .", "d.ttl.gz: is no gzip file, or a damaged one"),
        (
            "d.nt.gz",
            gzip.compress(b"<urn:a>", mtime=0)[:-9],
            "d.nt.gz: is no gzip file, or a damaged one",
        ),
        ("d.gz", gzip.compress(b"", mtime=0), "d.gz: unknown file ending; known are .jsonld"),
        ("d.ttl", "\ufeff<urn:a>".encode("utf-16-le"), "d.ttl: is UTF-16, not UTF-8 text"),
        ("d.ttl", b"<urn:a> <urn:b> 1 .\r<urn:a> .\r", "d.ttl:2:9: not valid Turtle"),
        ("d.rdf", b"<a xmlns='http://e/'>\r\n<b>\r</a>\n", "d.rdf:3:1: not valid RDF/XML"),
    ],
)
def test_what_cannot_be_read_is_one_line(folder: Path, name: str, raw: bytes, told: str) -> None:
    (folder / name).write_bytes(raw)
    done = nhskg("reason", name, cwd=folder)
    assert (done.exit_code, done.stderr.count("\n"), done.stderr[: len(told)]) == (2, 1, told)


# -- folders


def test_a_folder_is_read_to_the_bottom_and_told(folder: Path) -> None:
    top = folder / "top"
    for name in ("b.ttl", "a/deep/er/x.nt", "a/y.TTL.gz", "a/pom.xml", ".git/z.ttl"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        raw = f"<http://e/{Path(name).name}> <http://e/p> <http://e/o> .".encode()
        (top / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    (top / "a" / "up").symlink_to(top)
    (top / "a" / "z.nt").symlink_to(top / "a" / "deep" / "er" / "x.nt")
    (top / "c.ttl").symlink_to("nothing")
    left = "a/pom.xml (may be any XML; name the file), a/up (is read already), a/z.nt ("
    told = [
        "nhskg: read 3 of top/: a/deep/er/x.nt, a/y.TTL.gz, b.ttl",
        f"nhskg: left out 5 of top/: .git (hidden), {left}is read already), c.ttl (no file)",
    ]
    asked = nhskg("sparql", "-q", QUERY, "--data", "top", "top/b.ttl", cwd=folder)
    assert asked.stdout.count("http://e/o") == 3
    found = nhskg("validate", "--data", "top", "--shapes", "shapes.ttl", cwd=folder)
    derived = nhskg("reason", "top", "super.ttl", cwd=folder)
    for done in (asked, found, derived):
        assert done.stderr.splitlines()[:2] == told


def test_a_link_out_of_a_folder_is_not_followed_to_a_folder(folder: Path) -> None:
    for name in ("far/a.ttl", "far/b.ttl", "top/c.ttl"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("<urn:a> <urn:b> <urn:c> .")
    (folder / "top" / "a.ttl").symlink_to(folder / "far" / "a.ttl")
    (folder / "top" / "far").symlink_to(folder / "far")
    files, notes = find_rdf([folder / "top"])
    assert [each.name for each in files] == ["a.ttl", "c.ttl"]
    assert notes[1].endswith("far (a link out of the folder; name what it links to)")


def test_no_file_is_read_twice(folder: Path) -> None:
    (folder / "d.ttl").write_text("[] a <http://e/T> .")
    (folder / "link.ttl").symlink_to("d.ttl")
    files = ("--data", "d.ttl", "./d.ttl", "link.ttl", "--shapes", "shapes.ttl")
    found = nhskg("validate", *files, cwd=folder)
    assert found.stdout.count("\n") == 1, found.output
    asked = ("sparql", "-q", QUERY, "--data", "-", "-")
    read = ("validate", "--data", "-", "--shapes", "-")
    for command in (asked, read):
        done = nhskg(*command, cwd=folder)
        assert (done.exit_code, "standard input is read once" in done.stderr) == (2, True)


def test_what_is_written_to_a_name_with_gz_is_read_again(folder: Path) -> None:
    (folder / "d.ttl").write_text("<urn:a> a <http://e/T> .")
    nhskg("reason", "d.ttl", "super.ttl", "--output", "o.nt.gz", cwd=folder)
    query = "SELECT ?s { ?s a <http://e/U> }"
    asked = nhskg("sparql", "-q", query, "--format", "csv", "--data", "o.nt.gz", cwd=folder)
    assert asked.stdout.split() == ["s", "urn:a"]


def test_of_many_files_some_are_named(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.nt").touch()
    files, (note,) = find_rdf([tmp_path])
    assert len(files) == 12
    assert note.endswith("06.nt, 07.nt and 4 more")


@pytest.mark.parametrize("command", ["validate", "reason", "sparql"])
def test_a_folder_without_rdf_is_refused(command: str, folder: Path) -> None:
    (folder / "none").mkdir()
    (folder / "none" / "a.txt").touch()
    rest = {
        "validate": ["--data", "none", "--shapes", "shapes.ttl"],
        "reason": ["none"],
        "sparql": ["-q", QUERY, "--data", "none"],
    }
    done = nhskg(command, *rest[command], cwd=folder)
    told = "none: no RDF in this folder; left out: a.txt (no RDF ending)\n"
    assert (done.exit_code, done.stderr) == (2, told)


def test_an_empty_file_is_told(folder: Path) -> None:
    (folder / "d.ttl").write_text(TEXTS["ttl"])
    (folder / "e.ttl").touch()
    found = nhskg("validate", "--data", "d.ttl", "--shapes", "shapes.ttl", "e.ttl", cwd=folder)
    assert "e.ttl is empty" in found.stderr


# -- RDF 1.2

BEYOND = {
    "a triple term": ":s :says <<( :b :c 'x'@en--ltr )>> .",
    "a triple term of N-Quads": "<http://e/s> <http://e/says> <<( <urn:b> <urn:c> _:d )>> _:g .",
    "a triple term of RDF/XML": (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
        '<r:Description r:about="http://e/s"><e:says r:parseType="Triple" r:version="1.2">'
        '<r:Description r:about="http://e/b"><e:c>x</e:c></r:Description></e:says>'
        "</r:Description></r:RDF>"
    ),
    "a reifier": ":s :says :x . << :s :says :x >> :of :z .",
    "an annotation": ":s :says :x {| :of [ :r 1 ] |} .",
    "a base direction": ":s :says 'x'@ar--rtl .",
    "a base direction of JSON-LD": (
        '{"@id": "http://e/s", "http://e/says": '
        '{"@value": "x", "@language": "ar", "@direction": "rtl"}}'
    ),
}
"""Inputs with a statement along :says about :s, each with what RDF 1.1 does not have."""
UTTERS = """\
:says <http://www.w3.org/2000/01/rdf-schema#subPropertyOf> :utters .
:s <http://www.w3.org/2002/07/owl#sameAs> :t .
"""


@pytest.mark.parametrize("kind", BEYOND)
def test_rdf_1_2_is_used_or_refused_by_name(kind: str, folder: Path) -> None:
    ending = {"N-Quads": "nq", "RDF/XML": "rdf", "JSON-LD": "jsonld"}.get(
        kind.rsplit(" of ", maxsplit=1)[-1]
    )
    head = "" if ending else "@prefix : <http://e/> .\n"
    name = f"d.{ending or 'ttl'}"
    (folder / name).write_text(head + BEYOND[kind])
    (folder / "u.ttl").write_text("@prefix : <http://e/> .\n" + UTTERS)
    what = "a base direction" if "direction" in kind else "a triple term"
    values = "PREFIX : <http://e/> SELECT ?o { :s :says ?o }"
    asked = nhskg("sparql", "-q", values, "--format", "sparql-tsv", "--data", name, cwd=folder)
    said = asked.stdout.splitlines()[1]
    assert said
    exact = nhskg("sparql", "-q", values, "--exact", "--data", name, cwd=folder)
    assert (exact.exit_code, f"--exact does not have {what} of RDF 1.2" in exact.stderr) == (
        2,
        True,
    )
    derived = nhskg("reason", name, "u.ttl", "--format", "nquads", "--output", "o.nq", cwd=folder)
    assert (derived.exit_code, derived.stderr) == (0, "")
    for subject, predicate in (("s", "utters"), ("t", "says"), ("t", "utters")):
        query = f"PREFIX : <http://e/> SELECT ?o {{ :{subject} :{predicate} ?o }}"
        again = nhskg("sparql", "-q", query, "--format", "sparql-tsv", "--data", "o.nq", cwd=folder)
        assert again.stdout.splitlines()[1].count(" ") == said.count(" "), again.output
        assert re.sub("_:\\w+", "_:", again.stdout.splitlines()[1]) == re.sub("_:\\w+", "_:", said)
    found = nhskg("validate", "--data", name, "--shapes", "shapes.ttl", cwd=folder)
    told = f"{what} of RDF 1.2, which SHACL does not have; leave it out"
    assert (found.exit_code, told in found.stdout) == (2, True)
    assert re.match(rf"{name}:{1 if ending else 2}:\d+: ", found.stdout)


def test_a_triple_term_is_no_subject(folder: Path) -> None:
    (folder / "d.ttl").write_text("""\
@prefix : <http://e/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:a :says <<( :b :c :d )>> . :says rdfs:range :T, :U . :T owl:disjointWith :U .
""")
    done = nhskg("reason", "d.ttl", cwd=folder)
    assert (done.exit_code, done.stdout) == (1, "")
    term = "<<( <http://e/b> <http://e/c> <http://e/d> )>>"
    assert f"cannot all be true: {term} rdf:type :T . {term} rdf:type :U; by " in done.stderr
    (folder / "e.ttl").write_text("@prefix : <http://e/> . :a :says <<( :b :c :d )>> .\n" + UTTERS)
    done = nhskg("reason", "e.ttl", "--format", "jsonld", cwd=folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "JSON-LD cannot write a triple term of RDF 1.2" in done.stderr


def test_owlrl_refuses_a_base_direction(folder: Path) -> None:
    (folder / "d.ttl").write_text("<urn:a> <urn:b> 'x'@ar--rtl .")
    done = nhskg("reason", "d.ttl", "--engine", "owlrl", cwd=folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "owlrl does not have a base direction of RDF 1.2" in done.stderr


# -- contexts

ADDRESS = "http://c.example/context"
DEEP = json.loads('{"p": {"@id": "x:p", "@context": ' * 110 + "{}" + "}}" * 110)


def triples(document: object, contexts: Contexts, folder: Path) -> list[str]:
    """Return the triples of a document of JSON-LD that is in a folder."""
    path = folder / "d.jsonld"
    path.write_text(json.dumps(document))
    found = RdfParser.open(path, contexts=contexts)
    return sorted(str(each.triple).replace(folder.as_uri(), "file:") for each in found)


@pytest.mark.parametrize(
    ("context", "given", "told"),
    [
        (ADDRESS, {"p": "http://e/p"}, "<file:/a> <http://e/p> '1'"),
        ([{"p": "http://f/p"}, ADDRESS], {"p": "http://e/p"}, "<file:/a> <http://e/p> '1'"),
        ([ADDRESS, {"p": "http://f/p"}], {"p": "http://e/p"}, "<file:/a> <http://f/p> '1'"),
        (ADDRESS, [{"p": "http://e/p"}, None, {"p": "http://g/p"}], "<file:/a> <http://g/p> '1'"),
        (ADDRESS, {"@base": "http://b/", "p": "http://e/p"}, "<file:/a> <http://e/p> '1'"),
        ({"@import": ADDRESS, "@vocab": "u:v/"}, {"@vocab": "u:w/"}, "<file:/a> <u:v/p> '1'"),
        ({"@vocab": "v:", "p": {"@id": "x:p", "@context": ADDRESS}}, {}, "<file:/a> <x:p> '1'"),
        ("beside.jsonld", {}, "<file:/a> <http://beside/p> '1'"),
        ([ADDRESS], "beside.jsonld", "c.example/beside.jsonld; give its file with --context"),
        ("gone.jsonld", {}, "gone.jsonld cannot be read: No such file"),
        ("urn:x", {}, "--context urn:x=FILE, or allow fetching it with --allow-network"),
        (ADDRESS, "file:///etc/hostname", "its context is at file:///etc/hostname; give its file"),
        ("file:///etc/hostname", {}, "its context is at file:///etc/hostname; give its file with"),
        ("link/hostname", {}, "/link/hostname; give its file with --context"),
        ("pipe", {}, "/pipe; give its file with --context"),
        (ADDRESS, DEEP, "has, with its contexts, objects and arrays within objects and arrays"),
        (ADDRESS, ADDRESS, f"the context at {ADDRESS} refers to itself"),
        ({"@import": ADDRESS}, [{}], f"the context at {ADDRESS} is a list, which @import"),
    ],
)  # fmt: skip
def test_a_context_at_an_address_is_that_of_its_file(
    context: object, given: object, told: str, folder: Path
) -> None:
    (folder / "c.json").write_text(json.dumps({"@context": given}))
    (folder / "beside.jsonld").write_text('{"@context": {"p": "http://beside/p"}}')
    (folder / "link").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    contexts = Contexts({ADDRESS: folder / "c.json"})
    document = {"@context": context, "@id": "a", "p": "1"}
    if told.startswith("<"):
        assert triples(document, contexts, folder) == [told.replace("'", '"')]
        return
    with pytest.raises(InputError) as caught:
        triples(document, contexts, folder)
    assert told in str(caught.value)


def test_contexts_that_name_many_others_are_bounded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contexts_module, "MOST_VALUES", 1_000)
    monkeypatch.setattr(contexts_module, "MOST_CONTEXTS", 10)
    for number in range(12):
        many = [f"{number - 1}.jsonld"] * 10 if number else {"p": "http://e/p"}
        (folder / f"{number}.jsonld").write_text(json.dumps({"@context": many}))
    for number, told in ((5, "more than 1,000 values in all"), (11, "more than 10 contexts at")):
        with pytest.raises(InputError, match=told):
            triples({"@context": f"{number}.jsonld", "p": 1}, Contexts(), folder)


def test_a_context_is_fetched_only_where_that_is_allowed(folder: Path) -> None:
    def moved(connection: Connection, _: Request) -> None:
        connection.answer(302, Location="/page")

    def page(connection: Connection, _: Request) -> None:
        link = '</c.json>; rel="alternate"; type="application/ld+json"'
        connection.answer(200, "<html>", Content_Type="text/html", Link=link)

    def context(connection: Connection, request: Request) -> None:
        assert request.headers["accept"].startswith("application/ld+json")
        connection.answer(200, '{"@context": {"p": "http://e/p"}}', Content_Type="application/json")

    with Server(moved, page, context) as server:
        for name in ("a", "b"):
            document = {"@context": server.url, "@id": name, "p": {"@id": "x"}}
            (folder / f"{name}.jsonld").write_text(json.dumps(document))
        command = ("sparql", "-q", QUERY, "--data", "a.jsonld", "b.jsonld")
        refused = nhskg(*command, cwd=folder)
        assert (refused.exit_code, refused.stdout, server.requests) == (2, "", [])
        assert refused.stderr.count(f"--context {server.url}=FILE") == 2
        done = nhskg(*command, "--allow-network", cwd=folder)
        assert done.stdout.count("/x") == 2, done.stderr
        assert [each.path for each in server.requests] == ["/", "/page", "/c.json"]


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (404, {}, "HTTP 404"),
        (302, {"Location": "/again"}, "there are more than five redirects"),
        (302, {"Location": "file:///etc/hostname"}, "is no address of the web"),
        (200, {}, "is no JSON with a '@context'"),
    ],
)
def test_what_cannot_be_fetched_is_told(
    status: int, headers: dict[str, str], told: str, folder: Path
) -> None:
    with Server(lambda connection, _: connection.answer(status, "{}", **headers)) as server:
        with pytest.raises(InputError) as caught:
            triples({"@context": server.url, "p": 1}, Contexts(network=True), folder)
        assert told in str(caught.value)


def test_the_option_names_an_address_and_a_file(folder: Path) -> None:
    done = nhskg("reason", "super.ttl", "--context", "c.json", cwd=folder)
    told = "nhskg: '--context c.json' is not of the form ADDRESS=FILE\n"
    assert (done.exit_code, done.stderr) == (2, told)


# What is no file, and what is without end


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("validate --data d.ttl --shapes d.ttl --settings /dev/zero", "more than the 20,000,000"),
        ("sparql --data d.ttl /dev/zero", "/dev/zero: has more than the 20,000,000 bytes"),
        ("sparql --data zero.ttl -q ASK{}", "zero.ttl: cannot be read: not a file"),
        ("sparql --data d.ttl pipe.rq", "pipe.rq: cannot be read: not a file"),
        ("reason d.ttl --rules pipe.rq", "pipe.rq: cannot be read: not a file"),
        ("reason pipe.ttl", "pipe.ttl: cannot be read: not a file"),
        ("reason d.ttl --output pipe.ttl", "pipe.ttl: cannot be written: not a file"),
        ("reason d.ttl --output loop", "loop' is a link that leads to itself"),
        ("validate --data loop --shapes d.ttl", "loop' is a link that leads to itself"),
    ],
)
def test_nothing_is_waited_for_or_read_without_end(folder: Path, command: str, told: str) -> None:
    for name in ("pipe.rq", "pipe.ttl"):
        os.mkfifo(folder / name)
    (folder / "zero.ttl").symlink_to("/dev/zero")
    (folder / "loop").symlink_to("loop")
    (folder / "d.ttl").write_text("<a:a> <a:b> <a:c> .")
    done = nhskg(*command.split(), cwd=folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_pipe_is_read_where_its_name_says_that_it_is_one() -> None:
    read, write = os.pipe()
    os.write(write, b"\xef\xbb\xbfa\r\nb\rc")
    os.close(write)
    assert read_text(Path(f"/dev/fd/{read}")) == "a\nb\nc"
    os.close(read)


def test_what_is_compressed_is_bounded_by_what_it_holds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_RDF", 10_000)
    (folder / "bomb.ttl.gz").write_bytes(gzip.compress(b" " * 100_000))
    with pytest.raises(InputError, match=r"bomb\.ttl\.gz: has more than the 10,000 bytes"):
        lines.read_rdf(folder / "bomb.ttl.gz")
