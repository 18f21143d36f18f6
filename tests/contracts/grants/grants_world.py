"""
A registry of grants with its roles, a set of attestors, verifiers, a series and its policies.

`OPEN` is a second at which all of it is in force; the windows before it are over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from functools import cache
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from grants.machine import Contract, Machine, Reverted
from registry_world import mock
from support.effective import BANDS

from contracts.build.artifact import FOLDER, load_artifact, read_artifact
from contracts.build.link import linked
from policies.attestor_set import AttestorSet, Generation
from policies.effective.regime import pack

DAY = 86_400
NOTICE = 48 * 3_600
CEREMONY = 0xCE4E
LIBRARIES = (
    "Attestors",
    "Roots",
    "Router",
    "Series",
    "Claims",
    "Batch",
    "Reports",
    "MarketState",
)
GOVERNOR, GUARDIAN, ADMIN, STRANGER = (
    keccak(text=name)[12:] for name in ("governor", "guardian", "admin", "stranger")
)
LOOSEN, TIGHTEN = 1, 2
GOVERNED = (
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
)
GUARDED = (
    "endGeneration",
    "revokeRoot",
    "disableVerifier",
    "disablePolicy",
    "revoke",
    "bar",
    "pause",
    "disableEngine",
    "withdrawMarket",
)

KEYS = sorted(
    (Account.from_key(keccak(text=f"attestor {i}")) for i in range(4)),
    key=lambda key: int(key.address, 16),
)
ALICE, BOB, CAROL = (Account.from_key(keccak(text=name)) for name in ("alice", "bob", "carol"))
"""Accounts of an institution, by their keys."""
ACCOUNTS_OF_A_LIFE = {"alice": ALICE, "bob": BOB, "carol": CAROL}
TELLER = keccak(text="teller")[12:]
"""An engine; `market_feed` gives it code."""
FEED_HEARTBEAT = 3_600
ATTESTORS = AttestorSet.of([key.address for key in KEYS[:3]], 2)
NEXT = Generation.of([key.address for key in KEYS[1:]], 2)
SET = ATTESTORS.id
SERIES, POLICY, OTHER = (keccak(text=name) for name in ("series", "policy", "later policy"))
FIRST, LAST = 20_000, 20_059
LATER = LAST + 30
"""Last day of the next window, of as many days."""
BORN = (LAST - 10) * DAY
OPEN = (LAST + 1) * DAY
NEXT_OPEN = (LATER + 1) * DAY
"""The next window is over."""
WORD, NEXT_WORD, NULLIFIER = 0xABCDEF, 0xFEDCBA, 0x123456
PROOF = bytes(range(1, 201))
NOTHING = (0, 0, b"")
"""No consent."""
CONSENT = (
    "Consent(address account,address from,bytes32 series,uint256 nullifier,uint16 initialMarginBp,"
    "uint16 maintenanceMarginBp,int24 takerFee,int24 makerFee,uint16 maxLeverage,uint32 limit,"
    "uint32 leastLastDay,uint64 deadline)"
)


@dataclass(frozen=True)
class Terms:
    """The contract's struct."""

    initial: int
    maintenance: int
    taker: int
    maker: int
    leverage: int
    limit: int
    days: int


SILVER = Terms(1_000, 500, 450, 150, 10, 1_000, 30)
GOLD = Terms(500, 300, 300, 50, 20, 5_000, 30)
PRIME = Terms(400, 200, 200, -50, 25, 9_000, 60)
TIERS = (SILVER, GOLD, PRIME)
DEFAULT = Terms(5_000, 2_500, 10_000, 10_000, 2, 0, 0)


def words(tier: int) -> tuple[int, ...]:
    """Threshold words of a tier."""
    return (tier + 3, tier + 5, tier + 7, tier + 9, 1 << 120)


def addresses(keys: Sequence[LocalAccount]) -> list[bytes]:
    return [bytes.fromhex(key.address[2:]) for key in keys]


def key_address(key: LocalAccount) -> bytes:
    return bytes.fromhex(key.address[2:])


@dataclass(frozen=True)
class Root:
    """The contract's struct."""

    root: int = 0xABCDEF
    attestor_set: bytes = SET
    generation: int = 1
    first_day: int = FIRST
    last_day: int = LAST
    valid_until: int = OPEN + 100 * DAY
    feed: int = 77
    rules: bytes = b"\x0a" * 32


