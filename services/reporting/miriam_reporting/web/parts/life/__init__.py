"""The life of reports: where each stands, what is signed and by whom, and the steps that the authority takes."""

from miriam_reporting.web.parts.life import lives, preview, signing, steps
from miriam_reporting.web.parts.life.part import PART

__all__ = ["PART", "lives", "preview", "signing", "steps"]
