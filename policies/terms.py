"""What a tier grants, in the units of the policy document and of the registry alike."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from policies.rules import TERM_RULES, check

RATES = (
    "initial_margin_bp",
    "maintenance_margin_bp",
    "taker_fee",
    "maker_fee",
    "max_leverage",
)
"""Names of what a tier and the default both have, in the registry's order."""
AGREED = (*RATES, "limit")
"""Names of what an account agrees to in its consent."""


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What a tier grants; the order of fields is that of the registry's `Terms`.

    Attributes
    ----------
    initial_margin_bp : 1/10^4 of notional, 200..10^4
    maintenance_margin_bp : 1/10^4 of notional, from 100 to 80 % of the initial margin and to 2,500
    taker_fee, maker_fee : 1/10^6 of notional (1/100 bp), signed (negative: a rebate), |fee| <= 10^4
    max_leverage : whole times, 1..50, leverage * initial margin <= 1
    limit : most open notional of a subject, 1,000 USD, 1..2^32-1
    validity_days : days from grant to expiry, 1..90
    """

    initial_margin_bp: int
    maintenance_margin_bp: int
    taker_fee: int
    maker_fee: int
    max_leverage: int
    limit: int
    validity_days: int

    def check(self) -> None:
        """Refused (`refused.policy.terms`) naming the number out of its range."""
        check(TERM_RULES, self, "terms")

    def as_tuple(self) -> tuple[int, ...]:
        """As the registry's ABI takes them."""
        return astuple(self)
