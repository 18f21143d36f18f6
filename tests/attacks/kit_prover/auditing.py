"""
For every check that `mutants.AUDIT` finds in the audit log, a log, note, key or file that it alone
stops.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from attacks.kit_prover import audit_log as a
from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.mutants import Attempt, Verifier

from algebra import ed25519
from service.audit.merkle import node_hash

_e, _m, _n = "algebra.ed25519.", "service.audit.merkle.", "service.audit.note."
_entry, _c = "service.audit.entries.Entry.", "service.audit.checkpoint."
_of, _anchor = f"{_c}Checkpoint.of: ", "service.audit.snapshot.Anchor.__post_init__: "
_v, _s = "service.audit.verification.", "service.audit.stored."
_sign, _db, _f = "service.audit.signing.", "service.audit.database.", "tierproof.audit_file."
_inclusion, _consistency = f"{_m}verify_inclusion: ", f"{_m}verify_consistency: "
_note, _parts = f"{_n}Note.parse: ", f"{_n}_parts: "

PUBLIC = ed25519.public_key(a.SEED)
IDENTITY = b"\x01" + bytes(31)
"""The neutral point: of order one."""
SIGNED = ed25519.sign(a.SEED, b"message")
LEAVES = [bytes([number]) * 32 for number in range(4)]
LEFT, RIGHT = node_hash(LEAVES[0], LEAVES[1]), node_hash(LEAVES[2], LEAVES[3])
THREE, FOUR = node_hash(LEFT, LEAVES[2]), node_hash(LEFT, RIGHT)
"""Roots of three and four leaves."""
NO_HASH = bytes(32)
ANCHOR = {**a.PLACE, "size": 4, "salt": "0x" + a.SALT.hex()}
LINE = "\u2014 a AAAAAAAA\n"


# -- forgeries -------------------------------------------------------------------------------------
def checks(message: bytes, signature: bytes, key: bytes = PUBLIC) -> Attempt:
    return lambda m: m.ed25519.verify(key, message, signature)


def included(
    index: int, size: int, proof: list[bytes], root: bytes, leaf: bytes = LEAVES[1]
) -> Attempt:
    return lambda m: m.merkle.verify_inclusion(leaf, index, size, proof, root)


def extends(old: int, size: int, old_root: bytes, root: bytes, *proof: bytes) -> Attempt:
    return lambda m: m.merkle.verify_consistency(old, size, old_root, root, proof)


def key_text(change: Callable[[str], str], private: bool = False) -> Attempt:
    """The text of a key, changed."""

    def attempt(m: Verifier) -> None:
        signer = a.signer(m)
        if private:
            m.note.NoteSigner.parse(change(signer.private_text()), "key")
        else:
            m.note.NoteKey.parse(change(str(signer.public)), "key")

    return attempt


def key_of(kind: int, key: bytes, name: str = a.NAME) -> Attempt:
    """A public key whose id is right."""
    return lambda m: m.note.NoteKey.parse(str(m.note.NoteKey(name, kind, key)), "key")


def parses(data: bytes) -> Attempt:
    return lambda m: m.note.Note.parse(data)


def says(text: str) -> Attempt:
    """A note of the log that says this."""
    return lambda m: m.checkpoint.Checkpoint.of(a.signs(m, text))


def enters(kind: Any = "policy", time: Any = 0, **fields: Any) -> Attempt:
    given = fields or {"policy_id": "0x" + "00" * 32}
    return lambda m: m.entries.Entry(kind, time, given)


def reads_entry(data: bytes) -> Attempt:
    return lambda m: m.entries.Entry.parse(data)


def witnesses(*seeds: bytes, threshold: int = 1, kind: int = 4) -> Attempt:
    def attempt(m: Verifier) -> None:
        keys = tuple(a.key(m, f"w{n}", kind, seed) for n, seed in enumerate(seeds))
        m.checkpoint.Witnesses(keys, threshold).check()

    return attempt


def cosigned(text: str, over: str = "", seed: bytes = a.SEED) -> Attempt:
    """A witness's answer of a text, kept with the log's last checkpoint."""

    def attempt(m: Verifier) -> None:
        note = a.checkpoint(m)
        answer = note if not text else a.signs(m, text)
        line = a.cosignature(m, answer, "w", seed, over=over)
        key = a.key(m, "w", 4)
        m.checkpoint.cosigned(note, answer.with_signatures([line]), [key])

    return attempt


def anchored(
    note: Callable[[Verifier], Any] = a.checkpoint, *, held: bool = True, kept: bool = True,
    entries: int = 4, **change: object,
) -> Attempt:  # fmt: skip
    """A chain that holds the anchor of a checkpoint, and a log that should be its."""

    def attempt(m: Verifier) -> None:
        sent = note(m)
        log = a.log(m, a.ENTRIES[:entries], [sent] * kept, [a.anchor(m)] * held)
        m.verification.verify_anchor(log, a.key(m), a.head(m, sent, **change))

    return attempt


def sends(size: int, digest: bytes = bytes(32)) -> Attempt:
    """An anchor of a log of which the chain holds another; what is sent then is the chain's."""

    def attempt(m: Verifier) -> None:
        chain = SimpleNamespace(head=lambda _: (size, digest), anchor=lambda *_, sender: None)
        of = m.checkpoint.Checkpoint.of(a.checkpoint(m))
        m.anchoring.send(chain, "0x", a.anchor(m), of)

    return attempt


