"""Who may emit: an id, a kind, and the names that follow from them everywhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from miriam_contracts import ids
from miriam_contracts.catalogue import EMITTER_KINDS
from miriam_local.errors import LocalError

_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
# Under this name the doors keep and count what nobody vouched for; who bore it would be told of it.
_NOBODY = "unknown"


@dataclass(frozen=True)
class Emitter:
    """A CPAS system, the authority, or a data protection officer. Ids are unique over the kinds.

    Raises:
        LocalError: the id or the kind is not one, or the id is a test CPAS's and the kind is another.
    """

    id: str
    kind: str = "cpas"

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise LocalError(
                f"{self.id!r} cannot be an emitter's id",
                "use 2 to 40 of a-z, 0-9 and -, the first a letter: la-louviere",
            )
        if self.id == _NOBODY:
            raise LocalError(f"{self.id} stands for senders that are not known", "choose another id")
        if self.kind not in EMITTER_KINDS:
            raise LocalError(f"{self.kind!r} is not a kind of emitter", f"use one of {', '.join(EMITTER_KINDS)}")
        if self.test and self.kind != "cpas":
            raise LocalError(
                f"{self.id} cannot be a {self.kind}: ids that begin with `{ids.TEST_PREFIX}` are test CPAS",
                "choose an id that begins otherwise",
            )

    @property
    def test(self) -> bool:
        """Whether it is a test CPAS: its id says so, here and wherever an event of it is read."""
        return ids.is_test(self.id)

    @property
    def source(self) -> str:
        """The `source` of every event it emits."""
        return f"/{self.kind}/{self.id}"

    @property
    def user(self) -> str:
        """Its AMQP user name, one to one with its source: the broker vouches for the sender by it."""
        return f"{self.kind}.{self.id}"
