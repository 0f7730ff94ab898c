"""What a cell says, in small invented cases; and that matrix and stored queries never disagree."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import Literal, NamedNode, Quad, Store
from tests.cases import cases

from nhskg.graph.mapping import map_ontology
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.queries.engine import Row, select
from nhskg.queries.matrix import read_matrix, render_matrix
from nhskg.queries.stored import bind, find_query
from nhskg.rdf import terms
from nhskg.rdf.errors import UsageError
from nhskg.rdf.terms import ID, NS, OA, RDF_TYPE, SKOS
from nhskg.reasoning.reasoner import CompiledEngine, read_rule_texts

ROOT = Path(__file__).parents[2]
QUERIES = ROOT / "queries"
HERE = "queries/cells.yaml"
CASES: dict[str, Any] = yaml.safe_load((ROOT / "tests" / HERE).read_text("utf-8"))
THINGS = {
    "now": "StatusQuo",
    "whole": "Proposal",
    "part": "Proposal",
    "then": "StatusQuo",
    "early": "Proposal",
    "trust": "Organisation",
    "board": "Organisation",
    "critic": "Organisation",
    "Mary": "Organisation",
    "senate": "BodyKind",
    "plans": "Matter",
    "local": "Matter",
    "ready": "Condition",
    "office": "Condition",
    "old": "Cohort",
    "some": "Quantity",
    "million": "Quantity",
}
LINKS = [
    ("whole", NS + "baseline", "now"),
    ("whole", NS + "account", NS + "WholeAccount"),
    ("part", NS + "baseline", "now"),
    ("early", NS + "baseline", "then"),
    ("local", SKOS + "broader", "plans"),
    ("office", terms.DCTERMS + "type", NS + "TakingOffice"),
    ("some", NS + "extent", NS + "Some"),
]
FIELDS = {
    "plan": "provisionOf",
    "from": "fromBody",
    "to": "toBody",
    "gate": "effectiveWhen",
    "with": "counterpart",
    "qualifier": "bearerQualifier",
    "silence": "subject",
    "of": "subject",
}
DEFAULT = {
    "claimant": "Mary",
    "voice": "DirectQuote",
    "quote": "so",
    "power": "SignOff",
    "matter": "plans",
}
LIMITS = "deontic qualifier part condition cohort quantity timing with in_force tension gap".split()


def quad(subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Quad:
    return Quad(subject, NamedNode(predicate), value, NamedNode(terms.REGISTER_GRAPH))


def named(number: int, name: str | int) -> NamedNode:
    """Return a thing of a case, a claim by its place, or a term of the ontology."""
    if isinstance(name, int):
        return NamedNode(terms.claim("text", f"{number}-{name}"))
    if name in THINGS:
        return NamedNode(f"{ID}{number}-{name}")
    return NamedNode(name if ":" in name else NS + name)


def quads_of(case: dict[str, Any], number: int) -> Iterator[Quad]:
    """Yield the quads of a case, whose things are named for its number."""
    for name, kind in THINGS.items():
        yield quad(named(number, name), RDF_TYPE, named(number, kind))
        yield quad(named(number, name), SKOS + "prefLabel", Literal(name, language="en"))
        yield quad(named(number, name), SKOS + "notation", Literal(f"{number}-{name}"))
        if kind == "Proposal":
            yield quad(named(number, name), SKOS + "altLabel", Literal(name, language="en"))
    for subject, predicate, value in LINKS:
        yield quad(named(number, subject), predicate, named(number, value))
    yield quad(named(number, "million"), terms.SCHEMA + "currency", Literal("GBP"))
    for index, fields in enumerate(case["claims"]):
        yield from quads_of_claim({**DEFAULT, **fields}, number, index)


def quads_of_claim(given: dict[str, Any], number: int, index: int) -> Iterator[Quad]:
    claim = named(number, index)
    evidence, place = NamedNode(f"{claim.value}/e"), NamedNode(f"{claim.value}/p")
    time, document = NamedNode(f"{claim.value}/t"), NamedNode(terms.document("text"))
    yield quad(claim, NS + "evidence", evidence)
    yield quad(evidence, OA + "hasSource", document)
    yield quad(document, SKOS + "notation", Literal("text"))
    yield quad(evidence, OA + "hasSelector", place)
    yield quad(place, OA + "start", Literal(index))
    yield quad(place, OA + "end", Literal(index + 1))
    yield quad(place, OA + "exact", Literal(given.pop("quote")))
    if {"target", "about", "predicate"} & given.keys():
        del given["power"], given["matter"]
    kind = given.pop("kind", "Silence" if "silence" in given else "Provision")
    yield quad(claim, RDF_TYPE, named(number, kind))
    if given.pop("sole_role", False):
        yield quad(claim, RDF_TYPE, named(number, "SoleRoleProvision"))
    if "timing" in given:
        yield quad(claim, NS + "timing", time)
        yield quad(time, NS + "statedAs", Literal(given.pop("timing")))
    if "hedge" in given:
        yield quad(claim, NS + "hedge", Literal(given.pop("hedge")))
    for field, values in given.items():
        for value in values if isinstance(values, list) else [values]:
            yield quad(claim, NS + FIELDS.get(field, field), named(number, value))


@pytest.fixture(scope="session")
def invented() -> Store:
    """A store with all the cases, reasoned over."""
    store = Store()
    store.extend(map_ontology(ROOT / "ontology"))
    for number, case in enumerate(CASES.values()):
        store.extend(quads_of(case, number))
    engine = CompiledEngine(read_rule_texts(ROOT / "ontology" / "rules"))
    assert engine.derive(store, NamedNode(terms.DERIVED_GRAPH)).inconsistencies == ()
    return store


def matrix_rows(store: Store, *, unchanged: bool = False) -> list[Row]:
    matrix = read_matrix(store, QUERIES, unchanged=unchanged)
    return list(csv.DictReader(render_matrix(matrix, "csv").splitlines()))


@pytest.fixture(scope="session")
def told(invented: Store) -> dict[tuple[str, str, str], list[str]]:
    """What the matrix tells of each plan, power and matter, in the words of the cases."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in matrix_rows(invented):
        notes = [f"{name}: {row[name]}" for name in LIMITS if row[name]]
        words = [row[name] for name in ("body", "effect", "basis", "firmness")]
        place = (row["plan_id"], row["power_id"], row["matter_id"])
        found.setdefault(place, []).append(" ".join(" | ".join([*words, *notes]).split()))
    return found


