"""Samples for on-the-spot checks, which anybody can draw again from their seed."""

from miriam_reporting.audit.sample.sampling import KINDS, BadSample, Sample, sample

__all__ = ["KINDS", "BadSample", "Sample", "sample"]
