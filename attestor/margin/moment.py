"""
Prices of one instant, and what they make of options: each one's volatility, and its value at every
price that the distance asks about (docs/explanation/margin.md 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from algebra.errors import Refused
from attestor.margin import black
from attestor.margin.account import (
    Group,
    HeldCoin,
    HeldLinear,
    HeldOption,
    MarginAccount,
    Mark,
    OptionTerms,
    counted,
)
from attestor.margin.fixed_point import POINT, Ints
from policies.margin import MarginDocument, Rules
from policies.margin.rules import SHARE

MICROSECONDS = 1_000_000
MarkOf = Callable[[str], Mark]
"""The last mark at or before the instant; raises Refused where an instrument has none."""


class Row(NamedTuple):
    """
    An option as `black` takes it, strike and mark in units of its underlying's price at 2^-30, the
    root of its time at 2^-40; and the range that its volatility is cut to.
    """

    call: bool
    strike: int
    mark: int
    root: int
    least: int
    greatest: int


_Known = tuple[Row, int, object]
_REMEMBERED = 4_096


def _columns(rows: Iterable[Row]) -> tuple[NDArray[np.bool_], Ints, Ints, Ints]:
    """call, strike, root and mark."""
    call, strike, mark, root, *_ = zip(*rows, strict=True)
    return np.array(call), np.array(strike), np.array(root), np.array(mark)


class Valuer:
    """
    A margin document and the terms of the options that it is used for.

    It remembers the volatilities that it solved and the last values, so that what was computed at
    an instant serves all records until a price changes. `prepare` solves the volatilities of many
    instants at once, which is much cheaper than one by one.
    """

    def __init__(self, document: MarginDocument, options: Mapping[str, OptionTerms]) -> None:
        self.document = document
        self.options = options
        self._solved: dict[Row, int] = {}
        self._values: dict[_Known, Ints] = {}
        self._logs: dict[object, Ints] = {}
        self._deltas: dict[tuple[Row, int], int] = {}

    def at(self, time: int, mark: MarkOf, names: Iterable[str]) -> Moment:
        """
        The instant `time` with the prices that `mark` has now.

        Parameters
        ----------
        names : instruments that accounts hold; their marks are read at once, those of options'
            underlyings too, so a board of prices may move on

        Raises
        ------
        Refused
            `refused.margin.version`: before the document's first version; what `mark` raises.
        """
        held = list(names)
        held += [self.options[name].underlying for name in held if name in self.options]
        marks = {name: mark(name) for name in dict.fromkeys(held)}
        return Moment(self, time, marks, self.document.at(time))

    def instants(self, after: int, until: int) -> range:
        """The clock's instants in (after, until]."""
        step = self.document.clock * MICROSECONDS
        return range((after // step + 1) * step, until + 1, step)

    def prepare(self, moments: Iterable[Moment], names: Iterable[str]) -> None:
        """Solve the volatilities that the options `names` lack at any of the moments."""
        options = list(names)
        self.solve(
            moment.row(name)
            for moment in moments
            for name in options
            if moment.marks[name].volatility is None
        )

    def solve(self, rows: Iterable[Row]) -> None:
        """Solve the volatilities of rows that are not known yet."""
        missing: dict[tuple[int, int], dict[Row, None]] = {}
        for row in rows:
            if row not in self._solved:
                missing.setdefault((row.least, row.greatest), {})[row] = None
        for (least, greatest), group in missing.items():
            found = black.implied(*_columns(group), least, greatest)
            self._solved |= zip(group, found.tolist(), strict=True)

    def volatility(self, row: Row) -> int:
        """The volatility that a row's mark implies, at 2^-30."""
        self.solve([row])
        return self._solved[row]

    def values(self, rows: Sequence[tuple[Row, int]], forward: Ints, tag: object) -> list[Ints]:
        """
        B at moved prices, in units of the underlying's price of now at 2^-30, one array a row.

        Parameters
        ----------
        rows : each with its volatility at 2^-30
        forward : F' / F at 2^-30, shape (columns,); `tag` says which, for the memory
        """
        keys = [(row, volatility, tag) for row, volatility in rows]
        missing = [key for key in dict.fromkeys(keys) if key not in self._values]
        if missing:
            if len(self._values) > _REMEMBERED:
                self._values = {key: self._values[key] for key in keys if key in self._values}
            call, strike, root, _ = _columns(row for row, _, _ in missing)
            s = black.deviation(np.array([each for _, each, _ in missing]), root)
            if tag not in self._logs:
                self._logs[tag] = black.log_moves(forward)
            found = black.values(call, strike, s, forward, self._logs[tag])
            self._values |= zip(missing, found, strict=True)
        return [self._values[key] for key in keys]

    def delta(self, row: Row, volatility: int) -> int:
        """Magnitude of dB/dF, 1e-8."""
        if (row, volatility) not in self._deltas:
            call, strike, root, _ = _columns([row])
            s = black.deviation(np.array([volatility]), root)
            self._deltas[row, volatility] = abs(int(black.delta(call, strike, s)[0]))
        return self._deltas[row, volatility]


class Moment:
    """Prices of one instant; what was computed for one account serves the next."""

    def __init__(self, valuer: Valuer, time: int, marks: Mapping[str, Mark], rules: Rules) -> None:
        self.valuer, self.time, self.marks, self.rules = valuer, time, marks, rules
        self._rows: dict[str, Row] = {}

    # -- options -----------------------------------------------------------------------------------
    def seconds_left(self, terms: OptionTerms) -> int:
        """
        Whole seconds to expiry, counted from the clock's last instant, so that what was computed
        there serves the records after it; 0 from the expiry on.
        """
        if self.time >= terms.expiry:
            return 0
        step = self.valuer.document.clock * MICROSECONDS
        return (terms.expiry - self.time // step * step) // MICROSECONDS

    def row(self, name: str) -> Row:
        """
        An option as `black` takes it.

        Raises
        ------
        Refused
            `refused.margin.range`: a strike or mark of 128 times the underlying's price or more, an
            underlying at 0, an expiry in 16 years or more.
        """
        found = self._rows.get(name)
        if found is None:
            found = self._rows[name] = self._row(name)
        return found

    def _row(self, name: str) -> Row:
        terms, price = self.valuer.options[name], self.marks[name].price
        forward, seconds = self.marks[terms.underlying].price, self.seconds_left(terms)
        limit = forward * black.RATIO_LIMIT >> POINT
        if max(terms.strike, price) >= limit or seconds >= black.SECONDS_LIMIT:
            raise Refused(
                "refused.margin.range",
                f"{name}: strike and mark must be below 128 times the price of {terms.underlying}, "
                "which must be above 0, and the expiry nearer than 16 years",
                instrument=name,
            )
        least, greatest = (each * (1 << POINT) // SHARE for each in self.rules.volatility)
        strike = max(1, ((terms.strike << POINT) + forward // 2) // forward)
        mark = (price << POINT) // forward
        return Row(terms.call, strike, mark, black.root_of_years(seconds), least, greatest)

    def volatility(self, name: str) -> int:
        """The mark's volatility where it carries one, else the one it implies; cut; at 2^-30."""
        row, stated = self.row(name), self.marks[name].volatility
        if stated is None:
            return self.valuer.volatility(row)
        return min(max(stated * (1 << POINT) // 10**8, row.least), row.greatest)

    def values(
        self,
        names: Sequence[str],
        forward: Ints,
        tag: object,
        shocked: Mapping[str, int] | None = None,
    ) -> list[Ints]:
        """
        As `Valuer.values`, of options by name; `shocked` gives volatilities (2^-30) in place of
        their own.
        """
        used = [shocked[name] if shocked else self.volatility(name) for name in names]
        rows = [(self.row(name), each) for name, each in zip(names, used, strict=True)]
        return self.valuer.values(rows, forward, tag)

    def delta(self, name: str) -> int:
        """Magnitude of delta, 1e-8: the venue's where its mark carries one, else Black's."""
        stated = self.marks[name].delta
        if stated is not None:
            return abs(stated)
        return self.valuer.delta(self.row(name), self.volatility(name))

    # -- accounts ----------------------------------------------------------------------------------
    def groups(self, account: MarginAccount) -> list[Group]:
        """
        An account's positions, by the underlying that they net on.

        Raises
        ------
        Refused
            `refused.margin.rule`: the document has no rule for an instrument; as `row` for options.
        """
        out: dict[str, Group] = {}
        for name, size in account.sizes.items():
            if size:
                underlying = self._underlying(name)
                if underlying not in out:
                    found = self.rules.find_scenario(underlying) if account.portfolio else None
                    out[underlying] = Group(found)
                if account.portfolio and self.rules.find_coin(name) is None:
                    self.rules.scenario_of(underlying)  # a coin alone needs none
                self._add(out[underlying], underlying, name, size, account.faces.get(name))
        return list(out.values())

    def _underlying(self, name: str) -> str:
        terms, coin = self.valuer.options.get(name), self.rules.find_coin(name)
        if terms is not None:
            return self.rules.underlying_of(terms.underlying)
        return self.rules.linear_of(name).underlying if coin is None else coin.underlying

    def _add(self, group: Group, underlying: str, name: str, size: int, face: int | None) -> None:
        price = self.marks[name].price
        terms, coin = self.valuer.options.get(name), self.rules.find_coin(name)
        if terms is not None:
            rule = self.rules.option_of(underlying) if group.scenario is None else None
            forward = self.marks[terms.underlying].price
            group.options.append(
                HeldOption(name, terms, size, forward, price, self.delta(name), rule)
            )
        elif coin is not None:
            group.coins.append(HeldCoin(counted(coin, size * price), abs(size * price)))
        else:
            of = self.rules.linear_of(name)
            group.linear.append(HeldLinear(size, size * price, of, face))
