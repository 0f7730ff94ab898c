"""Each form says what it should, in the syntax of its readers, and always in the same bytes."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from junitparser import Failure, JUnitXml, Skipped
from pyoxigraph import RdfFormat, parse
from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from nhskg.rdf.errors import Place
from nhskg.shacl.findings import Finding, Severity
from nhskg.shacl.reports.forms import FORMS, render
from nhskg.shacl.reports.report import Report

from .cases import FINDINGS, PROJECT, SUFFIXES, golden, report
from .published import sarif_schema

ROOT = Path(__file__).parents[2]

AWKWARD = "a\r\nb, c: 100% <d> & \"e\" 'f' ]]> {0} [x](1) \x00\x1b[31m\ufffe \u2028 𝔘"
"""A message with all that is special somewhere."""


def awkward() -> Report:
    place = Place(PROJECT / "a,b:c%.yaml", 1, 2)
    found = Finding("r", Severity.VIOLATION, AWKWARD, focus=AWKWARD, value=AWKWARD, place=place)
    return Report.of([found], roots=(PROJECT,))


def nothing(**others: Any) -> Report:
    return Report.of([], version="0.0.0", **others)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_as_agreed(form: str) -> None:
    assert render(report(), form).encode() == golden(form).read_bytes()


def test_every_form_has_an_agreed_output() -> None:
    assert SUFFIXES.keys() == FORMS.keys()


@pytest.mark.parametrize("form", FORMS)
def test_the_order_of_findings_and_rules_makes_no_difference(form: str) -> None:
    expected = render(report(), form)
    assert all(render(report(shuffled=number), form) == expected for number in range(12))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_ends_in_one_line_end_and_has_no_carriage_return(form: str) -> None:
    for each in (report(), nothing(), awkward()):
        text = render(each, form)
        assert text == "" or (text.endswith("\n") and not text.endswith("\n\n"))
        assert "\r" not in text


def test_text_and_table_keep_a_finding_on_its_line_and_command_no_terminal() -> None:
    for form in ("text", "table", "github"):
        text = render(awkward(), form)
        assert "\x1b" not in text
        assert "\x00" not in text
    assert len(render(awkward(), "text").splitlines()) == 1


def test_an_empty_report() -> None:
    assert render(nothing(), "text") == ""
    assert render(nothing(), "table") == "(no findings)\n"
    assert render(nothing(), "github") == ""
    assert json.loads(render(nothing(), "gitlab")) == []
    assert json.loads(render(nothing(), "json"))["conforms"] is True
    graph = Graph().parse(data=render(nothing(), "turtle"), format="turtle")
    assert list(graph.objects(None, SH.conforms)) == [Literal(True)]


# JSON


@pytest.mark.parametrize("each", [report(), nothing(), awkward(), nothing(complete=False)])
def test_json_is_as_its_schema_says(each: Report) -> None:
    schema = json.loads((ROOT / "docs" / "schema" / "findings.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(render(each, "json")), schema)


def test_the_schema_of_json_describes_every_field_and_no_other() -> None:
    schema = json.loads((ROOT / "docs" / "schema" / "findings.schema.json").read_text("utf-8"))
    told = json.loads(render(report(), "json"))
    assert told.keys() == schema["properties"].keys() == set(schema["required"])
    finding = schema["$defs"]["finding"]
    assert told["findings"][0].keys() == finding["properties"].keys() == set(finding["required"])


# SARIF


@pytest.fixture(scope="module")
def sarif() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(sarif_schema())


@pytest.mark.parametrize("each", [report(), nothing(), awkward(), nothing(complete=False)])
def test_sarif_is_valid_by_the_published_schema(
    each: Report, sarif: jsonschema.Draft7Validator
) -> None:
    log = json.loads(render(each, "sarif"))
    assert [error.message for error in sarif.iter_errors(log)] == []


def test_the_published_schema_refuses_what_is_no_sarif(sarif: jsonschema.Draft7Validator) -> None:
    log = json.loads(render(report(), "sarif"))
    log["runs"][0]["results"][0]["level"] = "violation"
    assert not sarif.is_valid(log)


def test_every_result_of_sarif_has_its_rule_a_place_and_a_fingerprint_of_its_own() -> None:
    run = json.loads(render(report(), "sarif"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    prints = [result["partialFingerprints"]["nhskg/v1"] for result in run["results"]]
    assert len(set(prints)) == len(FINDINGS)


def test_sarif_addresses_are_relative_to_the_root_or_absolute_and_always_encoded() -> None:
    result = json.loads(render(awkward(), "sarif"))["runs"][0]["results"][0]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "a%2Cb%3Ac%25.yaml", "uriBaseId": "%SRCROOT%"}
    elsewhere = json.loads(render(report(), "sarif"))["runs"][0]["results"][2]
    artifact = elsewhere["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "file:///elsewhere/other.yaml"}


# JUnit


def read_junit(each: Report) -> JUnitXml:
    read = JUnitXml.fromstring(render(each, "junit").encode())
    assert isinstance(read, JUnitXml)
    return read


def test_junit_is_read_back_by_another_parser() -> None:
    read = read_junit(report())
    cases = [case for suite in read for case in suite]
    failed = [case for case in cases if any(isinstance(each, Failure) for each in case.result)]
    assert (read.tests, read.failures, read.errors) == (5, 2, 0)
    assert (len(cases), len(failed)) == (5, 2)
    assert {case.classname for case in failed} == {"C-02", "reading"}
    messages = [result.message for case in failed for result in case.result]
    assert FINDINGS[0].message in messages


def test_the_counts_of_junit_are_those_of_its_cases() -> None:
    for each in (report(), nothing(), awkward(), nothing(rules=report().rules, complete=False)):
        read = read_junit(each)
        results = [result for suite in read for case in suite for result in case.result]
        assert read.tests == sum(suite.tests for suite in read) == sum(len(suite) for suite in read)
        assert read.failures == sum(isinstance(result, Failure) for result in results)
        assert read.skipped == sum(isinstance(result, Skipped) for result in results)


def test_junit_skips_the_rules_that_were_not_checked() -> None:
    read = read_junit(nothing(rules=report().rules, complete=False))
    skipped = {suite.name for suite in read if suite.skipped}
    assert skipped == {"C-02 one claimant: who says it", "R-06 used", "S-01 nothing breaks this"}


def test_junit_fails_what_the_threshold_says() -> None:
    counts = {
        severity: read_junit(Report.of(FINDINGS, fail_on=severity)).failures
        for severity in (*Severity, None)
    }
    assert list(counts.values()) == [2, 3, 4, 0]


# GitHub and GitLab


def unescaped(text: str) -> str:
    for sign, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def test_github_commands_are_read_back_as_the_runner_reads_them() -> None:
    """The runner splits at the first '::' behind the properties, and these at commas."""
    (line,) = render(awkward(), "github").removesuffix("\n").split("\n")
    found = re.fullmatch(r"::(?P<command>\w+) (?P<properties>.*?)::(?P<message>.*)", line)
    assert found is not None
    properties = dict(each.split("=", 1) for each in found["properties"].split(","))
    assert found["command"] == "error"
    assert unescaped(properties["file"]) == "a,b:c%.yaml"
    assert (properties["line"], properties["col"]) == ("1", "2")
    assert unescaped(found["message"]).startswith("a\\r\nb, c: 100% <d>")


def test_gitlab_has_what_code_quality_asks_for() -> None:
    entries = json.loads(render(report(), "gitlab"))
    for entry in entries:
        assert {"description", "check_name", "fingerprint", "severity", "location"} == entry.keys()
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert isinstance(entry["location"]["lines"]["begin"], int)
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)


# The W3C's report


@pytest.mark.parametrize("each", [report(), nothing(), awkward()])
def test_the_validation_report_is_read_by_two_parsers_and_alike_in_both_syntaxes(
    each: Report,
) -> None:
    turtle, jsonld = render(each, "turtle"), render(each, "jsonld")
    graphs = [
        Graph().parse(data=turtle, format="turtle"),
        Graph().parse(data=jsonld, format="json-ld"),
    ]
    for text, form in ((turtle, RdfFormat.TURTLE), (jsonld, RdfFormat.JSON_LD)):
        lines = (f"{quad.triple} ." for quad in parse(text, format=form))
        graphs.append(Graph().parse(data="\n".join(lines), format="nt"))
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])


def test_every_validation_result_has_what_the_recommendation_demands() -> None:
    """Shapes Constraint Language, 3.6.2: one focus node, severity and component each."""
    graph = Graph().parse(data=render(report(), "turtle"), format="turtle")
    results = list(graph.subjects(RDF.type, SH.ValidationResult))
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert set(graph.objects(node, SH.result)) == set(results)
    assert len(results) == len(FINDINGS)
    assert all(isinstance(each, URIRef) for each in results)
    for result in results:
        counts = Counter(predicate for _, predicate, _ in graph.triples((result, None, None)))
        for name in ("focusNode", "resultSeverity", "sourceConstraintComponent"):
            assert counts[SH[name]] == 1
        for name in ("resultPath", "value", "sourceShape"):
            assert counts[SH[name]] <= 1
    assert list(graph.objects(None, SH.conforms)) == [Literal(False)]
