"""A log line for each event: who, what, under which number; so that a log can be followed from emitter to ledger."""

from miriam_platform import logging
from miriam_platform.deliveries import Result

log = logging.get(__name__)


def tell(result: Result) -> None:
    """Log what became of an event; nothing of what it says."""
    named = {
        "emitter": result.emitter,
        "type": result.attributes.get("type"),
        "correlation": result.attributes.get("correlationid"),
    }
    if result.outcome == "refused":
        log.warning("refused", code=result.problems[0].code, **named)
    elif result.events:
        first = result.events[0]
        named["correlation"] = named["correlation"] or first.id
        log.info(result.outcome, sequence=first.sequence, **named)
    else:
        log.warning(result.outcome, **named)
