"""One event, to the bottom: its body, its leaf and the proof of it, and the chain of corrections that it belongs to."""

from miriam_reporting.audit.event.counting import Counted, counted, counted_in
from miriam_reporting.audit.event.evidence import with_proofs
from miriam_reporting.audit.event.proving import NotProved, Proven, prove
from miriam_reporting.audit.event.story import Story, Turn, UnknownEvent, tell

__all__ = [
    "Counted",
    "NotProved",
    "Proven",
    "Story",
    "Turn",
    "UnknownEvent",
    "counted",
    "counted_in",
    "prove",
    "tell",
    "with_proofs",
]
