"""Ids: their forms, and that no national number hides in one."""

import random
from types import ModuleType

import pytest
from stdnum.be import bis, nn

from miriam_contracts import ids
from miriam_contracts.envelope import parse
from miriam_contracts.examples import emitted
from miriam_contracts.families.participation import Identity
from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import ContractError


def check_digits(first_nine: str, born_from_2000: bool) -> str:
    """DOMAIN: 97 - (first nine mod 97), with 2 before them if born from 2000."""
    return f"{97 - int(('2' if born_from_2000 else '') + first_nine) % 97:02d}"


def numbers(month_shift: int) -> list[str]:
    dice = random.Random(97)
    found = []
    for _ in range(200):
        born_from_2000 = dice.random() < 0.5
        year = dice.randrange(0, 20) if born_from_2000 else dice.randrange(30, 100)
        month, day, serial = dice.randrange(1, 13) + month_shift, dice.randrange(1, 29), dice.randrange(1, 998)
        first = f"{year:02d}{month:02d}{day:02d}{serial:03d}"
        found.append(first + check_digits(first, born_from_2000))
    return found


@pytest.mark.parametrize(("module", "month_shift"), [(nn, 0), (bis, 20), (bis, 40)])
def test_a_number_by_the_formula_is_known_and_found_in_an_id(module: ModuleType, month_shift: int) -> None:
    for number in numbers(month_shift):
        assert module.is_valid(number), number
        assert ids.holds_national_number(f"anderlecht:{number}"), number


@pytest.mark.parametrize(
    "text", ["p-85.07.30-033.28", "p-850730-03328", "x85073003328y", "0085073003328", "85 07 30 033 28"]
)
def test_separators_and_neighbours_do_not_hide_a_national_number(text: str) -> None:
    assert ids.holds_national_number(text)


@pytest.mark.parametrize("text", ["p-014", "85073003329", "8507300332", "2023-02-20", "s-2041", "98.76.54.32.10"])
def test_other_digits_are_no_national_number(text: str) -> None:
    assert not ids.holds_national_number(text)


@pytest.mark.parametrize("attribute", ["id", "correlationid"])
def test_an_emission_whose_id_holds_a_national_number_is_refused_without_repeating_it(attribute: str) -> None:
    with pytest.raises(ContractError) as refused:
        parse({**emitted("session.held"), attribute: "s-85073003328"})
    assert [(p.code, p.field) for p in refused.value.problems] == [("national_number_in_id", attribute)]
    assert "85073003328" not in str(refused.value)


@pytest.mark.parametrize("field", ["participation", "session", "case_manager", "project"])
def test_a_payload_whose_id_holds_a_national_number_is_refused(field: str) -> None:
    event = emitted("session.held")
    data = {**event["data"], field: "anderlecht:85073003328"}
    with pytest.raises(ContractError) as refused:
        parse({**event, "subject": "anderlecht:x", "data": data})
    assert [(p.code, p.field) for p in refused.value.problems] == [("national_number_in_id", f"data/{field}")]


@pytest.mark.parametrize("written", ["85073003328", "85.07.30-033.28", "85 07 30 033 28"])
def test_a_national_number_in_a_personal_block_is_kept_as_its_eleven_digits(written: str) -> None:
    assert Identity().load({"niss": written})["niss"] == "85073003328"


def test_the_parity_of_the_serial_refuses_nobody() -> None:
    for serial in ("033", "034"):
        first = f"850730{serial}"
        assert Identity().validate({"niss": first + check_digits(first, False)}) == {}


def test_a_recorded_id_is_known_to_both_sides_and_differs_by_each_of_its_parts() -> None:
    one = recorded_id("sessions", "/cpas/anderlecht", "e-1")
    assert one == recorded_id("sessions", "/cpas/anderlecht", "e-1", 0)
    others = {
        recorded_id("groups", "/cpas/anderlecht", "e-1"),
        recorded_id("sessions", "/cpas/schaerbeek", "e-1"),
        recorded_id("sessions", "/cpas/anderlecht", "e-2"),
        recorded_id("sessions", "/cpas/anderlecht", "e-1", 1),
    }
    assert len(others) == 4
    assert one not in others
    assert one == "a0380077-ffe0-5968-ae6f-ccf97cbf952d"


def test_a_persons_random_id_is_no_ones_number() -> None:
    event = emitted("person.erased")
    person = "prs-ab85073003328cdef0123456789abcde"
    assert parse({**event, "subject": person, "data": {**event["data"], "person": person}}).subject == person
    assert ids.holds_national_number(f"{person}-2")


def test_a_test_emitter_is_told_by_the_beginning_of_its_id() -> None:
    assert ids.is_test("test-acme")
    assert ids.is_test_source("/cpas/test-acme")
    for real in ("anderlecht", "testelt", "test", "my-test-acme"):
        assert not ids.is_test(real)
        assert not ids.is_test_source(f"/cpas/{real}")
    # No other kind has tests; and nobody is a test by an id of its own making.
    assert not ids.is_test_source("/authority/test-acme")
    assert not ids.is_test_source("/services/intake")
