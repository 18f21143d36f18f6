"""
The public thresholds of a tier and their packing into five words t0..t4
(docs/explanation/metrics.md C, G).

Limb i of word j is limb 21 j + i of the layout; a number lies in consecutive limbs of 12 bits,
lowest first. The first 97 limbs are used but for a few spare ones; spare limbs and the rest are
zero. The last number is the mask: bit i - 1 says that the tier asks for metric Mi. Which numbers
there are is the metrics' to say (`history.v2.metrics`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from algebra.errors import Malformed, Refused
from history.v2.metrics import METRICS
from history.v2.metrics.form import LIMBS_PER_WORD, WORDS, Slot
from history.v2.metrics.table import MetricTable
from history.v2.posterior import MAX_M, NEVER
from history.v2.record import LIMB_BITS, LIMB_MASK, MAX_DAYS

MIN_DAYS = 2

METRIC_NAMES = METRICS.names
LAYOUT = METRICS.slots
"""Every number of the words in order."""
USED_LIMBS = METRICS.used  # 97


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Thresholds:
    """
    What one tier asks, in the integer units of docs/explanation/metrics.md C.

    Every number of `metrics.slots` but the mask is an attribute, and so is each of
    `metrics.series`, several numbers together: `near_word` is m_0..m_15 of M8. A number that is not
    given is 0.

    Parameters
    ----------
    floor : F, cents, >= 1: least divisor of a day's return
    activity : A, cents, >= 1: volume + open positions from which a day is active
    asked : numbers of the metrics that the tier asks for
    metrics : the table of the statement's version
    numbers : the others, by name: `near_line=2500`

    Raises
    ------
    Refused
        `refused.policy.range`: a number that is not an integer, a series with another number of
        numbers than it has.
    TypeError
        A name that no metric of the table states.
    """

    metrics: MetricTable
    numbers: Mapping[str, int]
    asked: frozenset[int]

    def __init__(
        self,
        floor: int,
        activity: int,
        *,
        asked: frozenset[int] = frozenset(),
        metrics: MetricTable = METRICS,
        **numbers: Any,
    ) -> None:
        object.__setattr__(self, "metrics", metrics)
        object.__setattr__(self, "asked", asked)
        given = {"floor": floor, "activity": activity, **_spread(numbers, metrics)}
        names = [name for name in metrics.slots if name != "mask"]
        for name, number in given.items():
            if name not in names:
                raise TypeError(f"thresholds: there is no {name}")
            if not isinstance(number, int):
                raise Refused(
                    "refused.policy.range", f"thresholds: {name} is not an integer", field=name
                )
        object.__setattr__(self, "numbers", {name: given.get(name, 0) for name in names})

    def __getattr__(self, name: str) -> Any:
        if name not in ("metrics", "numbers", "asked"):
            if name in self.numbers:
                return self.numbers[name]
            if name in self.metrics.series:
                return tuple(self.numbers[each] for each in self.metrics.series[name])
        raise AttributeError(f"thresholds: there is no {name}")

    def __reduce__(self) -> Any:
        given: dict[str, Any] = {**self.numbers, "asked": self.asked}
        if self.metrics is not METRICS:  # a table of lambdas, which pickle then refuses
            given["metrics"] = self.metrics
        return partial(Thresholds, **given), ()

    def __hash__(self) -> int:
        return hash((tuple(self.numbers.values()), self.asked))

    def __repr__(self) -> str:
        listed = ", ".join(f"{name}={number}" for name, number in self.numbers.items() if number)
        return f"Thresholds({listed}, asked={sorted(self.asked)})"

    # -- numbers -----------------------------------------------------------------------------------
    @property
    def mask(self) -> int:
        """Bit i - 1 set when metric Mi is asked."""
        return sum(1 << (metric - 1) for metric in self.asked)

    def number(self, name: str) -> int:
        """The number of slot `name`, without its offset."""
        return self.mask if name == "mask" else self.numbers[name]

    def changed(self, asked: frozenset[int] | None = None, **numbers: Any) -> Thresholds:
        """The same with other numbers, or with other metrics asked."""
        return Thresholds(
            **{**self.numbers, **_spread(numbers, self.metrics)},
            asked=self.asked if asked is None else asked,
            metrics=self.metrics,
        )

    @property
    def effective(self) -> Thresholds:
        """
        What is enforced: an unasked M5, M7 or M16 has its weakest threshold, every other unasked
        number is 0.

        The circuit applies these three to every record and day whatever the mask says, so they need
        a value that nothing fails; of the others it ignores the number.
        """
        unasked: dict[str, Any] = {
            slot.name: slot.weakest
            for slot in self.metrics.slots.values()
            if slot.metrics and not self.asked & set(slot.metrics)
        }
        return self.changed(**unasked)

    # -- words -------------------------------------------------------------------------------------
    def limbs(self) -> list[int]:
        """
        The 105 limbs of `effective`, each below 2^12; spare ones and the last eight are 0.

        Raises
        ------
        Refused
            `refused.policy.range` where a number does not fit its limbs (narrower limits: `check`).
        """
        self._check_asked()
        effective = self.effective
        out = [0] * (WORDS * LIMBS_PER_WORD)
        for slot in self.metrics.slots.values():
            packed = effective.number(slot.name) + slot.offset
            if not 0 <= packed < 1 << (LIMB_BITS * slot.limbs):
                raise _out_of_range(slot, effective.number(slot.name), -slot.offset)
            for i in range(slot.limbs):
                out[slot.start + i] = packed >> (LIMB_BITS * i) & LIMB_MASK
        return out

    def words(self) -> tuple[int, ...]:
        """The public words t0..t4 of `effective`, each below 2^252; Refused as `limbs`."""
        return _words(self)

    @classmethod
    def from_words(cls, words: Sequence[int], metrics: MetricTable = METRICS) -> Thresholds:
        """
        Inverse of `words`; keeps what the words say of unasked metrics (`effective` says what
        counts).

        Raises
        ------
        Malformed
            `malformed.thresholds`: not five integers of 252 bits, an unused limb set, a mask with
            bits of no metric. Ranges and relations are `check`'s.
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
        slots = metrics.slots.values()
        unused = (*metrics.spare, *range(metrics.used, len(limbs)))
        wrong = next((index for index in unused if limbs[index]), None)
        if wrong is not None:
            raise Malformed("malformed.thresholds", f"thresholds: limb {wrong} must be 0")
        numbers = {
            slot.name: sum(limbs[slot.start + i] << (LIMB_BITS * i) for i in range(slot.limbs))
            - slot.offset
            for slot in slots
        }
        mask = numbers.pop("mask")
        if mask >> len(metrics):
            raise Malformed(
                "malformed.thresholds", f"thresholds: the mask has bits over {len(metrics)}"
            )
        asked = frozenset(metric.number for metric in metrics if mask >> (metric.number - 1) & 1)
        return cls(**numbers, asked=asked, metrics=metrics)

    # -- checks ------------------------------------------------------------------------------------
    def _check_asked(self) -> None:
        unknown = sorted(self.asked - set(self.metrics.names))
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
            `refused.policy.window` (N not in 2..366), `.range`, `.metric` (one that the table
            refuses, M17 with M18), `.near_line` (M5 above the near line: a record between could
            hide), `.near_word` (M8 not strictly increasing: then a false near day could help).
        """
        if not MIN_DAYS <= days <= MAX_DAYS:
            raise Refused(
                "refused.policy.window",
                f"window: {days} days is outside {MIN_DAYS}..{MAX_DAYS}",
                got=days,
            )
        self._check_asked()
        effective = self.effective
        for slot in self.metrics.slots.values():
            number = effective.number(slot.name)
            used = not slot.metrics or self.asked & set(slot.metrics)
            if used and not slot.least <= number <= slot.greatest:
                raise _out_of_range(slot, number, slot.least)
        for number in sorted(self.asked & set(self.metrics.refused)):
            raise Refused(
                "refused.policy.metric",
                f"M{number}: {self.metrics.refused[number]}",
                metric=number,
            )
        if 24 in self.asked and self.worst_days > days:
            raise _out_of_range(self.metrics.slots["worst_days"], self.worst_days, 1, days)
        for number in sorted(self.asked):
            other = self.metrics[number].excludes
            if other is not None and other in self.asked:
                raise Refused(
                    "refused.policy.metric",
                    f"M{number} and M{other}: nobody meets {self.metrics[number].name} and "
                    f"{self.metrics[other].name} at once",
                    metric=other,
                )
        if effective.distance > self.near_line:
            raise Refused(
                "refused.policy.near_line",
                f"M5: the distance threshold {self.distance} is above the near line "
                f"{self.near_line} (1/10^4); raise the near line",
                distance=self.distance,
                near_line=self.near_line,
            )
        if 8 in self.asked:
            self._check_near_word()

    def check_feed(self, *, present: bool) -> None:
        """Refused (`refused.policy.metric`) for an asked metric that needs a feed and has none."""
        for number in sorted(self.asked):
            if not present and self.metrics[number].needs_feed(self):
                raise Refused(
                    "refused.policy.metric",
                    f"M{number}: {self.metrics[number].name} is decided by the market feed of an "
                    "index, and there is none",
                    metric=number,
                )

    def _check_near_word(self) -> None:
        previous = -1
        for near, number in enumerate(self.near_word):
            if number > MAX_M and number != NEVER + near:
                slot = self.metrics.slots[f"near_word_{near}"]
                raise _out_of_range(slot, number, 0, MAX_M)
            if number <= previous:
                raise Refused(
                    "refused.policy.near_word",
                    f"M8: m_{near} = {number} is not above m_{near - 1}; the word must increase "
                    "strictly",
                    index=near,
                )
            previous = number


def _spread(numbers: Mapping[str, Any], metrics: MetricTable) -> dict[str, Any]:
    """The same with each series as its numbers."""
    out = dict(numbers)
    for name, names in metrics.series.items():
        values = out.pop(name, None)
        if values is None:
            continue
        if len(values) != len(names):
            raise Refused(
                "refused.policy.range",
                f"thresholds: {name} has {len(values)} numbers, {len(names)} wanted",
                field=name,
            )
        out.update(zip(names, values, strict=True))
    return out


def _out_of_range(slot: Slot, number: int, least: int, greatest: int | None = None) -> Refused:
    metric = f"M{slot.metrics[0]} " if slot.metrics else ""
    greatest = slot.greatest if greatest is None else greatest
    return Refused(
        "refused.policy.range",
        f"thresholds: {metric}{slot.name} = {number} is outside {least}..{greatest}",
        field=slot.name,
        got=number,
        least=least,
        greatest=greatest,
    )


@lru_cache(1024)
def _words(thresholds: Thresholds) -> tuple[int, ...]:
    """As `Thresholds.words`: a verifier asks for the same few again and again."""
    limbs = thresholds.limbs()
    return tuple(
        sum(limb << (LIMB_BITS * i) for i, limb in enumerate(limbs[j : j + LIMBS_PER_WORD]))
        for j in range(0, WORDS * LIMBS_PER_WORD, LIMBS_PER_WORD)
    )
