"""What a run found, as a table that a maker can hand to the authority, as text and as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from miriam_cli import output
from miriam_conformance.verdict import Verdict
from miriam_contracts.examples import leaves

_SECTIONS = {"door": "The platform's doors", "program": "The maker's program"}


@dataclass(frozen=True)
class Run:
    """One run: of whom, by which program, through which door, and what was found."""

    cpas: str
    tag: str
    over: str
    command: str
    door: str
    began: str
    seconds: int
    verdicts: Sequence[Verdict]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(each.passed for each in self.verdicts)

    def as_json(self) -> dict[str, Any]:
        """The run for programs."""
        return {
            "cpas": self.cpas,
            "run": self.tag,
            "over": self.over,
            "command": self.command,
            "door": self.door,
            "contracts": contracts_digest(),
            "began": self.began,
            "seconds": self.seconds,
            "passed": self.passed,
            "checks": [
                {"section": v.section, "code": v.code, "title": v.title, "passed": v.passed, "why": v.why}
                for v in self.verdicts
            ],
        }

    def as_markdown(self) -> str:
        """The run as a page of text, to be handed on."""
        lines = ["# Conformance with Miriam", "", *(f"- {name}: {value}" for name, value in self._head())]
        for section, title in _SECTIONS.items():
            found = [each for each in self.verdicts if each.section == section]
            if found:
                lines += ["", f"## {title}", "", "| check | what it shows | result |", "|---|---|---|"]
                lines += [f"| {v.code} | {_cell(v.title)} | {_cell(_result(v))} |" for v in found]
        return "\n".join(lines) + "\n"

    def show(self, console: Console) -> None:
        """Print the run for people."""
        for name, value in self._head():
            console.print(f"{name}: {value}", markup=False)
        for section, title in _SECTIONS.items():
            rows = [(v.code, v.title, _result(v)) for v in self.verdicts if v.section == section]
            if rows:
                console.print(output.table(title, ["check", "what it shows", "result"], rows))

    def _head(self) -> Iterable[tuple[str, str]]:
        failed = sum(not each.passed for each in self.verdicts)
        verdict = "conforms" if self.passed else f"does not conform: {failed} of {len(self.verdicts)} checks failed"
        yield "result", verdict
        yield "test CPAS", f"{self.cpas}, run {self.tag}, {self.began}, {self.seconds} s"
        yield "program", f"{self.command} (over {self.over})"
        yield "door", self.door
        yield "contracts", contracts_digest()


def contracts_digest() -> str:
    """Which contracts these are: SHA-256 over the golden examples' leaf hashes, the first 16 digits."""
    return hashlib.sha256("".join(f"{path} {leaf}\n" for path, leaf in sorted(leaves().items())).encode()).hexdigest()[
        :16
    ]


def _result(verdict: Verdict) -> str:
    return "passed" if verdict.passed else f"FAILED: {'; '.join(verdict.why)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
