"""Any RDF by any shapes: the results are pySHACL's, the bytes always the same, the lines there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from rdflib import SH, Graph, Literal
from rdflib.compare import isomorphic

import nhskg.shacl
from nhskg.rdf.errors import InputError, Place
from nhskg.shacl.engines import EngineName
from nhskg.shacl.findings import Report, Severity
from nhskg.shacl.reports import FORMATS
from nhskg.shacl.validation import validate_rdf
from tests.cli import runner

SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .

ex:PersonShape a sh:NodeShape ;
    sh:targetClass ex:Person ;
    sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:message "a person has a name"@en ] ;
    sh:property [ sh:path [ sh:inversePath ex:employs ] ; sh:maxCount 0 ; sh:severity sh:Info ] ;
    sh:property [ sh:path ( ex:friend [ sh:zeroOrMorePath ex:friend ] ) ; sh:class ex:Person ;
        sh:severity sh:Warning ] ;
    sh:or ( [ sh:class ex:Rich ] [ sh:property [ sh:path ex:age ; sh:minCount 1 ] ] ) .
[] a sh:NodeShape ; sh:targetSubjectsOf ex:age ;
    sh:property [ sh:path ex:age ; sh:maxInclusive 150 ; sh:severity ex:Odd ] .
"""
HEAD = SHAPES.partition("\n\n")[0]
DATA = """\
@prefix ex: <https://example.org/> .
# ex:ann is a person

ex:ann a ex:Person ;
    ex:name "Ann" ;
    ex:age 200 ;
    ex:friend ex:bob .
ex:bob
    ex:friend [ ex:name "nobody" ] .
ex:firm ex:employs ex:ann .
[] a ex:Person ; ex:age 3 ; ex:name "Ünal"@tr .
"""


Files = tuple[Path, Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text(DATA, "utf-8")
    shapes.write_text(SHAPES, "utf-8")
    return data, shapes


def validated(files: Files, data: str, shapes: str, **how: Any) -> Report:
    """Return the report of some data by some shapes, both without prefixes."""
    for path, text in zip(files, (data, shapes), strict=True):
        path.write_text(f"{HEAD}\n{text}", "utf-8")
    return validate_rdf(files[:1], files[1:], **how)


def test_the_results_are_those_of_pyshacl(files: tuple[Path, Path]) -> None:
    data, shapes = files
    conforms, expected, _ = pyshacl.validate(Graph().parse(data), shacl_graph=Graph().parse(shapes))
    assert isinstance(expected, Graph)
    turtle = FORMATS["turtle"](validate_rdf([data], [shapes]))
    graph = Graph().parse(data=turtle, format="turtle")
    assert list(graph.objects(None, SH.conforms)) == [Literal(conforms)] == [Literal(False)]
    assert len(list(graph.objects(None, SH.result))) == 4
    for drop in (graph, expected):
        drop.remove((None, SH.resultMessage, None))
    assert isomorphic(graph, expected)


def test_a_message_of_the_shapes_is_kept_and_one_of_pyshacl_is_not(files: Files) -> None:
    data, shapes = files
    data.write_text(DATA.replace('ex:name "Ann" ;', ""), "utf-8")
    found = validate_rdf([data], [shapes]).findings
    component = "sh:MaxInclusiveConstraintComponent"  # its shapes have no name
    told = {str(each).removeprefix(f"{data}:") for each in found}
    assert told >= {
        "4:1: violation: a person has a name [ex:PersonShape]",
        "4:1: info: does not meet sh:maxCount 0 along ^ex:employs [ex:PersonShape]",
        f"6:5: violation: does not meet sh:maxInclusive 150 along ex:age: 200 [{component}]",
    }


def test_the_example_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path(nhskg.shacl.__file__).with_name("README.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    printed = re.search(r"It prints `(.*?)`\.", text)
    assert code is not None
    assert printed is not None
    monkeypatch.chdir(tmp_path)
    exec(code[1], {})  # our own page
    assert capsys.readouterr().out == printed[1] + "\n"
    sarif = json.loads(Path("findings.sarif").read_text("utf-8"))
    assert len(sarif["runs"][0]["results"]) == 1


NO_TARGET = ("unmatched-target", Severity.INFO)
UNCHECKED = ("unmatched-target", Severity.VIOLATION)
UNDECLARED = ("undeclared-term", Severity.WARNING)


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ("ex:S a sh:NodeShape .", [UNCHECKED, ("idle-shape", Severity.WARNING)]),
        ("ex:S a sh:NodeShape ; sh:targetClass ex:Persn .", [UNCHECKED, NO_TARGET]),
        ("[] a sh:NodeShape ; sh:targetClass ex:Persn .", [UNCHECKED, NO_TARGET]),
        # a node is checked though the data has it not (SHACL, 2.1.3)
        ("ex:S a sh:NodeShape ; sh:targetNode ex:nobody .", []),
        ("ex:S a sh:NodeShape ; sh:targetClass ex:Person , ex:Persn .", [NO_TARGET]),
        ("[] a sh:NodeShape ; sh:targetClass ex:Person ; sh:minCounts 1 .", [UNDECLARED]),
        ("[] a sh:NodeShape ; sh:targetClass ex:Person . ex:Odd a sh:Severity .", []),
    ],
)
def test_shapes_that_check_nothing_are_no_success(
    files: tuple[Path, Path], shapes: str, expected: list[tuple[str, Severity]]
) -> None:
    files[1].write_text(f"{HEAD}\n{shapes}")
    report = validate_rdf([files[0]], [files[1]], check=True)
    found = report.findings
    assert [(each.rule, each.severity) for each in found] == expected
    assert not any("Persn" in str(each) for each in report.triples or ()), "it is no result"
    messages = " ".join(each.message for each in found)
    assert ("nothing was checked" in messages) == (UNCHECKED in expected)
    unasked = validate_rdf([files[0]], [files[1]])
    assert [(each.rule, each.severity) for each in unasked.findings] == [
        each for each in expected if each == UNDECLARED
    ], "what is no fault of the data is told where it is asked for"
    assert ("nothing was checked: no " in unasked.summary()) == (UNCHECKED in expected)
    assert "unmatched-target" not in FORMATS["sarif"](unasked)


