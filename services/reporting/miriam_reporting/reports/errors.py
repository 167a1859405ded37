"""Why a report cannot be given, each with a code that a program can tell, and what would have been possible."""

from collections.abc import Sequence


class ReportError(Exception):
    """A question that has no answer. `code` is language-neutral, `allowed` what could be asked instead."""

    code = "report_error"

    def __init__(self, message: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class UnknownEdition(ReportError):
    """No `edition.opened` of that name stands at the position asked for."""

    code = "unknown_edition"

    def __init__(self, edition: str, position: int, existing: Sequence[str]) -> None:
        named = ", ".join(existing) or "none"
        super().__init__(f"edition {edition} is not opened at position {position}; editions there: {named}", existing)
        self.edition, self.position = edition, position


class PositionBeyondHead(ReportError):
    """The position is not there yet, or is no position at all."""

    code = "position_beyond_head"

    def __init__(self, position: int, head: int) -> None:
        super().__init__(
            f"position {position} is not in 0..{head}, which is what the facts have reached", (f"0..{head}",)
        )
        self.head = head


class UnknownIndicator(ReportError):
    """There is no indicator of that code."""

    code = "unknown_indicator"

    def __init__(self, asked: str, existing: Sequence[str]) -> None:
        super().__init__(f"there is no indicator {asked}; there are: {', '.join(existing)}", existing)
        self.asked = asked


class NoSuchPart(ReportError):
    """The indicator has no such part."""

    code = "no_such_part"

    def __init__(self, indicator: str, part: str, existing: Sequence[str]) -> None:
        named = ", ".join(part or "''" for part in existing) or "none"
        super().__init__(f"{indicator} has no part {part!r}; its parts: {named}", existing)


class RetiredEdition(ReportError):
    """The retention of the edition has ended: its events are destroyed. Its published reports stay."""

    code = "retired_edition"

    def __init__(self, edition: str, day: str, published: Sequence[tuple[str, int]]) -> None:
        reports = ", ".join(f"{report} (position {position})" for report, position in published) or "none"
        super().__init__(
            f"edition {edition} was retired on {day}: its events are destroyed; its published reports stay: {reports}",
            [report for report, _ in published],
        )
        self.edition, self.day = edition, day
