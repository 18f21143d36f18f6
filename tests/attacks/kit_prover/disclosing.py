"""Disclosures of the desk's log with one link broken, handed to an auditor's check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from attacks.kit_prover.desk import MEMBERS, REGISTRY, history, members_in, root_file
from attacks.kit_prover.mutants import Attempt, Verifier
from support.credential import CLASS, world

from algebra.native_backend import native
from attestor.disclosure import Opening, open_records
from policies.attestor_set import AttestorSet
from policies.signed_root import RootDomain

ROWS = (0, 1)


@cache
def opened() -> tuple[list[int], Opening]:
    """Two records of the desk's log."""
    return open_records(history().records, CLASS, ROWS, world().setup.g1, native())


def disclosed(m: Verifier, root: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A disclosure in the mutant's own classes; `root`: changes of its root file."""
    words, proof = opened()
    fields = {
        "venue": "synthetic",
        "consent_key": REGISTRY,
        "leaf": history().leaf,
        "index": history().index,
        "path": history().path,
        "root": root_file(m, **(root or {})),
        "rows": ROWS,
        "words": tuple(words),
        "proof": proof,
    }
    return m.disclosure.DisclosureFile(**{**fields, **changes})


def discloses(
    believed: AttestorSet = MEMBERS,
    domain: RootDomain | None = None,
    srs_id: int | None = None,
    allowed: bool = True,
    **changes: Any,
) -> Attempt:
    """Checked by one who believes this set, with a key of this setup, which he allows or not."""
    key = world().key.verifying
    if srs_id is not None:
        key = replace(key, srs_id=srs_id)
    allow_setup = f"0x{key.srs_id:050x}" if allowed else None
    return lambda m: disclosed(m, **changes).check(
        key, members_in(m, believed), native(), domain, allow_setup=allow_setup
    )


def another_record() -> tuple[int, ...]:
    words, _ = opened()
    return (words[0] ^ 1, *words[1:])


def repeats_record(times: int) -> Callable[[dict[str, Any]], object]:
    """Shows the first record so many times."""
    return lambda document: document.update(records=document["records"][:1] * times)
