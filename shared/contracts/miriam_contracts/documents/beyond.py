"""What the door refuses and a JSON Schema cannot say: by rule, and why.

A schema that accepts an event is no promise of the door; one that refuses it is. Rules that need what was recorded
before (is she enrolled? was the goal set?) stand beside these: no schema knows them either.
"""

BEYOND_SCHEMA = {
    "not_json": "A schema judges what was read; text that cannot be read it never sees.",
    "repeated_key": "Most readers drop one of two equal keys before a schema sees them.",
    "not_canonical": "To a schema 1.0 is an integer; here numbers are written without fraction and exponent.",
    "too_large": "A schema does not count bytes: an event has 256 KiB at most.",
    "not_a_date": "A pattern lets 30 February pass; the assertion of `format` does not.",
    "not_an_instant": "Likewise for the day within a moment; years are 0001 to 9999, in UTC too.",
    "subject_differs": "A schema cannot compare the envelope's subject with a field of the payload.",
    "source_not_sender": "Only the door knows who is logged in.",
    "not_own_id": "A schema cannot compare the prefix of an id with the source.",
    "national_number_in_id": "No id may hold a valid national number; its check digits are arithmetic.",
    "national_number": "The check digits of a national number are arithmetic.",
    "enterprise_number": "The check digits of an enterprise number are arithmetic.",
    "personal_in_clear": "Whether a block may stand open depends on the transport: never over AMQP.",
    "personal_unreadable": "Only the service can tell whether a JWE opens with its key.",
}
