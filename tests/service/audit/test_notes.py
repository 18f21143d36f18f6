"""
Signed notes, checkpoints and cosignatures against published examples (C2SP signed-note; Go's
sumdb/note, note_test.go) and against the library `cryptography`.
"""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from algebra import ed25519
from algebra.errors import Malformed, Rejected
from service.audit.checkpoint import Checkpoint, Witnesses, cosigned
from service.audit.note import COSIGNATURE, ED25519, Note, NoteKey, NoteSigner, Signature

C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi"
    "2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
GO_KEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_NOTE = (
    f"{GO_TEXT}\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZS"
    "NXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
WITNESS_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
ORDER = (1 << 252) + 27742317777372353535851937790883648493
"""Of the base point: a number over it would be a second spelling (RFC 8032, 5.1)."""
LOG = NoteSigner("log.example/one", bytes(range(32)))
CHECKPOINT = Checkpoint(LOG.name, 7, bytes(range(1, 33)))


def witness(number: int) -> tuple[NoteKey, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    public = private.public_key().public_bytes_raw()
    return NoteKey(f"witness.example/{number}", COSIGNATURE, public), private


def cosignature(number: int, text: str, time: int = 1_700_000_000) -> Signature:
    """Made by another library, from the words of the specification."""
    key, private = witness(number)
    signed = private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    return Signature(key.name, key.id, time.to_bytes(8, "big") + signed)


# ---- Ed25519 -------------------------------------------------------------------------------------
def test_signatures_are_those_of_another_library() -> None:
    for number in range(3):
        seed, message = bytes([number]) * 32, bytes(number * 70)
        other = Ed25519PrivateKey.from_private_bytes(seed)
        public = other.public_key().public_bytes_raw()
        assert ed25519.public_key(seed) == public
        assert ed25519.sign(seed, message) == other.sign(message)
        ed25519.verify(public, message, other.sign(message))


def test_a_changed_signature_message_or_key_does_not_hold() -> None:
    seed = bytes(32)
    public, signature = ed25519.public_key(seed), ed25519.sign(seed, b"m")
    order = int.from_bytes(signature[32:], "little") + ORDER
    for other in (b"", signature[:-1], signature + b"\0", bytes(64), bytes([1]) + signature[1:],
                  signature[:32] + order.to_bytes(32, "little")):  # fmt: skip
        with pytest.raises(Rejected):
            ed25519.verify(public, b"m", other)
    with pytest.raises(Rejected):
        ed25519.verify(public, b"n", signature)
    with pytest.raises(Rejected):
        ed25519.verify(ed25519.public_key(bytes([1]) * 32), b"m", signature)


@pytest.mark.parametrize(
    "key",
    [
        b"", bytes(31), bytes(57), bytes(32), b"\x01" + bytes(31), b"\x02" + bytes(31),
        b"\xff" * 32,
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    ],
)  # fmt: skip
def test_keys_of_small_order_and_no_keys(key: bytes) -> None:
    with pytest.raises(Malformed) as raised:
        ed25519.check_public_key(key)
    assert raised.value.code == "malformed.ed25519_key"


def test_a_seed_has_32_bytes() -> None:
    for seed in (b"", bytes(31), bytes(57)):
        with pytest.raises(Malformed):
            ed25519.sign(seed, b"m")


# ---- notes ---------------------------------------------------------------------------------------
def test_the_published_note() -> None:
    key, note = NoteKey.parse(C2SP_KEY, "key"), Note.parse(C2SP_NOTE.encode())
    note.require(key)
    assert str(key) == C2SP_KEY and str(note) == C2SP_NOTE and key.kind == ED25519
    assert str(NoteKey.parse(WITNESS_KEY, "key")) == WITNESS_KEY


def test_signing_makes_the_published_note() -> None:
    signer = NoteSigner.parse(GO_KEY, "key")
    assert str(signer.sign(GO_TEXT)) == GO_NOTE and signer.private_text() == GO_KEY
    assert GO_KEY[-44:] not in repr(signer) and signer.seed.hex() not in repr(signer)


def test_every_byte_of_a_note_counts() -> None:
    key, whole = NoteKey.parse(C2SP_KEY, "key"), C2SP_NOTE.encode()
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises((Malformed, Rejected)):
            Note.parse(changed).require(key)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"text\n", b"text\n\n", b"\n\n\xe2\x80\x94 a AAAAAAA=\n", b"a\n\n\xe2\x80\x94 a\n",
        b"a\n\n\xe2\x80\x94 a AAAA\n", b"a\n\n\xe2\x80\x94 a+b AAAAAAA=\n", b"a\n\n- a AAAAAAA=\n",
        b"a\n\n\xe2\x80\x94 a AAAAAAB=\n", b"a\t\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n", b"a\n\n\xe2\x80\x94 a AAAAAAA=",
        b"a\n\n" + b"\xe2\x80\x94 a AAAAAAA=\n" * 101, b"a" * (1 << 20) + b"\n\n",
    ],
)  # fmt: skip
def test_no_note(data: bytes) -> None:
    with pytest.raises(Malformed) as raised:
        Note.parse(data)
    assert raised.value.code == "malformed.note"


