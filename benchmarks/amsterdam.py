"""
What a claim would cost by the rules that are planned after Osaka: `python -m benchmarks.amsterdam`.

Counted from what receipts say on Osaka (`benchmarks/results/gas.json`), since no node that the
tests use speaks these rules; their numbers are those of drafts (EIP-7976, EIP-8037, EIP-8038 as of
November 2026, and EIP-8311 for the dearer floor) and may change. Slots are counted for the quiet
case: nothing ended, nobody moved. The first use of a nullifier makes two slots (grant and holder)
and rewrites one (the root's count); a renewal on the next window rewrites three. Reads, logs and
arithmetic are taken to cost what they do now.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import encode

from contracts.build.artifact import CODE_SIZE_LIMIT, load_artifact

RESULTS = Path(__file__).parent / "results" / "gas.json"
FORK = "osaka"
BASE = 21_000
NEW_SLOT, NEW_SLOT_NOW = 110_000, 22_100
REWRITTEN, REWRITTEN_NOW = 12_000, 5_000
"""A cold slot that is made, and one that is written over; now by EIP-2929 and EIP-3529."""
FLOOR, DEARER_FLOOR = 64, 96
"""Least gas of a transaction for each byte of its calldata, zero or not."""
CODE_BYTE = 1_530
"""Of a contract that is put on chain."""
PROOF_BYTES = {"fast": 3_104, "lean": 2_784}
AT_ONCE = 8
SIGNATURE = 65


@dataclass(frozen=True)
class Count:
    """Gas of one claim: by execution, and by each floor."""

    execution: int
    floor: int
    dearer: int

    @property
    def gas(self) -> int:
        """What is paid."""
        return max(self.execution, self.floor)


def count(now: int, kind: str, profile: str) -> Count:
    """
    A claim's gas.

    Parameters
    ----------
    now : its gas by the rules of `FORK`; of a batch, its share.
    kind : as in the results, such as `renewal, in a batch of 8`.
    """
    made, rewritten = (2, 1) if kind.startswith("first") else (0, 3)
    batch = AT_ONCE if "batch" in kind else 1
    if batch > 1:
        # every claim has its own grant and holder; the root is written at full price once
        rewritten = (rewritten - 1) + 1 / batch
    execution = now + made * (NEW_SLOT - NEW_SLOT_NOW) + rewritten * (REWRITTEN - REWRITTEN_NOW)
    size = calldata_bytes(PROOF_BYTES[profile], batch, consent="consent" in kind or batch > 1)
    floors = ((BASE + each * size) // batch for each in (FLOOR, DEARER_FLOOR))
    return Count(round(execution), *floors)


def calldata_bytes(proof: int, claims: int, *, consent: bool) -> int:
    """Length of a call with so many claims, whose proofs have `proof` bytes."""
    signed = (0, 0, bytes(SIGNATURE if consent else 0))
    claim = (bytes(32), 0, 0, 0, 0, bytes(20), [0] * 5, bytes(proof))
    given = (claim, signed, (0, 0, b""))
    name, arguments = ("onboard", given) if claims == 1 else ("onboardBatch", ([given] * claims,))
    (entry,) = [e for e in load_artifact("TierGrants").abi if e.get("name") == name]
    return 4 + len(encode([_kind(part) for part in entry["inputs"]], arguments))


def _kind(entry: dict[str, Any]) -> str:
    """ABI type of a parameter, a struct as a tuple."""
    if not entry["type"].startswith("tuple"):
        return str(entry["type"])
    parts = ",".join(_kind(part) for part in entry["components"])
    return f"({parts}){entry['type'].removeprefix('tuple')}"


def main() -> None:
    """The table."""
    print("| profile | claim | Osaka | then | its floor | floor at 96 a byte |")
    print("|---|---|---|---|---|---|")
    for profile, kinds in json.loads(RESULTS.read_text(encoding="utf-8"))[FORK].items():
        for kind, now in kinds.items():
            found = count(now, kind, profile)
            print(
                f"| {profile} | {kind} | {now:,} | {found.gas:,} | {found.floor:,} "
                f"| {found.dearer:,} |"
            )
    print(f"\na contract of the greatest size: {CODE_BYTE * CODE_SIZE_LIMIT:,} gas for its code")


if __name__ == "__main__":
    main()
