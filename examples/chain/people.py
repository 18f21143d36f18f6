"""
Who the story is about, and what can be proven of them: the sample's desk, shared out between two
institutions, with its neighbours; three attestors and a fourth who comes later; windows that are
announced before they begin.

Identities are made anew for each run; keys of wallets and attestors are the sample's, public.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from eth_account.signers.local import LocalAccount

from algebra.interface import R
from attestor.attest import OwnerStatement, draft
from attestor.attestation import Attestation
from attestor.binding import SignedBinding, sign_binding
from attestor.bindings import BindingRegistry
from attestor.calendar import Calendar, SignedCalendar
from attestor.venues import sample
from policies.attestor_set import AttestorSet
from policies.policy import Policy, example
from policies.series import Series
from policies.signed_root import Root, RootDomain
from policies.terms import Terms
from prover.credential import prove_credential
from prover.profile import Profile
from prover.vault import Identity
from tierproof.attesting import commitment_setup
from tierproof.backends import fast_algebra
from tierproof.keys_folder import KeysFolder
from tierproof.owner import VenueOwner

DAY = 86_400
SIZE, SEED = 8_192, 7
FIRST, LENGTH = 20_608, 30
"""The first window's first day, 2026-06-04, and days of each window."""
WINDOWS = (FIRST, FIRST + LENGTH, FIRST + 3 * LENGTH)
"""First days."""
LATE_DAYS = 2
"""Days after a window in which what is late still counts."""
VALIDITY_DAYS, MAX_AGE_DAYS = 30, 60
TIERS = {
    "member": Terms(1_000, 600, 450, 150, 10, 10_000, VALIDITY_DAYS),
    "prime": Terms(500, 300, 300, -50, 20, 50_000, VALIDITY_DAYS),
}
"""Weakest first."""
ALDGATE, BISHOPSGATE, HARBOUR, QUARRY = "Aldgate", "Bishopsgate", "Harbour", "Quarry"
NEW_ALDGATE = "Aldgate's new identity"


@dataclass(frozen=True)
class Window:
    """A window with the root of all logs, and each owner's attestation."""

    first_day: int
    attested: Mapping[str, Attestation]

    @property
    def last_day(self) -> int:
        """Inside it."""
        return self.first_day + LENGTH - 1

    @property
    def any(self) -> Attestation:
        """Root, feed and rules are the same in all."""
        return next(iter(self.attested.values()))

    def root(self, attestor_set: AttestorSet, valid_until: int) -> Root:
        """What attestors sign of it."""
        made = self.any
        return Root(
            made.root,
            attestor_set.id,
            attestor_set.generation,
            self.first_day,
            self.last_day,
            valid_until,
            made.feed,
            made.files.rules,
        )


