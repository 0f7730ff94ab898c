"""What strangers wrote steers no terminal and no runner of CI, in any form that is not exact."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import Literal, Quad, Store

from nhskg.project import Project
from nhskg.rdf.escaping import escaped, json_escaped, markdown, plain
from nhskg.rdf.terms import ONTOLOGY_GRAPH

from .runner import Result, nhskg

SOURCES = Path(__file__).parents[2] / "src" / "nhskg"
NASTY = (
    "::error ::a\x1b]0;b\x07\x9b31m\rc\u202ed\u2066e\u200ef\u200bg\u2028h\x85i\ufff9j\U000e0041k"
    "\n::error ::l ##[error]m ##vso[task.n] | o \\ <script>p</script> [q](javascript:r) `s` @t #1"
)
"""What is special to terminals, to GitHub, Azure and GitLab, to Markdown, HTML and XML."""
STEERS = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
IN_TURTLE = NASTY.encode("unicode_escape").decode().replace("\\x", "\\u00").replace('"', '\\"')
IRI = "urn:a%0A::error:\u202eb"
PLAIN = {
    "plain \t text\n\n": "plain \t text\n\n",
    "\xa0\u202f\u3000 mi\u0301 \U0001f9d1\u200d\u2695\ufe0f \u0645\u06cc\u200c\u062e": ...,
    "a\u200db\u200cc": r"a\u200db\u200cc",
    "a\r\n \xa0::b::": "a\\r\n \xa0\\x3a:b::",
    "\ud800 \ufdd0 \U000e0067": r"\ud800 \ufdd0 \U000e0067",
    "a ##[group] ##vso[x] # #[": r"a \x23#[group] \x23#vso[x] # #[",
}
MARKDOWN = {
    "a_b c* _d_ ~~e~~ ~f": r"a_b c\* \_d\_ \~~e\~~ ~f",
    "# a": r"\# a",
    "1. a": r"1\. a",
    "2013-01 [12-40] “a” [1] -5": ...,
    "> a": r"\> a",
    "--": r"\--",
    "![a](b) [c][d] [e]: f": r"![a\](b) [c\][d] [e\]: f",
    "&lt; R&D a@b.c": r"\&lt; R&D a@b.c",
    "a\n|b|": r"a\\n\|b\|",
    "@a, #12 <b>": r"@<!-- -->a, #<!-- -->12 \<b>",
}


@pytest.mark.parametrize("text", PLAIN)
def test_lines_for_people(text: str) -> None:
    assert plain(text) == (text if PLAIN[text] is ... else PLAIN[text])


@pytest.mark.parametrize("text", MARKDOWN)
def test_a_text_in_markdown(text: str) -> None:
    assert markdown(text) == (text if MARKDOWN[text] is ... else MARKDOWN[text])


def test_what_is_safe_is_escaped_no_further() -> None:
    assert plain(plain(NASTY)) == plain(NASTY)
    assert not STEERS.search(escaped(NASTY) + json_escaped(NASTY.replace("\n", "")))


def check(shown: Result, *, of_github: bool = False) -> None:
    """Hold an answer to what its readers rely on."""
    assert shown.exit_code in (0, 1, 2), shown.output
    for stream in (re.sub(r"\x1b\[[012]m", "", shown.stdout), shown.stderr):
        assert not STEERS.search(stream), ascii(stream)
        assert not re.search(r"##(vso)?\[", stream), stream
        commands = re.findall(r"(?m)^\s*::.*", stream)
        assert all(re.match(r"::(error|warning|notice) (file|title)=", c) for c in commands)
        assert of_github or not commands, commands


def check_markdown(text: str) -> None:
    """Hold Markdown to tables of as many cells in each row, without HTML, links and mentions."""
    assert not re.search(r"(?<!\\)(<script|`s`)|(?<!\\)\]\(|[@#](?=t |1 )", text), text
    for table in re.findall(r"(?m)(?:^\|.*\n)+", text):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of RDF, shapes, rules and queries, each with the text in each of its places."""
    folder = tmp_path_factory.mktemp("foreign")
    data = f'''@prefix : <urn:> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
:a :p "{IN_TURTLE}" , "{IN_TURTLE}"@en , "{IN_TURTLE}"^^<{IRI}> ; :q <{IRI}> ; a :C , :D .
<{IRI}> a :C ; :p "{IN_TURTLE}" . :C owl:disjointWith :D .
'''
    shapes = f'''@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> .
<{IRI}s> sh:targetClass :C ; sh:targetNode "{IN_TURTLE}" ; sh:nodeKind sh:Literal ;
  sh:name "{IN_TURTLE}" ; sh:description "{IN_TURTLE}" ; sh:message "{IN_TURTLE} {{$this}}" ;
  sh:property [ sh:path <{IRI}> ; sh:minCount 1 ; sh:name "{IN_TURTLE}" ] ;
  sh:property [ sh:path :p ; sh:maxLength 1 ; sh:pattern "{IN_TURTLE[:20]}" ] .
'''
    (folder / "::d\u202e.ttl").write_text(data, "utf-8")
    (folder / "s\x1b[1m\n::error ::s.ttl").write_text(shapes, "utf-8")
    return folder


FORMS = ("text", "table", "json", "sarif", "junit", "github", "gitlab")