def opens(url: str) -> Attempt:
    def attempt(m: Verifier) -> None:
        with m.database.opened(url) as session:
            session.connection()

    return attempt


def without_checkpoint(of: Callable[[Verifier, Any], object]) -> Attempt:
    """What asks a database that signed nothing for its last checkpoint."""

    def attempt(m: Verifier) -> None:
        with a.stored(m, signed=9) as session:
            of(m, session)

    return attempt


def export(**change: object) -> Attempt:
    value: dict[str, object] = {
        "format": "tierproof/audit-log", "version": 1, "entries": [], "checkpoints": [],
        "anchors": [],
    }  # fmt: skip
    return a.file(json.dumps(value | change), lambda m, path: m.audit_file.load(path))


def new_file(name: str) -> Attempt:
    """A key for a log of this name, where no file is."""
    return a.file("", lambda m, path: m.audit_file.create_key(path.with_name("new"), name))


def database(content: str) -> Attempt:
    """A file that holds this in a database's place."""
    return a.file(content, lambda m, path: opens(f"sqlite:///{path}")(m))


def no_database(m: Verifier) -> None:
    """A path at which nothing is."""
    with TemporaryDirectory() as folder:
        opens(f"sqlite:///{folder}/none.sqlite")(m)


def requires(of: Callable[[Verifier], Any], key: Callable[[Verifier], Any] = a.key) -> Attempt:
    return lambda m: of(m).require(key(m))


def signed_as(m: Verifier, key: Any, signature: bytes) -> Any:
    """A note with this signature under the name of a key."""
    return m.note.Note("text\n", (m.note.Signature(key.name, key.id, signature),))


def appends(*changes: str) -> Attempt:
    """A fourth entry, which completes a subtree, in a database that was changed."""

    def attempt(m: Verifier) -> None:
        with a.stored(m, *changes, count=3) as session:
            m.log.AuditLog(session).append(m.entries.Entry.parse(a.ENTRIES[3]))

    return attempt


def signs_nothing() -> Attempt:
    def attempt(m: Verifier) -> None:
        with a.stored(m, signed=9, count=0) as session:
            m.signing.sign(session, a.signer(m), None)

    return attempt


def false_cosignature(m: Verifier) -> None:
    note = a.checkpoint(m)
    line = a.cosignature(m, note, "w", a.SEED, over="another text")
    m.checkpoint.Witnesses((a.key(m, "w", 4),)).times(note.with_signatures([line]))


def of_nobody(m: Verifier) -> None:
    """Witnesses of whom none is enough."""
    trusted = m.checkpoint.Witnesses((a.key(m, "w", 4),), 0)
    m.verification.verify(a.log(m), a.key(m), trusted)


def opened_448() -> bytes:
    """A public key of Ed448, which the library takes too."""
    from Crypto.PublicKey import ECC

    key: bytes = ECC.construct(curve="Ed448", seed=bytes(57)).public_key().export_key(format="raw")
    return key


