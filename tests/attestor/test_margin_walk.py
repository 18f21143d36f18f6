"""The clock's walk: the worst of every instant, whatever was computed before and in what order."""

from __future__ import annotations

import random

import pytest
from margin_world import DAY, HOUR, NOW, document, units, usd

from algebra.errors import Refused
from attestor.margin import moment as moments
from attestor.margin import walk
from attestor.margin.account import MarginAccount, Mark, OptionTerms
from attestor.margin.distance import FARTHEST, UNTOUCHED, State, state
from attestor.margin.moment import Moment, Valuer

OPTIONS = {
    "C": OptionTerms("BTC", True, units(66_000), NOW + 20 * DAY),
    "P": OptionTerms("BTC", False, units(55_000), NOW + 20 * DAY),
}
STRANGLE = MarginAccount(usd(30_000), {"C": -units(1), "P": -units(1), "BTC-PERP": units("0.1")})


def marks(time: int) -> dict[str, Mark]:
    """Prices of an hour; the marks of options carry no volatility."""
    rng = random.Random(time)
    spot = units(rng.randrange(58_000, 62_000))
    option = {"C": spot // 30, "P": spot // 40}
    return {name: Mark(price) for name, price in ({"BTC": spot, "BTC-PERP": spot} | option).items()}


def at(valuer: Valuer, time: int) -> Moment:
    return valuer.at(time, marks(time).__getitem__, STRANGLE.sizes)


def test_instants_are_the_clocks() -> None:
    valuer = Valuer(document(), {})
    assert list(valuer.instants(NOW, NOW)) == []
    assert list(valuer.instants(NOW - 1, NOW)) == [NOW]
    assert list(valuer.instants(NOW, NOW + 2 * HOUR - 1)) == [NOW + HOUR]
    assert list(valuer.instants(NOW + 1, NOW + 2 * HOUR)) == [NOW + HOUR, NOW + 2 * HOUR]


def test_the_worst_of_each_instant_alone() -> None:
    valuer = Valuer(document(), OPTIONS)
    found = [at(valuer, time) for time in valuer.instants(NOW, NOW + 12 * HOUR)]
    assert len(found) == 12
    each = []
    for one in found:  # each by itself, nothing remembered
        alone = at(Valuer(document(), OPTIONS), one.time)
        each.append(state([STRANGLE], alone))
    worst = walk.worst([STRANGLE], valuer, found)
    assert worst == State(min(one.distance for one in each), max(one.exposure for one in each))
    assert len({one.distance for one in each}) > 1
    assert walk.worst([STRANGLE], valuer, found[::-1]) == worst
    assert walk.worst([STRANGLE], valuer, []) == UNTOUCHED == State(FARTHEST, 0)


def test_what_is_remembered_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "_REMEMBERED", 3)
    valuer = Valuer(document(), OPTIONS)
    found = [at(valuer, time) for time in valuer.instants(NOW, NOW + 12 * HOUR)]
    bounded = walk.worst([STRANGLE], valuer, found)
    monkeypatch.undo()
    assert bounded == walk.worst([STRANGLE], Valuer(document(), OPTIONS), found)


def test_volatilities_are_solved_together(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    implied = moments.black.implied
    monkeypatch.setattr(moments.black, "implied", lambda *a: calls.append(len(a[0])) or implied(*a))
    valuer = Valuer(document(), OPTIONS)
    found = [at(valuer, time) for time in valuer.instants(NOW, NOW + 24 * HOUR)]
    walk.worst([STRANGLE], valuer, found)
    assert calls == [48]
    walk.worst([STRANGLE], valuer, found)
    time = found[0].time
    state([STRANGLE], valuer.at(time + HOUR // 2, marks(time).__getitem__, STRANGLE.sizes))
    assert calls == [48]  # between two instants with the same prices nothing is solved again


def test_an_instant_before_the_documents_first_version() -> None:
    with pytest.raises(Refused) as caught:
        Valuer(document(**{"from": "2031-01-01T00:00:00Z"}), {}).at(
            NOW, marks(NOW).__getitem__, ["BTC"]
        )
    assert caught.value.code == "refused.margin.version"


def test_a_moment_keeps_the_prices_of_its_instant() -> None:
    """A board of prices that moves on does not move the moments that were taken from it."""
    valuer, board = Valuer(document(), OPTIONS), marks(NOW)
    taken = valuer.at(NOW, lambda name: board[name], STRANGLE.sizes)
    before = taken.marks
    board |= marks(NOW + HOUR)
    assert taken.marks == before == {name: marks(NOW)[name] for name in before}
    assert set(before) == {"C", "P", "BTC-PERP", "BTC"}  # the options' underlying, too


def test_a_price_that_is_missing_is_refused_by_who_gives_prices() -> None:
    def none(name: str) -> Mark:
        raise Refused("refused.price", f"price: none for {name}", instrument=name)

    valuer = Valuer(document(), OPTIONS)
    with pytest.raises(Refused) as caught:
        valuer.at(NOW, none, STRANGLE.sizes)
    assert caught.value.code == "refused.price"
