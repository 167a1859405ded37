"""Tests of pictures share one picture of each kind."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "parts"))
