"""
The metrics, each once (docs/explanation/metrics.md C); a file a theme, a metric on one
screen.

Read by the oracle (`history/v2/oracle.py`), the threshold words (`history/v2/thresholds.py`), the
circuit (`circuits/credential/v2/comparisons.py`), policy documents and the docs
(`history/v2/tables.py`).
Their numbers are the order of the threshold words and of the circuit's comparison rows; the shape
of a formula is part of the circuit's text, and so of every key.

Names in formulas: `h` has the sums over all days (`history.v2.day_rows.Sums`), `h.days` = N, and
what `history.v2.oracle` says of the witnesses and extremes; `t` the thresholds.
"""

from __future__ import annotations

from history.v2.metrics.activity import ACTIVITY
from history.v2.metrics.classes import TRADER_CLASSES
from history.v2.metrics.confidence import CONFIDENT
from history.v2.metrics.form import Threshold, Unit
from history.v2.metrics.losses import LOSSES
from history.v2.metrics.margin import MARGIN
from history.v2.metrics.ratios import RATIOS
from history.v2.metrics.score import SCORE
from history.v2.metrics.table import MetricTable
from history.v2.metrics.trades import TRADES
from history.v2.metrics.units import MONEY, USD
from history.v2.record import DISTANCE_OFFSET

COMMON = (
    Threshold("floor", 4, MONEY, unit=USD, least=1),
    Threshold("activity", 4, MONEY, unit=USD, least=1),
    Threshold("risk_free", 2, 1_000_000, unit=Unit("1e-8 a day", 6, " % a day")),
    Threshold("near_line", 2, DISTANCE_OFFSET - 1, unit=Unit("1/10^4", 4), offset=DISTANCE_OFFSET),
)
"""
Floor F: least divisor of a day's return. Activity A: volume + open positions from which a day is
active. Risk-free rate rho. Near line: distance below which a record is near liquidation.
"""

METRICS = MetricTable(
    COMMON,
    [*RATIOS, *TRADES, *MARGIN, *ACTIVITY, *TRADER_CLASSES, *CONFIDENT, *LOSSES, SCORE],
)
"""All of them."""
