"""What an event waits behind that failed by our own fault, and how it and its followers are parked; for both doors."""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from miriam_platform import door, fingerprint
from miriam_platform.admission import Admitted, Rejected
from miriam_platform.batch import result_of
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.door import Subject
from miriam_platform.recorder import FOLLOWS, Recorder, subject_of

MOST_ATTEMPTS = 5


def subject(recorder: Recorder, delivery: Delivery) -> Subject:
    """What the message waits behind. One whose subject cannot be told is on its own: nothing waits behind it."""
    checked = _check(recorder, delivery)
    if isinstance(checked, Admitted):
        return subject_of(checked)
    return Subject(delivery.emitter, "?" + fingerprint.of_message(recorder.keys.fingerprint, delivery).hex())


def park(
    connection: Connection, recorder: Recorder, deliveries: Sequence[Delivery], attempts: int, error: str
) -> list[Result]:
    """Park a message that failed so often (the first) and those of its subject behind it; what became of each."""
    results = [_parked(recorder, delivery) for delivery in deliveries]
    for place, result in enumerate(results):
        tried, why = (attempts, error) if place == 0 else (0, FOLLOWS)
        door.park(connection, result, recorder.keys, tried, why)
    return results


def _parked(recorder: Recorder, delivery: Delivery) -> Result:
    checked = _check(recorder, delivery)
    if isinstance(checked, Admitted):
        return result_of(checked, "parked")
    attributes = {**(checked.attributes if checked else {}), "subject": subject(recorder, delivery).subject}
    return Result("parked", delivery, delivery.emitter, None, attributes)


def _check(recorder: Recorder, delivery: Delivery) -> Admitted | Rejected | None:
    try:
        return recorder.check(delivery)
    except Exception:
        # The check itself fails by our fault: then nothing of the message can be told.
        return None
