"""The prose of how to connect, said once: AsyncAPI and OpenAPI print it as it stands, the page as HTML.

`texts/<name>.md` are Markdown of few forms: a heading, paragraphs, one list, samples to copy. Numbers in them are names
(`$EVENT_BYTES`), so that no text goes stale; a dollar sign is written twice.
"""

from importlib import resources
from string import Template

from miriam_contracts import batches, canonical, envelope, identity, ids
from miriam_contracts.documents import bounds

CREDENTIALS, EVENT, OVER_AMQP, OVER_HTTP, POSTING = "credentials", "event", "amqp", "http", "posting"
# What holds over whichever door an event comes.
COMMON = (EVENT, "story", "rules", "receipts", "personal", "corrections", "versions", "test")

_NUMBERS = {
    "EVENT_BYTES": envelope.MAX_BYTES,
    "BATCH_EVENTS": batches.MOST_EVENTS,
    "BATCH_BYTES": batches.MOST_BYTES,
    "DEPTH": canonical.MAX_DEPTH,
    "INBOX_LENGTH": bounds.INBOX_LENGTH,
    "INBOX_BYTES": bounds.INBOX_BYTES,
    "RECEIPTS_LENGTH": bounds.RECEIPTS_LENGTH,
    "RECEIPTS_PER_MESSAGE": bounds.RECEIPTS_PER_MESSAGE,
    "MOST_CONNECTIONS": bounds.MOST_CONNECTIONS,
    "MOST_CHANNELS": bounds.MOST_CHANNELS,
}
_NAMES = {"NAMESPACE": str(identity.NAMESPACE), "TEST_PREFIX": ids.TEST_PREFIX}


def markdown(*names: str) -> str:
    """The texts of these names, one after the other."""
    return "\n\n".join(_text(name) for name in names)


def _text(name: str) -> str:
    raw = resources.files(__package__).joinpath("texts", f"{name}.md").read_text("utf-8").strip()
    return Template(raw).substitute(_NAMES, **{key: f"{number:,}" for key, number in _NUMBERS.items()})
