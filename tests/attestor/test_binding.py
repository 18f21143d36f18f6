"""Who may stand under a tag, and from when (design: ownership)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attestor_world import FIRST_DAY, Attestors, key, signed_binding, venue_owner
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from algebra.errors import Malformed, Refused, Rejected, TierproofError
from attestor.binding import (
    DOMAIN,
    TYPES,
    Binding,
    SignedBinding,
    check_venue,
    sign_binding,
    venue_id,
)
from attestor.bindings import BindingRegistry, Owner
from attestor.signatures import SECP256K1_ORDER
from policies.address import address

VENUE = venue_id("test-venue")
WALLET = key("wallet 0")
SET = b"\x07" * 32


OWNERS = {secret: venue_owner(secret) for secret in (5, 6)}
"""By identity secret."""


def binding(secret: int = 5, day: int = FIRST_DAY, wallet: str | None = None) -> Binding:
    return OWNERS[secret].binding(wallet or WALLET.address.lower(), SET, day)


def signed_by(
    wallet: LocalAccount = WALLET, secret: int = 5, day: int = FIRST_DAY
) -> SignedBinding:
    """A wallet's binding with the consent of its owner."""
    return signed_binding(wallet, binding(secret, day, wallet.address.lower()), OWNERS[secret])


def owner(secret: int = 5) -> Owner:
    return Owner.of(signed_by(secret=secret))


def require(
    registry: BindingRegistry, wallets: tuple[str, ...], first: int, secret: int = 5
) -> int:
    return registry.require(OWNERS[secret].tag, VENUE, wallets, first)[1]


def code_of(error: pytest.ExceptionInfo[TierproofError]) -> str:
    return error.value.code


def test_venue_ids() -> None:
    """keccak256(name) >> 8; the hash of abc is the well-known one."""
    assert (
        venue_id("abc") == 0x4E03657AEA45A94FC7D47BA826C8D667C0D1E6E33A64A036EC44F58FA12D6C45 >> 8
    )
    assert venue_id("hyperliquid") < 1 << 248


