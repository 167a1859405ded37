"""The texts that stand in the sources of a folder: in its Python, and in its templates."""

from pathlib import Path

from babel.messages.extract import extract_from_dir

from miriam_reporting.web.languages.catalogues import WEB

_METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
_OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}

Text = str | tuple[str, str]


def texts(folder: Path) -> dict[Text, str]:
    """Each text of a folder (a pair where it has a plural), and the file where it stands first, in the order of files.

    The parts have catalogues of their own, so the base's folder is taken without them.
    """
    found: dict[Text, str] = {}
    base = folder == WEB
    for name, _, message, _, _ in sorted(
        extract_from_dir(folder, _METHODS, _OPTIONS, directory_filter=None), key=lambda each: each[0]
    ):
        if base and Path(name).parts[0] == "parts":
            continue
        text: Text = message if isinstance(message, str) else (message[0], message[1])
        found.setdefault(text, name)
    return found
