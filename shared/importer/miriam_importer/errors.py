"""What makes a whole file unreadable. A problem of a row is no error: it is told beside the row."""


class FileRejected(Exception):
    """A file that is not read at all. `next_step` tells what to do; neither text holds a value of a cell."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.next_step = next_step
