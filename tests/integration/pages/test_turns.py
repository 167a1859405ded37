"""Slow pages of one reader keep others from nothing: her turns are counted, and the pages tell that they live."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pages_scenario import Pages
from pages_server import served

from miriam_reporting.web import turns
from miriam_reporting.web.app import create_app
from miriam_reporting.web.settings import Settings

GREEDY, OTHER = "203.0.113.1", "203.0.113.2"
MANY = turns.OF_ONE + turns.WAITING_OF_ONE + 12


def status(address: str, reader: str) -> int:
    request = urllib.request.Request(address, headers={"X-Forwarded-For": reader})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code if error.headers["Retry-After"] == "5" else 0


def test_who_asks_for_many_slow_pages_at_once_keeps_nobody_else_waiting(pages: Pages) -> None:
    """The heads of the ledger are locked, so that each page that reads them takes as long as the lock is held."""
    settings: Settings = pages.app.extensions["miriam.settings"]
    app = create_app(replace(settings, proxy="127.0.0.1", per_minute=0))
    owner = pages.office.owner
    with served(app) as address, ThreadPoolExecutor(MANY) as readers:
        with owner, owner.cursor() as cursor:
            cursor.execute("lock table ledger.checkpoint in access exclusive mode")
            slow = [readers.submit(status, f"{address}/ledger", GREEDY) for _ in range(MANY)]
            refused = MANY - turns.OF_ONE - turns.WAITING_OF_ONE
            until = time.monotonic() + 10
            while sum(each.done() for each in slow) < refused and time.monotonic() < until:
                time.sleep(0.05)
            began = time.monotonic()
            assert status(f"{address}/healthz", GREEDY) == 200
            assert status(f"{address}/accessibility", OTHER) == 200
            assert time.monotonic() - began < 5
        # The lock is gone: those who had a turn, or waited for one, are answered.
        assert sorted(each.result() for each in slow) == [200] * (MANY - refused) + [503] * refused


def test_a_turn_is_given_back_also_by_a_page_that_failed(pages: Pages) -> None:
    reader = pages.reader()
    for _ in range(2 * turns.AT_ONCE):
        assert reader.get("/nowhere").status_code == 404


def test_who_waits_has_a_turn_as_soon_as_one_is_given_back() -> None:
    found = turns.Turns()
    assert all(found.take("a") for _ in range(turns.OF_ONE))
    waiting = threading.Thread(target=found.take, args=("a",))
    waiting.start()
    assert found.take("b")
    waiting.join(0.1)
    assert waiting.is_alive()
    found.give_back("a")
    waiting.join(5)
    assert not waiting.is_alive()
