"""A body that drips is cut off. In a process of its own: eventlet is in no other test."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import time
import eventlet
from miriam_platform.web import BodyTooSlow, TimedBody

def read(size):
    eventlet.sleep({pause})
    return b"x"

body, began, found = TimedBody(read, 0.5), time.monotonic(), 0
try:
    while found < {enough}:
        found += len(body.read(10))
    print("read", found)
except BodyTooSlow:
    print("cut off", time.monotonic() - began < 5)
"""


@pytest.mark.parametrize(
    ("pause", "enough", "outcome"),
    [(0.05, 1000, "cut off True"), (60, 1, "cut off True"), (0.0, 20, "read 20")],
    ids=["it drips", "it never comes", "it comes"],
)
def test_a_body_has_its_time_and_no_more(pause: float, enough: int, outcome: str) -> None:
    program = PROGRAM.format(pause=pause, enough=enough)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout.strip() == outcome, ended.stderr


def test_without_a_size_all_that_is_left_is_asked_for_and_nothing_behind_it() -> None:
    # -1, handed on to eventlet, would wait for what comes behind the body: for the next request.
    program = "from miriam_platform.web import TimedBody; asked = []\n"
    program += "TimedBody(lambda size: asked.append(size) or b'', 5).read(); print(asked)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout.strip() == "[None]", ended.stderr
