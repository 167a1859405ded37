"""I04 to I06, I16, D05: what women said of themselves, and what they brought along."""

from __future__ import annotations

from history_defaults import changes, scores
from indicator_history import History


def assess(history: History, participation: str, moment: str, default: int = 5, on: str = "", **given: object) -> str:
    """An assessment: `finances=7` is a score, `change="better"` the default change, `changed={...}` by domain."""
    change = str(given.pop("change", "same"))
    changed = given.pop("changed", {})
    payload = {name: given.pop(name) for name in ("project",) if name in given}
    payload["scores"] = scores(default, **given)  # type: ignore[arg-type]
    if moment == "end":
        payload["changes"] = changes(change, **changed)  # type: ignore[arg-type]
    day = on or ("2023-10-05" if moment == "start" else "2024-06-01")
    return history.fact("assessment.completed", participation=participation, moment=moment, occurred_on=day, **payload)


def test_progress_is_one_better_among_four_over_those_who_answered(history: History) -> None:
    history.enrol(*(f"alpha:w{n}" for n in range(1, 7)))
    assess(history, "alpha:w1", "end", changed={"finances": "better"})
    assess(history, "alpha:w2", "end", change="worse")
    assess(history, "alpha:w3", "end", change="not_answered", changed={"leisure": "better"})  # none of the four
    assess(history, "alpha:w4", "end", change="not_available", changed={"housing": "same"})
    assess(history, "alpha:w5", "end", project="spp:p2")
    assert history.count("I04") == (
        1, 3, "33.3", {"no_end_assessment": 2, "not_answered": 1, "project_differs": 1},
    )  # fmt: skip
    # The invalid one is told at the project that it names.
    assert history.count("I04", project="spp:p2") == (0, 0, None, {"project_differs": 1})


def test_who_is_excluded_for_two_reasons_is_counted_under_each(history: History) -> None:
    history.enrol("alpha:w1")
    assess(history, "alpha:w1", "end", project="spp:p2")
    assert history.count("I04") == (0, 0, None, {"no_end_assessment": 1, "project_differs": 1})


def test_her_end_assessment_is_the_last_of_all_her_participations(history: History) -> None:
    history.enrol("alpha:w1")
    history.enrol("beta:w2", woman=1)
    assess(history, "alpha:w1", "end", on="2024-03-01", change="better")
    assess(history, "beta:w2", "end", on="2024-04-01", change="worse")
    assert history.count("I04") == (0, 1, "0.0", {})
    assert history.count("I04", cpas="alpha") == (0, 1, "0.0", {})
    assert history.count("I04", cpas="beta") == (0, 1, "0.0", {})


def test_progress_by_domain_leaves_out_what_was_not_answered(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2", "alpha:w3", "alpha:w4")
    assess(history, "alpha:w1", "end", changed={"mobility": "better"})
    assess(history, "alpha:w2", "end", changed={"mobility": "not_answered"})
    assess(history, "alpha:w3", "end", changed={"mobility": "not_available"})
    assert history.count("I05", "domain=mobility") == (1, 1, "100.0", {"not_answered": 1, "not_available": 1})
    assert history.count("I05", "domain=housing") == (0, 3, "0.0", {})


def test_distance_is_told_with_its_spread_over_the_pairs(history: History) -> None:
    for number, (start, end) in enumerate(((2, 5), (4, 5), (6, 6)), 1):
        history.enrol(f"alpha:w{number}")
        assess(history, f"alpha:w{number}", "start", housing=start)
        assess(history, f"alpha:w{number}", "end", housing=end)
    figure = history.figure("I06", "domain=housing")
    # Changes 3, 1, 0: mean 4/3, variance 7/3, sd 1.5275; half interval 1.96 * 0.8819 = 1.7285.
    assert (figure.numerator, figure.denominator, figure.value, figure.unit) == (4, 3, "1.33", "points")
    assert figure.detail == {
        "mean_start": "4.00", "mean_end": "5.33", "sd": "1.53", "ci_low": "-0.40", "ci_high": "3.06",
        "effect_size": "0.87",
    }  # fmt: skip


def test_distance_without_spread_has_no_effect_size_and_of_one_pair_no_interval(history: History) -> None:
    history.enrol("alpha:w1", "beta:w2")
    for woman in ("alpha:w1", "beta:w2"):
        assess(history, woman, "start", default=3)
        assess(history, woman, "end", default=5)
    both = history.figure("I06", "domain=leisure").detail
    assert both == {
        "mean_start": "3.00", "mean_end": "5.00", "sd": "0.00", "ci_low": "2.00", "ci_high": "2.00",
        "effect_size": None,
    }  # fmt: skip
    one = history.figure("I06", "domain=leisure", cpas="beta").detail
    assert one == {
        "mean_start": "3.00", "mean_end": "5.00", "sd": None, "ci_low": None, "ci_high": None, "effect_size": None,
    }  # fmt: skip


def test_starts_and_ends_without_their_other_half_are_named(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2", "alpha:w3", "alpha:w4")
    assess(history, "alpha:w1", "start")
    assess(history, "alpha:w2", "end")
    assess(history, "alpha:w3", "start", housing="not_answered")
    assess(history, "alpha:w3", "end")
    assert history.count("I06", "domain=housing") == (0, 0, None, {"no_end": 1, "no_start": 2})
    assert history.count("I06", "domain=leisure") == (0, 1, "0.00", {"no_end": 1, "no_start": 1})
    # Of three women with an assessment one has both sides, whatever she answered.
    assert history.count("D05") == (2, 3, "66.7", {})
    assert history.count("D05", "side=no_end") == (1, 3, "33.3", {})
    assert history.count("D05", "side=no_start") == (1, 3, "33.3", {})


def test_a_pair_spans_her_first_start_and_her_last_end(history: History) -> None:
    history.enrol("alpha:w1")
    history.enrol("beta:w2", woman=1)
    assess(history, "alpha:w1", "start", default=2, on="2023-10-03")
    assess(history, "beta:w2", "start", default=8, on="2024-02-01")
    assess(history, "alpha:w1", "end", default=9, on="2024-03-01")
    assess(history, "beta:w2", "end", default=6, on="2024-03-02")
    assert history.count("I06", "domain=autonomy") == (4, 1, "4.00", {})
    assert history.count("I06", "domain=autonomy", cpas="beta") == (4, 1, "4.00", {})


def test_esf_outputs_are_of_her_first_enrolment(history: History) -> None:
    history.enrol("alpha:w1", employment="unemployed", age_band="18_29")
    history.enrol("beta:w2", woman=1, on="2023-12-01", employment="employed", age_band="30_54")
    history.enrol("alpha:w3", employment="employed", age_band="30_54")
    history.enrol("alpha:w4", employment="not_answered", age_band="not_available")
    assert history.count("I16", "employment=unemployed") == (1, 2, "50.0", {"not_answered": 1})
    assert history.count("I16", "employment=employed") == (1, 2, "50.0", {"not_answered": 1})
    assert history.count("I16", "employment=unemployed", cpas="beta") == (1, 1, "100.0", {})
    assert history.count("I16", "age_band=30_54") == (1, 2, "50.0", {"not_available": 1})
    assert history.count("I16", "education=tertiary") == (0, 3, "0.0", {})
