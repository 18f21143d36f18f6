"""What a registry said, as webhooks: its own ABI is the judge of how a log is read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from eth_abi import encode
from support.project import ROOT

from algebra.hexadecimal import hex32
from algebra.keccak import keccak
from contracts.build.artifact import load_artifact
from service.store.database import Database
from service.webhooks import registry
from service.webhooks.events import GrantEnded, MoveAnnounced
from service.webhooks.queue import DAY
from service.webhooks.registry import Log, Owner, event_of, tell
from service.webhooks.settings import WebhookSettings
from tests.service.webhooks.hook_world import NOW, endpoint

ACCOUNT, SERIES, NULLIFIER, SUBJECT = "0x" + "ac" * 20, b"\x5e" * 32, 0xAB << 200, 0x12345678901234
OWNER = Owner(SERIES, NULLIFIER, b"\x0f" * 32)


def entry(name: str) -> dict[str, Any]:
    found = [each for each in load_artifact("TierGrants").abi if each.get("name") == name]
    (event,) = [each for each in found if each["type"] == "event"]
    return event


def log(name: str, *values: object, time: int = NOW) -> Log:
    """As the registry would write it, by its ABI."""
    inputs = entry(name)["inputs"]
    signature = f"{name}({','.join(each['type'] for each in inputs)})"
    given = list(zip(inputs, values, strict=True))
    topics = [keccak(signature.encode())]
    topics += [encode([each["type"]], [value]) for each, value in given if each["indexed"]]
    plain = [(each["type"], value) for each, value in given if not each["indexed"]]
    return Log(time, b"".join(topics), encode(*map(list, zip(*plain, strict=True))))


def ended(why: int, time: int = NOW) -> Log:
    return log("GrantEnded", ACCOUNT, SUBJECT, why, time=time)


def owner_of(account: str, subject: int) -> Owner | None:
    return OWNER if (account, subject) == (ACCOUNT, SUBJECT) else None


def test_reasons_are_the_registry_s() -> None:
    text = (ROOT / "contracts/src/grants/Types.sol").read_text(encoding="utf-8")
    (body,) = re.findall(r"enum Why \{([^}]*)\}", text)
    assert tuple(word.strip().lower() for word in body.split(",")) == registry.WHYS


@pytest.mark.parametrize("why", range(5))
def test_a_grant_that_somebody_ended(why: int) -> None:
    found = event_of(ended(why), owner_of)
    assert found is not None and found.time == NOW and isinstance(found.data, GrantEnded)
    assert found.data.why == registry.WHYS[why]
    assert (found.data.series, found.data.nullifier) == (hex32(SERIES), hex32(NULLIFIER))
    assert ACCOUNT[2:] not in found.body().decode()


def test_a_subject_that_nobody_knows() -> None:
    assert event_of(ended(0), lambda *_: None) is None


def test_a_move_that_was_announced() -> None:
    until = NOW + 72 * 3600
    found = event_of(log("MoveAnnounced", SERIES, NULLIFIER, ACCOUNT, until, 20_000), owner_of)
    assert found is not None and isinstance(found.data, MoveAnnounced)
    assert found.data == MoveAnnounced(
        nullifier=hex32(NULLIFIER), series=hex32(SERIES), contest_until=until
    )
    assert ACCOUNT[2:] not in found.body().decode()


def test_other_events_are_not_told() -> None:
    assert event_of(log("MoveContested", SERIES, NULLIFIER, 20_000), owner_of) is None


def test_it_is_told_once_and_only_while_it_is_news(database: Database) -> None:
    endpoint(database, "https://hooks.example/a", WebhookSettings())
    old = ended(0, NOW - registry.LOOK_BACK_DAYS * DAY - 1)
    with database.writing() as session:
        counts = [tell(session, each, owner_of, NOW) for each in (ended(0), ended(0), old)]
        counts.append(tell(session, ended(0, NOW + 1), owner_of, NOW + 1))
    assert counts == [1, 0, 0, 1]
