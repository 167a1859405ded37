"""A CPAS speaks for itself alone, of its own alone, and says only what a CPAS may say."""

from __future__ import annotations

import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from attacker import Attacker
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker
from running_platform import RunningPlatform


def denied(attacker: Attacker, call: Callable[[BlockingChannel], object]) -> int:
    """The code with which the broker denies a call."""
    with attacker.channel() as channel, pytest.raises(ChannelClosedByBroker) as caught:
        call(channel)
    return int(caught.value.reply_code)


def test_another_emitters_key_is_denied(short: Attacker, long: Attacker, schaerbeek: Attacker) -> None:
    for attacker, key in ((short, "cpas12"), (long, "cpas1"), (short, "schaerbeek"), (short, "spp-is"), (short, "")):
        with pytest.raises(ChannelClosedByBroker) as caught:
            attacker.publish(attacker.event("session.held"), f"{key}.session.held")
        assert caught.value.reply_code == 403
    assert schaerbeek.records()


def test_another_emitters_user_id_is_denied(short: Attacker, long: Attacker) -> None:
    for user in (long.user, "authority.spp-is", "service.intake", "miriam.admin", ""):
        with pytest.raises(ChannelClosedByBroker) as caught:
            short.publish(short.event("session.held"), user_id=user)
        assert caught.value.reply_code == 406


def test_without_user_id_nobody_vouches_and_it_is_refused(short: Attacker) -> None:
    assert short.refused(short.event("session.held"), user_id=None) == ["sender_unknown"]


@pytest.mark.parametrize("source", ["/cpas/cpas12", "/cpas/schaerbeek", "/authority/cpas1", "/authority/spp-is"])
def test_another_source_is_refused_and_only_the_sender_hears_of_it(
    short: Attacker, long: Attacker, schaerbeek: Attacker, authority: Attacker, source: str
) -> None:
    assert short.refused({**short.event("session.held"), "source": source}) == ["source_not_sender"]
    for other in (long, schaerbeek, authority):
        assert other.answers(seconds=0) == []


def test_another_cpas_participation_is_refused_wherever_it_is_named(short: Attacker, long: Attacker) -> None:
    theirs = long.event("session.held")["subject"]
    event = short.event("session.held")
    event["subject"] = event["data"]["participation"] = theirs
    assert set(short.refused(event)) == {"not_own_id"}
    assert short.refused({**short.event("session.held"), "subject": theirs}) == ["subject_differs"]
    assert short.refused(short.event("session.held", case_manager="cpas12:cm-1")) == ["not_own_id"]
    linked = short.event("person.linked", other=theirs)
    assert "not_own_id" in short.refused(linked)


def test_another_cpas_participation_joins_no_group_without_consortium(short: Attacker, long: Attacker) -> None:
    formed = short.event("group.formed")
    short.publish(formed)
    assert short.answer()["receipt"] == "recorded"
    group = {"group": formed["data"]["group"], "project": formed["data"]["project"]}
    joined = short.event("group.joined", **group, participation=long.event("session.held")["subject"])
    assert short.refused({**joined, "subject": group["group"]}) == ["other_cpas_without_consortium"]
    held = short.event("groupsession.held", **group, present=["cpas12:p-1"], excused=[], absent=[])
    assert short.refused({**held, "subject": group["group"]}) == ["not_a_member"]


def test_a_correction_of_anothers_fact_is_refused(short: Attacker, long: Attacker) -> None:
    theirs = long.records()
    event = short.event("session.held")
    data = {
        "retracts": theirs["events"][0]["id"],
        "supersedes": theirs["events"][0]["id"],
        "fact": "held",
        "reason": "other",
        "occurred_on": "2024-01-10",
    }
    retraction = {**event, "type": "miriam.session.retracted.v1", "data": data}
    assert short.refused({**retraction, "subject": theirs["subject"]}) == ["not_own_id"]
    # In a stream of its own, the other's fact does not exist: nothing tells whether it exists elsewhere.
    assert short.refused({**retraction, "id": "other-id"}) == ["fact_not_found"]


@pytest.mark.parametrize("kind", ["edition.opened", "project.approved", "cpas.registered", "person.erased"])
def test_what_only_authority_or_dpo_may_say_is_refused(short: Attacker, platform: RunningPlatform, kind: str) -> None:
    model = Attacker(platform, "spp-is", "authority").event(kind)
    before = platform.recorded()["intake"]
    assert short.refused({**model, "source": "/cpas/cpas1"}) == ["type_not_allowed"]
    assert short.refused(model) == ["source_not_sender"]
    assert platform.recorded()["intake"] == before