def test_two_processes_write_the_same_bytes_in_every_form(files: Files, tmp_path: Path) -> None:
    outputs = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        formats = [part for form in FORMATS for part in ("--format", f"{form}={folder / form}")]
        inputs = ["--data", str(files[0]), "--shapes", str(files[1])]
        subprocess.run(
            [sys.executable, "-m", "nhskg", "validate", *inputs, *formats],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=False,
            capture_output=True,
            timeout=120,
        )
        outputs.append({form: (folder / form).read_bytes() for form in FORMATS})
    assert outputs[0] == outputs[1]


SPARQL_TARGET = 'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this { ?a <urn:x> ?this }" ]'


@pytest.mark.parametrize("target", ["sh:targetObjectsOf ex:tag", SPARQL_TARGET])
def test_a_literal_focus_node_is_named_and_has_no_line(files: Files, target: str) -> None:
    """Another statement with the same literal is not where to look."""
    data = 'ex:a ex:other "lit" .\nex:b ex:tag "lit" ; <urn:x> "lit" .'
    shape = f"ex:S a sh:NodeShape ; sh:nodeKind sh:IRI ; {target} ."
    (finding,) = validated(files, data, shape, advanced=True).findings
    assert str(finding) == "lit: violation: does not meet sh:nodeKind sh:IRI [ex:S]"


TWO = """
@prefix a: <https://a.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix b: <http://b.example/ns/> .
a:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:name "Tags"@en , "Marken"@de ;
    sh:description "why"@en , "warum"@de , "pourquoi"@fr ; sh:property [ sh:path ex:p ;
        sh:maxCount 0 ; sh:message "none"@en , "keine"@de ] .
b:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property b:P ; sh:nodeKind sh:BlankNode ;
    rdfs:label "B" ; sh:message "unnamed" , "sans nom"@fr .
b:P sh:path ex:p ; sh:maxCount 0 .
<urn:x:S> a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:hasValue 1 ; sh:message "eins"@de-AT .
"""