def test_signatures_of_others_are_passed_over_and_false_ones_of_known_keys_are_not() -> None:
    note, key = LOG.sign("a\n\nb\n"), LOG.public
    other = Signature("other.example", b"\1\2\3\4", bytes(64))
    namesake = Signature(LOG.name, b"\1\2\3\4", bytes(64))
    false = Signature(LOG.name, key.id, bytes(64))
    mixed = note.with_signatures([other, namesake])
    assert Note.parse(str(mixed).encode()) == mixed and mixed.with_signatures([other]) == mixed
    mixed.require(key)
    with pytest.raises(Rejected, match="does not hold"):
        note.with_signatures([false]).require(key)
    for unsigned in (Note(note.text, (other, namesake)), Note(note.text, ())):
        with pytest.raises(Rejected, match="not signed by"):
            unsigned.require(key)


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a+b", "a+00000000+", C2SP_KEY[:-1], C2SP_KEY + "A", GO_KEY,
        C2SP_KEY.replace("3a+", "3b+"),
        C2SP_KEY.replace("foo", "fop"), C2SP_KEY.replace("foo", "f o"),
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)  # fmt: skip
def test_no_verifier_key(text: str) -> None:
    with pytest.raises(Malformed):
        NoteKey.parse(text, "key")


@pytest.mark.parametrize("text", ["", C2SP_KEY, GO_KEY[:-1], GO_KEY.replace("c7", "c8"), "x" * 99])
def test_no_signing_key_and_nothing_of_it_is_said(text: str) -> None:
    with pytest.raises(Malformed) as raised:
        NoteSigner.parse(text, "audit.key")
    assert GO_KEY[-40:-4] not in str(raised.value) and "audit.key" in str(raised.value)


# ---- checkpoints ---------------------------------------------------------------------------------
def test_a_checkpoint_is_three_lines() -> None:
    note = LOG.sign(CHECKPOINT.text())
    assert Checkpoint.signed_by(note, LOG.public) == CHECKPOINT
    root = base64.b64encode(CHECKPOINT.root).decode()
    assert note.text == f"log.example/one\n7\n{root}\n"
    for text in (f"log.example/one\n07\n{root}\n", f"log.example/one\n7\n{root}\nmore\n",
                 f"log.example/one\n7\n{root[:-4]}\n", f"\n7\n{root}\n", "log.example/one\n7\n",
                 f"log.example/one\n-7\n{root}\n", f"log.example/one\n{1 << 62}\n{root}\n",
                 f"log.example/one\n7\n {root}\n"):  # fmt: skip
        with pytest.raises(Malformed) as raised:
            Checkpoint.signed_by(LOG.sign(text), LOG.public)
        assert raised.value.code == "malformed.note"


def test_a_checkpoint_is_of_the_log_that_signs_it() -> None:
    with pytest.raises(Rejected, match="not of log"):
        other = Checkpoint("log.example/two", 7, bytes(32))
        Checkpoint.signed_by(LOG.sign(other.text()), LOG.public)
    with pytest.raises(Rejected, match="not signed by"):
        forger = NoteSigner(LOG.name, bytes(32))
        Checkpoint.signed_by(forger.sign(CHECKPOINT.text()), LOG.public)


# ---- witnesses -----------------------------------------------------------------------------------
def test_witnesses_count_up_to_their_threshold() -> None:
    keys = tuple(witness(number)[0] for number in (1, 2, 3))
    bare = LOG.sign(CHECKPOINT.text())
    one = bare.with_signatures([cosignature(1, bare.text, 11), cosignature(9, bare.text)])
    two = one.with_signatures([cosignature(3, bare.text, 13)])
    assert Witnesses(keys, 2).times(two) == {"witness.example/1": 11, "witness.example/3": 13}
    assert [Witnesses(keys, 2).enough(note) for note in (bare, one, two)] == [False, False, True]
    assert not Witnesses().enough(two)
    Checkpoint.signed_by(two, LOG.public)


def test_a_cosignature_is_of_its_text_and_time() -> None:
    note, keys = LOG.sign(CHECKPOINT.text()), (witness(1)[0],)
    right = cosignature(1, note.text)
    later = Signature(right.name, right.id, bytes([0, 0, 0, 0, 1]) + right.signature[5:])
    for false in (cosignature(1, note.text + " "), later,
                  Signature(right.name, right.id, right.signature[:9])):  # fmt: skip
        with pytest.raises(Rejected, match="does not hold"):
            Witnesses(keys).enough(note.with_signatures([false]))


def test_a_witness_is_no_log_and_none_counts_twice() -> None:
    first, private = witness(1)
    again = NoteKey("other.name", COSIGNATURE, private.public_key().public_bytes_raw())
    for keys, threshold in (((LOG.public,), 1), ((first, again), 1), ((first,), 2), ((first,), 0)):
        with pytest.raises(Malformed) as raised:
            Witnesses(keys, threshold).check()
        assert raised.value.code == "malformed.note_key"
    Witnesses().check()
    with pytest.raises(Rejected):
        LOG.sign(CHECKPOINT.text()).require(first)


def test_answers_of_witnesses_are_kept_if_they_hold() -> None:
    note, keys = LOG.sign(CHECKPOINT.text()), [witness(1)[0]]
    answer = note.with_signatures([cosignature(1, note.text), cosignature(2, note.text)])
    kept = cosigned(note, answer, keys)
    assert [each.name for each in kept.signatures] == [LOG.name, "witness.example/1"]
    for wrong in (note, LOG.sign("other\n"), note.with_signatures([cosignature(1, "other\n")])):
        with pytest.raises(Rejected) as raised:
            cosigned(note, wrong, keys)
        assert raised.value.code == "rejected.note"
