"""
A stock of real credentials for the service to take in: many institutions of one attestation round.

One tree holds a leaf for each, all over the same made-up log of 2^13 rows; each proves the same
tier for an account of its own, so each proof is another and has another nullifier. The setup is the
development one, and identities are the numbers from 1: nothing here is worth a secret. A proof
takes a second or two; the stock grows from run to run and is kept in `build/load/stock`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from algebra.hexadecimal import hex20
from algebra.poseidon2 import TAG_OWNER, hash_words
from attestor.leaf import Leaf
from attestor.signatures import sign
from attestor.tree import Tree
from policies.attestor_set import AttestorSet
from policies.place import Place
from policies.policy import Policy
from policies.signed_root import Root
from prover.credential import credential_key, prove_credential
from prover.keys import ProvingKey, powers_needed
from prover.profile import Profile
from prover.setup import Setup, unsafe_dev_setup
from tierproof.backends import fast_algebra
from tierproof.documents import CredentialFile, RootFile
from tierproof.measure.proof import BenchAttestation, bench_attestation, bench_policy

SIZE = 1 << 13
PLACE = Place(31337, "0x" + "10ad" * 10)
MOST = 4096
"""Leaves of the tree, so the most proofs that a stock ever has."""
ATTESTOR = bytes([7]) * 32
"""Private key of the one attestor; of no account that anybody uses."""
FAR = 10 * 365 * 86_400
"""Seconds for which the root is valid."""


@dataclass(frozen=True)
class Stock:
    """A folder with policy, key, root and credentials."""

    folder: Path

    @property
    def policy(self) -> Path:
        """File of the one policy."""
        return self.folder / "policy.json"

    @property
    def key(self) -> Path:
        """File of the verifying key, of the development setup."""
        return self.folder / "key.json"

    @property
    def root(self) -> Path:
        """File of the signed root."""
        return self.folder / "root.json"

    @property
    def credentials(self) -> list[CredentialFile]:
        """All that were proven so far."""
        names = sorted(self.folder.glob("credential-*.json"))
        return [CredentialFile.load(name) for name in names]

    def bodies(self) -> list[bytes]:
        """Each credential as a client sends it."""
        return [json.dumps(each.as_json()).encode() for each in self.credentials]

    def grow(self, count: int, said: Callable[[str], None]) -> None:
        """Prove until there are `count`, at most `MOST`; what is there stays."""
        self.folder.mkdir(parents=True, exist_ok=True)
        missing = [i for i in range(min(count, MOST)) if not self._credential(i).exists()]
        if not missing and self.root.exists():
            return
        said(f"{len(missing)} of {count} proofs are to be made, a second or two each")
        round_ = Round()
        self._publish(round_)
        for done, index in enumerate(missing, 1):
            round_.prove(index).write(self._credential(index))
            if done % 20 == 0 or done == len(missing):
                said(f"{done} of {len(missing)} proofs made")

    def _credential(self, index: int) -> Path:
        return self.folder / f"credential-{index:04}.json"

    def _publish(self, round_: Round) -> None:
        round_.policy.save(self.policy)
        round_.key.verifying.save(self.key)
        if not self.root.exists():
            round_.root_file(int(time.time()) + FAR).write(self.root)


class Round:
    """The attestation round behind a stock: one log, a leaf for each institution."""

    def __init__(self) -> None:
        self.algebra = fast_algebra()
        self.setup: Setup = unsafe_dev_setup(powers_needed(SIZE, Profile.FAST.slots), self.algebra)
        attested, _ = bench_attestation(self.setup, SIZE, secret=1)
        self._one = replace(attested, leaf=replace(attested.leaf, salt=1))

    @cached_property
    def key(self) -> ProvingKey:
        """Proving key of the class."""
        return credential_key(self.setup, SIZE, self.algebra)

    @cached_property
    def members(self) -> AttestorSet:
        """The one attestor."""
        from eth_account import Account

        return AttestorSet.of([Account.from_key(ATTESTOR).address], 1)

    @cached_property
    def policy(self) -> Policy:
        """The policy that all meet."""
        policy = replace(bench_policy(), attestor_set=self.members.id)
        return replace(policy, advice_overridden=True)  # it is there to be met

    @cached_property
    def leaves(self) -> list[Leaf]:
        """A leaf for each institution, of the owner whose secret is its number."""
        return list(self._leaves())

    def _leaves(self) -> Iterator[Leaf]:
        for secret in range(1, MOST + 1):
            tag = hash_words(TAG_OWNER, [secret, self._one.leaf.venue])
            yield replace(self._one.leaf, owner_tag=tag)

    @cached_property
    def tree(self) -> Tree:
        """The tree of all leaves."""
        return Tree.build(self.leaves, self.algebra)

    def root_file(self, valid_until: int) -> RootFile:
        """The root, signed by the one attestor."""
        from eth_account import Account

        signed = Root(
            self.tree.root, self.members.id, self.members.generation, self.policy.first_day,
            self.policy.last_day, valid_until,
        )  # fmt: skip
        signature = sign(Account.from_key(ATTESTOR), signed.message(PLACE.domain))
        return RootFile(signed, self.members, PLACE.domain, (signature,))

    def prove(self, index: int) -> CredentialFile:
        """The credential of one institution."""
        attested = BenchAttestation(
            self.leaves[index], self._one.records, index, self.tree.path(index), self.tree.root
        )
        account = 0xACC0000 + index
        scope = PLACE.scope(self.policy.series.id)
        made = prove_credential(
            self.key, attested, index + 1, self.policy, "any", account=account, scope=scope,
            algebra=self.algebra,
        )  # fmt: skip
        key = self.key.verifying
        return CredentialFile(
            size=SIZE, srs_id=key.srs_id, key_digest=key.digest, policy_id=self.policy.policy_id,
            tier=0, root=self.tree.root, nullifier=made.statement[1], account=hex20(account),
            chain_id=PLACE.chain_id, registry=PLACE.registry, proof=made.proof,
        )  # fmt: skip
