"""Whole builds on a real oxigraph: what it holds is what the embedded store holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from nhskg.building.pipeline import build_project
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf.terms import BASE, DERIVED_GRAPH, GRAPH, ONTOLOGY_GRAPH
from nhskg.reasoning.owlrl_engine import OwlrlEngine
from nhskg.reasoning.reasoner import read_rule_texts
from tests.cli.runner import nhskg

from .conftest import build, edit, expected, others
from .servers import Oxigraph, Request, Server, relays, same
from .test_endpoint import answers

each_mode = pytest.mark.parametrize(
    "mode", [[], ["--reason-on-server"]], ids=["reasons here", "reasons there"]
)
MOTTO = "\"Ça va\\u0041\" \t\u0001 '{}' ; DROP ALL ; 🏥 шлях\r\nשלום"


def figures(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("seconds")]


@pytest.mark.parametrize(("corpus", "mode"), [("built", []), ("real", ["--reason-on-server"])])
def test_a_corpus_is_there_what_it_is_here(
    server: Oxigraph, corpus: str, mode: list[str], request: pytest.FixtureRequest
) -> None:
    """What a build replaces of an earlier one is tested in ``test_failures``."""
    project: Project = request.getfixturevalue(corpus)
    done = build(project, server.url, "--quiet", *mode)
    assert (done.exit_code, done.stdout) == (0, "")
    assert same(server.quads(), [*open_published(project.build).open(), *others()])


@each_mode
def test_blank_nodes_and_literals_of_all_kinds_come_through(
    server: Oxigraph, hamlet: Project, mode: list[str]
) -> None:
    done = build(hamlet, server.url, *mode)
    assert done.exit_code == 0
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        *("ontology", "rules", "shapes")  # of which it has its own
    ]
    assert not hamlet.build.exists()
    quads = server.quads()
    assert same(quads, expected(hamlet))
    assert not any("urn:nhskg:" in str(quad) for quad in quads)
    motto = ox.Literal(MOTTO, language="fr")
    derived, ontology = (
        [quad.object for quad in quads if quad.graph_name == ox.NamedNode(name)]
        for name in (DERIVED_GRAPH, ONTOLOGY_GRAPH)
    )
    assert (derived.count(motto), ontology.count(motto)) == (4, 1)
    languages = {value.language for value in ontology if isinstance(value, ox.Literal)}
    assert languages >= {"en", "fr", "ja", "en-gb"}
    assert sum("Ünter\\\\Wald {'} 🏥" in str(quad.object) for quad in quads) == 1
    assert figures(done.stdout) == figures(build_project(hamlet).render())


def test_an_upload_takes_one_request_a_graph_and_five(
    server: Oxigraph, hamlet: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/remote.md says; a graph of more triples than one request uploads takes several."""

    def requests() -> list[Request]:
        with Server(relays(server.url)) as relay:
            assert build(hamlet, relay.url).exit_code == 0
        return relay.requests

    first, again = requests(), requests()
    graphs = {name for name in server.graphs() if name.startswith(GRAPH)}
    puts = [request for request in first if request.method == "PUT"]
    assert len({parse_qs(each.path)["/store?graph"][0] for each in puts}) == len(graphs) == 4
    assert len(first) == len(again) == len(graphs) + 5
    assert b"MOVE" in first[-1].body
    monkeypatch.setattr("nhskg.rdf.endpoint.MOST_TRIPLES", 20)
    assert len(requests()) == sum(-(-each.body.count(b"\n") // 20) for each in puts) + 5
    assert same(server.quads(), expected(hamlet))


def test_without_a_server_the_client_is_not_imported(hamlet: Project) -> None:
    script = "import sys; from nhskg.cli import main\ntry:\n main(sys.argv[1:])\n"
    script += "except SystemExit as end:\n sys.exit(end.code or 'urllib3' in sys.modules)"
    command = [sys.executable, "-c", script, "--project", str(hamlet.root), "build"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert hamlet.build.exists()


def test_an_engine_that_reasons_here_publishes_there(server: Oxigraph, hamlet: Project) -> None:
    assert build(hamlet, server.url, "--engine", "owlrl").exit_code == 0
    engine = OwlrlEngine(read_rule_texts(hamlet.ontology / "rules"), base=BASE)
    assert same(server.quads(), expected(hamlet, engine=engine))


VIOLATION = (
    r"(?s)violation: a label MUST be short; shorten it \[nhs:H-01].*"
    r"the store was not replaced\. Mend them and build again\n"
)


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("Hamlet Chr", f"{'long ' * 20}Chr", 1, VIOLATION),
        ("label:", "lable:", 2, "base.yaml:3:5: "),
    ],
    ids=["a violation", "a fault in the annotations"],
)
def test_what_is_wrong_publishes_nothing(
    server: Oxigraph, hamlet: Project, old: str, new: str, code: int, message: str
) -> None:
    build(hamlet, server.url)
    server.load("<urn:s> <urn:p> <urn:o> <urn:nhskg:staging:of-a-build-that-runs:given> .\n")
    before, graphs = server.quads(), server.graphs()
    edit(hamlet, "register/base.yaml", old, new)
    done = build(hamlet, server.url)
    assert done.exit_code == code
    assert re.search(message, done.stderr)
    assert same(server.quads(), before)
    assert server.graphs() == graphs


def test_services_at_other_paths(server: Oxigraph, hamlet: Project) -> None:
    """As with other servers: the paths are the user's, and each is used for what it is."""
    known = {"/nhs/sparql": "/query", "/nhs/up/date": "/update", "/nhs/data": "/store"}

    def elsewhere(number: int, request: Request) -> Request:
        path, mark, query = request.path.partition("?")
        return request._replace(path=known[path] + mark + query)

    options = ("--query-path", "sparql", "--update-path", "/up/date", "--data-path", "data")
    with Server(relays(server.url, change=elsewhere)) as relay:
        done = build(hamlet, f"{relay.url}/nhs/", *options, "--quiet")
    assert (done.exit_code, done.output) == (0, "")
    assert same(server.quads(), expected(hamlet))
    assert {request.path.partition("?")[0] for request in relay.requests} == set(known)


NOWHERE = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--timeout", "5"), "need --store"),
        (("--data-path", "data", "--reason-on-server"), "need --store"),
        (
            ("--store", NOWHERE, "--reason-on-server", "--engine", "owlrl"),
            "--engine owlrl does not run with --reason-on-server",
        ),
        (("--store", "http://u:s3cret@127.0.0.1"), "credentials do not belong in the address"),
        (("--store", NOWHERE, "--timeout", "nan"), "time limit"),
        (("--store", NOWHERE), "nothing listens there; is the server running?"),
    ],
)
def test_misuse_is_exit_2_and_says_what_to_do(
    hamlet: Project, arguments: tuple[str, ...], message: str
) -> None:
    done = nhskg("--project", hamlet.root, "build", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert "s3cret" not in done.stderr
    assert not hamlet.build.exists()


def test_credentials_of_the_environment_go_with_every_request_and_are_not_seen(
    server: Oxigraph, hamlet: Project
) -> None:
    """Not in the list of processes while it runs, nor in anything that it prints."""
    seen: list[str] = []

    def look(number: int, request: Request) -> Request:
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.append(each.read_text("utf-8", errors="replace"))
            except OSError:  # a process that has ended meanwhile
                continue
        return request

    def run(url: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "nhskg", "--debug", "--project", str(hamlet.root)]
        secret = {"NHSKG_STORE_USER": "septimus", "NHSKG_STORE_PASSWORD": "s3cret"}
        environment = {**os.environ, **secret}
        return subprocess.run(
            [*command, "build", "--store", url],
            text=True,
            capture_output=True,
            env=environment,
            timeout=300,
            check=False,
        )

    with Server(relays(server.url, change=look)) as relay:
        done = run(relay.url)
    assert done.returncode == 0, done.stderr
    headers = {request.headers.get("authorization") for request in relay.requests}
    assert headers == {"Basic c2VwdGltdXM6czNjcmV0"}
    assert any("build\0--store" in each for each in seen) or not Path("/proc/self").exists()
    with Server(answers(401, "septimus, s3cret is wrong")) as refusing:
        refused = run(refusing.url)
    assert "HTTP 401, credentials refused" in refused.stderr
    for text in (*seen, done.stdout, done.stderr, refused.stdout, refused.stderr):
        assert "s3cret" not in text
        assert "c2VwdGl" not in text
