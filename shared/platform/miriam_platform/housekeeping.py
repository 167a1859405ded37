"""What the inbox does between batches: what operators asked for, and the end of what was kept for a while."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from miriam_platform import door, logging
from miriam_platform.amqp import Lost
from miriam_platform.database import LOST, Database
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.door import PARKED_BINDING, REFUSAL_BINDING
from miriam_platform.keys import Keys
from miriam_platform.sealing import Unreadable
from miriam_platform.settling import Stopping

EXPIRY_SECONDS = 3600.0
MOST = 100

log = logging.get(__name__)


@dataclass(slots=True)
class Housekeeper:
    """Call `turn` now and then. `record` and `answer` are those of the inbox: a retried event has a receipt too."""

    keys: Keys
    database: Database
    record: Callable[[Sequence[Delivery]], Sequence[Result]]
    answer: Callable[[Sequence[Result]], None]
    _expired_at: float = float("-inf")

    def turn(self) -> None:
        """Do what is due. Raises what `record` and `answer` raise of lost servers."""
        try:
            self._retry_refusals()
            self._retry_parked()
            if time.monotonic() - self._expired_at >= EXPIRY_SECONDS:
                self._expired_at = time.monotonic()
                with self.database.transaction() as connection:
                    log.info("refusals expired", count=door.expire_refusals(connection))
        except LOST as error:
            log.warning("database lost", error=logging.told(error))

    def _retry_refusals(self) -> None:
        with self.database.transaction() as connection:
            asked = door.asked_refusals(connection, MOST)
        for number, payload in asked:
            error = self._again(payload, REFUSAL_BINDING)
            with self.database.transaction() as connection:
                door.settle_refusal(connection, number, failed=error is not None)

    def _retry_parked(self) -> None:
        with self.database.transaction() as connection:
            asked = door.asked_parked(connection, MOST)
        failed = set()
        for position, subject, payload in asked:
            if subject in failed:
                continue
            error = self._again(payload, PARKED_BINDING)
            if error is not None:
                failed.add(subject)
            with self.database.transaction() as connection:
                door.settle_parked(connection, position, error)

    def _again(self, payload: bytes, binding: str) -> str | None:
        """Record a kept message and answer it; the error where a fault of ours prevented it once more."""
        try:
            self.answer(self.record([door.unseal_delivery(payload, self.keys, binding)]))
        except (Lost, Stopping, *LOST):
            raise
        except Unreadable:
            return "sealed with another key of the door"
        except Exception as error:
            log.error("fault of ours", count=1, error=logging.told(error))
            return logging.told(error)
        return None
