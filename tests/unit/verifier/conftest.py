"""The hand-made ledger of `tests/property` serves these tests too, and the tools of `tests/running` for bundles.

Pytest's importlib mode needs their paths.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))
sys.path.insert(0, str(Path(__file__).parents[2] / "running"))
