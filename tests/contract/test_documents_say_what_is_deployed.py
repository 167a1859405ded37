"""What the documents say of the broker and of the emitter is what is deployed, and what our own emitter does."""

from miriam_contracts.documents import bounds
from miriam_local import definitions
from miriam_platform import receipts


def test_the_bounds_of_the_documents_are_those_of_the_broker() -> None:
    assert bounds.INBOX_LENGTH == definitions.INBOX_LENGTH
    assert bounds.INBOX_BYTES == definitions.INBOX_BYTES
    assert bounds.RECEIPTS_LENGTH == definitions.RECEIPTS_LENGTH
    assert bounds.RECEIPTS_PER_MESSAGE == receipts.MOST_PER_MESSAGE
    limits = {"max-connections": bounds.MOST_CONNECTIONS, "max-channels": bounds.MOST_CHANNELS}
    assert limits == definitions.EMITTER_LIMITS
