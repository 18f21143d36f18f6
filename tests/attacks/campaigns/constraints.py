"""
A1: everything that can be removed from the circuit is removed in turn, and a forged trace must pass
that only it stopped.

The list comes from the circuit object: constraints, sides of lookups, bus messages, totals of the
group-by, terms of the sums and of the record column, selectors. A constraint without a cheat must
be listed as implied, with its proof, or the campaign fails. `build/mutation.json` holds each
verdict.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attacks.campaigns import Keep, Progress, journal
from attacks.kit.catalogue import Item, constraint_cheats, items
from attacks.kit.cheats import told
from attacks.kit.prover import prove_cheat, weakened_key
from attacks.kit.trace import Trace
from attacks.kit.weaken import without_constraint, without_rows
from support.credential import world

from algebra.errors import Rejected
from algebra.native_backend import native
from verifier.verify import verify

NAME = "constraints"
BUILD = Path(__file__).resolve().parents[3] / "build"


def verdict(item: Item) -> tuple[dict[str, Any], Trace | None]:
    """What the full circuit and the weakened one say of the item's cheat."""
    out: dict[str, Any] = {"sort": item.sort, "name": item.name}
    if item.cheat is None or item.weakened is None:
        return {**out, "cheat": None, "caught": False}, None
    trace = told(item.cheat)
    full = trace.failures()
    weak = trace
    if item.sort not in ("constraint", "boundary"):
        weak = trace.copy()
        weak.base = trace.base
        item.weakened.settle(weak)
        weak.complete(item.weakened.circuit)
    accepted = weak.failures(item.weakened.circuit)
    out |= {
        "cheat": item.cheat.gain,
        "full": {label: list(rows[:5]) for label, rows in full.items()},
        "weakened": sorted(accepted),
        "caught": set(full) == item.weakened.expected and not accepted,
    }
    return out, trace


def selector_verdict(kind: str, trace: Trace, full: dict[str, Any]) -> dict[str, Any]:
    """The same trace when the selector of the kind is off on the rows that fail."""
    rows = frozenset(row for found in full.values() for row in found)
    accepted = trace.failures(without_rows(trace.circuit, kind, rows))
    return {
        "sort": "selector", "name": kind, "full": full, "weakened": sorted(accepted),
        "caught": bool(full) and not accepted,
    }  # fmt: skip


def proof_verdict(label: str) -> dict[str, Any]:
    """
    A real proof of the cheat: accepted under the key of the weakened circuit, refused under the
    full one.
    """
    circuit, algebra = world().circuit, native()
    cheat, verdicts = constraint_cheats(circuit)[label], []
    for key in (weakened_key(without_constraint(circuit, label)), world().key):
        statement, proof = prove_cheat(cheat, key, algebra)
        try:
            verify(key.verifying, statement, proof, algebra=algebra)
            verdicts.append("accepted")
        except Rejected as error:
            verdicts.append(error.code)
    return {
        "sort": "proof", "name": label, "weakened": verdicts[0], "full": verdicts[1],
        "caught": verdicts == ["accepted", "rejected.equation"],
    }  # fmt: skip


PROVEN = (
    "record.near_is_active",
    "record.distance",
    "record.exposure",
    "link.lam.sum",
    "link.t0.slope",
    "link.xT.v",
    "link.ye.final_sum",
    "full.next_v",
    "partial.box1",
    "leaf.owner_tag",
    "node.child",
    "nullifier.digest",
    "day.profit",
    "day_index.take_over",
    "risk.square",
    "close.closing",
    "sums.fold",
    "metric.M3.gain.hand_over",
    "metric.M22.ratio",
    "metric.M10.volume",
    "metric.M17.net",
    "helper.range0",
    "helper.tables",
    "helper.exchange",
    "sum.next",
    "sum.start",
    "sum.end",
)
"""Constraints, some of every region, whose cheats are proven as well."""


def constraints_campaign(
    progress: Progress,
    known: dict[str, dict[str, Any]] | None = None,
    keep: Keep = lambda k, v: None,
    only: Callable[[Item], bool] = lambda item: True,
    proven: Sequence[str] = (),
) -> dict[str, Any]:
    """
    All verdicts.

    Parameters
    ----------
    known : verdicts of an earlier run by key. keep : told each new one. only : which items to try.
    proven : labels whose cheats go through prover and verifier too.
    """
    circuit, done = world().circuit, dict(known or {})
    kinds = {id(kind.selector): name for name, kind in circuit.kinds.items()}
    by_label = {c.label: c for c in circuit.constraints}
    wanted = [item for item in items(circuit) if only(item)]
    for number, item in enumerate(wanted):
        if item.key not in done:
            done[item.key], trace = verdict(item)
            keep(item.key, done[item.key])
            kind = (
                kinds.get(id(by_label[item.name].selector)) if item.sort == "constraint" else None
            )
            if (
                kind
                and f"selector: {kind}" not in done
                and trace is not None
                and done[item.key]["caught"]
            ):
                done[f"selector: {kind}"] = selector_verdict(kind, trace, done[item.key]["full"])
                keep(f"selector: {kind}", done[f"selector: {kind}"])
        if number % 25 == 24:
            progress(f"constraints: {number + 1} of {len(wanted)}")
    for label in proven:
        if f"proof: {label}" not in done:
            done[f"proof: {label}"] = proof_verdict(label)
            keep(f"proof: {label}", done[f"proof: {label}"])
            progress(f"constraints: proof without {label}")
    return {
        "tried": len(done), "caught": sum(v["caught"] for v in done.values()), "free": 0,
        "details": list(done.values()),
    }  # fmt: skip


def run(progress: Progress, state: Path) -> dict[str, Any]:
    """The whole campaign; see `attacks.campaigns`."""
    with journal(state / "constraints.jsonl") as (known, keep):
        out = constraints_campaign(progress, known, keep, proven=PROVEN)
    BUILD.mkdir(exist_ok=True)
    (BUILD / "mutation.json").write_text(json.dumps(out, indent=1) + "\n")
    return out
