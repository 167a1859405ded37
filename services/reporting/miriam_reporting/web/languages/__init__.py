"""The pages in four languages: gettext catalogues, numbers and dates as each language writes them."""

from miriam_reporting.web.languages.catalogues import LANGUAGES, Catalogues, Words
from miriam_reporting.web.languages.formats import Format

__all__ = ["LANGUAGES", "Catalogues", "Format", "Words"]