@pytest.mark.parametrize(
    ("language", "messages"),
    [
        ("en", ["none", "unnamed", "eins"]),
        ("de", ["keine", "unnamed", "eins"]),
        ("de-CH", ["keine", "unnamed", "eins"]),
        ("fr", ["none", "sans nom", "eins"]),
    ],
)
def test_shapes_of_one_local_name_are_two_rules_with_messages_of_one_language(
    files: Files, language: str, messages: list[str]
) -> None:
    """A property shape without a name has its node shape's; one with a name is a rule itself."""
    report = validated(files, "ex:a ex:p 2 .", TWO, language=language)
    own, bare, other = messages
    assert {(each.rule, each.message) for each in report.findings} == {
        ("a:S", own),
        ("b:S", bare),
        ("b:P", "does not meet sh:maxCount 0 along ex:p"),
        ("urn:x:S", other),
    }
    assert '"keine"@de' in FORMATS["turtle"](report), "the report of SHACL has them all"
    run = json.loads(FORMATS["sarif"](report))["runs"][0]
    rules = {each["id"]: each for each in run["tool"]["driver"]["rules"]}
    assert rules["a:S"]["helpUri"] == "https://a.example/S"
    assert rules["b:S"]["helpUri"] == "http://b.example/ns/S"
    assert "helpUri" not in rules["urn:x:S"]
    assert rules["b:S"]["shortDescription"] == {"text": "B"}
    german = language.startswith("de")
    assert rules["a:S"]["shortDescription"] == {"text": "Marken" if german else "Tags"}
    assert rules["a:S"]["fullDescription"]["text"] == {"en": "why", "fr": "pourquoi"}.get(
        language, "warum"
    )
    for form in ("text", "json", "junit", "github", "gitlab"):
        text = FORMATS[form](report)
        assert "a:S" in text.replace("%3A", ":")
        assert "b:S" in text.replace("%3A", ":")


@pytest.mark.parametrize("engine", ["turbo", "pyshacl"])
@pytest.mark.parametrize(
    ("language", "messages"),
    [("en", ["bad b", "node"]), ("de", ["Knoten", "schlecht b"]), ("fr", ["bad b", "node"])],
)
def test_a_sparql_constraint_has_its_own_message_or_that_of_its_shape(
    files: Files, engine: EngineName, language: str, messages: list[str]
) -> None:
    """Engines give all messages of both, without languages."""
    query = 'sh:select "SELECT $this ?value { $this <https://example.org/p> ?value }"'
    shape = (
        "ex:S sh:targetSubjectsOf ex:p ; sh:message 'node'@en , 'Knoten'@de ;\n"
        f"sh:sparql [ {query} ] , [ {query} ; "
        "sh:message 'bad {?value}'@en , 'schlecht {?value}'@de ] ."
    )
    report = validated(files, "ex:a ex:p 'b' .", shape, engine=engine, language=language)
    assert [each.message for each in report.findings] == messages
    turtle = FORMATS["turtle"](report)
    assert '"Knoten"@de , "node"@en ;' in turtle
    assert '"bad b"@en , "schlecht b"@de ;' in turtle


@pytest.mark.parametrize("engine", ["turbo", "pyshacl"])
@pytest.mark.parametrize(
    ("language", "messages"),
    [("en", ["longer than 2", "too long"]), ("de", ["länger als 2", "zu lang"])],
)
def test_a_constraint_component_has_the_message_of_the_shape_or_of_its_validator(
    files: Files, engine: EngineName, language: str, messages: list[str]
) -> None:
    shapes = """
ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ; sh:validator [
    a sh:SPARQLAskValidator ; sh:message "longer than {$most}"@en , "länger als {$most}"@de ;
    sh:ask "ASK { FILTER(STRLEN(STR($value)) <= $most) }" ] .
ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; ex:most 2 ] ,
    [ sh:path ex:p ; ex:most 2 ; sh:message "zu lang"@de , "too long"@en ] .
"""
    report = validated(files, "ex:a ex:p 'bbb' .", shapes, engine=engine, language=language)
    assert [each.message for each in report.findings] == messages
    assert {each.rule for each in report.findings} == {"ex:S"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT $this { $this no:p ?o }", "with a prefix that sh:prefixes does not declare (no:)"),
        ("SELECT $this { $this ?p }", "that is not SPARQL: error at 1:25: expected"),
    ],
)
def test_a_faulty_query_is_told_with_its_shape_and_line(
    files: Files, tmp_path: Path, query: str, message: str
) -> None:
    """Engines name neither, and the shapes may be in many files."""
    faulty = tmp_path / "more.ttl"
    shape = f'ex:Q sh:targetNode ex:a ; sh:sparql [\n  sh:select "{query}" ] .'
    faulty.write_text(f"{HEAD}\n{shape}")
    with pytest.raises(InputError) as caught:
        validate_rdf([files[0]], [files[1], faulty])
    assert caught.value.message.startswith(f"ex:Q has a query {message}")
    assert caught.value.place == Place(faulty, HEAD.count("\n") + 3, 3)


