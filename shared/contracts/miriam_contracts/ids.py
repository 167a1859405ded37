"""The forms of ids, and the search for a national number inside one.

An id that an emitter mints is `<emitter>:<local>`. A national number (NISS/INSZ) or BIS number inside an id would put a
person's name-like key into an immutable ledger, so such an id is refused.
"""

import re

from stdnum.be import ssn

EMITTER = r"[a-z][a-z0-9-]{1,39}"
LOCAL = r"[A-Za-z0-9._-]{1,64}"
EMITTER_PATTERN = re.compile(EMITTER)
LOCAL_PATTERN = re.compile(LOCAL)
SUBJECT_PATTERN = re.compile(f"({EMITTER}:)?{LOCAL}")
OWNED_PATTERN = re.compile(f"{EMITTER}:{LOCAL}")
EDITION_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}")
PERSON_PATTERN = re.compile(r"prs-[0-9a-f]{32}")
SOURCE_PATTERN = re.compile(rf"/(cpas|authority|dpo)/({EMITTER})")
UUID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# W3C Trace Context: hexadecimal alone, so that no name and no number passes as a trace.
TRACEPARENT_PATTERN = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

# Ids of test emitters, and no other's, begin so: who reads a leaf years later needs to ask nobody.
TEST_PREFIX = "test-"

_DIGIT_RUN = re.compile(r"\d(?:[ ./_-]*\d){10,}")
_NOT_DIGIT = re.compile(r"\D")
_NUMBER_LENGTH = 11


def prefix(owned_id: str) -> str:
    """The emitter that minted an id: `anderlecht` of `anderlecht:p-014`."""
    return owned_id.partition(":")[0]


def is_test(emitter: str) -> bool:
    """Whether an emitter is a test CPAS: what it sends is recorded as any other's, and counts in no figure."""
    return emitter.startswith(TEST_PREFIX)


def is_test_source(source: str) -> bool:
    """Whether a source or origin is that of a test CPAS: `/cpas/test-acme`."""
    return source.startswith(f"/cpas/{TEST_PREFIX}")


def holds_national_number(text: str) -> bool:
    """Whether 11 digits in a row (separators between them allowed) make a valid NISS or BIS number.

    The random id of a person is exempt: of some thousands, one holds a number by chance, and could not be erased.
    """
    if PERSON_PATTERN.fullmatch(text):
        return False
    for run in _DIGIT_RUN.findall(text):
        digits = _NOT_DIGIT.sub("", run)
        for start in range(len(digits) - _NUMBER_LENGTH + 1):
            if ssn.is_valid(digits[start : start + _NUMBER_LENGTH]):
                return True
    return False
