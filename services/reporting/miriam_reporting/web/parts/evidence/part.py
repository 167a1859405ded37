"""The part, and who may look at what in it."""

from miriam_reporting.web.part import Part
from miriam_reporting.web.roles import Role

PART = Part("evidence")
READERS = (Role.CPAS, Role.AUTHORITY, Role.AUDITOR)
ROWS = 50
