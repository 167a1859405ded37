"""Bounds of the broker that a maker meets. The local deployment sets them; a test holds the two against each other."""

INBOX_LENGTH = 10_000
INBOX_BYTES = 256 * 1024 * 1024
RECEIPTS_LENGTH = 100_000
RECEIPTS_PER_MESSAGE = 100
MOST_CONNECTIONS = 50
MOST_CHANNELS = 500
