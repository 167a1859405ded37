"""An inbox as a process."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "running"))

from serving_fixtures import serve, service_token, world

__all__ = ["serve", "service_token", "world"]
