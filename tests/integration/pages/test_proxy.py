"""Behind a proxy the limits of one reader are hers: what the proxy says of who asks is believed of that proxy alone."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from pages_scenario import Pages
from pages_server import served

from miriam_reporting.web.app import create_app
from miriam_reporting.web.settings import Settings


@contextmanager
def behind(pages: Pages, proxy: str) -> Iterator[str]:
    settings: Settings = pages.app.extensions["miriam.settings"]
    with served(create_app(replace(settings, proxy=proxy, per_minute=2))) as address:
        yield f"{address}/accessibility"


def status(address: str, reader: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers={"X-Forwarded-For": reader})) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("proxy", ["127.0.0.1", "*"])
def test_each_reader_behind_the_proxy_has_a_limit_of_her_own(pages: Pages, proxy: str) -> None:
    with behind(pages, proxy) as address:
        assert [status(address, "203.0.113.1") for _ in range(3)] == [200, 200, 429]
        assert status(address, "203.0.113.2") == 200


@pytest.mark.parametrize("proxy", ["", "203.0.113.9"])
def test_who_is_not_the_proxy_cannot_pretend_to_be_many(pages: Pages, proxy: str) -> None:
    with behind(pages, proxy) as address:
        assert [status(address, f"203.0.113.{each}") for each in range(3)] == [200, 200, 429]
