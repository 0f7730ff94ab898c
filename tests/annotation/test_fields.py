from __future__ import annotations

import pytest
from pydantic import ValidationError

from nhskg.annotation.claims import CLAIM_MODELS, DocumentFile, Provision, Quantity, Timing
from nhskg.annotation.fields import Frozen, count_words, slots
from nhskg.annotation.register import SECTIONS
from nhskg.vocabulary import REGISTER_KINDS, Kind


@pytest.mark.parametrize("value", ["1855", "1855-06", "1856-02-29", "2013-12-31"])
def test_dates_keep_their_precision(value: str) -> None:
    assert Timing.model_validate({"stated": "x", "not_before": value}).not_before == value


@pytest.mark.parametrize(
    "value",
    ["55", "1855-6", "1855-02-29", "1855-00", "0000", "٢٠٢٠", "18550601", "1855-06-01T00:00", ""],
)
def test_what_is_no_date_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        Timing.model_validate({"stated": "x", "not_before": value})


@pytest.mark.parametrize("value", ["P1Y", "P6M", "P7D", "P1Y2M3D", "PT36H", "P1DT12H30M5S"])
def test_durations_are_those_of_xsd(value: str) -> None:
    assert Timing.model_validate({"stated": "x", "within": value}).within == value


@pytest.mark.parametrize("value", ["P", "PT", "P1W", "1Y", "P1H", "P1Y2", "-P1Y", "P1DT", "P٣Y"])
def test_what_is_no_duration_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        Timing.model_validate({"stated": "x", "within": value})


@pytest.mark.parametrize("value", ["1e3", "-1", "1,000", "0x10", "٣", ".5", "5.", "NaN", "10 "])
def test_what_is_no_plain_number_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        Quantity.model_validate({"amount": value, "currency": "GBP"})


def test_words_are_counted_as_the_overlap_check_counts_them() -> None:
    assert count_words("re-organisation isn’t “over”, no? – £10bn") == 6
    assert count_words("… – ’") == 0


def test_every_model_is_frozen_and_closed() -> None:
    models = [*CLAIM_MODELS.values(), *(each.model for each in SECTIONS.values())]
    for model in (*models, DocumentFile):
        assert issubclass(model, Frozen)
        assert model.model_config["frozen"]
        assert model.model_config["extra"] == "forbid"


def test_every_section_of_the_register_has_its_kind_once() -> None:
    assert {section.kind for section in SECTIONS.values()} == REGISTER_KINDS


def test_slots_tell_what_a_field_names() -> None:
    found = slots(Provision)
    assert found["from"].ref is not None
    assert found["from"].ref.kinds == {Kind.ORGANISATION, Kind.BODY_KIND}
    assert found["quantity"].model is Quantity
    assert found["id"].ref is None
    assert found["kind"].words == ("provision",)


def test_every_field_has_a_description() -> None:
    for model in (*CLAIM_MODELS.values(), *(each.model for each in SECTIONS.values())):
        for name, field in model.model_fields.items():
            assert field.description or name == "kind", (model, name)
