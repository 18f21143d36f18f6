"""
What institutions, attestors and traders do in the story, each as the call that it makes, with what
the model makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from eth_account.signers.local import LocalAccount

from algebra.keccak import keccak
from attestor.cosigning import sign_root
from attestor.signatures import sign
from contracts.client.calls import NO_CONSENT, Signed
from contracts.client.model import ACTS, Claim
from contracts.client.registry import RegistryClient
from contracts.client.signed_by import signed_by
from examples.chain.deployment import DAY, DOLLAR, VERIFIERS
from examples.chain.people import MAX_AGE_DAYS, TIERS, VALIDITY_DAYS, People, Window
from examples.chain.stage import Stage
from policies.abi import encode
from policies.attestor_set import AttestorSet, Generation
from policies.effective.terms import Tier
from policies.grant_consent import NOBODY, GrantConsent
from policies.place import Place
from policies.signed_root import Root
from prover.profile import Profile
from tierproof import onchain

ROOT_DAYS = 100
QUOTE = [
    ("maker", "address"),
    ("taker", "address"),
    ("instrument", "uint32"),
    ("size", "int128"),
    ("price", "uint128"),
    ("nonce", "uint64"),
    ("deadline", "uint64"),
]


@dataclass
class Acts:
    """
    Attributes
    ----------
    nullifiers : by the identity's name, once it has claimed
    attestor_set : as it is in its last generation
    """

    stage: Stage
    people: People
    attestor_set: AttestorSet
    nullifiers: dict[str, int] = field(default_factory=dict)
    nonce: int = 0

    @property
    def place(self) -> Place:
        """Where credentials count."""
        return onchain.current_place(self.client)

    @property
    def client(self) -> RegistryClient:
        """Of the registry."""
        return self.stage.on.client

    @property
    def scope(self) -> int:
        """Of the series on this registry."""
        return self.place.scope(self.people.series.id)

    # -- attestors -----------------------------------------------------------------------------
    def signed_root(self, window: Window) -> Root:
        """What the attestors of the last generation sign of a window."""
        until = (window.last_day + 1 + ROOT_DAYS) * DAY - 1
        return window.root(self.attestor_set, until)

    def submit(self, window: Window) -> None:
        """A quorum signs the root of a window, and anybody submits it."""
        root = self.signed_root(window)
        signatures = sign_root(root, self.place.domain, self.signers(), self.attestor_set)
        listed = signed_by(root.message(self.place.domain), signatures)
        call = self.client.calls.submit_root(root.as_tuple(), listed)
        self.stage.send(call, self.stage.on.anybody)

    def signers(self) -> list[LocalAccount]:
        """Two members of the last generation, ascending."""
        members = [
            each
            for each in self.people.attestors
            if each.address.lower() in self.attestor_set.members
        ]
        return sorted(members, key=lambda each: int(each.address, 16))[:2]

    def next_generation(self) -> None:
        """The first attestor's key goes, a fourth one comes; two of the old ones sign it over."""
        keys = self.people.attestors[1:4]
        following = Generation.of([each.address for each in keys], 2)
        message = self.attestor_set.message(following)
        handover = tuple(sign(each, message) for each in self.signers())
        handed = Generation(following.members, following.threshold, handover)
        self.attestor_set = replace(
            self.attestor_set, generations=(*self.attestor_set.generations, handed)
        )
        call = self.client.calls.rotate_set(self.attestor_set)
        self.stage.send(call, self.stage.on.roles.governor)

    # -- claims --------------------------------------------------------------------------------
    def claim(
        self, who: str, window: Window, tier: str, account: str, profile: Profile = Profile.FAST
    ) -> Claim:
        """A claim of an institution, with its proof; the account by its name."""
        address = self.stage.accounts[account]
        nullifier, proof = self.people.prove(who, window, tier, address, self.scope, profile)
        self.nullifiers[who] = nullifier
        policy = self.people.policy(window.first_day)
        return Claim(
            policy_id=policy.policy_id,
            tier=list(TIERS).index(tier),
            verifier=VERIFIERS.index(profile),
            root=window.any.root,
            nullifier=nullifier,
            account=address,
            thresholds=policy.tier(tier).thresholds.words(),
            proof=proof,
        )

    def granted(
        self,
        what: str,
        who: str,
        window: Window,
        tier: str,
        account: str,
        *,
        counts: str,
        profile: Profile = Profile.FAST,
        before: str = "",
        consents: tuple[Signed, Signed] = (NO_CONSENT, NO_CONSENT),
        relayed: bool = False,
        gas: str = "",
    ) -> None:
        """
        A claim that is granted.

        Parameters
        ----------
        counts : one of `ACTS`, as the registry must say
        before : the account that it moves from, by name
        relayed : sent by anybody; else by the account itself
        """
        claim = self.claim(who, window, tier, account, profile)
        call = self.client.calls.onboard(claim, *consents)
        address = self.stage.accounts[account]
        subject = subject_of(self.scope, claim.nullifier)
        expected = self.stage.expected

        def then(now: int) -> None:
            if before:
                expected.moved(self.stage.accounts[before], address, now)
            end = self.end(window, now)
            expected.granted(address, tier_of(tier), end, subject, now)

        sender = self.stage.on.anybody if relayed else self.people.account(account)
        receipt = self.stage.act(what, account, call, sender, then, gas=gas)
        said = ACTS[self.stage.said(receipt, "Granted")["act"]]
        if said != counts:
            raise AssertionError(f"{what}: the claim counted as {said}, not {counts}")

    def end(self, window: Window, now: int) -> int:
        """First second without the terms of a claim that counts now."""
        over = (window.last_day + 1) * DAY
        until = self.signed_root(window).valid_until + 1
        return min(now + VALIDITY_DAYS * DAY, over + MAX_AGE_DAYS * DAY, until)

    def consent(self, signer: str, who: str, account: str, tier: str, before: str = "") -> Signed:
        """
        What an account signs: that `account` takes these terms, for whatever window within 90 days;
        `before` is the holder, none at first use.
        """
        key, address = self.people.account(signer), self.stage.accounts[account]
        holder = self.stage.accounts[before] if before else NOBODY
        series = self.people.series.id
        return self.agreed(key, address, series, self.nullifiers[who], tier, holder)

    def agreed(
        self,
        key: LocalAccount,
        account: str,
        series: bytes,
        nullifier: int,
        tier: str,
        holder: str = NOBODY,
    ) -> Signed:
        """The same of any series, signed by a key."""
        consent = GrantConsent(
            account=account.lower(),
            holder=holder.lower(),
            series=series,
            nullifier=nullifier,
            terms=TIERS[tier],
            least_last_day=0,
            deadline=self.stage.now + 90 * DAY,
        )
        signature = sign(key, consent.message(self.place.domain))
        return (consent.least_last_day, consent.deadline, signature)

    # -- the engine ----------------------------------------------------------------------------
    def price(self, dollars: float) -> None:
        """A new round of the price feed, now."""
        now = self.stage.now
        call = self.stage.on.price.functions.push(round(dollars * 10**8), now, now)
        self.stage.send(call, self.stage.on.anybody)

    def deposit(self, account: str, dollars: int) -> None:
        """Collateral, made and put in."""
        key, on = self.people.account(account), self.stage.on
        amount = dollars * DOLLAR
        self.stage.send(on.token.functions.mint(key.address, amount), on.anybody)
        self.stage.send(on.token.functions.approve(on.engine.address, amount), key)
        self.stage.send(on.engine.functions.deposit(amount), key)

    def trade(self, taker: str, maker: str, units: int, dollars: int) -> Any:
        """The call by which a taker gets units of a maker, whose quote is signed."""
        self.nonce += 1
        key, chain = self.people.account(maker), self.stage.chain
        values = (
            *(key.address, "0x" + "00" * 20, 0, units * 10**18, dollars * 10**18),
            *(self.nonce, self.stage.now + DAY),
        )
        domain = {
            "name": "Tierproof margin engine",
            "version": "1",
            "chainId": chain.chain_id,
            "verifyingContract": self.stage.on.engine.address,
        }
        types = {"Quote": [{"name": name, "type": kind} for name, kind in QUOTE]}
        quote = dict(zip((name for name, _ in QUOTE), values, strict=True))
        signature = bytes(key.sign_typed_data(domain, types, quote).signature)
        return self.stage.on.engine.functions.trade(values, signature)

    def reported(self, what: str, account: str, call: Any, sender: Any, level: int) -> None:
        """A call of the engine that reports an account to the registry, at this level."""
        address = self.stage.accounts[account]

        def then(now: int) -> None:
            self.stage.expected.reported(address, level, now)

        receipt = self.stage.act(what, account, call, sender, then)
        said = self.stage.said(receipt, "ConductReported")
        if said["level"] != level:
            raise AssertionError(f"{what}: the engine reported level {said['level']}, not {level}")


def tier_of(name: str) -> Tier:
    """A tier's terms as the model takes them."""
    return Tier(*TIERS[name].as_tuple()[:6])


def subject_of(scope: int, nullifier: int) -> int:
    """Who stands behind a grant, as the registry tells engines."""
    return int.from_bytes(keccak(encode(scope, nullifier))[-7:])