def _place(account: LocalAccount | bytes) -> bytes:
    return account if isinstance(account, bytes) else key_address(account)


ACTS = ("first", "renewed", "recovered", "moved", "announced")


def signed_by(keys: Sequence[LocalAccount], digest: bytes) -> list[tuple[bytes, bytes]]:
    """(signer, signature) of each key, ascending."""
    return [(key_address(key), bytes(key.unsafe_sign_hash(digest).signature)) for key in keys]


class World:
    """The registry, and what the tests do to it again and again."""

    def __init__(
        self,
        chain_id: int = 31_337,
        notice: int = NOTICE,
        default: Terms = DEFAULT,
        machine: Machine | None = None,
    ) -> None:
        self.machine = machine or Machine(chain_id)
        self.machine.now = BORN
        authority = load_artifact("Authority")
        self.authority = Contract(self.machine, authority, self.machine.deploy(authority, ADMIN))
        grants = registry(self.machine)
        self.grants = Contract(
            self.machine,
            grants,
            self.machine.deploy(
                grants, self.authority.place, notice, [CEREMONY], astuple(default), pack(BANDS)
            ),
        )
        for role, member, names in (
            (LOOSEN, GOVERNOR, GOVERNED),
            (TIGHTEN, GUARDIAN, GUARDED),
        ):
            self.give(role, member, names)

    def give(self, role: int, member: bytes, names: Sequence[str]) -> None:
        """A role's functions and its member."""
        chosen = [self.grants.data_selector(name) for name in names]
        self.authority.call(ADMIN, "setTargetFunctionRole", self.grants.place, chosen, role)
        self.authority.call(ADMIN, "grantRole", role, member, 0)

    # -- calls -------------------------------------------------------------------------------------
    def governor(self, name: str, *arguments: Any) -> Any:
        return self.grants.call(GOVERNOR, name, *arguments)

    def guardian(self, name: str, *arguments: Any) -> Any:
        return self.grants.call(GUARDIAN, name, *arguments)

    def anybody(self, name: str, *arguments: Any) -> Any:
        return self.grants.call(STRANGER, name, *arguments)

    @contextmanager
    def refuses(self, error: str, *arguments: Any) -> Iterator[None]:
        """The call inside reverts with this error, and these arguments if any are given."""
        with pytest.raises(Reverted) as caught:
            yield
        assert caught.value.name == error, caught.value
        if arguments:
            assert caught.value.arguments[: len(arguments)] == arguments

    def at(self, second: int) -> World:
        """The next call is at this second."""
        self.machine.now = second
        return self

    # -- the parts ---------------------------------------------------------------------------------
    def mock(self, expected: bytes = bytes(32), srs_id: int = CEREMONY) -> bytes:
        """A verifier that accepts everything, or one call."""
        return self.machine.deploy(mock(), srs_id, expected)

    def register_set(
        self,
        members: Sequence[bytes] = tuple(addresses(KEYS[:3])),
        threshold: int = 2,
        contracts: int = 0,
        bounds: tuple[int, int] = (200, 100),
        salt: bytes = ATTESTORS.salt,
    ) -> bytes:
        return bytes(
            self.governor(
                "registerAttestorSet", salt, (list(members), contracts, threshold), bounds
            )
        )

    def rotate(
        self,
        following: Generation = NEXT,
        keys: Sequence[LocalAccount] = tuple(KEYS[:2]),
        number: int = 2,
        signatures: Sequence[tuple[bytes, bytes]] | None = None,
    ) -> None:
        """The next generation, signed by these keys."""
        members = [bytes.fromhex(member[2:]) for member in following.members]
        if signatures is None:
            signatures = signed_by(keys, handover(members, following.threshold, number))
        self.governor("rotateAttestorSet", SET, (members, 0, following.threshold), list(signatures))

    def register_series(
        self,
        series: bytes = SERIES,
        windows: Sequence[tuple[int, int]] = ((FIRST, LAST), (FIRST + 30, LATER)),
        attestor_set: bytes = SET,
        least_days: int = 28,
        max_age: int = 60,
    ) -> None:
        self.governor("registerSeries", series, attestor_set, least_days, max_age, list(windows))

    def register_policy(
        self,
        policy: bytes = POLICY,
        window: tuple[int, int] = (FIRST, LAST),
        verifiers: Sequence[int] = (0,),
        tiers: Sequence[tuple[Sequence[int], Terms]] | None = None,
        series: bytes = SERIES,
    ) -> None:
        listed = [(words(i), t) for i, t in enumerate(TIERS)] if tiers is None else list(tiers)
        self.governor(
            "registerPolicy",
            (policy, series, *window, list(verifiers), [(w, astuple(t)) for w, t in listed]),
        )

    def submit(
        self,
        signed: Root | None = None,
        keys: Sequence[LocalAccount] = tuple(KEYS[:2]),
        signatures: Sequence[tuple[bytes, bytes]] | None = None,
        **changes: Any,
    ) -> Root:
        signed = replace(signed or Root(), **changes)
        if signatures is None:
            signatures = signed_by(keys, self.root_digest(signed))
        self.anybody("submitRoot", astuple(signed), list(signatures))
        return signed

    def root_digest(self, signed: Root) -> bytes:
        """Written from the type string, not from the contract."""
        return keccak(
            b"\x19\x01"
            + self.domain()
            + keccak(
                keccak(
                    text="Root(uint256 root,bytes32 attestorSet,uint32 generation,uint32 firstDay,"
                    "uint32 lastDay,uint64 validUntil,uint256 feed,bytes32 rules)"
                )
                + encode(
                    ["uint256", "bytes32"] + ["uint256"] * 5 + ["bytes32"],
                    astuple(signed),
                )
            )
        )

    def domain(self) -> bytes:
        """EIP-712 domain of the registry."""
        return keccak(
            encode(
                ["bytes32", "bytes32", "bytes32", "uint256", "address"],
                [
                    keccak(
                        text="EIP712Domain(string name,string version,uint256 chainId,"
                        "address verifyingContract)"
                    ),
                    keccak(text="Tierproof"),
                    keccak(text="2"),
                    self.machine.chain_id,
                    self.grants.place,
                ],
            )
        )

    # -- claims ------------------------------------------------------------------------------------
    def claim(
        self,
        account: LocalAccount | bytes = ALICE,
        tier: int = 1,
        later: bool = False,
        **changes: Any,
    ) -> tuple[Any, ...]:
        """A claim on the first window, or on the later one."""
        fields = {
            "policy": OTHER if later else POLICY,
            "tier": tier,
            "verifier": 0,
            "root": NEXT_WORD if later else WORD,
            "nullifier": NULLIFIER,
            "account": _place(account),
            "thresholds": words(tier),
            "proof": PROOF,
            **changes,
        }
        return tuple(fields.values())

    def onboard(
        self,
        account: LocalAccount | bytes = ALICE,
        tier: int = 1,
        later: bool = False,
        sender: LocalAccount | bytes | None = None,
        consents: tuple[Any, Any] = (NOTHING, NOTHING),
        **changes: Any,
    ) -> str:
        """How the claim counted; sent by the account itself if nobody else is named."""
        who = account if sender is None else sender
        return ACTS[
            self.grants.call(
                _place(who),
                "onboard",
                self.claim(account, tier, later, **changes),
                *consents,
            )
        ]

    def batch(self, *claims: tuple[Any, ...], sender: LocalAccount | bytes = STRANGER) -> list[str]:
        """
        What becomes of each claim, given as (claim, consent of the account, consent of the holder):
        how it counted, or the name of the error.
        """
        counted = self.grants.call(_place(sender), "onboardBatch", list(claims))
        told = self.grants.told()
        failed = {
            said["index"]: self.machine.error_of(said["reason"])
            for name, said in told
            if name == "ClaimFailed"
        }
        acts = iter(
            "announced" if name == "MoveAnnounced" else ACTS[said["act"]]
            for name, said in told
            if name in ("Granted", "MoveAnnounced")
        )
        out = [failed.get(i) or next(acts) for i in range(len(claims))]
        assert counted == sum(1 << i for i in range(len(claims)) if i not in failed)
        return out

    def consent(
        self, signer: LocalAccount, *named: Any, deadline: int | None = None, **changes: Any
    ) -> tuple[int, int, bytes]:
        """What `signer` signs by its key: see `agreed`."""
        end = self.machine.now + 100 * DAY if deadline is None else deadline
        least, _, digest = self.agreed(*named, deadline=end, **changes)
        return (least, end, bytes(signer.unsafe_sign_hash(digest).signature))

    def agreed(
        self,
        account: LocalAccount | bytes = ALICE,
        holder: LocalAccount | bytes | None = None,
        terms: Terms = GOLD,
        least_last_day: int = 0,
        deadline: int = 0,
        **changes: Any,
    ) -> tuple[int, int, bytes]:
        """A consent with its digest, written from the type string and not from the contract."""
        fields = {
            "account": _place(account),
            "from": bytes(20) if holder is None else _place(holder),
            "series": SERIES,
            "nullifier": NULLIFIER,
            **dict(list(vars(terms).items())[:6]),
            **changes,
        }
        kinds = ["address", "address", "bytes32", "uint256"] + ["int256"] * 6
        inner = keccak(
            keccak(text=CONSENT)
            + encode([*kinds, "uint32", "uint64"], [*fields.values(), least_last_day, deadline])
        )
        return (least_last_day, deadline, bytes(keccak(b"\x19\x01" + self.domain() + inner)))

    def grant(self, account: LocalAccount) -> dict[str, Any]:
        """The last grant of an account, with the second of its end."""
        fields, end = self.anybody("grantOf", key_address(account))
        names = (
            "expiry",
            "since",
            "from",
            "conduct_until",
            "level",
            "tier",
            "root",
            "verifier",
            "subject",
        )
        return {**dict(zip(names, fields, strict=True)), "end": end}

    def runs(self, account: LocalAccount) -> bool:
        return bool(self.machine.now < self.grant(account)["end"])

    def holder(self, nullifier: int = NULLIFIER) -> dict[str, Any]:
        """Who holds the nullifier, and its pending move."""
        held, pending = self.anybody("holderOf", SERIES, nullifier)
        names = ("account", "as_of", "moved_at", "free_from_day", "retired", "root")
        return {**dict(zip(names, held, strict=True)), "pending": pending}

    def next_window(self) -> World:
        """The later window is over and its root is known."""
        self.at(max(NEXT_OPEN, self.machine.now))
        self.submit(
            root=NEXT_WORD,
            first_day=FIRST + 30,
            last_day=LATER,
            valid_until=NEXT_OPEN + 100 * DAY,
        )
        return self

    def start(self) -> World:
        """Set, verifiers, series and policies, in force; `now` is OPEN."""
        self.register_set()
        for place in (self.mock(), self.mock()):
            self.governor("registerVerifier", place, keccak(text="mock"))
        self.register_series()
        self.register_policy(verifiers=(0, 1))
        self.register_policy(OTHER, (FIRST + 30, LATER), (0, 1))
        return self.at(OPEN)