@pytest.mark.parametrize(
    "name", ["", "börse", "Hyperliquid", "a b", "a/b", "-a", "a\n", "a" * 65, "h\u0443perliquid"]
)
def test_a_venue_has_one_spelling(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        venue_id(name)
    assert code_of(caught) == "malformed.venue"
    assert check_venue("x" * 64) == "x" * 64


def test_what_the_wallet_signs() -> None:
    signed = signed_by()
    signed.verify()
    message = {
        "wallet": WALLET.address,
        "ownerTag": OWNERS[5].tag,
        "venue": VENUE,
        "consentKey": OWNERS[5].consent_key,
        "attestorSet": SET,
        "boundDay": FIRST_DAY,
    }
    signable = encode_typed_data(dict(DOMAIN), TYPES, message)
    assert Account.recover_message(signable, signature=signed.signature) == WALLET.address


@pytest.mark.parametrize(
    "change",
    [
        {"owner_tag": 6},
        {"consent_key": OWNERS[6].consent_key},
        {"venue": VENUE + 1},
        {"attestor_set": b"\x08" * 32},
        {"bound_day": FIRST_DAY - 1},
    ],
)
def test_every_field_is_signed(change: dict[str, object]) -> None:
    signed = signed_by()
    with pytest.raises(Rejected) as caught:
        replace(signed, binding=replace(signed.binding, **change)).verify()  # type: ignore[arg-type]
    assert code_of(caught) == "rejected.binding"


def test_another_keys_signature() -> None:
    with pytest.raises(Rejected) as caught:
        replace(signed_by(), signature=signed_by(key("other")).signature).verify()
    assert code_of(caught) == "rejected.binding"
    with pytest.raises(Malformed):
        sign_binding(key("other"), binding())


def test_a_signature_has_one_form() -> None:
    signed = signed_by()
    r, s, v = signed.signature[:32], int.from_bytes(signed.signature[32:64]), signed.signature[64]
    high = r + (SECP256K1_ORDER - s).to_bytes(32) + bytes([55 - v])  # recovers to the same key
    for signature in (
        high,
        signed.signature[:64],
        signed.signature + b"\0",
        r + signed.signature[32:64] + bytes([v - 27]),
        bytes(32) + signed.signature[32:],
        r + bytes(32) + bytes([v]),
        b"",
    ):
        with pytest.raises(Malformed) as caught:
            replace(signed, signature=signature).verify()
        assert code_of(caught) == "malformed.signature"


def test_a_signature_that_recovers_to_nothing() -> None:
    with pytest.raises(TierproofError):
        replace(signed_by(), signature=(5).to_bytes(32) + (1).to_bytes(32) + b"\x1b").verify()


def test_ranges() -> None:
    for change in ({"owner_tag": 0}, {"owner_tag": 1 << 254}, {"venue": 1 << 248}, {"bound_day": 1 << 24}, {"bound_day": -1}, {"wallet": "0x" + "0" * 40}, {"wallet": WALLET.address}, {"consent_key": "0x" + "0" * 40}, {"consent_key": "0x12"}, {"attestor_set": b""}):  # fmt: skip  # noqa: E501
        with pytest.raises(Malformed):
            replace(binding(), **change)  # type: ignore[arg-type]


def test_one_tag_a_wallet() -> None:
    registry = BindingRegistry(SET)
    registry.bind(signed_by(), today=FIRST_DAY)
    for tag in (5, 6):
        with pytest.raises(Refused, match="under a tag already") as caught:
            registry.bind(signed_by(secret=tag), today=FIRST_DAY)
        assert code_of(caught) == "refused.binding"
    assert registry.wallets_of(owner(), FIRST_DAY) == {WALLET.address.lower(): FIRST_DAY}
    assert registry.wallets_of(owner(6), FIRST_DAY) == {}


def test_no_dating_back_and_no_other_set() -> None:
    registry = BindingRegistry(SET)
    with pytest.raises(Refused, match="dated back"):
        registry.bind(signed_by(), today=FIRST_DAY + 1)
    with pytest.raises(Refused, match="another attestor set"):
        BindingRegistry(b"\x08" * 32).bind(signed_by(), today=FIRST_DAY)
    assert registry.wallets_of(owner(), FIRST_DAY) == {}


def test_a_window_keeps_who_was_there_on_its_first_day() -> None:
    """
    One that leaves inside a window counts in it whole, and for another tag from the next one on.
    """
    registry, last = BindingRegistry(SET), FIRST_DAY + 65
    wallet = WALLET.address.lower()
    registry.bind(signed_by(), today=FIRST_DAY)
    left = FIRST_DAY + 10
    registry.unbind(wallet, left, left)
    with pytest.raises(Refused):  # not before it has left
        registry.bind(signed_by(WALLET, 6, left - 1), today=left - 1)
    registry.bind(signed_by(WALLET, 6, left), today=left)
    assert require(registry, (wallet,), FIRST_DAY) == FIRST_DAY
    assert registry.wallets_of(owner(6), FIRST_DAY) == {}
    assert require(registry, (wallet,), last + 1, 6) == left
    assert registry.wallets_of(owner(), last + 1) == {}
    for other, first in ((6, FIRST_DAY), (5, last + 1)):
        with pytest.raises(Refused, match="on the window's first day"):
            require(registry, (wallet,), first, other)


def test_who_leaves_on_the_first_day_is_not_in_the_window() -> None:
    """And who joins on it is: joining and leaving count from the beginning of their day."""
    registry, wallet = BindingRegistry(SET), WALLET.address.lower()
    registry.bind(signed_by(day=FIRST_DAY - 5), today=FIRST_DAY - 5)
    registry.unbind(wallet, FIRST_DAY, FIRST_DAY)
    registry.bind(signed_by(WALLET, 6, FIRST_DAY), today=FIRST_DAY)
    assert registry.wallets_of(owner(), FIRST_DAY - 1) == {wallet: FIRST_DAY - 5}
    assert registry.wallets_of(owner(), FIRST_DAY) == {}
    assert registry.wallets_of(owner(6), FIRST_DAY) == {wallet: FIRST_DAY}


def test_nobody_leaves_twice_or_without_being_there() -> None:
    registry, wallet = BindingRegistry(SET), WALLET.address.lower()
    registry.bind(signed_by(), today=FIRST_DAY)
    registry.unbind(wallet, FIRST_DAY + 66, FIRST_DAY)
    for who in (wallet, key("nobody").address.lower()):
        with pytest.raises(Refused, match="not bound before that day"):
            registry.unbind(who, FIRST_DAY + 70, FIRST_DAY)


def test_a_wallet_that_joins_another_tag_stays_on_record(tmp_path: Path) -> None:
    """
    Results known, a desk moves its loser to a throwaway tag: the window before still holds it.
    """
    registry, wallet, last = BindingRegistry(SET), WALLET.address.lower(), FIRST_DAY + 65
    winner = key("winner")
    registry.bind(signed_by(), today=FIRST_DAY)
    registry.bind(signed_by(winner), today=FIRST_DAY)
    for tag, day in ((6, last + 1), (5, last + 9)):
        registry.unbind(wallet, day, today=last + 1)
        registry.bind(signed_by(WALLET, tag, day), today=last + 1)
    registry.save(tmp_path / "bindings.json")
    for held in (registry, BindingRegistry.load(tmp_path / "bindings.json")):
        with pytest.raises(Refused, match="not in the statement"):
            require(held, (winner.address.lower(),), FIRST_DAY)
        assert held.wallets_of(owner(), FIRST_DAY).keys() == {wallet, winner.address.lower()}
        assert held.wallets_of(owner(6), last + 1) == {wallet: last + 1}
        assert held.wallets_of(owner(), last + 9)[wallet] == last + 9


def test_leaving_is_not_dated_back() -> None:
    registry, wallet, today = BindingRegistry(SET), WALLET.address.lower(), FIRST_DAY + 20
    registry.bind(signed_by(), today=FIRST_DAY)
    for day in (FIRST_DAY + 1, today - 1, 1 << 24):
        with pytest.raises(Refused) as caught:
            registry.unbind(wallet, day, today)
        assert code_of(caught) == "refused.binding"
        assert registry.wallets_of(owner(), today) == {wallet: FIRST_DAY}
    registry.unbind(wallet, today, today)
    assert registry.wallets_of(owner(), today) == {}


def test_bound_day_is_the_latest_and_at_most_the_first_day() -> None:
    registry = BindingRegistry(SET)
    wallets = [key(f"wallet {i}") for i in range(3)]
    names = tuple(wallet.address.lower() for wallet in wallets)
    for wallet, day in zip(wallets, (FIRST_DAY - 9, FIRST_DAY, FIRST_DAY + 1), strict=True):
        registry.bind(signed_by(wallet, day=day), today=day)
    assert require(registry, names[:2], FIRST_DAY) == FIRST_DAY
    for wrong in (names, (names[0], names[2]), (*names[:2], key("other").address.lower())):
        with pytest.raises(Refused, match="no valid binding") as caught:
            require(registry, wrong, FIRST_DAY)
        assert code_of(caught) == "refused.binding"
    with pytest.raises(Refused, match="not in the statement"):  # none may be left out
        require(registry, names[:1], FIRST_DAY)
    with pytest.raises(Refused):
        require(registry, (), FIRST_DAY, 6)


def test_registry_file(tmp_path: Path) -> None:
    attestors = Attestors()
    for index in range(3):
        attestors.bind(key(f"wallet {index}"), OWNERS[5], FIRST_DAY)
    attestors.announce(FIRST_DAY, 10, "another")
    attestors.bindings.unbind(key("wallet 2").address.lower(), FIRST_DAY + 10, FIRST_DAY)
    path = tmp_path / "bindings.json"
    attestors.bindings.save(path)
    loaded = BindingRegistry.load(path)
    for first, count in ((FIRST_DAY, 3), (FIRST_DAY + 10, 2)):
        held = attestors.bindings.wallets_of(owner(), first)
        assert loaded.wallets_of(owner(), first) == held and len(held) == count
    assert loaded.calendars == attestors.bindings.calendars and len(loaded.calendars) == 2
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    content = json.loads(path.read_text())
    left = next(entry for entry in content["bindings"] if entry["unbound_day"] is not None)
    for wrong in ([left, left], [content["bindings"][0]] * 2, [{**left, "unbound_day": FIRST_DAY}]):
        path.write_text(json.dumps({**content, "bindings": wrong}))
        with pytest.raises(Malformed):
            BindingRegistry.load(path)
    content["bindings"][0]["owner_tag"] = "0x" + "06".rjust(64, "0")
    path.write_text(json.dumps(content))
    with pytest.raises(Rejected):
        BindingRegistry.load(path)
    for name in ("signature", "consent", "salt_seed", "consent_key"):
        wrong = [{k: v for k, v in content["bindings"][0].items() if k != name}]
        path.write_text(json.dumps({**content, "bindings": wrong}))
        with pytest.raises(Malformed, match=rf"bindings\[0\]\.{name}: missing"):
            BindingRegistry.load(path)


# -- files that people wrote -----------------------------------------------------------------------
def bindings_file(tmp_path: Path, count: int = 3) -> tuple[Path, dict[str, Any]]:
    attestors = Attestors()
    for index in range(count):
        attestors.bind(key(f"wallet {index}"), OWNERS[5], FIRST_DAY)
    path = tmp_path / "bindings.json"
    attestors.bindings.save(path)
    return path, json.loads(path.read_text())


def test_spellings_of_one_meaning_are_taken_and_kept_canonical(tmp_path: Path) -> None:
    """Signatures of hardware wallets, compact ones, upper case, checksums, a byte order mark."""
    path, content = bindings_file(tmp_path)
    canonical = path.read_bytes()
    first, second, third = content["bindings"]
    data = bytes.fromhex(first["signature"][2:])
    first["signature"] = "0x" + (data[:64] + bytes([data[64] - 27])).hex().upper()
    data = bytes.fromhex(second["signature"][2:])
    second["signature"] = (
        "0x" + (data[:32] + bytes([data[32] | (data[64] - 27) << 7]) + data[33:64]).hex()
    )
    third["wallet"] = address(third["wallet"], "test")
    content["attestor_set"] = "0x" + content["attestor_set"][2:].upper()
    third["owner_tag"] = "0x" + third["owner_tag"][2:].upper()
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(content).encode())
    BindingRegistry.load(path).save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == canonical


