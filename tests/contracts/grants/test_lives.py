"""
Random lives: the registry does what the model says, step by step, and a stranger who sends every
public claim and consent again after each step changes nothing.
"""

from __future__ import annotations

import itertools
import random
from copy import deepcopy
from typing import Any

import pytest
from eth_utils.crypto import keccak
from grants.grants_world import (
    ACCOUNTS_OF_A_LIFE,
    ACTS,
    DAY,
    FIRST,
    GOLD,
    KEYS,
    LAST,
    NOTHING,
    NOTICE,
    OPEN,
    SERIES,
    SET,
    SILVER,
    STRANGER,
    World,
    key_address,
    words,
)
from grants.machine import Reverted
from grants.model import Claim, Model, No, Root
from grants.wallets import wallet

from policies.holding import BARRED, MOVE_EVERY

pytestmark = pytest.mark.evm
ACCOUNTS = ACCOUNTS_OF_A_LIFE
"""Wallets at these addresses, which spare the tests the curve's arithmetic."""
NULLIFIERS = (11, 12, 13)
STEP, WINDOWS = 15, 40
"""A window of 60 days ends every 15 days."""
KEPT = 10
"""Claims that the stranger sends again after each step: the last ones, and as many older ones."""


def window(last: int) -> tuple[int, int]:
    return last - (LAST - FIRST), last


def policy(last: int) -> bytes:
    return bytes(keccak(text=f"window {last}"))


