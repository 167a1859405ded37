"""What can go wrong on one machine. Each error says what to do next; the command line turns it into an exit code."""


class LocalError(Exception):
    """A failure of the local deployment. `next_step` tells the reader what to do about it."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\nNext: {self.next_step}" if self.next_step else message


class MissingPrerequisite(LocalError):
    """A program, a user or a setting that the deployment stands on is not there."""


class ServerFailed(LocalError):
    """A server did not start, or stopped answering, within the time it was given."""
