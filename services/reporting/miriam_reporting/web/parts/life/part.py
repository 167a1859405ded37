"""The part itself, which its modules add their pages to."""

from miriam_reporting.web.part import Part
from miriam_reporting.web.roles import Role

PART = Part("life")
READERS = (Role.CPAS, Role.AUTHORITY, Role.AUDITOR)
