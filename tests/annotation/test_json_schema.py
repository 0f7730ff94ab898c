from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from nhskg.annotation.json_schema import render_schemas
from nhskg.project import shipped_data
from nhskg.vocabulary import Vocabulary
from tests.cases import cases

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class CoreLoader(yaml.SafeLoader):
    """Reads scalars by the core schema of YAML 1.2, as editors do."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", "[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})$"), list(first)
    )


def load(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=CoreLoader)


def errors(schema: dict[str, Any], data: Any) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(data)]


@pytest.fixture(scope="module")
def schemas(vocabulary: Vocabulary) -> dict[str, dict[str, Any]]:
    schemas = map(json.loads, render_schemas(vocabulary).values())
    return dict(zip(("documents", "register"), schemas, strict=True))


def test_the_files_in_docs_are_current(vocabulary: Vocabulary) -> None:
    for name, text in render_schemas(vocabulary).items():
        path = ROOT / "docs" / "schema" / name
        assert path.read_text("utf-8") == text, f"{path} is out of date; run make docs"


def test_the_schemas_are_valid_and_have_no_dangling_reference(
    schemas: dict[str, dict[str, Any]],
) -> None:
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
        assert set(re.findall(r"#/\$defs/([\w-]+)", str(schema))) == set(schema["$defs"])


@pytest.mark.parametrize("seeds", [shipped_data() / "seeds", HERE / "corpus" / "seeds"])
def test_files_without_fault_validate(seeds: Path, schemas: dict[str, dict[str, Any]]) -> None:
    for name, schema in schemas.items():
        for path in sorted((seeds / name).glob("*.yaml")):
            assert errors(schema, load(path)) == [], path


FAULTS_OF_FORM = """documents/unknown-fields documents/missing-fields documents/wrong-shapes
    documents/quantities register/sections register/plans register/things"""


@pytest.mark.parametrize("name", FAULTS_OF_FORM.split())
def test_files_with_faults_of_form_do_not_validate(
    name: str, schemas: dict[str, dict[str, Any]]
) -> None:
    assert errors(schemas[name.split("/", maxsplit=1)[0]], load(HERE / "faults" / f"{name}.yaml"))


STANCE = yaml.safe_load(
    "{id: a, kind: stance, polarity: supports, about: hiram-report, claimant: reporter,"
    " voice: headline, quote: x}"
)


@cases("annotation/cases/json-schema.yaml")
def test_one_change_decides(case: Any, schemas: dict[str, dict[str, Any]]) -> None:
    claims = [{**STANCE, **case["change"]}]
    data = {"document": {"id": "x", "label": "x", "source": "x"}, "claims": claims}
    assert (errors(schemas["documents"], data) == []) is case["valid"]


def test_what_defaults_say_need_not_be_said_again(schemas: dict[str, dict[str, Any]]) -> None:
    short = {name: value for name, value in STANCE.items() if name not in ("claimant", "voice")}
    header = {"id": "x", "label": "x", "source": "x"}
    both = {"claimant": "reporter", "voice": "headline"}
    for given, wrong in ((both, 0), ({"voice": "headline"}, 1), ({}, 2), (None, 2)):
        document = header if given is None else {**header, "defaults": given}
        data = {"document": document, "claims": [short]}
        assert len(errors(schemas["documents"], data)) == wrong, given
