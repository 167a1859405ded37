"""A duration is hours and minutes, each written in one way alone."""

import pytest
from marshmallow import ValidationError

from miriam_contracts.envelope import parse
from miriam_contracts.examples import emitted
from miriam_contracts.fields import Duration, minutes
from miriam_contracts.problems import ContractError, Problem

LENGTH = Duration("how long it lasted", shortest=1, longest=720)


@pytest.mark.parametrize(
    ("text", "length"),
    [("PT1M", 1), ("PT59M", 59), ("PT1H", 60), ("PT1H1M", 61), ("PT1H30M", 90), ("PT11H59M", 719), ("PT12H", 720)],
)
def test_a_duration_is_kept_as_it_was_written(text: str, length: int) -> None:
    assert LENGTH.deserialize(text) == text
    assert minutes(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "", "PT", "P1D", "PT60M", "PT90M", "PT0H", "PT0M", "PT1H0M", "PT0H30M", "PT01H", "PT1H05M", "PT30S",
        "PT1.5H", "PT1,5H", "pt1h", "1H30M", "PT1H30", "PT-1H", " PT1H", "PT1H ", "PT1H\n", "PT٣H", "PT100H", "P0DT1H",
        "01:30", "90", "PT1H30M5S",
    ],
)  # fmt: skip
def test_any_other_writing_is_refused_with_those_allowed(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        LENGTH.deserialize(text)
    assert refused.value.messages == [Problem("not_a_duration", allowed="PT1H30M, PT2H, PT45M")]
    with pytest.raises(ValueError, match="PT1H30M"):
        minutes(text)


@pytest.mark.parametrize("text", ["PT12H1M", "PT13H", "PT99H59M"])
def test_a_duration_beyond_its_bounds_is_refused_with_those(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        LENGTH.deserialize(text)
    assert refused.value.messages == [Problem("out_of_range", allowed="PT1M..PT12H")]


@pytest.mark.parametrize("value", [None, 90, 1.5, True, ["PT1H"], {"hours": 1}])
def test_a_duration_is_text(value: object) -> None:
    with pytest.raises(ValidationError):
        LENGTH.deserialize(value)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"duration": "PT90M"}, "data/duration", "not_a_duration"),
        ({"duration_minutes": 90}, "data", "unknown_field"),
        ({"theme": "housing"}, "data", "unknown_field"),
        ({"themes": []}, "data/themes", "list_length"),
        ({"themes": ["housing", "housing"]}, "data/themes", "repeated_value"),
        ({"themes": ["housing", "shopping"]}, "data/themes/1", "unknown_code"),
        ({"themes": "housing"}, "data/themes", "wrong_type"),
        (
            {"themes": ["finances", "housing", "health", "employment", "training", "mobility"]},
            "data/themes",
            "list_length",
        ),
    ],
)
def test_a_session_of_version_2_that_breaks_its_contract_names_the_field(
    changes: dict[str, object], field: str, code: str
) -> None:
    event = emitted("session.held.v2")
    with pytest.raises(ContractError) as broken:
        parse({**event, "data": {**event["data"], **changes}})
    assert [(each.field, each.code) for each in broken.value.problems] == [(field, code)]
