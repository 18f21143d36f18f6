"""
Who may call what of a registry: its authority, an AccessManager of OpenZeppelin's, whose roles are
numbers.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from algebra.errors import TierproofError, Unavailable
from contracts.build.artifact import REGISTRY, load_artifact
from contracts.client.chain import Chain
from contracts.client.model import Roles
from contracts.client.revert import error_selector
from policies.address import address

ADMIN, LOOSEN, TIGHTEN = 0, 1, 2
"""Numbers of the roles; the first is AccessManager's own."""

ROLES = {"admin": ADMIN, "governor": LOOSEN, "guardian": TIGHTEN}
"""By the name of who holds it."""

FUNCTIONS = {
    LOOSEN: (
        "registerAttestorSet",
        "rotateAttestorSet",
        "registerVerifier",
        "registerSeries",
        "announceWindow",
        "registerPolicy",
        "unbar",
        "unpause",
        "close",
        "announceMarket",
        "registerEngine",
        "voidReports",
    ),
    TIGHTEN: (
        "endGeneration",
        "revokeRoot",
        "disableVerifier",
        "disablePolicy",
        "revoke",
        "bar",
        "pause",
        "disableEngine",
        "withdrawMarket",
    ),
}
"""What the registry restricts, by the role that may; whatever stands in no list is the admin's."""


class Authority:
    """The authority of a registry, on a chain."""

    def __init__(self, chain: Chain, at: str) -> None:
        self.chain, self.address = chain, address(at, "authority")
        self.contract: Any = chain.instance(load_artifact("Authority"), self.address)

    # ---- reading ----

    def read(self, name: str, *arguments: object) -> Any:
        """The answer of a function of the contract."""
        return self.chain.read(self.contract.functions[name](*arguments))

    def delay(self, role: int, account: str) -> int | None:
        """Seconds that a member waits after each call; None for who is no member."""
        held, seconds = self.read("hasRole", role, address(account, "account"))
        return int(seconds) if held else None

    def role_of(self, target: str, selector: bytes) -> int:
        """The role that may call a function of a contract."""
        return int(self.read("getTargetFunctionRole", target, selector))

    def members(self) -> dict[int, list[str]]:
        """
        Every member of every role, whoever granted it, also one whose membership begins later: from
        the events, each asked of the state.

        Raises
        ------
        Unavailable
            `unavailable.events`: the node does not hand out all events. A member may be among those
            that it keeps.
        """
        found: dict[int, set[str]] = {}
        for granted in self._granted():
            role, account = int(granted["roleId"]), str(granted["account"])
            since, *_ = self.read("getAccess", role, account)
            if since:
                found.setdefault(role, set()).add(account)
        return {role: sorted(accounts) for role, accounts in sorted(found.items())}

    def scheduled(self) -> list[dict[str, Any]]:
        """What members with a delay have announced and not yet done; raises as `members`."""
        waiting = []
        for each in self._events("OperationScheduled"):
            if when := int(self.read("getSchedule", each["operationId"])):
                waiting.append(
                    {
                        "from": str(each["caller"]),
                        "to": str(each["target"]),
                        "data": "0x" + bytes(each["data"]).hex(),
                        "not_before": when,
                    }
                )
        return waiting

    def odd_settings(self, registry: str) -> list[str]:
        """What of the authority is not as a deployment leaves it, in words; members aside."""
        found = [
            f"role {role} has {what} {held}"
            for role in (LOOSEN, TIGHTEN)
            for what, name in (("admin", "getRoleAdmin"), ("guardian", "getRoleGuardian"))
            if (held := int(self.read(name, role))) != ADMIN
        ]
        found += [
            f"members of role {role} wait {delay} s before they are any"
            for role in (ADMIN, LOOSEN, TIGHTEN)
            if (delay := int(self.read("getRoleGrantDelay", role)))
        ]
        found += [
            f"0x{each.hex()} of the registry may be called by role {held}"
            for each, role in role_by_selector().items()
            if (held := self.role_of(registry, each)) != role
        ]
        if self.read("isTargetClosed", registry):
            found.append("the registry is closed to all")
        if delay := int(self.read("getTargetAdminDelay", registry)):
            found.append(f"its functions' roles change after {delay} s")
        return found

    def _granted(self) -> list[Any]:
        events = self._events("RoleGranted")
        # Its constructor wrote the first one: a node that keeps later ones alone lacks it.
        if not events or int(events[0]["roleId"]) != ADMIN:
            raise _no_events()
        return events

    def _events(self, name: str) -> list[Any]:
        try:
            logs = self.chain.events(self.contract.events[name]())
        except TierproofError:
            raise _no_events() from None
        return [log["args"] for log in logs]

    # ---- calls ----

    def give_functions(self, registry: str, deployer: str) -> Any:
        """The call that says which role may what of a registry, and lets its deployer register."""
        calls = [
            self._data("setTargetFunctionRole", registry, list(selectors_of(role)), role)
            for role in FUNCTIONS
        ]
        return self._all([*calls, self._data("grantRole", LOOSEN, deployer, 0)])

    def hand_over(self, roles: Roles, deployer: str) -> Any:
        """The call that gives the roles to their holders, and takes the deployer's others away."""
        governor, guardian, admin = (
            address(getattr(roles, name), name) for name in ("governor", "guardian", "admin")
        )
        calls = [
            self._data("grantRole", LOOSEN, governor, 0),
            self._data("grantRole", TIGHTEN, guardian, 0),
        ]
        if deployer != governor:
            calls.append(self._data("revokeRole", LOOSEN, deployer))
        calls.append(self._data("grantRole", ADMIN, admin, roles.admin_delay))
        if deployer != admin:
            calls.append(self._data("renounceRole", ADMIN, deployer))
        return self._all(calls)

    def _all(self, calls: list[bytes]) -> Any:
        return self.contract.functions.multicall(calls)

    def _data(self, name: str, *arguments: object) -> bytes:
        return bytes.fromhex(self.contract.encode_abi(name, list(arguments))[2:])


def selectors_of(role: int) -> tuple[bytes, ...]:
    """The selectors of a role's functions of the registry."""
    return tuple(selector_of(name) for name in FUNCTIONS[role])


@cache
def role_by_selector() -> dict[bytes, int]:
    """Of every function of the registry, the role by which a deployment lets it be called."""
    stated = {each: role for role in FUNCTIONS for each in selectors_of(role)}
    functions = (entry for entry in load_artifact(REGISTRY).abi if entry["type"] == "function")
    return {each: stated.get(each, ADMIN) for each in map(error_selector, functions)}


@cache
def selector_of(name: str) -> bytes:
    """The selector of a function of the registry by its name, of which there is one."""
    (entry,) = (
        each
        for each in load_artifact(REGISTRY).abi
        if each["type"] == "function" and each["name"] == name
    )
    return error_selector(entry)


def _no_events() -> Unavailable:
    return Unavailable(
        "unavailable.events",
        "the node hands out no events of the whole chain: who holds the registry's roles cannot "
        "be told",
    )
