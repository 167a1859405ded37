"""The proof that an event stands in the ledger: for the page that checks it in the browser, and as a file."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from werkzeug.wrappers import Response

from miriam_reporting.audit.event import Story
from miriam_reporting.ledger.log_keys import LogKeys
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.parts.evidence.part import PART, READERS
from miriam_reporting.web.parts.evidence.stories import story_for
from miriam_transparency.keys import KeyFileError
from miriam_transparency.notes import Note


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody needs to check an event: its exact text, its place, the path, the signed head, and whose keys.

    `body` is None where the event was destroyed at the end of its edition's retention; `note` where no head that
    reaches it was signed yet. Hashes of the path are base64, the leaf's is hexadecimal.
    """

    body: str | None
    leaf: str
    index: int
    size: int
    root: str
    path: Sequence[str]
    note: str | None
    keys: str
    signers: Sequence[str]


def proof_of(asked: Asked, story: Story) -> Proof:
    """The proof of a story's event; it was verified when the story was told."""
    told = story.proven.as_json()
    head = story.proven.head
    return Proof(
        body=story.event.body,
        leaf=story.event.leaf.hex(),
        index=told["index"],
        size=head.size,
        root=base64.b64encode(head.root).decode(),
        path=told["proof"],
        note=head.note,
        keys=_keys(asked),
        signers=sorted({each.name for each in Note.parse(head.note).signatures}) if head.note else (),
    )


@PART.resource("/events/<event>/proof", roles=READERS, look="proof")
def proof(asked: Asked, event: str) -> Response:
    """The proof as a file that `miriam_verify.py proof` checks. Raises UnknownEvent, BadAsOf, NoCheckpointYet."""
    story = story_for(asked, event)
    found = proof_of(asked, story)
    told = {
        "event_id": story.event.event_id,
        "source": story.event.source,
        "sequence": story.event.sequence,
        "position": story.event.position,
        "leaf": found.leaf,
        "index": found.index,
        "size": found.size,
        "proof": list(found.path),
        "checkpoint": found.note,
        **({} if found.body is None else {"body": found.body}),
    }
    headers = {"Content-Disposition": f'attachment; filename="{story.event.event_id}.json"'}
    return Response(orjson.dumps(told, option=orjson.OPT_INDENT_2), headers=headers, content_type="application/json")


def _keys(asked: Asked) -> str:
    known = LogKeys.of_environment(asked.settings.keys_dir)
    try:
        return "".join(f"{key.text()}\n" for key in (*known.published(), *known.witnesses()))
    except KeyFileError:
        return ""