def registry(machine: Machine) -> Any:
    """The artifact of the registry, linked to libraries that were just put on chain."""
    libraries = {}
    for name in LIBRARIES:
        libraries[name] = "0x" + machine.deploy(load_artifact(name)).hex()
    return linked(load_artifact("TierGrants"), libraries)


def market_feed(machine: Machine) -> Contract:
    """A feed of volatility with two decimals, and code where TELLER stands."""
    artifact = read_artifact(FOLDER / "test-artifacts" / "MockFeed.json")
    feed = Contract(machine, artifact, machine.deploy(artifact, 2))
    machine.state.set_code(TELLER, b"\0")
    return feed


def handover(members: Sequence[bytes], threshold: int, number: int) -> bytes:
    """What the generation before signs, written from the documents' own code."""
    following = Generation.of(["0x" + member.hex() for member in members], threshold)
    if number == 2:
        return bytes(ATTESTORS.message(following).digest)
    grown = replace(
        ATTESTORS,
        generations=(
            *ATTESTORS.generations,
            *(replace(NEXT, handover=(bytes(65),)) for _ in range(number - 2)),
        ),
    )
    return bytes(grown.message(following).digest)


@cache
def _built() -> World:
    return World().start()


@cache
def _bare() -> World:
    return World()


@contextmanager
def started() -> Iterator[World]:
    """A world in force; what is done to it is undone at the end."""
    world = _built()
    with world.machine.undone():
        yield world


@contextmanager
def bare() -> Iterator[World]:
    """A registry that knows nothing yet."""
    world = _bare()
    with world.machine.undone():
        yield world
