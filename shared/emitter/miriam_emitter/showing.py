"""A run as a person watches it: a bar, and each trouble said once."""

from __future__ import annotations

from collections.abc import Callable

from miriam_cli import output
from miriam_emitter.progress import Progress


class Watch:
    """Hears of progress; moves the bar by what was answered since, and says why nothing moves."""

    def __init__(self, advance: Callable[[int], None], silent: bool) -> None:
        self._advance = advance
        self._silent = silent
        self._shown = 0
        self._told = ""

    def __call__(self, progress: Progress) -> None:
        """Show this moment of a run."""
        answered = progress.total.answered
        self._advance(answered - self._shown)
        self._shown = answered
        trouble = next(iter(progress.troubles.values()), "")
        if trouble and trouble != self._told and progress.seconds > 1:
            self.say(f"{trouble}; trying again")
        self._told = trouble

    def say(self, text: str) -> None:
        """Say something beside the bar, but to programs."""
        if not self._silent:
            console = output.console(errors=True)
            console.print("[yellow]·[/] ", end="")
            console.print(text, markup=False)
