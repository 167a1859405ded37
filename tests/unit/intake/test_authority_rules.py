"""The rules of what the authority emits: editions, CPAS, consortia, projects."""

from miriam_contracts.specification import Specification, correction, fact, retraction
from miriam_intake import domain

INTAKE = Specification(domain.decide)
OPENED = fact("edition.opened")
CLOSED = fact("edition.closed")
APPROVED = fact("project.approved")
REGISTERED = fact("cpas.registered", cpas="galmaarden")


def test_an_edition_is_opened_once() -> None:
    INTAKE.when(OPENED).then_recorded()
    INTAKE.given(OPENED).when(fact("edition.opened")).then_refused("edition_already_opened")


def test_an_edition_whose_opening_was_retracted_can_be_opened_again() -> None:
    INTAKE.given(OPENED, retraction(OPENED)).when(fact("edition.opened")).then_recorded()


def test_an_edition_does_not_end_before_it_starts() -> None:
    INTAKE.when(fact("edition.opened", ends_on="2023-01-31")).then_refused("ends_before_start")
    INTAKE.when(fact("edition.opened", ends_on="2023-02-01")).then_recorded()


def test_an_editions_places_do_not_contradict_themselves() -> None:
    INTAKE.when(fact("edition.opened", places_min=16)).then_refused("places_max_below_min")
    INTAKE.when(fact("edition.opened", places_min=15)).then_recorded()


def test_an_edition_is_closed_only_after_it_was_opened_and_once() -> None:
    INTAKE.when(CLOSED).then_refused("edition_not_opened")
    INTAKE.given(OPENED).when(CLOSED).then_recorded()
    INTAKE.given(OPENED, CLOSED).when(fact("edition.closed")).then_refused("edition_already_closed")


def test_an_edition_is_not_closed_before_it_starts() -> None:
    INTAKE.given(OPENED).when(fact("edition.closed", occurred_on="2023-01-31")).then_refused("before_edition_start")


def test_an_edition_is_retired_only_after_it_was_closed_and_once() -> None:
    retired = fact("edition.retired")
    INTAKE.given(OPENED).when(retired).then_refused("edition_not_closed")
    INTAKE.given(OPENED, CLOSED).when(retired).then_recorded()
    INTAKE.given(OPENED, CLOSED, retired).when(fact("edition.retired")).then_refused("edition_already_retired")


def test_an_edition_is_not_retired_before_its_retention_is_over() -> None:
    early = fact("edition.retired", occurred_on="2023-12-31")
    INTAKE.given(OPENED, CLOSED).when(early).then_refused("retention_not_over")


def test_a_cpas_is_registered_once_and_changed_by_correction() -> None:
    INTAKE.given(REGISTERED).when(fact("cpas.registered")).then_refused("cpas_already_registered")
    INTAKE.given(REGISTERED).when(correction(REGISTERED, nis="21015")).then_recorded()


def test_a_cpas_merges_only_if_it_is_registered_and_once() -> None:
    merged = fact("cpas.merged")
    INTAKE.when(merged).then_refused("cpas_not_registered")
    INTAKE.given(REGISTERED).when(merged).then_recorded()
    INTAKE.given(REGISTERED, merged).when(fact("cpas.merged")).then_refused("cpas_already_merged")


def test_a_cpas_does_not_merge_into_itself() -> None:
    INTAKE.given(REGISTERED).when(fact("cpas.merged", into="galmaarden")).then_refused("merged_into_itself")


def test_a_consortium_is_formed_once() -> None:
    formed = fact("consortium.formed")
    INTAKE.given(formed).when(fact("consortium.formed")).then_refused("consortium_already_formed")


def test_a_consortium_is_led_by_one_of_its_members() -> None:
    INTAKE.when(fact("consortium.formed", lead="anderlecht")).then_refused("lead_not_member")


def test_a_project_is_approved_once() -> None:
    INTAKE.given(APPROVED).when(fact("project.approved")).then_refused("project_already_approved")


def test_a_project_does_not_end_before_it_starts() -> None:
    INTAKE.when(fact("project.approved", ends_on="2023-01-31")).then_refused("ends_before_start")
    INTAKE.when(fact("project.approved", ends_on="2023-02-01")).then_recorded()


def test_payments_costs_and_the_end_rest_on_an_approval() -> None:
    for kind in ("project.payment_made", "project.cost_declared", "project.ended"):
        INTAKE.when(fact(kind)).then_refused("project_not_approved")
        INTAKE.given(APPROVED).when(fact(kind)).then_recorded()


def test_a_payment_is_made_once_under_its_id() -> None:
    story = INTAKE.given(APPROVED, fact("project.payment_made"))
    story.when(fact("project.payment_made", amount=1)).then_refused("payment_id_used")
    story.when(fact("project.payment_made", payment="spp-is:pay-2")).then_recorded()


def test_a_cost_is_declared_once_under_its_id() -> None:
    story = INTAKE.given(APPROVED, fact("project.cost_declared"))
    story.when(fact("project.cost_declared")).then_refused("declaration_id_used")
    story.when(fact("project.cost_declared", declaration="spp-is:dec-2")).then_recorded()


def test_a_project_ends_once_and_accounts_may_be_settled_after_it() -> None:
    story = INTAKE.given(APPROVED, fact("project.ended"))
    story.when(fact("project.ended")).then_refused("project_already_ended")
    story.when(fact("project.payment_made", occurred_on="2024-07-01")).then_recorded()
    story.when(fact("project.cost_declared", occurred_on="2024-07-01")).then_recorded()


def test_the_programme_knows_no_test_cpas() -> None:
    for named in (
        fact("cpas.registered", cpas="test-acme"),
        fact("project.approved", cpas="test-acme"),
        fact("consortium.formed", lead="galmaarden", members=["galmaarden", "test-acme"]),
    ):
        INTAKE.when(named).then_refused("test_cpas")
    INTAKE.given(REGISTERED).when(fact("cpas.merged", cpas="galmaarden", into="test-acme")).then_refused("test_cpas")
    INTAKE.given(APPROVED).when(correction(APPROVED, cpas="test-acme")).then_refused("test_cpas")
    INTAKE.when(fact("project.approved", cpas="testelt")).then_recorded()
