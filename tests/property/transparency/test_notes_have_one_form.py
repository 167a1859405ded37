"""Whatever bytes are given: a note that is read is printed as the same bytes, and what is bent is never believed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from miriam_transparency.keys import SigningKey
from miriam_transparency.merkle import leaf_hash
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, NoteError, cosign, sign
from miriam_transparency.proofs import Proof

LOG_KEY = SigningKey.make("log.example/a", LOG)
WITNESS = SigningKey.make("witness.example/b", COSIGNATURE)
KEYS = [LOG_KEY.verifier, WITNESS.verifier]

heads = st.builds(Checkpoint, st.just("log.example/a"), st.integers(0, 10**18 - 1), st.binary(min_size=32, max_size=32))


def signed(head: Checkpoint, time: int = 7) -> Note:
    return Note(head.text(), (sign(head.text(), LOG_KEY), cosign(head.text(), WITNESS, time)))


@given(heads, st.integers(0, 2**63 - 1))
def test_what_is_written_is_read_back(head: Checkpoint, time: int) -> None:
    note = Note.parse(str(signed(head, time)))
    assert Checkpoint.parse(note.text) == head
    assert [each.time for each in note.verified_by(KEYS)] == [None, time]


@given(heads, st.data())
def test_a_piece_put_in_taken_out_or_changed_is_never_believed(head: Checkpoint, data: st.DataObject) -> None:
    whole = str(signed(head)).encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 8)))
    piece = data.draw(
        st.one_of(st.binary(max_size=8), st.sampled_from([b"\n", b" ", b"=", b"\n\n", b"0", b"\r\n", b"\xe2\x80\x94 "]))
    )
    changed = whole[:start] + piece + whole[end:]
    if changed == whole:
        return
    try:
        note = Note.parse(changed)
    except NoteError:
        return
    assert str(note).encode() == changed
    try:
        found = note.verified_by(KEYS)
    except NoteError:
        return
    # A line of a stranger may come to it, or one become a stranger's: never is a text believed that was not signed.
    assert not found or note.text == head.text()


@given(st.text(max_size=200))
def test_any_text_that_is_read_is_printed_as_it_was(text: str) -> None:
    for kind in (Note.parse, Checkpoint.parse, Proof.parse):
        try:
            found = kind(text)
        except NoteError:
            continue
        assert (found.text() if isinstance(found, Checkpoint | Proof) else str(found)) == text


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=63), st.integers(0, 10**18 - 1))
def test_a_proof_is_written_and_read_back(path: list[bytes], index: int) -> None:
    note = str(signed(Checkpoint("log.example/a", 1, leaf_hash(b""))))
    proof = Proof(index, tuple(path), note)
    assert Proof.parse(proof.text()) == proof