def test_another_prefix_makes_no_other_finding_and_files_may_differ_in_theirs(
    files: Files, tmp_path: Path
) -> None:
    files[0].write_text(f"{HEAD}\nex:a ex:p 2 .")
    shape = "x:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:nodeKind sh:Literal ."
    other = tmp_path / "other.ttl"
    files[1].write_text(f"{HEAD}\n@prefix x: <https://a.example/> .\n{shape}")
    other.write_text(f"{HEAD}\n@prefix x: <https://b.example/> .\n{shape}")
    both = validate_rdf([files[0]], [files[1], other]).findings
    assert {each.rule for each in both} == {"x:S", "https://b.example/S"}
    assert len({each.fingerprint for each in both}) == 2
    (one,), (two,) = (validate_rdf([files[0]], [each]).findings for each in (files[1], other))
    assert one.fingerprint == two.fingerprint


def test_a_blank_node_is_at_its_line_in_the_data_though_the_shapes_have_its_label(
    files: Files,
) -> None:
    files[0].write_text(f"{HEAD}\n_:x ex:q 1 .\n_:y a ex:T .")
    shape = "_:y a sh:NodeShape ; sh:targetClass ex:T ; sh:property _:x . _:x sh:path ex:p"
    files[1].write_text(f"{HEAD}\n\n\n\n\n{shape} ; sh:minCount 1 .")
    (found,) = validate_rdf([files[0]], [files[1]]).findings
    assert found.place == Place(files[0], HEAD.count("\n") + 3, 1)


@pytest.mark.parametrize("own", ["", '; sh:message "no"'])
def test_values_that_look_alike_are_told_apart(files: Files, own: str) -> None:
    values = '"a"@en , "a"@de , 1 , 01 , "1" , <urn:a> , "urn:a" , "z"'
    constraint = f"sh:path ex:p ; sh:nodeKind sh:BlankNode {own}"
    shape = f"ex:S sh:targetSubjectsOf ex:p ; sh:property [ {constraint} ] ."
    found = validated(files, f"ex:a ex:p {values} .", shape).findings
    integer = '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert {each.value for each in found} == {
        *('"a"@en', '"a"@de', integer, "01", '"1"', "urn:a", '"urn:a"', "z"),
    }
    start = "no" if own else "does not meet sh:nodeKind sh:BlankNode along ex:p"
    messages = {each.message for each in found}
    shown = ('"a"@en', '"a"@de', '"1"^^xsd:integer', '"1"', '"urn:a"')
    assert messages == {
        *(f"{start}: {each}" for each in shown),
        *([start] if own else [f"{start}: {each}" for each in ("01", "<urn:a>", "z")]),
    }


IMPORTING = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://a.example/data> a owl:Ontology ; owl:imports <{}> .
ex:x a ex:Sub .
"""
IMPORTED = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://a.example/core> a owl:Ontology ; owl:versionIRI <https://a.example/core/2> ;
    owl:imports <more.ttl> .
"""