@pytest.mark.parametrize("kind", ["door.tallied", "key.destroyed", "report.published"])
def test_what_services_say_of_themselves_is_refused(short: Attacker, kind: str) -> None:
    event = {**short.event("session.held"), "type": f"miriam.{kind}.v1"}
    assert short.refused(event, f"cpas1.{kind}") == ["unknown_type"]


def test_the_authority_is_no_dpo_and_no_cpas(authority: Attacker) -> None:
    erased = {**authority.event("person.erased"), "source": "/authority/spp-is"}
    assert authority.refused(erased) == ["type_not_allowed"]
    held = {**authority.event("session.held"), "source": "/authority/spp-is"}
    assert authority.refused(held) == ["type_not_allowed"]


def test_an_event_under_the_key_of_another_family_is_refused(short: Attacker) -> None:
    event = short.event("session.held")
    for key in ("cpas1.participation.enrolled", "cpas1.group.formed", "cpas1.session.missed", "cpas1.no_such.thing"):
        assert short.refused(event, key) == ["routing_key_differs"]
    short.publish(event)
    assert short.answer()["receipt"] == "recorded"


def test_no_queue_or_exchange_of_anybody_can_be_touched(short: Attacker, platform: RunningPlatform) -> None:
    queues = ("cpas.receipts.cpas12", "sessions.inbox.cpas1", "sessions.inbox.cpas12", "reporting.ledger.intake")
    for name in queues:
        assert denied(short, lambda c, q=name: c.basic_get(q)) == 403  # type: ignore[misc]
        assert denied(short, lambda c, q=name: c.basic_consume(q, print)) == 403  # type: ignore[misc]
        assert denied(short, lambda c, q=name: c.queue_purge(q)) == 403  # type: ignore[misc]
        assert denied(short, lambda c, q=name: c.queue_delete(q)) == 403  # type: ignore[misc]
        assert denied(short, lambda c, q=name: c.queue_unbind(q, "cpas.inbox", "cpas12.session.*")) == 403  # type: ignore[misc]
        assert denied(short, lambda c, q=name: c.queue_bind(q, "cpas.inbox", "cpas12.#")) == 403  # type: ignore[misc]
    own = "cpas.receipts.cpas1"
    assert denied(short, lambda c: c.queue_bind(own, "cpas.receipts", "cpas12")) == 403
    assert denied(short, lambda c: c.queue_bind(own, "cpas.inbox", "#")) == 403
    assert denied(short, lambda c: c.queue_bind(own, "miriam.events", "#")) == 403
    assert denied(short, lambda c: c.queue_delete(own)) == 403
    assert denied(short, lambda c: c.queue_declare("", exclusive=True)) == 403
    assert denied(short, lambda c: c.exchange_declare("mine", "topic")) == 403
    assert denied(short, lambda c: c.exchange_delete("cpas.inbox")) == 403
    assert denied(short, lambda c: c.exchange_bind("cpas.inbox", "miriam.events", "#")) == 403
    for exchange in ("", "amq.topic", "miriam.events", "cpas.receipts", "cpas.unroutable"):
        assert denied(short, lambda c, x=exchange: c.basic_publish(x, "cpas12", b"{}")) == 403  # type: ignore[misc]


def test_the_brokers_management_is_closed_to_emitters(short: Attacker, platform: RunningPlatform) -> None:
    private = platform.deployment.private_rabbitmq
    assert private is not None
    password = short.credentials["amqp_url"].split("@")[0].rpartition(":")[2]
    word = b64encode(f"{short.user}:{password}".encode()).decode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path in ("overview", "queues", "definitions", "users", "permissions"):
        request = urllib.request.Request(
            f"{private.api.address}/api/{path}", headers={"Authorization": f"Basic {word}"}
        )
        with pytest.raises(urllib.error.HTTPError) as caught:
            opener.open(request, timeout=10)
        assert caught.value.code == 401


@pytest.mark.parametrize("service", ["intake", "sessions", "groups"])
@pytest.mark.parametrize("token", [None, "", "Bearer ", "Bearer x", "bearer", "Basic x"])
def test_recorded_events_are_for_services_alone(platform: RunningPlatform, service: str, token: str | None) -> None:
    headers: dict[str, Any] = {} if token is None else {"Authorization": token}
    address = f"http://127.0.0.1:{platform.deployment.ports.http(service)}/v1/events?after=0"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(urllib.request.Request(address, headers=headers), timeout=10)
    assert caught.value.code == 401