@cases(HERE)
def test_a_cell_says_what_the_table_of_bases_has(
    told: dict[tuple[str, str, str], list[str]], case: dict[str, Any]
) -> None:
    number = list(CASES.values()).index(case)
    power, matter = case.get("power", "sign-off"), case.get("matter", "plans")
    place = (power, f"{number}-{matter}")
    found = {plan: told[f"{number}-{plan}", *place] for plan in case["told"]}
    assert found == case["told"]


def beside(store: Store, **values: str | list[str]) -> list[str]:
    """What the queries of tensions and gaps tell, in the words of the cases."""
    return [
        f"{row['kind']}: {row['sentence']}" + (f" | {row['follows']}" if row.get("follows") else "")
        for query in (find_query(QUERIES, name) for name in ("tensions", "gaps"))
        for row in select(store, bind(query, values, store))
    ]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "beside" in case])
def test_what_lies_between_claims_and_what_they_lack_is_told(invented: Store, name: str) -> None:
    told = beside(invented, plan=f"{list(CASES).index(name)}-whole")
    assert told == CASES[name]["beside"]


@pytest.mark.parametrize(
    ("parameter", "value", "places"),
    [
        ("body", "trust", [0, 2, 3, 4]),
        ("body", "critic", [2, 3]),
        ("body", "senate", []),
        ("plan", "part", [0, 1]),
        ("plan", "now", [2, 3]),
        ("claim", "3", [0]),
        ("claim", "04", [1, 3]),
    ],
)
def test_a_plan_a_body_and_claims_select_what_is_told(
    invented: Store, parameter: str, value: str, places: list[int]
) -> None:
    """Of the first case that tells; its claim 0 is in force, 3 of plan "part", 4 relates plans."""
    number, case = next((n, each) for n, each in enumerate(CASES.values()) if "beside" in each)
    given = f"{number}-{value}"
    several = (
        [named(number, int(place)).value for place in value] if parameter == "claim" else given
    )
    told = beside(invented, **{"plan": f"{number}-whole", parameter: several})
    assert told == [case["beside"][place] for place in places]


def test_a_kind_selects_and_one_that_is_unknown_is_told_in_one_line(invented: Store) -> None:
    for name, kind, label in (
        ("tensions", "stated", "stated"),
        ("tensions", "ends-uses", "ends, uses"),
        ("gaps", "from-whom", "from whom it is taken"),
    ):
        query = find_query(QUERIES, name)
        assert {row["kind"] for row in select(invented, bind(query, {"kind": kind}, invented))} == {
            label
        }
    for name, of, kind in (("tensions", "tension", "oposed"), ("gaps", "gap", "merely")):
        with pytest.raises(UsageError, match=f"unknown kind of {of} '{kind}'"):
            bind(find_query(QUERIES, name), {"kind": kind}, invented)


@pytest.mark.parametrize("whose", ["invented", "built", "real"])
@pytest.mark.parametrize("unchanged", [False, True])
def test_matrix_and_queries_never_disagree(
    request: pytest.FixtureRequest, whose: str, *, unchanged: bool
) -> None:
    """Cell by cell: each row of the one is one of the other, with the same in all its columns."""
    given: Store | Project = request.getfixturevalue(whose)
    store = open_published(given.build).open() if isinstance(given, Project) else given
    untouched = ("not mentioned", "not addressed")
    rows = [
        row
        for row in matrix_rows(store, unchanged=unchanged)
        if row["basis"] != "no text says" and (unchanged or row["basis"] not in untouched)
    ]
    assert rows

    def compare(name: str, wanted: list[Row], ask: dict[str, str], **renamed: str) -> None:
        query = find_query(QUERIES, name)
        free = tuple(replace(each, default=None) for each in query.parameters)
        asked = {"unchanged": "yes"} if unchanged and "effect" in query.columns[:5] else {}
        text = bind(replace(query, parameters=free), {**asked, **ask}, store)
        shared = [each for each in query.columns if renamed.get(each, each) in rows[0]]
        found = {
            tuple(row[column] for column in shared)
            for row in select(store, text)
            if row.get("effect") or name != "changes"
            if row["basis"] != "no mention"
        }
        assert found == {tuple(row[renamed.get(each, each)] for each in shared) for row in wanted}
        assert {"plan", "basis", "firmness", "claimant", "voice"} <= set(shared)
        assert {"effect", "part", "condition"} <= set(shared) or name == "silences"

    compare("holders", rows, {})
    compare("roles", rows, {})
    money = "SELECT ?id { ?p skos:broader* nhs:FinancialPower ; skos:notation ?id }"
    financial = {row["id"] for row in select(store, money)}
    paid = [row for row in rows if row["power_id"] in financial]
    compare("budgets", paid, {"power": "financial-power"})
    if not unchanged:
        existing = [row for row in rows if row["power_id"] == "existence" and row["effect"]]
        existing = [row for row in existing if "giving it a role" not in row["firmness"]]
        compare("changes", existing, {}, target="matter")
        compare("silences", [row for row in rows if row["basis"] == "left open"], {})
