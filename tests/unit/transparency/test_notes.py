"""Notes, checkpoints, keys: the published examples are read, and every other form of the same is refused."""

from __future__ import annotations

import base64

import pytest

from miriam_transparency.keys import SigningKey, parse_public
from miriam_transparency.merkle import leaf_hash
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, NoteError, VerifierKey, cosign, sign
from miriam_transparency.proofs import Proof

# The example of the format's first implementation (golang.org/x/mod/sumdb/note).
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PROBLEM = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
# The example of C2SP tlog-cosignature.
BEHIND_THE_SOFA = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u2014 witness.example.com/w1 \
jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""

LOG_KEY = SigningKey.make("log.example/a", LOG)
WITNESS = SigningKey.make("witness.example/b", COSIGNATURE)
HEAD = Checkpoint("log.example/a", 7, leaf_hash(b"root"))
NOTE = Note(HEAD.text(), (sign(HEAD.text(), LOG_KEY), cosign(HEAD.text(), WITNESS, 1_700_000_000)))
KEYS = [LOG_KEY.verifier, WITNESS.verifier]


def test_the_published_note_verifies_under_its_published_key() -> None:
    key = VerifierKey.parse(NEUMANN)
    assert key.text() == NEUMANN
    note = Note.parse(PROBLEM)
    assert [each.key for each in note.verified_by([key])] == [key]
    assert str(note) == PROBLEM


def test_the_published_note_with_another_text_does_not() -> None:
    note = Note.parse(PROBLEM.replace("answer", "Answer"))
    with pytest.raises(NoteError, match="PeterNeumann is false"):
        note.verified_by([VerifierKey.parse(NEUMANN)])