class Life:
    """A registry and its model, side by side."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = World()
        self.lasts = [LAST + STEP * i for i in range(WINDOWS)]
        self.world.register_set(bounds=(200, 1_000))
        for _ in range(2):
            self.world.governor("registerVerifier", self.world.mock(), keccak(text="mock"))
        self.world.register_series(windows=[window(last) for last in self.lasts])
        tiers = [(words(0), SILVER), (words(1), GOLD)]
        for last in self.lasts:
            self.world.register_policy(policy(last), window(last), (0, 1), tiers)
        for account in ACCOUNTS.values():
            wallet(self.world.machine, "echo", key_address(account))
        self.model = Model(OPEN)
        self.public: list[tuple[Claim, tuple[Any, Any], str]] = []
        self.seen: dict[str, int] = {}
        self.words = 1_000

    # -- one step ----------------------------------------------------------------------------------
    def step(self) -> None:
        self.model.now = self._second()
        self.world.at(self.model.now)
        self._submit()
        name = self.random.choices(
            ("onboard", "batch", "relinquish", "downgrade", "contest", "retire", "revoke", "bar",
             "unbar", "revokeRoot"),
            (50, 20, 3, 6, 8, 1, 2, 1, 8, 4),
        )[0]  # fmt: skip
        getattr(self, f"_{name}")()
        self._agree()
        self._stranger()

    def _second(self) -> int:
        """Some time later, or a second before, at or after one at which a rule changes."""
        bounds = [root.valid_until + 1 for root in self.model.roots.values()]
        for holder in self.model.holders.values():
            bounds += [holder.move.ready_at, holder.moved_at + MOVE_EVERY]
            bounds += [holder.free_from_day * DAY] if holder.free_from_day != BARRED else []
        bounds += [grant.expiry for grant in self.model.grants.values()]
        now = self.model.now
        near = [
            at + shift for at in bounds for shift in (-1, 0, 1) if 0 < at + shift - now < 9 * DAY
        ]
        if near and self.random.random() < 0.25:
            self.seen["at a bound"] = self.seen.get("at a bound", 0) + 1
            return self.random.choice(near)
        return now + self.random.choice((1, 3_600, 20 * 3_600, 2 * DAY, 5 * DAY))

    def _both(self, ours: Any, theirs: Any) -> str:
        """The same answer of both."""
        try:
            expected = ours()
        except No as no:
            expected = str(no)
        try:
            got = theirs() or "done"
        except Reverted as reverted:
            got = reverted.name
        assert got == expected, (self.model, expected, got)
        self.seen[got] = self.seen.get(got, 0) + 1
        return str(got)

    def _submit(self) -> None:
        """Each window that is over has a live root."""
        for last in self.lasts:
            old = self.model.roots.get(last)
            if self.model.now < (last + 1) * DAY or (old is not None and not old.ended):
                continue
            until = (last + 1) * DAY + 100 * DAY
            if self.model.now > until or (old is not None and self.random.random() < 0.5):
                continue
            self.words += 1
            first, _ = window(last)
            self.world.submit(
                root=self.words, first_day=first, last_day=last, valid_until=until, keys=KEYS[:2]
            )
            root = Root(len(self.model.all_roots) + 1, last, until)
            self.model.all_roots.append(root)
            self.model.roots[last] = root

    # -- the acts ----------------------------------------------------------------------------------
    def _onboard(self) -> None:
        claim = self._claim()
        sender = self._sender(claim)
        consents = self._consents(claim)
        before = repr(self.model)
        answer = self._both(
            lambda: self.model.onboard(claim, sender),
            lambda: self._send(claim, consents, sender),
        )
        if repr(self.model) != before and answer[0].islower():
            self.public.append((claim, consents, answer))

    def _batch(self) -> None:
        """Claims of one sender: each answers as the model does after those before it."""
        claims = [self._claim() for _ in range(self.random.randint(1, 4))]
        sender = self._sender(claims[0])
        given = [(claim, self._consents(claim)) for claim in claims]
        got = self.world.batch(
            *((self._fields(claim), *consents) for claim, consents in given),
            sender=self._place(sender),
        )
        for (claim, consents), answer in zip(given, got, strict=True):
            self._both(lambda c=claim: self.model.onboard(c, sender), lambda a=answer: self._say(a))
            if answer[0].islower():
                self.public.append((claim, consents, answer))
        self.seen["batch"] = self.seen.get("batch", 0) + 1

    def _say(self, answer: str) -> str:
        """What became of a claim of a batch, as a call of its own would tell it."""
        if answer[0].isupper():
            raise Reverted(answer, ())
        return answer

    def _claim(self) -> Claim:
        over = [last for last in self.lasts if last in self.model.roots][-3:]
        last = self.random.choice([*over, *over[-1:] * 3])
        nullifier = self.random.choice(NULLIFIERS)
        account = self.random.choice(list(ACCOUNTS))
        named = self._holder(nullifier)
        waits = [(n, h) for n, h in self.model.holders.items() if h.move.account is not None]
        if waits and self.random.random() < 0.4:  # a move that was announced is to be finished
            nullifier, moved = self.random.choice(waits)
            account, last, named = str(moved.move.account), moved.move.last_day, moved.account
        signed = self.random.choice(((named,), (named,), None))
        by_holder = self.random.choice(((named,), None, None)) if named else None
        return Claim(
            nullifier, account, self.random.randrange(2), self.random.randrange(2), last,
            self.model.roots[last].serial, signed, by_holder,
        )  # fmt: skip

    def _holder(self, nullifier: int) -> str | None:
        holder = self.model.holders.get(nullifier)
        return holder.account if holder is not None else None

    def _sender(self, claim: Claim) -> str:
        holder = self._holder(claim.nullifier)
        return self.random.choice(("stranger", claim.account, holder or claim.account))

    def _consents(self, claim: Claim) -> tuple[Any, Any]:
        def of(signer: str | None, named: tuple[str | None] | None) -> Any:
            if signer is None or named is None:
                return NOTHING
            return self.world.agreed(
                ACCOUNTS[claim.account],
                None if named[0] is None else ACCOUNTS[named[0]],
                (SILVER, GOLD)[claim.tier],
                deadline=self.model.now + 100 * DAY,
                nullifier=claim.nullifier,
            )

        by_holder = claim.holder_signed
        return of(claim.account, claim.signed), of(by_holder[0] if by_holder else None, by_holder)

    def _send(self, claim: Claim, consents: tuple[Any, Any], sender: str) -> str:
        return ACTS[
            self.world.grants.call(self._place(sender), "onboard", self._fields(claim), *consents)
        ]

    def _place(self, sender: str) -> bytes:
        return STRANGER if sender == "stranger" else key_address(ACCOUNTS[sender])

    def _fields(self, claim: Claim) -> tuple[Any, ...]:
        return self.world.claim(
            ACCOUNTS[claim.account],
            claim.tier,
            policy=policy(claim.last),
            verifier=claim.verifier,
            root=1_000 + claim.root,
            nullifier=claim.nullifier,
        )

    def _call(self, name: str, *arguments: Any) -> None:
        account = self.random.choice(list(ACCOUNTS))
        self._both(
            lambda: getattr(self.model, name)(account, *arguments),
            lambda: self.world.grants.call(
                key_address(ACCOUNTS[account]),
                name,
                *([SERIES] if name in ("contest", "retire") else []),
                *arguments,
            ),
        )

    def _relinquish(self) -> None:
        self._call("relinquish")

    def _downgrade(self) -> None:
        self._call("downgrade", self.random.randrange(2))

    def _contest(self) -> None:
        self._call("contest", self.random.choice(NULLIFIERS))

    def _retire(self) -> None:
        if self.random.random() < 0.1:
            self._call("retire", self.random.choice(NULLIFIERS))

    def _revoke(self) -> None:
        nullifier = self.random.choice(NULLIFIERS)
        self._both(
            lambda: self.model.revoke(nullifier),
            lambda: self.world.guardian("revoke", SERIES, nullifier),
        )

    def _bar(self) -> None:
        nullifier = self.random.choice(NULLIFIERS)
        self._both(
            lambda: self.model.bar(nullifier),
            lambda: self.world.guardian("bar", SERIES, nullifier),
        )

    def _unbar(self) -> None:
        nullifier = self.random.choice(NULLIFIERS)
        self._both(
            lambda: self.model.unbar(nullifier, NOTICE),
            lambda: self.world.governor("unbar", SERIES, nullifier),
        )

    def _revokeRoot(self) -> None:
        root = self.random.choice(self.model.all_roots)
        if not root.ended:
            self.world.guardian("revokeRoot", SET, 1_000 + root.serial)
            root.ended = self.model.now

    # -- after each step ---------------------------------------------------------------------------
    def _agree(self) -> None:
        """Grants, their ends and holders are those of the model."""
        for name, account in ACCOUNTS.items():
            held, grant = self.world.grant(account), self.model.grants.get(name)
            if grant is None:
                assert held["expiry"] == 0
                continue
            clock = (held["expiry"], held["since"], held["from"], held["root"])
            glide = grant.terms
            assert clock == (grant.expiry, glide.since, glide.start, grant.root)
            assert (held["level"], held["conduct_until"]) == (glide.level, glide.conduct_until)
            assert held["tier"] % 2 == 1 - grant.tier  # serials count the tiers of all policies
            assert held["end"] == self.model.end(grant)
        for nullifier, holder in self.model.holders.items():
            held = self.world.holder(nullifier)
            account = ACCOUNTS[holder.account] if holder.account else None
            assert held["account"] == "0x" + (key_address(account) if account else bytes(20)).hex()
            assert (held["as_of"], held["moved_at"], held["retired"], held["free_from_day"]) == (
                holder.as_of, holder.moved_at, holder.retired, holder.free_from_day,
            )  # fmt: skip
            move = holder.move
            assert held["pending"][1:] == (move.ready_at, move.last_day, move.contested_day)

    def _stranger(self) -> None:
        """
        What counted counts no more, whoever sends it. What was only announced may count once more,
        where the model says so: anybody finishes it as a move, or announces it anew in place of a
        move on an older window.
        """
        older = self.public[:-KEPT]
        chosen = self.public[-KEPT:] + self.random.sample(older, min(KEPT, len(older)))
        for claim, consents, act in chosen:
            if act == "announced" and self._may_count(claim):
                continue
            with pytest.raises(Reverted) as caught:
                self._send(claim, consents, "stranger")
            name = f"stranger: {caught.value.name}"
            self.seen[name] = self.seen.get(name, 0) + 1

    def _may_count(self, claim: Claim) -> bool:
        try:
            return deepcopy(self.model).onboard(claim, "stranger") in ("moved", "announced")
        except No:
            return False


def live(seed: int, steps: int) -> dict[str, int]:
    life = Life(seed)
    for _ in range(steps):
        life.step()
    return life.seen


def test_lives() -> None:
    seen: dict[str, int] = {}
    for seed in range(2):
        for name, count in live(seed, 80).items():
            seen[name] = seen.get(name, 0) + count
    assert {"first", "renewed", "moved", "announced", "WindowCounted", "batch"} <= set(seen)


@pytest.mark.slow
def test_ten_thousand_operations() -> None:
    seen: dict[str, int] = {}
    for seed in itertools.count(100):
        for name, count in live(seed, 300).items():
            seen[name] = seen.get(name, 0) + count
        if sum(seen.values()) >= 10_000:
            break
    assert {
        "at a bound", "announced", "moved", "recovered", "MoveNotReady", "MovedTooSoon", "TooShort",
        "RootExpired", "NullifierBarred", "stranger: OtherMoveAnnounced",
    } <= set(seen)  # fmt: skip
