"""Taking back the word of an engine gives back nothing that another engine said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import pytest

from policies.effective.conduct import DAY, NONE, PERIODS, Record

T = 1_800_000_000
ENGINES = (1, 2, 3)
WAITS = (0, 1, DAY, 9 * DAY, 40 * DAY)


@dataclass(frozen=True)
class Said:
    """A report, until it no longer holds."""

    level: int
    engine: int
    until: int


def worst(said: Sequence[Said], time: int, without: int) -> int:
    """The worst level that a report of another engine still gives by itself."""
    levels = [s.level for s in said if s.engine != without and time < s.until]
    return max(levels, default=NONE)


def lived(random: Random) -> list[tuple[Record, list[Said], int]]:
    """Two accounts after reports and carrying: record, all that was said, and the second."""
    records, said, time = [Record(), Record()], [list[Said](), list[Said]()], T
    for _ in range(random.randrange(1, 12)):
        time += random.choice(WAITS)
        one = random.randrange(2)
        if random.random() < 0.3:
            records[one] = records[one].join(records[1 - one], time)
            said[one] = list(dict.fromkeys(said[one] + said[1 - one]))
        else:
            level, engine = random.randrange(1, 4), random.choice(ENGINES)
            records[one] = records[one].report(level, engine, time)
            said[one].append(Said(level, engine, time + PERIODS[level]))
    return [(record, told, time) for record, told in zip(records, said, strict=True)]


@pytest.mark.parametrize("seed", range(4))
def test_a_record_is_never_milder_than_what_counts(seed: int) -> None:
    """Whole, and without its engine's word; where nobody else spoke, nothing is left of it."""
    random, alone, mixed = Random(seed), 0, 0
    for _ in range(300):
        for record, told, time in lived(random):
            rest = record.without_engine()
            for later in (0, 3 * DAY, 8 * DAY, 35 * DAY, 89 * DAY):
                assert record.level_at(time + later) >= worst(told, time + later, 0)
                assert rest.level_at(time + later) >= worst(told, time + later, record.engine)
            speakers = {s.engine for s in told}
            if speakers == {record.engine}:
                assert rest == Record()
                alone += 1
            mixed += len(speakers) > 1 and record.engine != 0
    assert alone > 50 and mixed > 50
