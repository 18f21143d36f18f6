"""A member's key and journal: keystores, programs that sign, and lines that only grow."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from algebra.errors import Refused, TierproofError
from attestor.calendar import SignedCalendar
from policies.attestor_set import AttestorSet
from policies.signed_root import Root, RootDomain
from tests.tierproof.conftest import PASSPHRASE, run, write_private
from tierproof.attesting import claimed, read_key
from tierproof.documents import attestors_document
from tierproof.signing.journal import REVOKED, SIGNED, Entry, Journal
from tierproof.signing.keystore import create_keystore, keystore_address
from tierproof.signing.signers import KeySigner, ProgramSigner, Signable

Capture = pytest.CaptureFixture[str]
KEY = Account.from_key("0x" + "6d" * 32)
ADDRESS = KEY.address.lower()
SET = AttestorSet.of([ADDRESS], 1)
ROOT, DOMAIN = (
    Root(7, SET.id, 1, 20_000, 20_065, 1_900_000_000),
    RootDomain(31_337, "0x" + "77" * 20),
)
SIGNABLE = Signable(ROOT.message(DOMAIN), ROOT.document(DOMAIN))
CHEAP = 1 << 12


def refusal(attempt: object) -> TierproofError:
    with pytest.raises(TierproofError) as caught:
        attempt()  # type: ignore[operator]
    return caught.value


# -- keystores -------------------------------------------------------------------------------------
def test_a_keystore_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    path = tmp_path / "k.json"
    made = create_keystore(path, PASSPHRASE, cost=CHEAP)
    assert path.stat().st_mode & 0o077 == 0 and keystore_address(path) == made
    opened = read_key(path, passphrase=lambda: PASSPHRASE)
    assert opened.address.lower() == made
    assert bytes(opened.key).hex() not in path.read_text()
    error = refusal(lambda: read_key(path, passphrase=lambda: PASSPHRASE + "!"))
    assert error.code == "refused.keystore" and PASSPHRASE not in error.message
    assert refusal(lambda: read_key(path)).code == "malformed.key_file"
    assert refusal(lambda: create_keystore(path, PASSPHRASE)).code == "refused.keystore_exists"
    short = tmp_path / "short.json"
    assert refusal(lambda: create_keystore(short, "eleven char")).code == "refused.passphrase"
    path.chmod(0o644)
    assert refusal(lambda: read_key(path, passphrase=lambda: PASSPHRASE)).code == (
        "refused.open_key_file"
    )


def test_keystores_of_other_forms_are_refused_before_they_cost_anything(tmp_path: Path) -> None:
    path = tmp_path / "k.json"
    create_keystore(path, PASSPHRASE, cost=CHEAP)
    good = json.loads(path.read_text())
    crypto = good["crypto"]
    asked = []

    def passphrase() -> str:
        asked.append(1)
        return PASSPHRASE

    for change in (
        {"version": 4},
        {"crypto": crypto | {"kdf": "pbkdf2"}},
        {"crypto": crypto | {"cipher": "aes-128-cbc"}},
        {"crypto": crypto | {"kdfparams": crypto["kdfparams"] | {"n": 1 << 30}}},
        {"crypto": crypto | {"kdfparams": crypto["kdfparams"] | {"r": 1 << 14}}},
        {"crypto": crypto | {"kdfparams": crypto["kdfparams"] | {"p": True}}},
        {"crypto": crypto | {"kdfparams": crypto["kdfparams"] | {"n": 1 << 20, "r": 8, "p": 8}}},
        {"crypto": crypto | {"kdfparams": 7}},
        {"crypto": None},
        {"address": "ab" * 20},
    ):
        path.write_text(json.dumps(good | change))
        assert refusal(lambda: read_key(path, passphrase=passphrase)).code == "malformed.keystore"
    for text in ("{", "{}", json.dumps({k: v for k, v in good.items() if k != "address"})):
        path.write_text(text)
        assert refusal(lambda: read_key(path, passphrase=passphrase)).code == "malformed.keystore"
    path.write_text(json.dumps(good | {"address": 7}))
    assert refusal(lambda: keystore_address(path)).code == "malformed.address"


def test_attestor_init_makes_key_and_journal_once(tmp_path: Path, capsys: Capture) -> None:
    files = ("--keystore", tmp_path / "k.json", "--journal", tmp_path / "j.jsonl", "--json")
    assert run("attestor", "init", *files) == 0
    made = json.loads(capsys.readouterr().out)
    assert Journal.load(tmp_path / "j.jsonl").signer == made["address"]
    assert run("show", tmp_path / "k.json", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["is"] == "keystore" and told["address"] == made["address"]
    assert run("attestor", "init", *files) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.journal_exists"
    (tmp_path / "j.jsonl").unlink()
    assert run("attestor", "init", *files) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.keystore_exists"
    assert not (tmp_path / "j.jsonl").exists()


# -- programs --------------------------------------------------------------------------------------
def program(folder: Path, body: str) -> ProgramSigner:
    path = folder / "signer.py"
    path.write_text(f"import json, sys\nasked = json.load(sys.stdin)\n{body}\n")
    return ProgramSigner(f"'{sys.executable}' '{path}'", ADDRESS)


def test_a_program_signs_what_it_is_shown(tmp_path: Path) -> None:
    signature = KeySigner(KEY).sign(SIGNABLE)
    body = (
        f"assert asked['address'] == '{ADDRESS}'\n"
        f"assert asked['digest'] == '0x{SIGNABLE.message.digest.hex()}'\n"
        f"assert asked['typed_data']['message']['firstDay'] == 20000\n"
        f"print('0x{signature.hex()}')"
    )
    assert program(tmp_path, body).sign(SIGNABLE) == signature
    shown = encode_typed_data(full_message=SIGNABLE.document)
    assert Account.recover_message(shown, signature=signature) == KEY.address


def test_what_a_program_answers_counts_by_its_key(tmp_path: Path) -> None:
    other = KeySigner(Account.from_key("0x" + "6e" * 32)).sign(SIGNABLE)
    for body, code in (
        (f"print('0x{other.hex()}')", "refused.signer"),
        ("print('yes')", "refused.signer"),
        ("print('0x' + '00' * 65)", "refused.signer"),
        ("", "refused.signer"),
        ("sys.exit('the secret is 1234')", "unavailable.signer"),
    ):
        error = refusal(lambda b=body: program(tmp_path, b).sign(SIGNABLE))
        assert error.code == code and "1234" not in error.message
    for command in ("", "no-such-program-at-all", "'"):
        error = refusal(lambda c=command: ProgramSigner(c, ADDRESS).sign(SIGNABLE))
        assert error.code == "unavailable.signer"


def test_cosign_needs_a_key_that_is_named_once(tmp_path: Path, capsys: Capture) -> None:
    """Before anything of the job is read."""
    draft = Path(__file__).parents[2] / "docs" / "reference" / "examples" / "draft.json"
    asked = ("cosign", draft, "--job", tmp_path / "job.json", "--out", tmp_path / "s.json")
    for more in ((), ("--signer", "x")):
        assert run(*asked, *more, "--json") == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage.signer"


# -- the journal -----------------------------------------------------------------------------------
def entry(did: str = SIGNED, root: int = 7, evidence: str = "draft") -> Entry:
    changed = Root(root, SET.id, 1, 20_000, 20_065, 1_900_000_000)
    return Entry.of(did, 1_800_000_000, changed, DOMAIN, evidence)


def test_a_journal_only_grows(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    journal = Journal.create(path, ADDRESS)
    begun = path.read_bytes()
    for each in (entry(), entry(REVOKED), entry(root=8)):
        journal = journal.append(each)
        assert path.read_bytes().startswith(begun)
        begun = path.read_bytes()
    assert Journal.load(path) == journal and path.stat().st_mode & 0o077 == 0
    assert journal.standing(entry().place) == entry(root=8)
    assert refusal(lambda: Journal.create(path, ADDRESS)).code == "refused.journal_exists"
    for wanted, each in (
        ("refused.journal.revoked", entry()),
        ("refused.journal.root", entry(root=9)),
        ("refused.draft.changed", entry(root=8, evidence="another")),
    ):
        with pytest.raises(Refused) as caught:
            journal.require_free(each)
        assert caught.value.code == wanted
    assert not journal.require_free(entry(root=8))
    assert Journal.create(tmp_path / "new.jsonl", ADDRESS).require_free(entry(root=9))


def test_a_journal_that_was_touched_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    journal = Journal.create(path, ADDRESS)
    for each in (entry(), entry(REVOKED), entry(root=8)):
        journal = journal.append(each)
    whole = path.read_bytes()
    head, one, two, three = whole.splitlines(keepends=True)
    for content in (
        b"",
        whole[:-1],  # cut while it was written
        b"".join([head, two, three]),
        b"".join([head, one, three]),
        b"".join([head, two, one, three]),
        b"".join([head.replace(ADDRESS.encode(), b"0x" + b"ab" * 20), one, two, three]),
        whole.replace(b"1800000000", b"1800000001", 1),
        whole.replace(b'"signed"', b'"read"'),
        b"".join([head, one.replace(b"{", b'{"more": 1, ', 1)]),
        b"[]\n",
        b"{\n",
    ):
        path.write_bytes(content)
        assert refusal(lambda: Journal.load(path)).code.startswith("malformed.")
    path.unlink()
    assert refusal(lambda: Journal.load(path)).code == "unavailable.journal"
    path.write_bytes(whole)
    with claimed(path):
        error = refusal(lambda: claimed(path).__enter__())
    assert error.code == "refused.busy"


# -- calendars of several machines -----------------------------------------------------------------
def test_members_sign_a_calendar_one_after_the_other(tmp_path: Path, capsys: Capture) -> None:
    keys = [Account.from_key("0x" + digits * 32) for digits in ("61", "62", "63")]
    members = AttestorSet.of([key.address for key in keys], 2)
    (tmp_path / "set.json").write_text(json.dumps(attestors_document(members)))
    files = [
        write_private(tmp_path / f"{index}.key", bytes(key.key).hex())
        for index, key in enumerate([*keys, Account.from_key("0x" + "64" * 32)])
    ]
    calendar = tmp_path / "calendar.json"
    book = ("--bindings", tmp_path / "b.json", "--today", "2025-12-31", "--json")
    asked = ("--series", "s", "--first-day", "2026-01-01", "--length", 5, "--late-hours", 50)
    begin = ("windows", "announce", *asked, "--attestors", tmp_path / "set.json", "--out", calendar)
    assert run(*begin, "--key-file", files[0], *book) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["signatures"] == "1 of 2" and "bindings" not in said
    assert said["windows"] == ["2026-01-01 to 2026-01-05 (5 days), settled 2026-01-08 02:00:00 UTC"]
    for command, code in (
        (("windows", "take", calendar), "rejected.quorum"),
        (("windows", "sign", calendar, "--key-file", files[0]), "refused.quorum"),
        (("windows", "sign", calendar, "--key-file", files[3]), "refused.quorum"),
    ):
        assert run(*command, *book) in (1, 2)
        assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert not (tmp_path / "b.json").exists()
    assert run("windows", "sign", calendar, "--key-file", files[2], *book) == 0
    assert json.loads(capsys.readouterr().out)["signatures"] == "2 of 2"
    assert len(SignedCalendar.load(calendar).signatures) == 2
    assert run("windows", "take", calendar, "--bindings", tmp_path / "o.json", *book[2:]) == 0
    assert (tmp_path / "o.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_program_signs_a_calendar(tmp_path: Path, capsys: Capture) -> None:
    """It is shown the calendar; what another key answers is not taken in."""
    (tmp_path / "set.json").write_text(json.dumps(attestors_document(SET)))
    calendar, book = tmp_path / "calendar.json", tmp_path / "b.json"
    days = ("--first-day", "2026-01-01", "--length", 5, "--today", "2025-12-31")
    asked = ("windows", "announce", "--series", "s", *days, "--attestors", tmp_path / "set.json")
    written = (*asked, "--out", calendar, "--bindings", book, "--json")
    shown = "assert asked['typed_data']['message']['series'] == 's'\n"
    signing = (
        "from eth_account import Account\n"
        "signed = Account.unsafe_sign_hash(asked['digest'], '0x' + '{}' * 32)\n"
        "print('0x' + signed.signature.hex().removeprefix('0x'))"
    )
    for digits, more, code in (
        ("6d", (), "usage.signer"),
        ("6e", ("--address", ADDRESS), "refused.signer"),
    ):
        made = program(tmp_path, shown + signing.format(digits))
        assert run(*written, "--signer", made.command, *more) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert run(*written) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage.signer"
    assert not calendar.exists() and not book.exists()
    made = program(tmp_path, shown + signing.format("6d"))
    assert run(*written, "--signer", made.command, "--address", ADDRESS) == 0
    assert SignedCalendar.load(calendar).attestor_set == SET and book.exists()
