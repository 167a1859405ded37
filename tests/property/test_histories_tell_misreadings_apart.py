"""Random histories are worth something only if they would notice a rule that is read wrongly.

Each case changes one rule of the verifier; some seeded history must then give another figure.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from histories import seeded
from misreadings import MISREADINGS

import miriam_verify

SOURCE = Path(miriam_verify.__file__).read_text(encoding="utf-8")


@functools.cache
def a_history(seed: int) -> tuple[list[bytes], list[Any]]:
    bodies = seeded(seed, (120, 250, 120, 600)[seed % 4], copies=1 + seed % 4 % 3, check=False)
    return bodies, figures_of(miriam_verify, bodies)


def figures_of(verifier: Any, bodies: list[bytes]) -> list[Any]:
    try:
        found: list[Any] = verifier.figures(bodies, "2023")
    except verifier.NoSuchReport:
        return []
    return found


def misread(right: str, wrong: str) -> ModuleType:
    assert SOURCE.count(right) == 1, f"{SOURCE.count(right)} times in the verifier: {right}"
    module = ModuleType("misread")
    sys.modules["misread"] = module  # dataclasses look their module up
    exec(compile(SOURCE.replace(right, wrong), "misread", "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("name", MISREADINGS)
def test_some_history_notices_that(name: str) -> None:
    verifier = misread(*MISREADINGS[name])
    for seed in range(240):
        bodies, right = a_history(seed)
        if figures_of(verifier, bodies) != right:
            return
    pytest.fail(f"no history notices: {name}")
