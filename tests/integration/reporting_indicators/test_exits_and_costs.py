"""I10, I11, I13, I15: exits and their reasons, costs, follow-up."""

from __future__ import annotations

from indicator_history import History


def _four_ends(history: History) -> None:
    """Five women; w1 completed, w2 found work, w3 moved, w4 lost contact, w5 goes on."""
    history.enrol(*(f"alpha:w{n}" for n in range(1, 6)))
    for number, reason in enumerate(("completed", "employment", "moved", "lost_contact"), 1):
        history.fact("participation.ended", participation=f"alpha:w{number}", reason=reason, occurred_on="2024-05-01")


def test_drop_out_leaves_aside_who_completed_or_found_work_or_training(history: History) -> None:
    _four_ends(history)
    assert history.count("I10") == (2, 5, "40.0", {})
    assert history.count("I10", "reason=moved") == (1, 5, "20.0", {})
    assert history.count("I10", "reason=health") == (0, 5, "0.0", {})


def test_exits_by_reason_are_shares_of_the_exits(history: History) -> None:
    _four_ends(history)
    assert history.count("I11") == (4, 5, "80.0", {})
    assert history.count("I11", "reason=completed") == (1, 4, "25.0", {})
    assert history.count("I11", "reason=training") == (0, 4, "0.0", {})
    assert history.count("I11", "measure=employment_or_training") == (1, 4, "25.0", {})


def test_an_invalid_end_hides_a_later_valid_one(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    history.fact("participation.ended", participation="alpha:w1", project="spp:p2", occurred_on="2024-04-01")
    history.fact("participation.ended", participation="alpha:w1", reason="moved", occurred_on="2024-05-01")
    assert history.count("I10") == (0, 2, "0.0", {})
    # She is in the denominator at the total, so not excluded there; at the project that her end names she is.
    assert history.count("I11") == (0, 2, "0.0", {})
    assert history.count("I11", project="spp:p2") == (0, 0, None, {"project_differs": 1})


def test_an_end_of_somebody_never_enrolled_is_excluded(history: History) -> None:
    history.fact("participation.ended", participation="alpha:w1")
    assert history.count("I11") == (0, 0, None, {"not_enrolled": 1})


def test_costs_per_woman_and_per_place(history: History) -> None:
    history.enrol("alpha:w1")
    history.enrol("alpha:w2", woman=1)
    history.enrol("beta:w3")
    history.enrol("beta:w4")  # never met: no place filled
    for participation in ("alpha:w1", "alpha:w2", "beta:w3"):
        history.fact("session.held", participation=participation)
    history.fact("project.payment_made", project="spp:p1", payment="spp:a", amount=10_000_00)
    history.fact("project.payment_made", project="spp:p1", payment="spp:b", amount=5_000_00)
    history.fact("project.payment_made", project="spp:p2", payment="spp:c", amount=1)
    history.fact("project.cost_declared", project="spp:p1", declaration="spp:d", amount=7_000_00)
    assert history.count("I13", "measure=budget") == (10_000_000, None, "100000.00", {})
    assert history.count("I13", "measure=budget", cpas="alpha") == (0, None, "0.00", {})
    assert history.count("I13", "measure=subsidy") == (10_000_000, None, "100000.00", {})
    assert history.count("I13", "measure=paid") == (1_500_001, None, "15000.01", {})
    assert history.count("I13", "measure=declared", region="brussels") == (700_000, None, "7000.00", {})
    assert history.count("I13", "measure=paid_per_woman") == (1_500_001, 2, "7500.00", {})  # 7500.005 to the even cent
    assert history.count("I13", "measure=paid_per_place") == (1_500_001, 3, "5000.00", {})
    assert history.count("I13", "measure=paid_per_woman", cpas="alpha") == (1_500_000, 1, "15000.00", {})
    assert history.count("I13", "measure=declared_per_place", cpas="alpha") == (700_000, 2, "3500.00", {})
    assert history.count("I13", "measure=declared_per_woman", cpas="beta") == (0, 1, "0.00", {})


def test_costs_of_a_project_of_another_edition_are_not_counted(history: History) -> None:
    history.fact("project.approved", project="spp:p9", cpas="alpha", edition="2024")
    history.fact("project.payment_made", project="spp:p9", payment="spp:a", amount=10_000_00)
    assert history.count("I13", "measure=paid") == (0, None, "0.00", {})


def test_the_last_follow_up_of_those_who_left_counts(history: History) -> None:
    _four_ends(history)
    for participation, day, situation in (
        ("alpha:w1", "2025-05-01", "employed"),
        ("alpha:w1", "2025-04-01", "inactive"),
        ("alpha:w2", "2025-05-01", "in_training"),
        ("alpha:w5", "2025-05-01", "employed"),  # she never left
    ):
        history.fact("participation.followed_up", participation=participation, occurred_on=day, situation=situation)
    assert history.count("I15") == (2, 4, "50.0", {})
    assert history.count("I15", "situation=employed") == (1, 2, "50.0", {})
    assert history.count("I15", "situation=inactive") == (0, 2, "0.0", {})
    assert history.count("I15", "situation=in_training") == (1, 2, "50.0", {})
