"""The cases of docs/guides/emergency.md, and their calls as a test performs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from grants.grants_world import ADMIN, ALICE, GOVERNOR, GUARDIAN, STRANGER, World, key_address
from grants.machine import Contract
from support.project import ROOT
from web3 import Web3

from contracts.build.artifact import load_artifact
from contracts.client.calls import Calls

PAGE = ROOT / "docs" / "guides" / "emergency.md"
WHO = {
    "guardian": GUARDIAN,
    "governor": GOVERNOR,
    "admin": ADMIN,
    "anybody": STRANGER,
    "holder": key_address(ALICE),
}
_ROW = re.compile(r"^\| (\w+) \| `(\w+)\(([^`]*)\)`.* \| ([^|]*) \|$")
METHODS = {
    "disableVerifier": "disable_verifier",
    "endGeneration": "end_generation",
    "revokeRoot": "revoke_root",
    "disableEngine": "disable_engine",
    "pause": "pause",
    "unpause": "unpause",
    "bar": "bar",
    "unbar": "unbar",
    "contest": "contest",
    "retire": "retire",
    "submitRoot": "submit_root",
    "beginMarket": "begin_market",
    "poke": "poke",
}
"""Calls that the commands make of the same arguments, by the client's name."""
_COMMAND = re.compile(r"^\| `(\w+)` \| `tierproof ([a-z -]+)`")
_NAME = re.compile(r"`([A-Z]\w+)`")


@dataclass(frozen=True)
class Step:
    """A row: who calls what."""

    who: str
    call: str
    of: str
    """What stands in the brackets."""
    seen: str
    """How one sees that it worked."""


def cases() -> dict[str, list[Step]]:
    """Steps by the case's heading; headings without a table are no cases."""
    found: dict[str, list[Step]] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:]
            found[heading] = []
        elif line.startswith("| ") and not line.startswith(("| who |", "| `", "| call |")):
            row = _ROW.match(line)
            assert row is not None, f"{heading}: no call in the row {line}"
            found[heading].append(Step(*row.groups()))
    return found


def commands() -> dict[str, str]:
    """The command that makes each call, by the page's last table."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = (_COMMAND.match(line) for line in lines)
    return {row[1]: row[2].strip() for row in rows if row}


def as_a_command(contract: Contract, name: str, arguments: tuple[Any, ...]) -> bytes:
    """The bytes of a call as the command that makes it would send them."""
    place = Web3.to_checksum_address(contract.place)
    calls = Calls(Web3().eth.contract(address=place, abi=load_artifact("TierGrants").abi))
    given = ["0x" + each.hex() if isinstance(each, bytes) and len(each) == 20 else each
             for each in arguments]  # fmt: skip
    made = getattr(calls, METHODS[name])(*given)
    return bytes.fromhex(made._encode_transaction_data()[2:])


def test_name(heading: str) -> str:
    """Of the test that performs a case."""
    return "test_" + re.sub(r"[^a-z]+", "_", heading.lower().replace("'", "")).strip("_")


class Case:
    """One case; its steps are taken in the order of the page, all of them."""

    def __init__(self, world: World, heading: str) -> None:
        self.world, self.heading = world, heading
        self.left = list(cases()[heading])

    def step(self, who: str, call: str, of: str | None = None) -> bytes:
        """The next row is this; the address that calls."""
        assert self.left, f"{self.heading}: the page has no more calls than before {call}"
        step = self.left.pop(0)
        assert (step.who, step.call) == (who, call), f"{self.heading}: the page says {step}"
        assert of is None or step.of == of, f"{self.heading}: the page says {step}"
        return WHO[who]

    def does(self, who: str, call: str, *arguments: Any) -> Any:
        """The next row, on the registry; the events that the page names are emitted."""
        return self._call(self.world.grants, who, call, None, *arguments)

    def authority(self, who: str, call: str, of: str, *arguments: Any) -> Any:
        """The next row, on the authority."""
        return self._call(self.world.authority, who, call, of, *arguments)

    def _call(
        self, contract: Contract, who: str, call: str, of: str | None, *arguments: Any
    ) -> Any:
        seen = self.left[0].seen if self.left else ""
        if call in METHODS:
            assert as_a_command(contract, call, arguments) == contract.data(call, *arguments)
        answer = contract.call(self.step(who, call, of), call, *arguments)
        events = {entry["name"] for entry in contract.events.values()}
        named = events & set(_NAME.findall(seen))
        missing = named - set(contract.said())
        assert not missing, f"{self.heading}: {call} emits no {missing}"
        return answer


@contextmanager
def case(world: World, heading: str) -> Iterator[Case]:
    """A case of the page; AssertionError if calls are left at its end."""
    begun = Case(world, heading)
    yield begun
    assert not begun.left, f"{heading}: not performed: {begun.left}"
