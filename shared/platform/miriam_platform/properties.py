"""Properties of messages, read so that nothing a sender wrote there can end our connection.

A sender may put any table into a message's headers, and the broker passes it on as it came. pika decodes it before
anybody sees the message: tables nested too deep for its stack, or a time beyond the calendar, end the connection; the
message comes again, and ends the next one: one message would stop the inbox of every emitter. Nothing of ours reads
headers, so they are cut out unread.
"""

import struct
from typing import Any

from pika import spec
from pika.spec import BasicProperties

_MORE_FLAGS = 1
_FLAG_WORD = 2
_TABLE_LENGTH = 4


class WithoutHeaders(BasicProperties):
    """Properties whose headers are never decoded; properties that cannot be read at all are empty."""

    def decode(self, encoded: bytes, offset: int = 0) -> Any:
        """Read the properties. Where they cannot be read nothing is known of the sender, and the door refuses that."""
        try:
            super().decode(_without_headers(encoded[offset:]))
        except Exception:
            self.__init__()  # type: ignore[misc]
        return self


def _without_headers(encoded: bytes) -> bytes:
    (flags,) = struct.unpack_from(">H", encoded)
    if flags & _MORE_FLAGS:
        raise ValueError("flags that AMQP 0-9-1 does not know")
    if not flags & BasicProperties.FLAG_HEADERS:
        return encoded
    start = _FLAG_WORD
    for short_text in (BasicProperties.FLAG_CONTENT_TYPE, BasicProperties.FLAG_CONTENT_ENCODING):
        if flags & short_text:
            start += 1 + encoded[start]
    (length,) = struct.unpack_from(">I", encoded, start)
    kept = struct.pack(">H", flags & ~BasicProperties.FLAG_HEADERS)
    return kept + encoded[_FLAG_WORD:start] + encoded[start + _TABLE_LENGTH + length :]


def guard() -> None:
    """Have pika read the properties of every message in this process so."""
    spec.props[BasicProperties.INDEX] = WithoutHeaders
