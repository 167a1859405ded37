"""The end of an edition's retention: its leaves are emptied, its facts deleted; what other editions need stays."""

from miriam_reporting.retiring.step import Retired, retire_step

__all__ = ["Retired", "retire_step"]
