"""When a grant ends: the earliest end of all that it rests on (`Grants.endOf`)."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from service.follower.fitting import require_known
from service.follower.tables import (
    GenerationRow,
    GrantRow,
    RootRow,
    SwitchesRow,
    TierRow,
    VerifierRow,
    Versioned,
)

R = TypeVar("R", bound=Versioned)


class Reading(Protocol):
    """Rows as of one block."""

    def find(self, kind: type[R], /, **key: Any) -> R | None:
        """The row of a key; None if there is none."""

    def of(self, kind: type[R], /, **key: Any) -> R:
        """The row of a key, all zero if there is none."""


def root_end(rows: Reading, serial: int) -> int:
    """Second at which a root or its generation ended; 0 if neither did, or there is no root."""
    if serial == 0:
        return 0
    root = require_known(rows.find(RootRow, serial=serial), f"root {serial}")
    signers = require_known(
        rows.find(GenerationRow, serial=root.signers), f"generation {root.signers}"
    )
    return min((end for end in (root.ended_at, signers.ended_at) if end), default=0)


def end_of(rows: Reading, grant: GrantRow) -> int:
    """First second at which a grant does not run; 0 where there never was one."""
    if grant.tier == 0:
        return 0
    tier = require_known(rows.find(TierRow, serial=grant.tier), f"tier {grant.tier}")
    by = require_known(
        rows.find(VerifierRow, verifier=grant.verifier), f"verifier {grant.verifier}"
    )
    switches = rows.of(SwitchesRow, one=1)
    ends = (root_end(rows, grant.root), tier.ended_at, by.disabled_at, switches.closed_at)
    return min([grant.expiry, *(end for end in ends if end)])
