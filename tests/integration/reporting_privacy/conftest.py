"""Small histories made by hand, of which a data protection officer asks."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))
sys.path.insert(0, str(Path(__file__).parents[2] / "running"))

from history_fixtures import history, history_access, indicator_database

__all__ = ["history", "history_access", "indicator_database"]
