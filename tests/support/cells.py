"""
Which cells of each kind of row some rule reads; all others are free by design
(docs/explanation/layout.md 7).
"""

from __future__ import annotations

READ: dict[str, tuple[int, int, str]] = {
    "record": (16, 13, ""),
    "link_lam": (16, 0, "slope sum"),
    "link_t0": (12, 0, "v slope sum"),
    "link_xT": (16, 1, "v slope sum"),
    "link_yT": (16, 0, "v slope sum"),
    "link_t1": (15, 3, "v slope sum"),
    "link_q1": (16, 0, "slope sum"),
    "link_c1a": (16, 0, "slope sum"),
    "link_c1b": (16, 0, "slope sum"),
    "link_q2": (16, 0, "slope sum"),
    "link_c2a": (16, 0, "slope sum"),
    "link_c2b": (16, 0, "slope sum"),
    "link_t2": (15, 0, "slope sum"),
    "link_x": (16, 0, "v slope sum"),
    "link_start": (0, 0, "v sum"),
    "link_xe": (16, 0, "v slope sum"),
    "link_q3": (16, 0, "v slope sum"),
    "link_c3a": (16, 0, "v slope sum"),
    "link_c3b": (16, 0, "v slope sum"),
    "link_t3": (15, 0, "v slope sum"),
    "link_ye": (16, 0, "v slope sum"),
    "link_done": (0, 2, "v slope sum"),
    "link_done2": (0, 2, "sum"),
    "full_round": (0, 3, "v slope sum"),
    "partial_rounds": (0, 7, "v slope sum"),
    "owner": (0, 2, ""),
    "leaf": (0, 2, "v slope sum"),
    "leaf_next": (0, 2, "v slope sum"),
    "leaf_header": (0, 2, "v slope sum"),
    "leaf_days": (8, 2, "v slope sum"),
    "node": (0, 3, "v slope sum"),
    "nullifier": (0, 2, "v slope sum"),
    "nullifier_out": (0, 0, "v slope sum"),
    "day_equity": (16, 13, "v slope sum"),
    "day_return": (15, 12, "v slope sum"),
    "day_index": (15, 6, "v slope sum"),
    "day_activity": (9, 13, "v slope sum"),
    "open": (13, 2, ""),
    "open_next": (0, 2, "v slope sum"),
    "close": (0, 6, "v slope sum"),
    "sums_first": (0, 2, "sum"),
    "sums": (0, 2, "sum"),
    "sums_end": (0, 0, "sum"),
    "compare_sharpe_parts": (12, 2, ""),
    "compare_sharpe": (16, 2, ""),
    "compare_gain": (16, 3, ""),
    "compare_trades_parts": (0, 4, "v"),
    "compare_trades_variance": (14, 3, "v slope sum"),
    "compare_trades_low": (16, 0, "v"),
    "compare_trades_high": (3, 0, "v"),
    "compare_liquidations": (2, 2, ""),
    "compare_near": (16, 2, ""),
    "compare_turnover": (13, 2, ""),
    "compare_volume_equity": (11, 2, ""),
    "compare_days_fills": (3, 2, ""),
    "compare_maker_share": (13, 2, ""),
    "compare_mean_exposure": (13, 2, ""),
    "compare_class_holding": (16, 2, ""),
    "compare_class_exposure": (16, 2, "v"),
    "compare_votes_rewards": (4, 2, ""),
    "compare_best_day": (10, 2, ""),
    "compare_window": (0, 2, ""),
}
"""
Kind of row: how many limb cells, free cells (from the first on) and which registers some rule
reads, besides the range lookup of every limb. All others are free: padding of a row that needs
fewer cells, with no way into any rule (docs/explanation/layout.md). Bus rows read free cells 0 and
1, even where they carry one message: its denominator is there, with multiplicity zero.
"""
