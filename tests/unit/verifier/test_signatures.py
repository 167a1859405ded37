"""Ed25519 without a library, against RFC 8032 and a library; and notes, against those that the platform writes."""

from __future__ import annotations

import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

import miriam_verify as verifier
from miriam_transparency import notes
from miriam_transparency.keys import SigningKey

# RFC 8032, 7.1: public key, message, signature.
VECTORS = {
    "test 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "test 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "test 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
}
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_rfc_8032_verify_and_no_neighbour_does(name: str) -> None:
    public, message, signature = map(bytes.fromhex, VECTORS[name])
    assert verifier.ed25519_verifies(public, message, signature)
    for bit in range(0, 512, 37):
        altered = bytearray(signature)
        altered[bit // 8] ^= 1 << bit % 8
        assert not verifier.ed25519_verifies(public, message, bytes(altered))
    assert not verifier.ed25519_verifies(public, message + b"\0", signature)
    assert not verifier.ed25519_verifies(public[::-1], message, signature)
    assert not verifier.ed25519_verifies(public, message, signature[:63])
    assert not verifier.ed25519_verifies(public[:31], message, signature)


def test_it_agrees_with_a_library_on_random_keys_and_messages() -> None:
    source = random.Random(8032)
    for number in range(40):
        key = Ed25519PrivateKey.from_private_bytes(source.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), source.randbytes(number)
        signature = key.sign(message)
        assert verifier.ed25519_verifies(public, message, signature)
        altered = bytearray(signature)
        altered[source.randrange(64)] ^= 1 << source.randrange(8)
        assert verifier.ed25519_verifies(public, message, bytes(altered)) == by_library(public, message, bytes(altered))


def by_library(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def test_a_second_writing_of_a_signature_is_refused() -> None:
    public, message, signature = map(bytes.fromhex, VECTORS["test 2"])
    s = int.from_bytes(signature[32:], "little") + ORDER
    assert not verifier.ed25519_verifies(public, message, signature[:32] + s.to_bytes(32, "little"))


def test_points_that_are_none_or_written_twice_and_keys_of_small_order_are_refused() -> None:
    prime = 2**255 - 19
    for encoded in (prime, prime + 1, 2**255 - 1, 2, (1 << 255) | 1):  # y >= p, no root, x = 0 with a sign
        public = encoded.to_bytes(32, "little")
        assert not verifier.ed25519_verifies(public, b"", bytes(64))
    # With the neutral point as key, R = [S]B would "sign" every message.
    neutral, base = (1).to_bytes(32, "little"), bytes([0x58] + [0x66] * 31)
    assert not verifier.ed25519_verifies(neutral, b"anything", base + (1).to_bytes(32, "little"))


@pytest.fixture
def log() -> SigningKey:
    return SigningKey.make("miriam.example/ledger", notes.LOG)


@pytest.fixture
def witness() -> SigningKey:
    return SigningKey.make("spp.example/witness", notes.COSIGNATURE)


def checkpoint(log: SigningKey, witness: SigningKey) -> notes.Note:
    text = notes.Checkpoint(log.verifier.name, 4711, bytes(range(32))).text()
    return notes.Note(text, (notes.sign(text, log), notes.cosign(text, witness, 1_700_000_000)))


def read(note: notes.Note) -> verifier.Note:
    return verifier.Note.read(str(note).encode())


def test_a_checkpoint_that_the_platform_wrote_is_read_and_verified(log: SigningKey, witness: SigningKey) -> None:
    keys = verifier.read_keys(f"# keys\n\n{log.verifier.text()}\n{witness.verifier.text()}\n")
    note = read(checkpoint(log, witness))
    assert verifier.read_checkpoint(note.text) == ("miriam.example/ledger", 4711, bytes(range(32)))
    assert [(key.name, at) for key, at in note.signed_by(keys)] == [
        ("miriam.example/ledger", None), ("spp.example/witness", 1_700_000_000),
    ]  # fmt: skip
    signers = verifier.check_signers(note, "miriam.example/ledger", keys)
    assert signers.witnesses == ["spp.example/witness at 2023-11-14T22:13:20Z"]


def test_each_kind_of_key_that_is_given_must_have_signed(log: SigningKey, witness: SigningKey) -> None:
    both = [log.verifier.text(), witness.verifier.text()]
    whole = checkpoint(log, witness)
    for kept, said in ((0, "not cosigned by the authority"), (1, "not signed by a key of the log")):
        note = read(notes.Note(whole.text, (whole.signatures[kept],)))
        with pytest.raises(verifier.ProofFails, match=said):
            verifier.check_signers(note, "miriam.example/ledger", verifier.read_keys("\n".join(both)))
        verifier.check_signers(note, "miriam.example/ledger", verifier.read_keys(both[kept]))
    with pytest.raises(verifier.ProofFails, match="not signed by a key of the log"):
        verifier.check_signers(read(whole), "another.example/ledger", verifier.read_keys("\n".join(both)))


def test_no_byte_of_a_signed_checkpoint_can_be_another(log: SigningKey, witness: SigningKey) -> None:
    content = str(checkpoint(log, witness)).encode()
    keys = verifier.read_keys(f"{log.verifier.text()}\n{witness.verifier.text()}")
    for at in range(len(content)):
        altered = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        with pytest.raises(verifier.ProofFails):
            verifier.check_signers(verifier.Note.read(altered), "miriam.example/ledger", keys)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n\n", b"text\n", b"text\n\n", b"text\n\nno signature\n", "text\n\n\u2014 name\n".encode(),
        "text\n\n\u2014 name AAAA\n".encode(), "text\n\n\u2014 name AAAAAAB=\n".encode(),
        "text\r\n\n\u2014 name AAAAAAA=\n".encode(), "text\n\n\u2014 name AAAAAAA=".encode(),
        "text\n\n\u2014 name AAAAAAA=\n\u2014 name AAAAAAA=\n".encode(), b"\xff\n\n",
        "text\n\n\u2014 na me AAAAAAA=\n".encode(), "text\n\n\u2014  AAAAAAA=\n".encode(),
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(content: bytes) -> None:
    with pytest.raises(verifier.ProofFails):
        verifier.Note.read(content)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\nAA==\n", "a\n-1\nAA==\n", "a\n1\nAA==\n", "\n1\nAA==\n", "a\n1\nx\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(verifier.ProofFails):
        verifier.read_checkpoint(text)


def test_a_key_is_read_strictly(log: SigningKey) -> None:
    text = log.verifier.text()
    name, key_id, material = text.split("+", 2)
    assert verifier.Key.read(text).public == log.verifier.public
    for wrong in (
        "",
        name,
        f"{name}+{key_id}",
        f"{name}+00000000+{material}",
        f"other+{key_id}+{material}",
        text + "=",
    ):
        with pytest.raises(verifier.ProofFails):
            verifier.Key.read(wrong)