@pytest.mark.parametrize(
    ("iri", "address", "answered"),
    [
        ("https://a.example/core", "", True),
        ("https://a.example/core#", "", True),
        ("https://a.example/core/2", "", True),
        ("core.ttl", "", True),
        ("https://b.example/other", "https://b.example/other", True),
        ("https://b.example/other", "", False),
        ("https://a.example/data", "", None),
    ],
)
def test_imports_are_answered_by_files_at_hand(
    files: Files, tmp_path: Path, iri: str, address: str, answered: bool | None
) -> None:
    """By the IRI of an ontology, its version or the file, or by an address; also indirectly."""
    core, more = tmp_path / "core.ttl", tmp_path / "more.ttl"
    core.write_text(HEAD + IMPORTED)
    more.write_text(
        f"{HEAD}\n@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "ex:Sub rdfs:subClassOf ex:Person . ex:y a ex:Person ."
    )
    files[0].write_text(HEAD + IMPORTING.format(iri))
    files[1].write_text(f"{HEAD}\nex:S sh:targetClass ex:Person ; sh:nodeKind sh:Literal .")
    imports = [(address, core), ("", more)]
    report = validate_rdf([files[0]], [files[1]], imports=imports)
    found = {(each.focus or each.value, each.rule) for each in report.findings}
    people = {("https://example.org/x", "ex:S"), ("https://example.org/y", "ex:S")}
    missing = {(iri, "missing-import")}
    assert found == (people if answered else missing if answered is False else set())
    unasked = validate_rdf([files[0]], [files[1]])
    assert unasked.findings == ()
    assert ("imports not followed: 1" in unasked.summary()) == (answered is not None)


def test_imports_of_shapes_are_shapes_and_a_circle_ends(files: Files, tmp_path: Path) -> None:
    other = tmp_path / "other.ttl"
    head = f"{HEAD}\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    files[1].write_text(f"{head}<> owl:imports <other.ttl> .")
    other.write_text(
        f"{head}<> owl:imports <shapes.ttl> .\n"
        "ex:S sh:targetSubjectsOf ex:age ; sh:property [ sh:path ex:age ; sh:maxInclusive 150 ] ."
    )
    (found,) = validate_rdf([files[0]], [files[1]], imports=[("", other)]).findings
    assert (found.rule, found.value) == ("ex:S", "200")
    (tmp_path / "nhskg.toml").write_text(
        '[validate]\ndata = ["data.ttl"]\nshapes = ["shapes.ttl"]\nimports = ["other.ttl"]\n'
    )
    done = runner.nhskg("validate", cwd=tmp_path)
    assert done.stdout == "data.ttl:6:5: violation: " + found.message + " [ex:S]\n"
    arguments = ("validate", "--data", "data.ttl", "--shapes", "shapes.ttl", "--imports")
    done = runner.nhskg(*arguments, "https://a.example/x=data.ttl", cwd=tmp_path)
    notes = "nothing was checked: no shape here has a target; nothing imports data.ttl"
    assert done.stderr == f"1 finding: 1 warning; {notes}\n"
    uri = other.as_uri()
    assert done.stdout == (
        f"shapes.ttl:4:4: warning: <{uri}> is imported, and no file given with --imports answers "
        "it; name its file: --imports FILE, or --imports ADDRESS=FILE [missing-import]\n"
    )
    done = runner.nhskg(*arguments, "other.ttl", cwd=tmp_path)
    assert done.stderr == "1 finding: 1 violation\n"


def test_shapes_that_are_named_and_not_described_are_told_with_their_lines(files: Files) -> None:
    """They are empty shapes, to which everything conforms."""
    shape = """
ex:S a sh:NodeShape ; sh:targetClass ex:Person ; sh:node ex:Good ;
    sh:node ex:Goood ;
    sh:or ( ex:Good
        ex:None ) .
ex:Good sh:nodeKind sh:IRI ."""
    found = validated(files, "ex:a a ex:Person .", shape).findings
    start = HEAD.count("\n") + 2
    assert [(each.rule, each.message, each.place and each.place.line) for each in found] == [
        ("undeclared-term", f"ex:S refers to ex:{name}, which no file describes", start + line)
        for name, line in (("Goood", 2), ("None", 3))
    ]


def test_the_targets_of_a_shape_that_find_nothing_are_told_together(files: Files) -> None:
    targets = "sh:targetClass ex:Person , ex:Nobody ; sh:targetSubjectsOf ex:none"
    shape = f"ex:S a sh:NodeShape ; {targets} ; sh:targetNode ex:absent ."
    (found,) = validated(files, "ex:a a ex:Person .", shape, check=True).findings
    names = "class ex:Nobody, subjects of ex:none"
    assert found.message == f"ex:S finds nothing to look at by some of its targets: {names}"