def test_a_checksum_that_does_not_match_is_refused(tmp_path: Path) -> None:
    path, content = bindings_file(tmp_path)
    content["bindings"][1]["wallet"] = address(content["bindings"][1]["wallet"], "test").swapcase()
    path.write_text(json.dumps(content).replace("0X", "0x"))
    with pytest.raises(Malformed, match=r"bindings\[1\]\.wallet: the checksum") as caught:
        BindingRegistry.load(path)
    assert code_of(caught) == "malformed.address"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("2026-01-01", "2026-01-01 is day 20454"),
        (20_260_101, "20260101 looks like 2026-01-01, day 20454"),
        (1_767_225_600, "looks like seconds since 1970, which is 2026-01-01, day 20454"),
        (1_767_225_600_000, "looks like milliseconds since 1970, which is 2026-01-01, day 20454"),
        (-1, "0..16777215"),
        (20_454.0, "not JSON"),
        ("20454", "not a number of days"),
        (True, "not a number of days"),
        (99_999_999, "not a number of days"),
    ],
)
def test_a_bound_day_in_another_unit_is_told(tmp_path: Path, value: object, hint: str) -> None:
    path, content = bindings_file(tmp_path)
    content["bindings"][0]["bound_day"] = value
    path.write_text(json.dumps(content))
    with pytest.raises(Malformed) as caught:
        BindingRegistry.load(path)
    assert code_of(caught) == "malformed.bindings" and hint in caught.value.message


def test_all_complaints_about_a_file_come_at_once(tmp_path: Path) -> None:
    path, content = bindings_file(tmp_path, 5)
    entries = content["bindings"]
    entries[0]["bound_day"] = "soon"
    entries[1]["owner_tag"] = "0x" + "06".rjust(64, "0")  # another tag than was signed
    entries[2]["signature"] = "0x12"
    del entries[3]["venue"]
    entries[3]["Venue"] = 5
    content["calendars"] = [content["calendars"][0] | {"length": 1}, 7]
    path.write_text(json.dumps(content))
    with pytest.raises(Malformed) as caught:
        BindingRegistry.load(path)
    listed: list[dict[str, Any]] = caught.value.fields["errors"]  # type: ignore[assignment]
    assert [part["code"] for part in listed] == [
        "malformed.bindings",
        "rejected.binding",
        "malformed.signature",
        "malformed.bindings",
        "malformed.bindings",
        "malformed.calendar",
        "malformed.calendar",
    ]
    assert caught.value.message.startswith("7 errors:\n  bindings[0].bound_day: ")
    assert "bindings[3].venue: missing" in caught.value.message
    assert "bindings[3].Venue: unknown name" in caught.value.message
