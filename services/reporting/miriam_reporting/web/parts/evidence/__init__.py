"""The way from a figure to its proof: the figure's rule and rows, each event, the proof of it, and a woman's course."""

from miriam_reporting.web.parts.evidence import counts, course, event, figure, over_time, proof
from miriam_reporting.web.parts.evidence.part import PART

__all__ = ["PART", "counts", "course", "event", "figure", "over_time", "proof"]
