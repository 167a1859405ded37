"""Options that the commands of reporting share."""

import os

import click

from miriam_contracts.codes import LANGUAGES


def spoken() -> str:
    """MIRIAM_LANG, else the language of the terminal's locale where it is one of ours, else English."""
    for name in ("MIRIAM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if (language := os.environ.get(name, "")[:2].lower()) in LANGUAGES:
            return language
    return "en"


lang_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default=spoken, help="Language of names and numbers (default: MIRIAM_LANG)."
)
when_option = click.option(
    "--as-of", metavar="POSITION|DATE",
    help="As it was known when the ledger held that many leaves, or at the end of that day in Brussels"
    " (default: all of them).",
)  # fmt: skip
