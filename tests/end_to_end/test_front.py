"""A whole edition through the one address: posted in mixed batches, answered in order, in the ledger and the figures;
with a service stopped on the way, and through nginx and TLS.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from emission import to_be_recorded
from front_process import BATCH, ONE, Answered, ask
from nginx_process import nginx
from running_platform import Leaf, RunningPlatform

import miriam_verify
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_front.splitting import owner_of
from miriam_local.processes import wait_until
from miriam_simulator.diary import DUPLICATE, RECORDED, REFUSED, Diary, Item
from miriam_simulator.scenarios import Scenario, scenario

EDITION = "3.0"
SIZE = 400


@dataclass
class Posted:
    """A batch of one emitter, and its answer."""

    diary: Diary
    items: Sequence[Item]
    answer: Answered

    @property
    def receipts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.answer.json.get("receipts", [])
        return found


@dataclass
class Played:
    """All that was posted, that which was posted while sessions was stopped, and the ledger afterwards."""

    scenario: Scenario
    diaries: list[Diary]
    batches: list[Posted]
    without_sessions: Posted
    once_more: Posted
    leaves: list[Leaf] = field(default_factory=list)


def door(platform: RunningPlatform) -> str:
    return f"http://127.0.0.1:{platform.deployment.ports.http('front')}"


def credentials(platform: RunningPlatform, emitter: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((platform.home / "emitters" / f"{emitter}.json").read_text("utf-8"))
    return found


def post(platform: RunningPlatform, diary: Diary, items: Sequence[Item], *, packed: bool = False) -> Posted:
    told = credentials(platform, diary.id)
    body = json.dumps([item.event for item in items]).encode()
    headers = {"Authorization": f"Bearer {told['http_token']}", "Content-Type": BATCH}
    if packed:
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    return Posted(diary, items, ask(told["http_url"] + "/v1/events", body, headers))


def receipts(platform: RunningPlatform, diary: Diary, behind: str) -> Answered:
    told = credentials(platform, diary.id)
    return ask(f"{told['http_url']}/v1/receipts{behind}", None, {"Authorization": f"Bearer {told['http_token']}"})


def owner(item: Item) -> str:
    return owner_of(json.dumps(item.event).encode())


@pytest.fixture(scope="module")
def played(platform: RunningPlatform) -> Played:
    whole = scenario(EDITION)
    diaries = list(whole.diaries())
    for kind, emitter in whole.emitters():
        platform.miriam("cpas", "add", "--kind", kind, emitter)
    *others, last = sorted(diaries, key=lambda diary: (diary.kind == "cpas", len(diary.items)))
    close = whole.edition.closed_on
    batches = []
    for diary in others:
        batches += [post(platform, diary, part) for part in parts(list(diary.until(close)))]
    first, *rest = parts(list(last.until(close)))
    platform.supervisor.stop(["sessions"])
    without = post(platform, last, first)
    platform.supervisor.begin(["sessions"])
    while platform.get("sessions", "/healthz") is None:
        time.sleep(0.1)
    once_more = post(platform, last, first)
    batches += [post(platform, last, part) for part in rest]
    for diary in diaries:
        batches += [post(platform, diary, part, packed=True) for part in parts(list(diary.since(close)))]
    platform.settle()
    return Played(whole, diaries, batches, without, once_more, platform.leaves())


def parts(items: list[Item]) -> Iterator[list[Item]]:
    return (items[begin : begin + SIZE] for begin in range(0, len(items), SIZE))


def test_each_event_is_answered_in_its_place_as_the_scenario_foresees(played: Played) -> None:
    services = Counter[int]()
    for posted in played.batches:
        assert posted.answer.status == 200, posted.answer.body[:500]
        assert [each["id"] for each in posted.receipts] == [item.event["id"] for item in posted.items]
        for item, receipt in zip(posted.items, posted.receipts, strict=True):
            codes = [problem["code"] for problem in receipt["problems"]]
            assert receipt["receipt"] == item.expect, (item.event["type"], codes, item.rule)
            assert item.expect != REFUSED or item.rule in codes
            assert receipt["service"] == owner(item)
        services[len({owner(item) for item in posted.items})] += 1
    # Batches of all three services were among them.
    assert services[3] > 3


def test_ledger_and_figures_are_those_of_the_scenario(platform: RunningPlatform, played: Played) -> None:
    expected = Counter(event for ids in to_be_recorded(played.diaries).values() for event in ids)
    assert Counter(leaf.event["id"] for leaf in played.leaves) == expected
    figures = miriam_verify.figures([leaf.body for leaf in played.leaves], EDITION, levels=("total",))
    assert platform.figures(EDITION) == figures
    (women,) = [figure for figure in figures if figure["code"] == "I01"]
    assert women["value"] > 50


def test_with_a_service_stopped_the_others_are_recorded_and_the_rest_the_next_time(played: Played) -> None:
    without, again = played.without_sessions, played.once_more
    missing = [item for item in without.items if owner(item) == "sessions"]
    assert 0 < len(missing) < len(without.items)
    assert (without.answer.status, without.answer.json["code"]) == (503, "unavailable")
    assert int(without.answer.headers["Retry-After"]) > 0
    there = [item.event["id"] for item in without.items if owner(item) != "sessions"]
    assert [each["id"] for each in without.receipts] == there
    assert again.answer.status == 200
    for item, receipt in zip(again.items, again.receipts, strict=True):
        before = owner(item) != "sessions" and item.expect == RECORDED
        assert receipt["receipt"] == (DUPLICATE if before else item.expect)


def test_receipts_are_signed_by_the_service_that_the_public_keys_name(
    platform: RunningPlatform, played: Played
) -> None:
    keys = ask(door(platform) + "/v1/keys").json
    assert list(keys) == [*RECORDING_SERVICES]
    for name, known in keys.items():
        written = json.loads((platform.home / "keys" / f"{name}.receipt.pub.json").read_text("utf-8"))
        assert known["receipt"] == written
    assert {each["key"] for each in played.once_more.receipts} == {known["receipt"]["kid"] for known in keys.values()}


def test_all_receipts_can_be_read_again_each_once_and_the_oldest_first(
    platform: RunningPlatform, played: Played
) -> None:
    diary = played.once_more.diary
    found: list[dict[str, Any]] = []
    behind = ""
    while True:
        page = receipts(platform, diary, f"?limit=300{'&after=' + behind if behind else ''}")
        assert page.status == 200, page.body[:500]
        if not page.json["receipts"]:
            break
        found += page.json["receipts"]
        behind = page.json["next"]
    assert page.json["next"] == behind
    recorded = [each["id"] for each in found if each["receipt"] == RECORDED]
    assert Counter(recorded) == Counter(item.event["id"] for item in diary.items if item.expect == RECORDED)
    refused = {each["id"] for each in found if each["receipt"] == REFUSED}
    assert refused >= {item.event["id"] for item in diary.items if item.expect == REFUSED}
    assert {each["service"] for each in found[:300]} == {*RECORDING_SERVICES}
    for name in RECORDING_SERVICES:
        numbers = [event["sequence"] for each in found if each["service"] == name for event in each["events"]]
        assert numbers == sorted(set(numbers))
    times = [each["time"] for each in found if each["receipt"] == RECORDED]
    assert times == sorted(times)


def test_the_receipt_of_one_event_is_found_wherever_it_was_recorded_by_its_emitter_alone(
    platform: RunningPlatform, played: Played
) -> None:
    diary = played.once_more.diary
    other = next(each for each in played.diaries if each.kind == "cpas" and each.id != diary.id)
    for name in RECORDING_SERVICES:
        item = next(each for each in diary.items if owner(each) == name and each.expect == RECORDED)
        answer = receipts(platform, diary, "/" + item.event["id"])
        assert (answer.status, answer.json["receipt"], answer.json["service"]) == (200, RECORDED, name)
        # Ids are unique per source: the other may have an event of that id too, and sees its own.
        seen = receipts(platform, other, "/" + item.event["id"])
        assert (seen.status, seen.json.get("emitter")) in ((404, None), (200, other.source))
    assert receipts(platform, diary, "/no-such-event").json["code"] == "not_found"


def test_one_event_alone_is_answered_too(platform: RunningPlatform, played: Played) -> None:
    item = next(item for item in played.once_more.items if owner(item) == "groups")
    told = credentials(platform, played.once_more.diary.id)
    headers = {"Authorization": f"Bearer {told['http_token']}", "Content-Type": ONE}
    answer = ask(door(platform) + "/v1/events", json.dumps(item.event).encode(), headers)
    assert [(each["id"], each["receipt"]) for each in answer.json["receipts"]] == [(item.event["id"], DUPLICATE)]


def test_what_is_of_no_type_is_refused_in_a_receipt_and_nothing_beside_it(
    platform: RunningPlatform, played: Played
) -> None:
    posted = played.once_more
    odd = Item(0, 0, {**posted.items[0].event, "id": "odd-one", "type": "miriam.weather.observed.v1"})
    answer = post(platform, posted.diary, [posted.items[0], odd, *posted.items[1:3]])
    assert answer.answer.status == 200
    assert [each["id"] for each in answer.receipts][1] == "odd-one"
    assert answer.receipts[1]["receipt"] == REFUSED


def test_through_nginx_and_tls_it_is_the_same(platform: RunningPlatform, played: Played, server_folder: Path) -> None:
    posted = played.once_more
    told = credentials(platform, posted.diary.id)
    with nginx(server_folder / "nginx-end-to-end", door(platform).removeprefix("http://")) as proxy:
        headers = {"Authorization": f"Bearer {told['http_token']}", "Content-Type": BATCH}
        body = json.dumps([item.event for item in posted.items]).encode()
        answer = proxy.ask("/v1/events", body, headers)
        assert answer.status == 200
        assert [each["id"] for each in answer.json["receipts"]] == [item.event["id"] for item in posted.items]
        refused = proxy.ask("/v1/events", body, headers | {"Authorization": "Bearer mrm_abcdefghijkl_" + "A" * 43})
        assert (refused.status, refused.json["code"]) == (401, "unauthorized")


def test_a_token_that_is_revoked_is_refused_at_once_everywhere(platform: RunningPlatform, played: Played) -> None:
    diary = played.once_more.diary
    each = [next(item for item in diary.items if owner(item) == name) for name in RECORDING_SERVICES]
    assert post(platform, diary, each).answer.status == 200
    platform.miriam("tokens", "revoke", credentials(platform, diary.id)["http_token"])
    for items in ([item] for item in each):
        refused = post(platform, diary, items).answer
        assert (refused.status, refused.json["code"], refused.headers["WWW-Authenticate"]) == (
            401, "unauthorized", "Bearer",
        )  # fmt: skip
    platform.miriam("cpas", "add", diary.id)
    assert post(platform, diary, each).answer.status == 200


def test_a_front_that_is_killed_comes_back_and_what_was_sent_is_known(
    platform: RunningPlatform, played: Played
) -> None:
    posted = played.once_more
    platform.kill("front")

    def answers() -> bool:
        try:
            return ask(door(platform) + "/healthz").status == 200
        except OSError:
            return False

    assert wait_until(answers, 60, 0.1), platform.told("front")
    again = post(platform, posted.diary, posted.items)
    assert {each["receipt"] for each in again.receipts} <= {DUPLICATE, REFUSED}
    assert platform.settle()["position"] == len(played.leaves)


def test_nothing_of_an_event_and_no_token_is_in_the_fronts_log(platform: RunningPlatform, played: Played) -> None:
    log = platform.places.log_of("front").read_text("utf-8")
    assert '"route": "/v1/events", "status": 200' in log
    assert "mrm_" not in log
    for posted in played.batches:
        told = {text for item in posted.items for text in (item.event["id"], item.event["subject"]) if len(text) > 8}
        assert not any(text in log for text in told)
