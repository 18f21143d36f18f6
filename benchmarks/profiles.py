"""
`python -m benchmarks.profiles`: what the pack size k costs prover and verifier, the table of
docs/decisions/0005.

For each k a full log is proven, and a verifier is generated, compiled and deployed on an EVM in
this process, which verifies and onboards a credential.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import replace

from attestor.cosigning import sign_root
from attestor.venues.sample import unsafe_attestors
from contracts.build.compile import compile_generated
from contracts.client.chain import Chain
from contracts.client.model import Claim
from contracts.client.registry import RegistryClient
from contracts.generator import generate
from policies.attestor_set import AttestorSet
from policies.signed_root import Root, RootDomain
from prover.credential import credential_key, prove_credential
from prover.keys import powers_needed
from prover.setup import unsafe_dev_setup
from tierproof import onchain
from tierproof.backends import fast_algebra
from tierproof.documents import RootFile
from tierproof.measure.proof import bench_attestation, bench_policy, timed_proof

CLASSES = (1 << 13, 1 << 14)
CONTRACT = "Measured"
SECRET = 1
DAY = 86_400


def on_chain(n: int, slots: int) -> dict[str, int]:
    """Bytes of code and proof, and gas of a transaction that verifies and of one that onboards."""
    window = (bench_policy().first_day, bench_policy().last_day)
    algebra, chain = fast_algebra(), Chain.embedded(None, (window[1] + 1) * DAY)
    setup = unsafe_dev_setup(powers_needed(n, slots), algebra)
    key = credential_key(setup, n, algebra, slots=slots)
    artifact = compile_generated(CONTRACT, generate(key.verifying, CONTRACT))
    governor, relayer, account = chain.accounts()[:3]
    roles = onchain.Roles(governor, governor, governor)
    deployment = onchain.deploy(chain, artifact, sender=governor, roles=roles, path=None)
    client, signers = RegistryClient(chain, deployment.registry), unsafe_attestors(2)
    attestor_set = AttestorSet.of([signer.address for signer in signers], 2)
    policy = replace(bench_policy(), attestor_set=attestor_set.id)
    onchain.register_policy(client, policy, attestor_set, governor=governor)

    attested, _ = bench_attestation(setup, n, SECRET)
    root = Root(attested.root, attestor_set.id, 1, *window, chain.now() + 30 * DAY)
    domain = RootDomain(chain.chain_id, client.address.lower())
    signed = RootFile(root, attestor_set, domain, sign_root(root, domain, signers, attestor_set))
    onchain.submit_root(client, signed, sender=relayer)
    made = prove_credential(
        key, attested, SECRET, policy, policy.tiers[0].name, account=int(account, 16),
        scope=onchain.current_place(client).scope(policy.series.id), algebra=algebra,
    )  # fmt: skip
    verify = chain.contract(artifact, deployment.verifiers[0].address).functions.verify(
        list(made.statement), made.proof
    )
    claim = Claim(
        policy_id=policy.policy_id,
        tier=0,
        verifier=0,
        root=attested.root,
        nullifier=made.statement[1],
        account=account,
        thresholds=policy.tiers[0].thresholds.words(),
        proof=made.proof,
    )
    granted = client.onboard(claim, sender=account)
    return {
        "code_bytes": artifact.deployed_size,
        "proof_bytes": len(made.proof),
        "gas_verify": int(chain.send(verify, sender=relayer)["gasUsed"]),
        "gas_onboard": granted.gas_used,
    }


def prover(n: int, packs: Sequence[int], runs: int) -> dict[int, tuple[float, float]]:
    """
    Best seconds and processor seconds of a proof for each k, in turns, so that other work falls on
    all alike.
    """
    algebra = fast_algebra()
    setup = unsafe_dev_setup(powers_needed(n, max(packs)), algebra)
    attested, _ = bench_attestation(setup, n, SECRET)
    keys = {slots: credential_key(setup, n, algebra, slots=slots) for slots in packs}
    best = dict.fromkeys(packs, (math.inf, math.inf))
    for run in range(runs + 1):
        for slots, key in keys.items():
            processor = time.process_time()
            _, seconds, _ = timed_proof(key, attested, SECRET)
            processor = time.process_time() - processor
            if run:  # the first warms tables and caches
                best[slots] = (min(best[slots][0], seconds), min(best[slots][1], processor))
    return best


def main() -> None:
    """Print the table, one line for each k."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slots", type=int, nargs="+", default=[4, 8, 12, 16], metavar="K")
    parser.add_argument(
        "--runs", type=int, default=3, help="proofs of which the best counts (default 3)"
    )
    options = parser.parse_args()
    times = [prover(n, options.slots, options.runs) for n in CLASSES]
    columns = "".join(f" | class {n}: s, processor s" for n in CLASSES)
    print(f"| k | code bytes | proof bytes | gas verify | gas onboard{columns} |")
    print("|---" * (5 + len(CLASSES)) + "|")
    for slots in options.slots:
        cells = [f"{cell:,}" for cell in (slots, *on_chain(CLASSES[0], slots).values())]
        cells += ["{:.2f}, {:.2f}".format(*best[slots]) for best in times]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