# -- one for each check ----------------------------------------------------------------------------
ROOT_TEXT = base64.b64encode(NO_HASH).decode()
SECOND_SPELLING = ROOT_TEXT[:-2] + "B="
_text_again, _gap = f"{_of}out.text() != note.text", f"{_note}not text"
_more, _longer = f"{_sign}sign: each.size > size", f"{_sign}_root: tree.size != size"
_signed_by = f"{_c}Checkpoint.signed_by: "
_trusted = f"{_c}Witnesses.check: "
_walked = f"{_v}_walk: "
_opened = f"{_db}opened: "

CHECKS: dict[str, Forgery] = {
    # Ed25519
    f"{_e}verify: eddsa.new(point, 'rfc8032').verify(message, signature)": stops(
        checks(b"another", SIGNED)
    ),
    f"{_e}verify: except ValueError": stops(checks(b"another", SIGNED), expect=CRASH),
    f"{_e}_private: len(seed) != SEED_BYTES": stops(lambda m: m.ed25519.sign(bytes(57), b"m")),
    f"{_e}_public: except ValueError": stops(checks(b"message", SIGNED, bytes(31)), expect=CRASH),
    f"{_e}_public: len(key) != KEY_BYTES": stops(
        lambda m: m.ed25519.check_public_key(opened_448())
    ),
    f"{_e}_public: (point.pointQ * _COFACTOR).is_point_at_infinity()": stops(
        lambda m: m.ed25519.check_public_key(IDENTITY)
    ),
    # proofs
    f"{_inclusion}0 <= index": stops(included(-1, 4, [LEAVES[2], LEFT], FOUR, LEAVES[3])),
    f"{_inclusion}index < size": stops(included(5, 4, [LEAVES[0], RIGHT], FOUR)),
    f"{_inclusion}not _hashes(leaf, *proof)": stops(
        included(0, 2, [LEAVES[1][1:]], LEFT, LEAVES[0] + LEAVES[1][:1])
    ),
    f"{_inclusion}right == 0": stops(
        included(1, 4, [LEAVES[0], RIGHT, NO_HASH], node_hash(NO_HASH, FOUR))
    ),
    f"{_inclusion}right": stops(included(1, 4, [LEAVES[0]], LEFT)),
    f"{_inclusion}found != root": stops(included(1, 4, [LEAVES[0], RIGHT], NO_HASH)),
    f"{_consistency}not _hashes(old_root, root, *proof)": stops(
        extends(1, 2, LEAVES[0] + LEAVES[1][:1], LEFT, LEAVES[1][1:])
    ),
    f"{_consistency}0 < old": stops(extends(-4, 4, FOUR, FOUR, FOUR)),
    f"{_consistency}old < size": stops(extends(5, 4, LEAVES[0], FOUR, LEAVES[0], LEAVES[1], RIGHT)),
    f"{_consistency}not path": stops(extends(3, 4, THREE, FOUR), expect=CRASH),
    f"{_consistency}right == 0": stops(
        extends(
            3,
            4,
            node_hash(NO_HASH, THREE),
            node_hash(NO_HASH, FOUR),
            LEAVES[2],
            LEAVES[3],
            LEFT,
            NO_HASH,
        )
    ),
    f"{_consistency}right": stops(extends(3, 4, LEAVES[2], RIGHT, LEAVES[2], LEAVES[3])),
    f"{_consistency}old_found != old_root": stops(
        extends(3, 4, NO_HASH, FOUR, LEAVES[2], LEAVES[3], LEFT)
    ),
    f"{_consistency}found != root": stops(
        extends(3, 4, THREE, NO_HASH, LEAVES[2], LEAVES[3], LEFT)
    ),
    # keys of notes
    f"{_n}NoteKey.parse: out.kind not in (ED25519, COSIGNATURE)": stops(key_of(2, PUBLIC)),
    f"{_n}NoteKey.parse: ed25519.check_public_key(out.key)": stops(key_of(1, IDENTITY)),
    f"{_n}NoteKey.parse: out.id.hex() != identity": stops(
        key_text(lambda text: text.replace("service", "servant"))
    ),
    f"{_n}NoteSigner.parse: not text.startswith(_PRIVATE)": stops(
        key_text(lambda text: text.removeprefix("PRIVATE+KEY+"), private=True)
    ),
    f"{_n}NoteSigner.parse: key[0] != ED25519": stops(
        key_text(lambda text: text.replace("+AQ", "+BA"), private=True)
    ),
    f"{_n}NoteSigner.parse: out.public.id.hex() != identity": stops(
        key_text(lambda text: text.replace("service", "servant"), private=True)
    ),
    f"{_parts}key is None": stops(key_text(lambda _: "a"), expect=CRASH),
    f"{_parts}len(key) != 1 + ed25519.KEY_BYTES": stops(key_text(lambda _: "a+b+"), expect=CRASH),
    f"{_parts}_NAME.fullmatch(parts[0]) is None": stops(key_of(1, PUBLIC, "a b")),
    f"{_n}check_name: _NAME.fullmatch(name) is None": stops(lambda m: m.note.check_name("a b")),
    # notes
    f"{_n}Signature.parse: not known": stops(parses(b"t\n\na AAAAAAAA\n")),
    f"{_n}Signature.parse: data is None": stops(parses("t\n\n\u2014 a !\n".encode()), expect=CRASH),
    f"{_n}Signature.parse: len(data) <= _ID_BYTES": stops(
        parses("t\n\n\u2014 a AAAAAA==\n".encode())
    ),
    f"{_note}len(data) > MOST_BYTES": stops(parses(b"a" * (1 << 20) + f"\n\n{LINE}".encode())),
    f"{_note}except UnicodeDecodeError": stops(parses(b"\xff"), expect=CRASH),
    _gap: stops(parses(f"\n\n{LINE}".encode())),
    f"{_note}not gap": stops(parses(LINE.encode()), also=(_gap,)),
    f'{_note}not below.endswith("\\n")': stops(parses(f"t\n\n{LINE}".encode()[:-1])),
    f"{_note}_CONTROL.search(whole)": stops(parses(f"t\t\n\n{LINE}".encode())),
    f"{_note}len(lines) > MOST_SIGNATURES": stops(parses(f"t\n\n{101 * LINE}".encode())),
    f"{_n}Note.require: not signed": stops(
        requires(a.checkpoint, lambda m: a.key(m, seed=a.OTHER_SEED))
    ),
    f"{_n}Note.require: key.kind != ED25519": stops(
        requires(
            lambda m: signed_as(m, a.key(m, kind=4), ed25519.sign(a.SEED, b"text\n")),
            lambda m: a.key(m, kind=4),
        )
    ),
    f"{_n}Note.require: require_signature(key, self.text.encode(), each.signature)": stops(
        requires(lambda m: signed_as(m, a.key(m), SIGNED))
    ),
    f"{_n}require_signature: ed25519.verify(key.key, message, signature)": stops(
        lambda m: m.note.require_signature(a.key(m), b"another", SIGNED)
    ),
    f"{_n}require_signature: except Rejected": stops(
        lambda m: m.note.require_signature(a.key(m), b"another", SIGNED), expect="rejected.ed25519"
    ),
    # entries
    f"{_entry}__post_init__: wanted is None": stops(enters("granted"), expect=CRASH),
    f"{_entry}__post_init__: not _is_number(self.time)": stops(enters(time=-1)),
    f"{_entry}__post_init__: (name in wanted) != (name in self.fields)": stops(
        enters(policy_id="0x" + "00" * 32, proof="0x")
    ),
    f"{_entry}__post_init__: not _has_form(self.fields[name], form)": stops(enters(policy_id=7)),
    f"{_entry}parse: except ValueError": stops(reads_entry(b"{"), expect=CRASH),
    f"{_entry}parse: not isinstance(value, dict)": stops(reads_entry(b"[]"), expect=CRASH),
    f'{_entry}parse: not {{"kind", "time"}} <= value.keys()': stops(
        reads_entry(b"{}"), expect=CRASH
    ),
    f"{_entry}parse: out.encode() != data": stops(reads_entry(a.ENTRIES[0] + b" ")),
    # checkpoints
    f"{_of}len(lines) != 3": stops(says(f"a\n4\n{ROOT_TEXT}\nmore\n"), also=(_text_again,)),
    f"{_of}not lines[0]": stops(says(f"\n4\n{ROOT_TEXT}\n")),
    f"{_of}_SIZE.fullmatch(lines[1]) is None": stops(
        says(f"a\n04\n{ROOT_TEXT}\n"), also=(_text_again,)
    ),
    f"{_of}except ValueError": stops(says("a\n4\n!\n"), expect=CRASH),
    f"{_of}len(out.root) != HASH_BYTES": stops(says("a\n4\nAAAA\n")),
    _text_again: stops(says(f"a\n4\n{SECOND_SPELLING}\n")),
    f"{_of}out.size >= MOST_ENTRIES": stops(says(f"a\n{1 << 62}\n{ROOT_TEXT}\n")),
    f"{_signed_by}note.require(key)": stops(
        a.verifies(notes=lambda m: [a.checkpoint(m, seed=a.OTHER_SEED)])
    ),
    f"{_signed_by}out.origin != key.name": stops(
        lambda m: m.checkpoint.Checkpoint.signed_by(
            a.signs(m, a.checkpoint(m, name="b").text), a.key(m)
        )
    ),
    # witnesses
    f"{_trusted}key.kind != COSIGNATURE": stops(witnesses(a.SEED, kind=1)),
    f"{_trusted}len({{key.key for key in self.keys}}) != len(self.keys)": stops(
        witnesses(a.SEED, a.SEED)
    ),
    f"{_trusted}self.keys and not 1 <= self.threshold <= len(self.keys)": stops(
        witnesses(a.SEED, threshold=0)
    ),
    f"{_c}cosigned_at: require_signature(key, message, signature[_TIME_BYTES:])": stops(
        false_cosignature
    ),
    f"{_c}cosigned: answer.text != note.text": stops(cosigned("another text\n")),
    f"{_c}cosigned: not fresh": stops(cosigned("", seed=a.OTHER_SEED)),
    # anchors
    f"{_anchor}check_address 'anchor: contract'": stops(lambda m: a.anchor(m, contract="x")),
    f"{_anchor}check_address 'anchor: sender'": stops(lambda m: a.anchor(m, sender="x")),
    f"{_anchor}not numbers": stops(lambda m: a.anchor(m, chain_id=0)),
    f"{_anchor}0 < self.size": stops(lambda m: a.anchor(m, size=0)),
    f"{_anchor}self.size < MOST_ENTRIES": stops(lambda m: a.anchor(m, size=1 << 62)),
    f"{_anchor}len(self.salt) != SALT_BYTES": stops(lambda m: a.anchor(m, salt=b"")),
    f"{_v}verify_anchor: head.size > len(log.entries)": stops(anchored(entries=2)),
    f"{_v}verify_anchor: made is None": stops(anchored(held=False), expect=CRASH),
    f"{_v}verify_anchor: of is None": stops(anchored(kept=False), expect=CRASH),
    f"{_v}verify_anchor: of.origin != key.name": stops(
        anchored(lambda m: a.checkpoint(m, name="b"))
    ),
    f"{_v}verify_anchor: made.digest(of) != head.digest": stops(anchored(digest=NO_HASH)),
    "service.audit.anchoring.last: note is None": stops(
        without_checkpoint(lambda m, session: m.anchoring.last(session, a.key(m))), expect=CRASH
    ),
    "service.audit.anchoring.send: size > what.size": stops(sends(5)),
    "service.audit.anchoring.send: digest != what.digest(of)": stops(sends(4)),
    # a log
    f"{_v}verify: trusted.check()": stops(of_nobody),
    f"{_v}verify: after.size <= before.size": stops(
        a.verifies(notes=lambda m: [a.checkpoint(m)] * 2)
    ),
    f"{_walked}roots.pop(place) != {{tree.root()}}": stops(
        a.verifies(notes=lambda m: [a.checkpoint(m, of=NO_HASH)]), also=(f"{_walked}roots",)
    ),
    f"{_walked}roots": stops(a.verifies(a.ENTRIES[:3], lambda m: [a.checkpoint(m)])),
    f"{_v}_own: except Malformed": stops(
        a.verifies(notes=lambda m: [a.signs(m, "a note\n")]), expect="malformed.note"
    ),
    f"{_v}_leaf: except Malformed": stops(a.verifies([b"{}"]), expect="malformed.audit_entry"),
    # its rows
    "service.audit.log.AuditLog.node: row is None": stops(
        appends("DELETE FROM audit_nodes"), expect=CRASH
    ),
    f"{_s}entries: row.place != place": stops(
        a.reads("UPDATE audit_entries SET place = 7 WHERE place = 3")
    ),
    f"{_s}_leaf: except (AttributeError, UnicodeEncodeError, Malformed)": stops(
        a.reads("UPDATE audit_entries SET text = '{}'"), expect="malformed.audit_entry"
    ),
    f"{_s}_leaf: row.time != entry.time": stops(a.reads("UPDATE audit_entries SET time = 1")),
    f"{_s}_leaf: row.kind != entry.kind": stops(a.reads("UPDATE audit_entries SET kind = 'x'")),
    f"{_s}_leaf: row.hash != out.hash.hex()": stops(a.reads("UPDATE audit_entries SET hash = 'x'")),
    f"{_s}check_nodes: session.scalar(select(func.count()).select_from(NodeRow)) != count": stops(
        a.reads("INSERT INTO audit_nodes VALUES (9, 9, 'x')")
    ),
    f"{_s}_compare: [tuple(row) for row in session.execute(query.order_by(NodeRow.place))] "
    "!= nodes": stops(a.reads("UPDATE audit_nodes SET hash = 'x'")),
    f"{_db}whole: check_nodes(session)": stops(a.reads("UPDATE audit_nodes SET hash = 'x'")),
    f"{_s}checkpoints: except (AttributeError, UnicodeEncodeError, Malformed)": stops(
        a.reads("UPDATE audit_checkpoints SET note = 'x'"), expect="malformed.note"
    ),
    f"{_s}checkpoints: size != [str(row.size)]": stops(
        a.reads("UPDATE audit_checkpoints SET size = 3")
    ),
    f"{_s}anchors: except (ValueError, TypeError, Malformed)": stops(
        a.reads("INSERT INTO audit_anchors VALUES ('x', 'x', 'x', 1, 'x')"), expect=CRASH
    ),
    # what is signed
    _more: stops(a.resigns("DELETE FROM audit_entries WHERE place = 3", signed=4), also=(_longer,)),
    f"{_sign}sign: log.root(each.size) != each.root": stops(a.resigns(remembered=True)),
    f"{_sign}sign: size == 0": stops(signs_nothing()),
    f"{_sign}cosign: note is None": stops(
        without_checkpoint(lambda m, session: m.signing.cosign(session, a.checkpoint(m), ())),
        expect=CRASH,
    ),
    f"{_sign}_root: not whole": stops(
        a.resigns(f"UPDATE audit_nodes SET hash = '{NO_HASH.hex()}' WHERE level = 1 AND place = 1")
    ),
    _longer: stops(a.resigns("DELETE FROM audit_entries WHERE place = 3", signed=4), also=(_more,)),
    # databases and files
    f"{_opened}file is not None and not file.exists()": stops(
        no_database, expect="refused.database_behind"
    ),
    f"{_opened}require_current(session)": stops(database("")),
    f"{_f}write: _require_free(path)": stops(
        a.file("held", lambda m, path: m.audit_file.write(a.log(m), path))
    ),
    f"{_f}load: file.header(FORMAT, VERSION)": stops(export(version=2)),
    f"{_f}load: keys 'anchors'": stops(export(surplus=1)),
    f"{_f}_anchor: keys 'salt'": stops(export(anchors=[ANCHOR | {"surplus": 1}])),
    f"{_f}_texts: not isinstance(value, str)": stops(export(entries=[1]), expect=CRASH),
    f"{_f}create_key: check_name(name)": stops(new_file("a b")),
    f"{_f}create_key: _require_free(path)": stops(
        a.file("held", lambda m, path: m.audit_file.create_key(path, a.NAME))
    ),
    f"{_f}_require_free: path.exists()": stops(
        a.file("held", lambda m, path: m.audit_file.create_key(path, a.NAME))
    ),
}
