"""What can go wrong in an emitter. Each error says what to do next; none holds a value of a payload."""


class EmitterError(Exception):
    """A failure of the emitter. `next_step` tells the reader what to do about it."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\nNext: {self.next_step}" if self.next_step else message


class NotConfigured(EmitterError):
    """Credentials or a public key are missing, or cannot be read."""


class EventRejected(EmitterError):
    """An event that cannot be sent at all: nothing of the call that held it was spooled.

    `index` counts the events of that call from 0; None where it was one event.
    """

    def __init__(self, message: str, next_step: str = "", index: int | None = None) -> None:
        super().__init__(message, next_step)
        self.index = index


class IdReused(EventRejected):
    """The id was spooled before with another content. An id names one fact for good."""


class SpoolError(EmitterError):
    """The spool cannot do what it was asked."""


class SpoolInUse(SpoolError):
    """Another process, or another part of this one, holds the spool."""


class SpoolFull(SpoolError):
    """The disk, or the limit set for the spool, is full. What was spooled before is safe."""


class SpoolDamaged(SpoolError):
    """The spool's file is not a spool, or its contents are damaged."""


class Unreachable(EmitterError):
    """The broker could not be reached, or nobody answered, for as long as the caller was willing to wait."""
