"""The data protection officer's pages: requests of persons, what was destroyed, what is held; and the access log."""

from miriam_reporting.web.parts.privacy import access_log, destroyed, persons, requests, steps
from miriam_reporting.web.parts.privacy.part import PART

__all__ = ["PART", "access_log", "destroyed", "persons", "requests", "steps"]
