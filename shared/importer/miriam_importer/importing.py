"""One import, from the file to the answers beside its rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import click

from miriam_cli import output
from miriam_cli.exits import Exit
from miriam_emitter import Emitter, Settings, Unreachable
from miriam_importer import copying, sending, showing, words
from miriam_importer.answering import BAD, Answer, answers
from miriam_importer.plan import Plan, Planner
from miriam_importer.problems import Trouble
from miriam_importer.reading import Table, read
from miriam_importer.rows import Reader


@dataclass
class Importing:
    """The import of one file. Empty texts: the language and the kind that the file names, and no project.

    `now` is this moment in Brussels.
    """

    path: Path
    settings: Settings
    language: str
    kind: str
    project: str
    now: dt.datetime
    as_json: bool = False

    def run(self, wait: float | None, yes: bool, dry_run: bool) -> None:
        """Do it. Ends the command with its exit code where not all is recorded.

        Raises:
            FileRejected: the file cannot be read, or its answers cannot be written.
            EmitterError: the spool or the keys cannot be used, or nobody answers.
        """
        with output.Steps(self.as_json).waiting(self.path.name):
            table = read(self.path, self.kind)
        language = self.language or table.language
        today = self.now.date().isoformat()
        drafts = Reader(table, self.settings, language, today, self.project or table.project).read()
        with Emitter(self.settings) as sender:
            now = self.now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            plan = Planner(sender, table.sheet, language, now, today).plan(drafts.found)
            troubles = sorted(drafts.troubles + plan.troubles, key=lambda trouble: trouble.row)
            if not self.as_json:
                showing.preview(output.console(), table, plan, troubles, language)
            if dry_run:
                output.emit(showing.summary(table, plan, troubles), self.as_json, lambda console: None)
                self._end(bool(troubles))
                return
            trouble = self._send(sender, plan, language, wait, yes)
            kept = sender.spool.kept(step.id for step in plan.steps)
        found = answers(plan, troubles, kept, table.sheet, language)
        self._tell(table, plan, troubles, found, language)
        if trouble is not None:
            raise trouble
        self._end(any(answer.tone == BAD for answer in found.values()))

    def _send(self, sender: Emitter, plan: Plan, language: str, wait: float | None, yes: bool) -> Unreachable | None:
        count = len(plan.entries)
        if not count and not self.as_json:
            click.echo(words.said("nothing", language))
        if count and not yes:
            click.confirm(words.said("ask", language, count=count, cpas=self.settings.id), abort=True)
        return sending.send(sender, plan, sending.PATIENCE if wait is None else wait or None, self.as_json)

    def _tell(self, table: Table, plan: Plan, troubles: list[Trouble], found: dict[int, Answer], language: str) -> None:
        place = copying.write(table, found, language)
        told = {
            **showing.summary(table, plan, troubles),
            "answers": showing.as_json(found, (number for number, _ in table.rows)),
            "written": str(place),
        }
        if self.as_json:
            output.emit(told, True, lambda console: None)
            return
        console = output.console()
        showing.result(console, found, language)
        console.print(words.said("written", language, path=place), markup=False, soft_wrap=True)

    @staticmethod
    def _end(bad: bool) -> None:
        if bad:
            raise click.exceptions.Exit(Exit.DIFFERENCE)
