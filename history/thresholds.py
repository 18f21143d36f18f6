"""
The public thresholds of a tier and their packing into four words t0..t3
(docs/explanation/metrics.md C, G).

Limb i of word j is limb 21 j + i of the layout; a number lies in consecutive limbs of 12 bits,
lowest first. The first 74 limbs are used, the rest are zero. The last number is the mask: bit i - 1
says that the tier asks for metric Mi.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from dataclasses import field as field_of

from algebra.errors import Malformed, Refused
from history.posterior import MAX_M, NEVER, POSTERIOR_WORDS
from history.record import BUFFER_OFFSET, LIMB_BITS, LIMB_MASK, MAX_DAYS

METRIC_COUNT = 21
WORDS = 4
LIMBS_PER_WORD = 21  # 252 bits: below the field's order
MIN_DAYS = 2
MIN_TRADE_CLOSES = 30  # M3: fewer closes make a ratio of luck (metrics.md F)
NO_FEED = frozenset({2, 4})  # metrics by volatility regime: v1 has no feed
WEAKEST_BUFFER = -BUFFER_OFFSET
WEAKEST_DRAWDOWN = 10_000
WEAKEST_EXPOSURE = 4095

METRIC_NAMES: dict[int, str] = {
    1: "Sharpe ratio of daily returns",
    2: "Sharpe ratio of daily returns by regime",
    3: "Sharpe ratio of executed trades",
    4: "Sharpe ratio of executed trades by regime",
    5: "margin buffer",
    6: "liquidations",
    7: "drawdown",
    8: "near-liquidation rate",
    9: "turnover of collateral",
    10: "volume",
    11: "mean equity",
    12: "active days",
    13: "fills",
    14: "maker share",
    15: "mean exposure",
    16: "peak exposure",
    17: "class hedger",
    18: "class speculator",
    19: "votes",
    20: "rewards",
    21: "best day's share of all returns",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """
    One number of the packed thresholds.

    Attributes
    ----------
    name : field of `Thresholds`, or `near_word_0` .. `near_word_15`, or `mask`
    start, limbs : limbs start .. start + limbs - 1 of the layout
    offset : added before packing
    greatest : largest number that `Thresholds.check` admits; the least is -offset
    weakest : what a tier that does not ask for `metrics` carries
    metrics : the metrics that use it; empty: always used
    """

    name: str
    start: int
    limbs: int
    offset: int
    greatest: int
    weakest: int
    metrics: tuple[int, ...]


def _layout() -> dict[str, Slot]:
    near = [(f"near_word_{k}", 1, 0, 4095, 0, (8,)) for k in range(POSTERIOR_WORDS)]
    numbers: list[tuple[str, int, int, int, int, tuple[int, ...]]] = [
        ("floor", 4, 0, (1 << 48) - 1, 0, ()),
        ("activity", 4, 0, (1 << 48) - 1, 0, ()),
        ("risk_free", 2, 0, 1_000_000, 0, ()),
        ("near_line", 2, BUFFER_OFFSET, BUFFER_OFFSET - 1, 0, ()),
        ("sharpe", 2, 0, (1 << 16) - 1, 0, (1,)),
        ("regime_sharpe", 2, 0, (1 << 16) - 1, 0, (2,)),
        ("trade_sharpe", 2, 0, (1 << 16) - 1, 0, (3,)),
        ("trade_closes", 2, 0, (1 << 24) - 1, 0, (3,)),
        ("regime_trade_sharpe", 2, 0, (1 << 16) - 1, 0, (4,)),
        ("regime_trade_closes", 2, 0, (1 << 24) - 1, 0, (4,)),
        ("buffer", 2, BUFFER_OFFSET, BUFFER_OFFSET - 1, WEAKEST_BUFFER, (5,)),
        ("liquidations", 1, 0, 4095, 0, (6,)),
        ("drawdown", 2, 0, 10_000, WEAKEST_DRAWDOWN, (7,)),
        *near,
        ("turnover", 2, 0, (1 << 24) - 1, 0, (9,)),
        ("volume", 5, 0, (1 << 60) - 1, 0, (10,)),
        ("mean_equity", 4, 0, (1 << 48) - 1, 0, (11,)),
        ("active_days", 1, 0, 4095, 0, (12,)),
        ("fills", 2, 0, (1 << 24) - 1, 0, (13,)),
        ("maker_share", 2, 0, 10_000, 0, (14,)),
        ("mean_exposure", 2, 0, (1 << 24) - 1, 0, (15,)),
        ("peak_exposure", 1, 0, 4095, WEAKEST_EXPOSURE, (16,)),
        ("class_holding", 2, 0, (1 << 24) - 1, 0, (17, 18)),
        ("class_exposure", 2, 0, (1 << 24) - 1, 0, (17, 18)),
        ("votes", 1, 0, 4095, 0, (19,)),
        ("rewards", 1, 0, 4095, 0, (20,)),
        ("best_day", 2, 0, 10_000, 0, (21,)),
        ("mask", 2, 0, (1 << METRIC_COUNT) - 1, 0, ()),
    ]
    layout: dict[str, Slot] = {}
    start = 0
    for name, limbs, offset, greatest, weakest, metrics in numbers:
        layout[name] = Slot(name, start, limbs, offset, greatest, weakest, metrics)
        start += limbs
    return layout


LAYOUT: dict[str, Slot] = _layout()
"""Every number of the words in order."""
USED_LIMBS = sum(slot.limbs for slot in LAYOUT.values())  # 74


@dataclass(frozen=True, slots=True)
class Thresholds:
    """
    What one tier asks, in the integer units of docs/explanation/metrics.md C; the fields are the
    numbers of `LAYOUT`.

    Attributes
    ----------
    floor : F, cents, >= 1: least divisor of a day's return
    activity : A, cents, >= 1: volume + open positions from which a day is active
    risk_free : rho, 1e-8 a day, 0..10^6
    near_line : margin buffer below which a record is near liquidation, 1/10^4, signed
    sharpe, regime_sharpe : M1, M2, 1/1000
    trade_sharpe, regime_trade_sharpe : M3, M4, 1/10^4; trade_closes, regime_trade_closes : their
        T', closes
    buffer : M5, 1/10^4, signed
    liquidations : M6, at most
    drawdown : M7, 1/10^4, at most
    near_word : M8, m_0..m_15, days
    turnover : M9, 1/100
    volume : M10, cents
    mean_equity : M11, cents
    active_days, fills : M12, M13
    maker_share : M14, 1/10^4
    mean_exposure : M15, 1/100, at most
    peak_exposure : M16, 1/20, at most
    class_holding, class_exposure : M17, M18: T, 1/100 day, and T', 1/100
    votes, rewards : M19, M20
    best_day : M21, 1/10^4, at most
    asked : numbers of the metrics that the tier asks for
    """

    floor: int
    activity: int
    risk_free: int = 0
    near_line: int = 0
    sharpe: int = 0
    regime_sharpe: int = 0
    trade_sharpe: int = 0
    trade_closes: int = 0
    regime_trade_sharpe: int = 0
    regime_trade_closes: int = 0
    buffer: int = 0
    liquidations: int = 0
    drawdown: int = 0
    near_word: tuple[int, ...] = (0,) * POSTERIOR_WORDS
    turnover: int = 0
    volume: int = 0
    mean_equity: int = 0
    active_days: int = 0
    fills: int = 0
    maker_share: int = 0
    mean_exposure: int = 0
    peak_exposure: int = 0
    class_holding: int = 0
    class_exposure: int = 0
    votes: int = 0
    rewards: int = 0
    best_day: int = 0
    asked: frozenset[int] = field_of(default_factory=frozenset)

    # -- numbers -----------------------------------------------------------------------------------
    @property
    def mask(self) -> int:
        """Bit i - 1 set when metric Mi is asked."""
        return sum(1 << (metric - 1) for metric in self.asked)

    def number(self, name: str) -> int:
        """The number of slot `name`, without its offset."""
        if name.startswith("near_word_"):
            return self.near_word[int(name.removeprefix("near_word_"))]
        value = getattr(self, name)
        if not isinstance(value, int):
            raise Refused(
                "refused.policy.range", f"thresholds: {name} is not an integer", field=name
            )
        return value

    @property
    def effective(self) -> Thresholds:
        """
        What is enforced: an unasked M5, M7 or M16 has its weakest threshold, every other unasked
        number is 0.

        The circuit applies these three to every record and day whatever the mask says, so they need
        a value that nothing fails; of the others it ignores the number.
        """
        weakest: dict[str, int] = {
            slot.name: slot.weakest
            for slot in LAYOUT.values()
            if slot.metrics
            and not self.asked & set(slot.metrics)
            and not slot.name.startswith("near_word_")
        }
        near_word = self.near_word if 8 in self.asked else (0,) * POSTERIOR_WORDS
        return replace(self, near_word=near_word, **weakest)  # type: ignore[arg-type]

    # -- words -------------------------------------------------------------------------------------
    def limbs(self) -> list[int]:
        """
        The 84 limbs of `effective`, each below 2^12, the last ten 0.

        Raises
        ------
        Refused
            `refused.policy.range` where a number does not fit its limbs (narrower limits: `check`).
        """
        self._check_shape()
        effective = self.effective
        out: list[int] = []
        for slot in LAYOUT.values():
            packed = effective.number(slot.name) + slot.offset
            if not 0 <= packed < 1 << (LIMB_BITS * slot.limbs):
                raise _out_of_range(
                    slot.name, effective.number(slot.name), -slot.offset, slot.greatest
                )
            out.extend(packed >> (LIMB_BITS * i) & LIMB_MASK for i in range(slot.limbs))
        return out + [0] * (WORDS * LIMBS_PER_WORD - len(out))

    def words(self) -> tuple[int, int, int, int]:
        """The public words t0..t3 of `effective`, each below 2^252; Refused as `limbs`."""
        limbs = self.limbs()
        t0, t1, t2, t3 = (
            sum(limb << (LIMB_BITS * i) for i, limb in enumerate(limbs[j : j + LIMBS_PER_WORD]))
            for j in range(0, WORDS * LIMBS_PER_WORD, LIMBS_PER_WORD)
        )
        return t0, t1, t2, t3

    @classmethod
    def from_words(cls, words: Sequence[int]) -> Thresholds:
        """
        Inverse of `words`; keeps what the words say of unasked metrics (`effective` says what
        counts).

        Raises
        ------
        Malformed
            `malformed.thresholds`: not four integers of 252 bits, an unused limb set, a mask over
            21 bits. Ranges and relations are `check`'s.
        """
        if len(words) != WORDS:
            raise Malformed(
                "malformed.thresholds", f"thresholds: {WORDS} words wanted, {len(words)} given"
            )
        limbs: list[int] = []
        for index, word in enumerate(words):
            if not isinstance(word, int) or not 0 <= word < 1 << (LIMB_BITS * LIMBS_PER_WORD):
                raise Malformed(
                    "malformed.thresholds",
                    f"thresholds: word {index} is not an integer of 252 bits",
                    index=index,
                )
            limbs.extend(word >> (LIMB_BITS * i) & LIMB_MASK for i in range(LIMBS_PER_WORD))
        if any(limbs[USED_LIMBS:]):
            raise Malformed(
                "malformed.thresholds", f"thresholds: limbs from {USED_LIMBS} on must be 0"
            )
        numbers = {
            slot.name: sum(limbs[slot.start + i] << (LIMB_BITS * i) for i in range(slot.limbs))
            - slot.offset
            for slot in LAYOUT.values()
        }
        mask = numbers.pop("mask")
        if mask >> METRIC_COUNT:
            raise Malformed(
                "malformed.thresholds", f"thresholds: the mask has bits over {METRIC_COUNT}"
            )
        near_word = tuple(numbers.pop(f"near_word_{k}") for k in range(POSTERIOR_WORDS))
        asked = frozenset(metric for metric in METRIC_NAMES if mask >> (metric - 1) & 1)
        return cls(**numbers, near_word=near_word, asked=asked)

    # -- checks ------------------------------------------------------------------------------------
    def _check_shape(self) -> None:
        if len(self.near_word) != POSTERIOR_WORDS:
            raise Refused(
                "refused.policy.range", f"M8: the word has {len(self.near_word)} numbers, 16 wanted"
            )
        unknown = sorted(self.asked - set(METRIC_NAMES))
        if unknown:
            raise Refused(
                "refused.policy.metric",
                f"metrics asked: there is no M{unknown[0]}",
                metric=unknown[0],
            )

    def check(self, days: int) -> None:
        """
        Whether a policy may ask this over a window of `days` days.

        Raises
        ------
        Refused
            `refused.policy.window` (N not in 2..366), `.range`, `.metric` (M2 or M4 without a feed,
            M17 with M18), `.near_line` (M5 above the near line: a record between them could hide),
            `.near_word` (M8 not strictly increasing: then a false near day could help).
        """
        if not MIN_DAYS <= days <= MAX_DAYS:
            raise Refused(
                "refused.policy.window",
                f"window: {days} days is outside {MIN_DAYS}..{MAX_DAYS}",
                got=days,
            )
        self._check_shape()
        effective = self.effective
        for slot in LAYOUT.values():
            number = effective.number(slot.name)
            least = 1 if slot.name in ("floor", "activity") else -slot.offset
            if not least <= number <= slot.greatest:
                raise _out_of_range(slot.name, number, least, slot.greatest)
        without_feed = sorted(self.asked & NO_FEED)
        if without_feed:
            raise Refused(
                "refused.policy.metric",
                f"M{without_feed[0]}: metrics by volatility regime need a feed that this version "
                "does not have",
                metric=without_feed[0],
            )
        if {17, 18} <= self.asked:
            raise Refused(
                "refused.policy.metric",
                "M17 and M18: nobody is hedger and speculator at once",
                metric=18,
            )
        if 3 in self.asked and self.trade_closes < MIN_TRADE_CLOSES:
            raise _out_of_range(
                "trade_closes", self.trade_closes, MIN_TRADE_CLOSES, LAYOUT["trade_closes"].greatest
            )
        if effective.buffer > self.near_line:
            raise Refused(
                "refused.policy.near_line",
                f"M5: the buffer threshold {self.buffer} is above the near line {self.near_line} "
                "(1/10^4); "
                "raise the near line",
                buffer=self.buffer,
                near_line=self.near_line,
            )
        if 8 in self.asked:
            self._check_near_word()

    def _check_near_word(self) -> None:
        previous = -1
        for near, number in enumerate(self.near_word):
            if number > MAX_M and number != NEVER + near:
                raise _out_of_range(f"near_word_{near}", number, 0, MAX_M)
            if number <= previous:
                raise Refused(
                    "refused.policy.near_word",
                    f"M8: m_{near} = {number} is not above m_{near - 1}; the word must increase "
                    "strictly",
                    index=near,
                )
            previous = number


def _out_of_range(name: str, number: int, least: int, greatest: int) -> Refused:
    slot = LAYOUT.get(name)
    metric = f"M{slot.metrics[0]} " if slot is not None and slot.metrics else ""
    return Refused(
        "refused.policy.range",
        f"thresholds: {metric}{name} = {number} is outside {least}..{greatest}",
        field=name,
        got=number,
        least=least,
        greatest=greatest,
    )
