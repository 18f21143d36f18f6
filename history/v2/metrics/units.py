"""Units of thresholds, and the greatest numbers that their limbs hold."""

from __future__ import annotations

from history.v2.metrics.form import Unit

ONE_LIMB, TWO_LIMBS, MONEY = (1 << 12) - 1, (1 << 24) - 1, (1 << 48) - 1
WHOLE = 10_000  # 1.0 in 1/10^4

SHORT, OVER = "short by {by}", "over by {by}"
"""What happened where T is not met; see `history.v2.metrics.form.Condition`."""

USD = Unit("cents", 2, " USD", amount=True)
PERCENT = Unit("1/10^4", 2, " %")
LEVERAGE = Unit("1/100", 2, "x")
SHARE = Unit("1/100", 2)


def count(noun: str) -> Unit:
    """The unit of a number of things."""
    return Unit(noun=noun + "{s}")