@dataclass
class People:
    """Identities, wallets and attestors; proofs are kept, so that a second run takes no time."""

    keys: KeysFolder
    folder: Path
    progress: Callable[[str], None] = lambda _: None
    identities: dict[str, Identity] = field(default_factory=dict)
    proofs: dict[tuple[object, ...], tuple[int, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (ALDGATE, BISHOPSGATE, HARBOUR, QUARRY, NEW_ALDGATE):
            self.identities[name] = Identity(1 + secrets.randbelow(R - 1))
        self.attestors = sample.unsafe_attestors(4)
        self.attestor_set = AttestorSet.of([each.address for each in self.attestors[:3]], 2)
        self.bindings = BindingRegistry(self.attestor_set.id)
        calendar = Calendar(
            "programme", self.attestor_set.id, 1, FIRST, LENGTH, 4, FIRST - 1, LATE_DAYS * 24
        )
        signed = SignedCalendar.sign(calendar, self.attestor_set, self.attestors[:2])
        self.bindings.announce(signed, FIRST - 1)
        for name, wallets in self.wallets().items():
            self._bind(name, wallets, FIRST)
        self._windows: dict[tuple[int, str], Window] = {}

    @classmethod
    def create(cls, folder: Path, progress: Callable[[str], None] = lambda _: None) -> People:
        """Everybody, with keys of both profiles on a development setup, in a folder."""
        keys = KeysFolder.create(
            folder / "keys",
            fast_algebra(),
            size=SIZE,
            profile=Profile.LEAN,  # needs the longer setup
            unsafe_development=True,
        )
        for profile in Profile:
            keys.proving_key(SIZE, profile)
        return cls(keys, folder, progress)

    # -- who -----------------------------------------------------------------------------------
    @staticmethod
    def wallets() -> dict[str, tuple[LocalAccount, ...]]:
        """Keys of each owner's wallets."""

        def keys(name: str, *places: int) -> tuple[LocalAccount, ...]:
            return tuple(sample.unsafe_key(SEED, f"{name}/{i}") for i in places)

        return {
            ALDGATE: keys("desk", 0, 1),
            BISHOPSGATE: keys("desk", 2, 3),
            HARBOUR: keys("harbour", 0, 1),
            QUARRY: keys("quarry", 0),
        }

    @staticmethod
    def account(name: str) -> LocalAccount:
        """Who trades under this name."""
        return sample.unsafe_key(SEED, f"account/{name}")

    def _bind(self, name: str, wallets: tuple[LocalAccount, ...], day: int) -> None:
        owner = VenueOwner.of(self.identities[name], sample.VENUE)
        for key in wallets:
            request = owner.binding(key.address.lower(), self.attestor_set.id, day)
            signed = SignedBinding(request, sign_binding(key, request), owner.consent(request))
            self.bindings.bind(signed, day)

    def leave_stolen_identity(self, day: int) -> None:
        """Aldgate's wallets leave the identity that was stolen, and join a new one that day."""
        wallets = self.wallets()[ALDGATE]
        if any(each.unbound_day is not None for each in self.bindings.entries):
            return  # in an earlier run
        for key in wallets:
            self.bindings.unbind(key.address.lower(), day, day)
        self._bind(NEW_ALDGATE, wallets, day)

    # -- histories -----------------------------------------------------------------------------
    def window(self, first_day: int, *, without: str = "", renamed: bool = False) -> Window:
        """
        Attest a window of everybody, or of all but one.

        Parameters
        ----------
        renamed : Aldgate stands under its new identity
        """
        kept = self._windows.get((first_day, without))
        if kept is not None:
            return kept
        self.progress(f"attest: window from day {first_day}")
        desk = sample.write_sample(
            self.folder / f"statements-{first_day}", seed=SEED, first_day=first_day, days=LENGTH
        )
        statements = desk.statement_file()
        owners: dict[str, OwnerStatement] = {}
        for name, wallets in self.wallets().items():
            if name == without:
                continue
            owner = NEW_ALDGATE if renamed and name == ALDGATE else name
            addresses = tuple(key.address.lower() for key in wallets)
            owners[owner] = OwnerStatement(
                VenueOwner.of(self.identities[owner], sample.VENUE).tag,
                statements.statement(addresses, desk.first_day, desk.last_day),
            )
        now = (desk.last_day + 1 + LATE_DAYS) * DAY
        made = draft(
            list(owners.values()),
            bindings=self.bindings,
            setup=commitment_setup(self.keys, SIZE),
            algebra=self.keys.algebra,
            attestor_set=self.attestor_set,
            domain=RootDomain(1, "0x" + "11" * 20),  # signed elsewhere: only the tree is taken
            valid_until=now + DAY,
            now=now,
        )
        window = Window(first_day, dict(zip(owners, made, strict=True)))
        self._windows[first_day, without] = window
        return window

    # -- policies and proofs -------------------------------------------------------------------
    def policy(self, first_day: int) -> Policy:
        """Two tiers of the standard policy over a window, on the story's terms."""
        standard = example("standard").over(first_day, first_day + LENGTH - 1)
        policy = replace(
            standard,
            name=f"programme-{first_day}",
            series_name="programme",
            least_days=LENGTH,
            max_age_days=MAX_AGE_DAYS,
            attestor_set=self.attestor_set.id,
            documents=sample.documents(),
            tiers=tuple(replace(standard.tier(name), terms=terms) for name, terms in TIERS.items()),
        )
        policy.check()
        return policy

    @property
    def series(self) -> Series:
        """That all of the story's policies are of."""
        return self.policy(FIRST).series

    def prove(
        self,
        name: str,
        window: Window,
        tier: str,
        account: str,
        scope: int,
        profile: Profile = Profile.FAST,
    ) -> tuple[int, bytes]:
        """Nullifier and proof of a tier for an account; kept for a second run."""
        attested, policy = window.attested[name], self.policy(window.first_day)
        asked = (name, attested.root, tier, account.lower(), scope, profile)
        if asked not in self.proofs:
            self.progress(f"prove: {name}, {tier}, {profile}")
            made = prove_credential(
                self.keys.proving_key(SIZE, profile),
                attested,
                self.identities[name].reveal(),
                policy,
                tier,
                account=int(account, 16),
                scope=scope,
                algebra=self.keys.algebra,
            )
            self.proofs[asked] = (made.statement[1], made.proof)
        return self.proofs[asked]
