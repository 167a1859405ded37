"""Whether what a CPAS sent has arrived: what was recorded, what was refused and why, what came late."""

from miriam_reporting.web.parts.arrivals import late, overview, recorded, refused
from miriam_reporting.web.parts.arrivals.part import PART

__all__ = ["PART", "late", "overview", "recorded", "refused"]