def test_the_published_checkpoint_is_read_and_its_time_too() -> None:
    note = Note.parse(BEHIND_THE_SOFA)
    head = Checkpoint.parse(note.text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert head.text() == note.text
    assert str(note) == BEHIND_THE_SOFA
    assert note.signatures[1].time == 1679315147


def test_a_note_is_of_those_who_signed_it_and_when() -> None:
    log, witness = Note.parse(str(NOTE)).verified_by(KEYS)
    assert (log.key, log.time) == (LOG_KEY.verifier, None)
    assert (witness.key, witness.time) == (WITNESS.verifier, 1_700_000_000)


def test_a_cosignature_made_later_is_another() -> None:
    content = bytearray(NOTE.signatures[1].blob)
    content[7] ^= 1
    line = f"\u2014 {WITNESS.verifier.name} {base64.b64encode(WITNESS.verifier.key_id + content).decode()}\n"
    forged = Note.parse(HEAD.text() + "\n" + line)
    with pytest.raises(NoteError, match="is false"):
        forged.verified_by(KEYS)


def test_every_cpas_may_cosign_one_head() -> None:
    witnesses = [SigningKey.make(f"cpas.example/{number}", COSIGNATURE) for number in range(565)]
    note = Note.parse(
        str(Note(HEAD.text(), (NOTE.signatures[0], *(cosign(HEAD.text(), each, 1) for each in witnesses))))
    )
    assert len(note.verified_by([LOG_KEY.verifier, *(each.verifier for each in witnesses)])) == 566


def test_lines_of_strangers_are_ignored() -> None:
    stranger = SigningKey.make("log.example/a", LOG)
    assert NOTE.with_signature(sign(HEAD.text(), stranger)).verified_by(KEYS) == NOTE.verified_by(KEYS)
    assert NOTE.verified_by([stranger.verifier]) == ()


def test_a_log_key_does_not_cosign_nor_a_witness_sign() -> None:
    with pytest.raises(NoteError, match="log key"):
        cosign(HEAD.text(), LOG_KEY, 1)
    with pytest.raises(NoteError, match="witness key"):
        sign(HEAD.text(), WITNESS)


def test_the_same_bytes_of_key_as_a_log_and_as_a_witness_are_two_keys() -> None:
    both = VerifierKey(LOG_KEY.verifier.name, COSIGNATURE, LOG_KEY.verifier.public)
    assert both.key_id != LOG_KEY.verifier.key_id
    assert NOTE.verified_by([both]) == ()


def test_every_single_byte_changed_in_a_note_shows() -> None:
    whole = str(NOTE).encode()
    both = NOTE.verified_by(KEYS)
    for place in range(len(whole)):
        for change in (1, 0x20, 0x80):
            changed = bytearray(whole)
            changed[place] ^= change
            try:
                found = Note.parse(bytes(changed)).verified_by(KEYS)
            except NoteError:
                continue
            # A name or key id that was changed makes a stranger of its line.
            assert len(found) < len(both), (place, change)


MALFORMED = {
    "no newline at the end": str(NOTE)[:-1],
    "no empty line": str(NOTE).replace("\n\n", "\n"),
    "no signature": HEAD.text() + "\n",
    "no text": "\n\n" + NOTE.signatures[0].line(),
    "text after the signatures": str(NOTE) + "more\n",
    "an empty line after the signatures": str(NOTE) + "\n",
    "carriage returns": str(NOTE).replace("\n", "\r\n"),
    "a tab": str(NOTE).replace(" ", "\t"),
    "hyphen instead of dash": str(NOTE).replace("\u2014", "-"),
    "two spaces": str(NOTE).replace("\u2014 ", "\u2014  "),
    "base64 without padding": str(NOTE).replace("=", ""),
    "a line twice": str(NOTE) + NOTE.signatures[0].line(),
    "a key id alone": HEAD.text() + "\n\u2014 a AAAAAA==\n",
    "too long": "x" * 300_000 + "\n\n" + NOTE.signatures[0].line(),
    "not UTF-8": str(NOTE).encode() + b"\xff\n",
}


@pytest.mark.parametrize("given", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_note(given: str | bytes) -> None:
    with pytest.raises(NoteError):
        Note.parse(given)


def test_padding_bits_that_say_nothing_are_refused() -> None:
    line = NOTE.signatures[1].line()
    assert line.endswith("=\n")
    last = line[-3] if not line.endswith("==\n") else line[-4]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(last) ^ 1]
    forged = line[::-1].replace(last, other, 1)[::-1]
    with pytest.raises(NoteError, match="canonical"):
        Note.parse(HEAD.text() + "\n" + forged)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n7\n",
        "a\n07\nX\n",
        "a\n-1\nX\n",
        "a\n+7\nX\n",
        "\n7\nX\n",
        "a\n7\nX",
        "a\n7\nX\n\n",
        "a\n\u0667\nX\n",
        "a\n7\nAAAA\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text.replace("X", base64.b64encode(bytes(32)).decode()))


def test_extension_lines_are_kept_and_signed_with_the_rest() -> None:
    head = Checkpoint("a", 1, bytes(32), ("more", "still more"))
    assert Checkpoint.parse(head.text()) == head


@pytest.mark.parametrize(
    "text",
    [
        "", "name", "name+c74f20a3", NEUMANN + "=", NEUMANN.upper(), NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("PeterNeumann", "Peter Neumann"), NEUMANN.replace("+ARpc", "+Axpc"), " " + NEUMANN,
    ],
)  # fmt: skip
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


def test_a_file_of_keys_needs_a_key() -> None:
    assert parse_public(f"# whose\n\n{NEUMANN}\n") == (VerifierKey.parse(NEUMANN),)
    with pytest.raises(NoteError):
        parse_public("# nobody\n")


def test_a_proof_stands_alone_and_is_read_in_one_form() -> None:
    leaf = leaf_hash(b"one")
    head = Checkpoint("log.example/a", 1, leaf)
    note = Note(head.text(), (sign(head.text(), LOG_KEY),))
    proof = Proof(0, (), str(note))
    assert Proof.parse(proof.text()) == proof
    assert [each.key for each in proof.verify(leaf, KEYS)] == [LOG_KEY.verifier]
    with pytest.raises(NoteError, match="no known key of the log"):
        proof.verify(leaf, [WITNESS.verifier])
    with pytest.raises(ValueError, match="another root"):
        proof.verify(leaf_hash(b"two"), KEYS)
    for other in (
        proof.text().replace("index 0", "index 00"),
        proof.text().replace("v1\n", "v2\n"),
        "x" + proof.text(),
    ):
        with pytest.raises(NoteError):
            Proof.parse(other)


def test_a_head_that_only_a_witness_of_the_same_name_signed_is_not_the_logs() -> None:
    pretender = SigningKey.make("log.example/a", COSIGNATURE)
    leaf = leaf_hash(b"one")
    head = Checkpoint("log.example/a", 1, leaf)
    note = Note(head.text(), (cosign(head.text(), pretender, 1),))
    with pytest.raises(NoteError, match="no known key of the log"):
        Proof(0, (), str(note)).verify(leaf, [pretender.verifier])
