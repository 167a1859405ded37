"""The hand-made ledger of `tests/property` serves these tests too; pytest's importlib mode needs its path."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))