@pytest.mark.parametrize("form", FORMS)
def test_validate(form: str, foreign: Path) -> None:
    given = ("--data", "::d\u202e.ttl", "--shapes", "s\x1b[1m\n::error ::s.ttl")
    shown = nhskg("validate", *given, "--format", form, cwd=foreign)
    assert shown.exit_code == 1
    check(shown, of_github=form == "github")
    if form == "junit":
        assert ET.fromstring(shown.stdout).tag == "testsuites"
    count = len(shown.stdout.splitlines())
    assert form not in ("text", "github") or shown.stderr.startswith(f"{count} findings")


SELECT = "SELECT ?s ?o (?o AS ?b) { ?s ?p ?o }"


@pytest.mark.parametrize("how", ["table", "table --layout record", "markdown", "json"])
def test_sparql(how: str, foreign: Path) -> None:
    shown = nhskg("sparql", "-q", SELECT, "--data", ".", "--format", *how.split(), cwd=foreign)
    assert shown.exit_code == 0
    check(shown)
    if how == "markdown":
        check_markdown(shown.stdout)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_proof_and_contradictions(form: str, foreign: Path) -> None:
    why = f"<{IRI}> a <urn:C>"
    check(nhskg("reason", "::d\u202e.ttl", "--why", why, "--format", form, cwd=foreign))
    told = nhskg("reason", "::d\u202e.ttl", cwd=foreign)
    assert not STEERS.search(told.stderr)
    assert told.exit_code == 1


MISUSED = (
    "NASTY | query run NASTY | show NASTY | explain NASTY | sparql NASTY | sparql -q NASTY"
    " | validate NASTY | validate --format NASTY | validate --data NASTY --shapes NASTY"
    " | validate --context NASTY | build --NASTY | dump --out NASTY/NASTY | diff NASTY NASTY"
    " | --project NASTY build | new NASTY | reason NASTY | reason . --why NASTY | anchor NASTY"
    " | matrix --power NASTY | ask NASTY | find NASTY | compare NASTY NASTY"
    " | coverage --texts NASTY | why NASTY NASTY NASTY"
    " | why-not --plan NASTY --power NASTY --body NASTY"
    " | list NASTY | query run holders --power NASTY | query run holders --NASTY x"
    " | completion NASTY"
)


@pytest.mark.parametrize("command", MISUSED.split(" | "))
def test_arguments(command: str, tmp_path: Path, built: Project) -> None:
    given = [word.replace("NASTY", NASTY) for word in command.split()]
    check(nhskg("--project", built.root, *given, cwd=tmp_path))


def test_everything_is_printed_in_one_place() -> None:
    found = [path.name for path in SOURCES.rglob("*.py") if "click.echo" in path.read_text("utf-8")]
    assert sorted(found) == ["completion.py", "printing.py"]


@pytest.fixture(scope="module")
def steered(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own corpus, in whose store all that has words ends in the text."""
    folder = tmp_path_factory.mktemp("steered") / "own"
    shutil.copytree(built.root, folder, symlinks=True)
    store = Store(str(folder / "build" / "current" / "data"))
    for quad in list(store):
        words, name = quad.object, re.split("[#/]", quad.predicate.value)[-1]
        is_told = name in WORDS and quad.graph_name.value != ONTOLOGY_GRAPH
        if is_told and isinstance(words, Literal):
            new = Literal(f"{NASTY} {words.value} {NASTY}", language=words.language)
            store.remove(quad)
            store.add(Quad(quad.subject, quad.predicate, new, quad.graph_name))
    return folder


WORDS = (
    "prefLabel altLabel hiddenLabel definition note scopeNote title exact statedAs comment label"
    " description locator hedge qualifier sentence license rights"
).split()
FOR_PEOPLE = """
matrix --all --format table
matrix --all --format markdown --cite list
matrix --all --grid --format table
matrix --all --grid --format markdown
matrix --all --format json
query run provisions --layout record
query run provisions --format markdown
query run stances --format markdown --cite list
query run quotes --layout table --color always
list plans --format table
list people --format markdown
find council --format markdown
show barchester-county-council
show barchester-county-council --format markdown
show barchester-county-council --format json
compare hiram-report quill-vision
compare hiram-report quill-vision --format markdown --cite list
matrix --all --cite bibtex
matrix --all --cite csl-json
why --plan hiram-report --power sign-off
why --plan hiram-report --power sign-off --full
why --plan hiram-report --power sign-off --full --format markdown
why --plan hiram-report --power sign-off --format json
ask who signs off --layout table
ask who signs off --format markdown
diff BUILT .
diff BUILT . --format markdown --all
""".strip().splitlines()


@pytest.mark.parametrize("command", FOR_PEOPLE)
def test_a_corpus(command: str, steered: Path, built: Project) -> None:
    command = command.replace("BUILT", str(built.root))
    shown = nhskg("--project", ".", *command.split(), cwd=steered)
    assert shown.exit_code in (0, 1), shown.stderr
    check(shown)
    if "markdown" in command:
        check_markdown(shown.stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_shell_offers(shell: str, steered: Path) -> None:
    (steered / "queries").mkdir(exist_ok=True)
    (steered / "queries" / "hol$(a)\n\x1b.rq").touch()
    for line in ("query run hol", "show hir"):
        words = f"nhskg --project {steered} {line}"
        place = line[-3:] if shell == "fish" else str(len(words.split()) - 1)
        told = f"{shell}_complete"
        shown = nhskg(_NHSKG_COMPLETE=told, COMP_WORDS=words, COMP_CWORD=place)
        check(shown)
        assert line[-3:] in shown.stdout
        assert "$" not in shown.stdout
