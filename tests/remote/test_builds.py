"""Whole builds on a real oxigraph: what it holds is what the embedded store holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from nhskg.building import build_project
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.rdf.terms import BASE, DERIVED_GRAPH, GRAPH, ONTOLOGY_GRAPH
from nhskg.reasoning.owlrl_engine import OwlrlEngine
from nhskg.reasoning.reasoner import read_rule_texts

from .conftest import OTHERS, Run, expected
from .servers import Oxigraph, Relay, Request, Server, same
from .test_endpoint import answers

each_mode = pytest.mark.parametrize(
    "mode", [[], ["--reason-on-server"]], ids=["reasons here", "reasons there"]
)
MOTTO = "\"Ça va\\u0041\" \t\u0001 '{}' ; DROP ALL ; 🏥 шлях\r\nשלום"


def figures(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("seconds")]


def nhskg(
    *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nhskg", *map(str, arguments)],
        text=True,
        capture_output=True,
        env={**os.environ, **(environment or {})},
        timeout=300,
        check=False,
    )


def test_our_own_corpus(server: Oxigraph, built: Project) -> None:
    """What a build replaces of an earlier one is tested in ``test_failures``."""
    done = nhskg("--project", built.root, "build", "--store", server.url)
    assert done.returncode == 0, done.stderr
    assert same(server.quads(), [*open_published(built.build).open(), *others()])


def test_the_real_corpus_reasoned_over_there(server: Oxigraph, real: Project) -> None:
    arguments = ("build", "--store", server.url, "--quiet", "--reason-on-server")
    done = nhskg("--project", real.root, *arguments)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert same(server.quads(), [*open_published(real.build).open(), *others()])


def _is_named(quad: ox.Quad) -> bool:
    return isinstance(quad.graph_name, ox.NamedNode)


def others() -> list[ox.Quad]:
    return list(ox.parse(OTHERS, format=ox.RdfFormat.N_QUADS))


@each_mode
def test_blank_nodes_and_literals_of_all_kinds_come_through(
    server: Oxigraph, hamlet: Project, run: Run, mode: list[str]
) -> None:
    done = run("--project", hamlet.root, "build", "--store", server.url, *mode)
    assert (done.code, done.err) == (0, "")
    assert not hamlet.build.exists()
    quads = server.quads()
    assert same(quads, expected(hamlet))
    assert not any("urn:nhskg:" in str(quad) for quad in quads)
    motto = ox.Literal(MOTTO, language="fr")
    derived, ontology = (
        [quad for quad in quads if quad.graph_name == ox.NamedNode(name)]
        for name in (DERIVED_GRAPH, ONTOLOGY_GRAPH)
    )
    assert sum(quad.object == motto for quad in derived) == 5
    assert sum(quad.object == motto for quad in ontology) == 1
    languages = {q.object.language for q in ontology if isinstance(q.object, ox.Literal)}
    assert languages >= {"en", "fr", "ja", "en-gb"}
    assert sum("Ünter\\\\Wald {'} 🏥" in str(quad.object) for quad in quads) == 1
    assert figures(done.out) == figures(build_project(hamlet).render())


def test_an_upload_takes_one_request_a_graph_and_five(
    server: Oxigraph, hamlet: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/remote.md says; a graph of more triples than one request uploads takes several."""

    def requests() -> list[Request]:
        with Server(Relay(server.port)) as relay:
            assert run("--project", hamlet.root, "build", "--store", relay.url).code == 0
        return relay.requests

    first, again = requests(), requests()
    graphs = {name for name in server.graphs() if name.startswith(GRAPH)}
    puts = [parse_qs(request.path)["/store?graph"] for request in first if request.method == "PUT"]
    assert len(puts) == len(graphs) == 4
    assert len(first) == len(again) == len(graphs) + 5
    assert b"MOVE" in first[-1].body
    sizes = [r.body.count(b"\n") for r in first if r.method == "PUT"]
    monkeypatch.setattr("nhskg.rdf.endpoint.MOST_TRIPLES", 20)
    assert len(requests()) == sum(-(-size // 20) for size in sizes) + 5
    assert same(server.quads(), expected(hamlet))


def test_without_a_server_the_client_is_not_imported(hamlet: Project) -> None:
    script = "import sys; from nhskg.cli import main\ntry:\n main(sys.argv[1:])\n"
    script += "except SystemExit as end:\n sys.exit(end.code or 'urllib3' in sys.modules)"
    command = [sys.executable, "-c", script, "--project", str(hamlet.root), "build"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert hamlet.build.exists()


def test_an_engine_that_reasons_here_publishes_there(
    server: Oxigraph, hamlet: Project, run: Run
) -> None:
    done = run("--project", hamlet.root, "build", "--store", server.url, "--engine", "owlrl")
    assert (done.code, done.err) == (0, "")
    engine = OwlrlEngine(read_rule_texts(hamlet.ontology / "rules"), base=BASE)
    assert same(server.quads(), expected(hamlet, engine=engine))


def test_a_violation_publishes_nothing(server: Oxigraph, hamlet: Project, run: Run) -> None:
    run("--project", hamlet.root, "build", "--store", server.url)
    path = hamlet.root / "seeds" / "register" / "base.yaml"
    before = server.quads()
    path.write_text(path.read_text("utf-8").replace("Hamlet Chr", f"{'long ' * 20}Chr"), "utf-8")
    done = run("--project", hamlet.root, "build", "--store", server.url)
    assert done.code == 1
    assert "violation: a label MUST be short; shorten it [H-01]" in done.err
    assert done.err.endswith("the store was not replaced. Mend them and build again\n")
    assert same(server.quads(), before)
    assert server.graphs() == {str(q.graph_name)[1:-1] for q in before if _is_named(q)}


def test_faults_in_the_annotations_change_nothing(
    server: Oxigraph, hamlet: Project, run: Run
) -> None:
    server.load("<urn:s> <urn:p> <urn:o> <urn:nhskg:staging:of-a-build-that-runs:given> .\n")
    before = server.quads()
    path = hamlet.root / "seeds" / "register" / "base.yaml"
    path.write_text(path.read_text("utf-8").replace("label:", "lable:", 1), "utf-8")
    done = run("--project", hamlet.root, "build", "--store", server.url)
    assert done.code == 2
    assert f"{path}:3:5: " in done.err
    assert same(server.quads(), before)


def test_services_at_other_paths(server: Oxigraph, hamlet: Project, run: Run) -> None:
    """As with other servers: the paths are the user's, and each is used for what it is."""
    known = {"/nhs/sparql": "/query", "/nhs/up/date": "/update", "/nhs/data": "/store"}

    def elsewhere(number: int, request: Request) -> Request:
        path, mark, query = request.path.partition("?")
        return Request(request.method, known[path] + mark + query, request.headers, request.body)

    with Server(Relay(server.port, change=elsewhere)) as relay:
        options = ("--query-path", "sparql", "--update-path", "/up/date", "--data-path", "data")
        done = run(
            "--project", hamlet.root, "build", "--store", f"{relay.url}/nhs/", *options, "--quiet"
        )
        assert (done.code, done.out, done.err) == (0, "", "")
    assert same(server.quads(), expected(hamlet))
    assert {request.path.partition("?")[0] for request in relay.requests} == set(known)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--timeout", "5"), "need --store"),
        (("--data-path", "data", "--reason-on-server"), "need --store"),
        (
            ("--store", "http://127.0.0.1:1", "--reason-on-server", "--engine", "owlrl"),
            "--engine owlrl does not run with --reason-on-server",
        ),
        (("--store", "http://u:s3cret@127.0.0.1"), "credentials do not belong in the address"),
        (("--store", "http://127.0.0.1:1", "--timeout", "nan"), "time limit"),
        (("--store", "http://127.0.0.1:1"), "nothing listens there; is the server running?"),
    ],
)
def test_misuse_is_exit_2_and_says_what_to_do(
    hamlet: Project, run: Run, arguments: tuple[str, ...], message: str
) -> None:
    done = run("--project", hamlet.root, "build", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "s3cret" not in done.err
    assert not hamlet.build.exists()


def test_credentials_of_the_environment_go_with_every_request_and_are_not_seen(
    server: Oxigraph, hamlet: Project
) -> None:
    """Not in the list of processes while it runs, nor in anything that it prints."""
    secret = {"NHSKG_STORE_USER": "septimus", "NHSKG_STORE_PASSWORD": "s3cret"}
    seen: list[str] = []

    def look(number: int, request: Request) -> Request:
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.append(each.read_text("utf-8", errors="replace"))
            except OSError:  # a process that has ended meanwhile
                continue
        return request

    arguments = ("--debug", "--project", hamlet.root, "build", "--store")
    with Server(Relay(server.port, change=look)) as relay:
        done = nhskg(*arguments, relay.url, environment=secret)
    assert done.returncode == 0, done.stderr
    headers = {request.headers.get("authorization") for request in relay.requests}
    assert headers == {"Basic c2VwdGltdXM6czNjcmV0"}
    assert any("build\0--store" in each for each in seen) or not Path("/proc/self").exists()
    with Server(answers(401, "septimus, s3cret is wrong")) as refusing:
        refused = nhskg(*arguments, refusing.url, environment=secret)
    assert "HTTP 401, credentials refused" in refused.stderr
    for text in (*seen, done.stdout, done.stderr, refused.stdout, refused.stderr):
        assert "s3cret" not in text
        assert "c2VwdGl" not in text
