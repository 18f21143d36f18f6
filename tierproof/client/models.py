"""What the service answers, as Python values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from algebra.errors import TierproofError, Unavailable


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks against an accepted credential now."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """
    An acceptance. It is a verdict and no grant.

    Attributes
    ----------
    replayed : whether the same file came before, so that this is its stored verdict
    stands : whether nothing speaks against it now; `reasons` says what does
    credential : what was recorded, by the names of the service's documentation
    """

    replayed: bool
    stands: bool
    reasons: tuple[Reason, ...]
    credential: dict[str, Any]

    @classmethod
    def of(cls, value: Any) -> Verification:
        """From an answer; Unavailable (`unavailable.service`) where it is none."""
        try:
            if value["outcome"] != "accepted":
                raise ValueError("another outcome")
            standing = value["standing"]
            reasons = tuple(Reason(each["code"], each["detail"]) for each in standing["reasons"])
            stands, replayed = standing["stands"], value["replayed"]
            if type(stands) is not bool or type(replayed) is not bool:
                raise ValueError("neither true nor false")
            return cls(replayed, stands, reasons, dict(value["credential"]))
        except (KeyError, TypeError, ValueError):
            raise unlike("verification") from None


def unlike(what: str) -> TierproofError:
    """The error for an answer that is not what this client knows."""
    return Unavailable("unavailable.service", f"service: its answer is no {what} that is known")
