"""Pytest imports each test file alone (importlib mode): the histories beside them are found by this folder's path."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
