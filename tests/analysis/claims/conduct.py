"""Conduct, and windows."""

from __future__ import annotations

from typing import Any

import z3

from tests.analysis.claims.case import SECOND, SPAN, Claim, check, number, seconds
from tests.analysis.formula import Program
from tests.analysis.values import Struct


def _record(p: Program, name: str) -> tuple[Struct, Any]:
    """Any record of which the rest is no more than the whole, which `kept` proves to stay so."""
    record = p.any_struct("ConductRecord", name)
    return record, z3.And(
        p.within("ConductRecord", record), record.fields["level"] <= 3, _kept(record)
    )


def _kept(record: Struct) -> Any:
    fields = record.fields
    return z3.And(fields["restLevel"] <= fields["level"], fields["restUntil"] <= fields["until"])


def _level(p: Program, record: Struct, time: Any) -> Any:
    return p.call("Conduct.levelAt", record.copy(), time)


@check(
    ("Conduct", "uint8(Math.max(level, other))", "other"),
    ("Conduct", "if (level == 0) return record;", "if (level < 2) return record;"),
    ("Conduct", "(restLevel, restUntil) = (record.level, record.until);", ""),
)
def a_report_takes_no_level_back(p: Program) -> Claim:
    """
    After a report the account has that level at least until the level's time is over, and in no
    second a lower one than without it. Without the word of the record's engine it has what the
    others said.
    """
    record, given = _record(p, "record")
    level, first = number("level", 4)
    engine, second = number("engine", 256)
    now, later, limit = seconds("now", "later")
    after = p.call("Conduct.reported", record.copy(), level, engine, now)
    rest_before, rest_after = (
        _level(p, p.call("Conduct.withoutEngine", each.copy()), later) for each in (record, after)
    )
    counts = later < now + p.call("Conduct.period", level)
    own = after.fields["engine"] == engine
    taken_over = z3.And(own, record.fields["engine"] != engine)
    given = z3.And(given, first, second, limit, later >= now, now + 90 * SPAN < SECOND)
    return Claim(
        given,
        [
            _level(p, after, later) >= _level(p, record, later),
            z3.Implies(counts, _level(p, after, later) >= level),
            rest_after >= rest_before,
            z3.Implies(z3.And(counts, z3.Not(own)), rest_after >= level),
            z3.Implies(taken_over, rest_after >= _level(p, record, later)),
            _kept(after),
        ],
    )


@check(
    ("Conduct", "if (level == 0) return record;", "return record;"),
    ("Conduct", "if (had == 0) return other;", "return other;"),
)
def a_record_that_is_carried_takes_no_level_back(p: Program) -> Claim:
    """
    Carried into another account's record, a level holds there at least as long, and the other's own
    in every second too, with and without the word of an engine; carried again it changes nothing.
    """
    (record, one), (other, two) = _record(p, "record"), _record(p, "other")
    now, later, limit = seconds("now", "later")
    once = p.call("Conduct.joined", record.copy(), other.copy(), now)
    twice = p.call("Conduct.joined", once.copy(), other.copy(), now)
    level = _level(p, once, later)
    return Claim(
        z3.And(one, two, limit, later >= now),
        [
            level >= _level(p, record, later),
            level >= _level(p, other, later),
            _level(p, twice, later) == level,
            _kept(once),
        ],
    )


@check(("Days", "lastDay << 16", "lastDay << 15"))
def a_window_keeps_both_of_its_days(p: Program) -> Claim:
    """A window in 32 bits is read back as the days that it was made of."""
    first, one = number("firstDay", 1 << 16)
    last, two = number("lastDay", 1 << 16)
    word = p.call("Days.window", first, last)
    return Claim(z3.And(one, two), z3.And(word % 65_536 == first, word / 65_536 == last))
