"""The part itself, apart from its pages, which all need it."""

from miriam_reporting.web.part import Part

PART = Part("privacy")
