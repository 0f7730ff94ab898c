from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from nhskg.annotation.claims import CLAIM_MODELS, DocumentFile, Quantity, Timing
from nhskg.annotation.register import SECTIONS
from nhskg.vocabulary import REGISTER_KINDS
from tests.cases import cases


@cases("annotation/cases/values.yaml")
def test_values_of_a_field(case: Any) -> None:
    timing = case["model"] == "Timing"
    model, others = (Timing, {"stated": "x"}) if timing else (Quantity, {"currency": "GBP"})
    for value in case["valid"]:
        given = model.model_validate({**others, case["field"]: value})
        assert str(getattr(given, case["field"])) == value
    for value in case["invalid"]:
        with pytest.raises(ValidationError):
            model.model_validate({**others, case["field"]: value})


def test_every_model_is_frozen_closed_and_described() -> None:
    models = [*CLAIM_MODELS.values(), *(model for _, model, _ in SECTIONS.values())]
    for model in (*models, DocumentFile):
        assert (model.model_config["frozen"], model.model_config["extra"]) == (True, "forbid")
    for model in models:
        for name, field in model.model_fields.items():
            assert field.description or name == "kind", (model, name)


def test_every_section_of_the_register_has_its_kind_once() -> None:
    assert {kind for kind, _, _ in SECTIONS.values()} == REGISTER_KINDS
