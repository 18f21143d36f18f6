"""Option trades as profiles: the real files, a few by hand, and that nothing of it is attested."""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections import defaultdict
from fractions import Fraction
from operator import itemgetter
from pathlib import Path

import pytest

from algebra.errors import Malformed, Refused
from attestor.statement import MONEY_PLACES
from attestor.venues.lyra_avalon import SPOT, SPOT_COLUMNS, TRADE_COLUMNS, TRADES, Profiles
from attestor.venues.profiles import Profile
from attestor.venues.registry import adapter_of, entry_of

CENTS = 10 ** (MONEY_PLACES - 2)


@pytest.fixture(scope="module")
def avalon(shared_data: Path) -> Path:
    return shared_data / "lyra-avalon"


@pytest.fixture(scope="module")
def found(avalon: Path) -> dict[str, Profile]:
    return Profiles.load(avalon).by_wallet


def total(found: dict[str, Profile], name: str) -> int:
    return sum(getattr(profile, name) for profile in found.values())


def test_the_real_files(found: dict[str, Profile]) -> None:
    """5,505 trades of 936 wallets, 69 of them with 16 or more; sums as the columns have them."""
    assert (len(found), total(found, "trades")) == (936, 5_505)
    assert sum(profile.trades >= 16 for profile in found.values()) == 69
    cents = [total(found, name) // CENTS for name in ("premium", "fees", "volume")]
    assert cents == [236_824_194, 12_049_622, 4_280_776_328]
    ends = [total(found, name) for name in ("positions", "closed", "held", "open", "moved")]
    assert ends == [3_062, 1_070, 1_220, 770, 2]  # the one that moved is two wallets'
    assert (total(found, "bought"), total(found, "written")) == (2_558, 1_508)
    kinds = [profile.kind for profile in found.values()]
    assert [kinds.count(kind) for kind in ("buyer", "writer", "both")] == [730, 153, 53]


def test_profit_is_what_came_in_less_what_went_out(avalon: Path, found: dict[str, Profile]) -> None:
    """Of wallets without a position left open: premiums, payouts and fees alone, in fractions."""
    spots: dict[str, list[tuple[int, Fraction]]] = defaultdict(list)
    for row in csv.DictReader((avalon / SPOT).open()):
        spots[row["market"]].append((int(row["timestamp"]), Fraction(row["spot"])))
    for listed in spots.values():
        listed.sort(key=itemgetter(0))
    cash: dict[str, Fraction] = defaultdict(Fraction)
    left: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    options = {}
    for row in csv.DictReader((avalon / TRADES).open()):
        size = Fraction(row["size"]) * (1 if row["action"] == "open" else -1)
        side = 1 if row["position"] == "long" else -1
        cash[row["trader"]] -= side * size * Fraction(row["premium"]) + Fraction(row["fee"])
        key = (row["trader"], row["market"], row["position_id"])
        left[key] += size
        options[key] = (int(row["expiry"]), Fraction(row["strike"]), row["option"], side)
    for key, size in left.items():
        expiry, strike, option, side = options[key]
        listed = spots[key[1]]
        place = bisect_left(listed, expiry, key=itemgetter(0))
        near = listed[max(0, place - 1) : place + 1]
        spot = min(near, key=lambda each: abs(each[0] - expiry))[1]
        worth = max(Fraction(0), spot - strike if option == "call" else strike - spot)
        cash[key[0]] += side * size * worth
    whole = [each for each in found.values() if not each.open and not each.moved]
    assert len(whole) == 450 and sum(each.held for each in whole) > 200
    for each in whole:
        realised = Fraction(each.realised, 10**MONEY_PLACES)
        assert abs(realised - cash[each.wallet]) < Fraction(1, 10**8)


def test_nothing_of_it_is_attested() -> None:
    assert entry_of("lyra-avalon").name == "lyra-avalon"
    with pytest.raises(Refused, match="no account: premium and collateral") as caught:
        adapter_of("lyra-avalon")
    assert caught.value.code == "refused.profile"
    assert not hasattr(Profiles, "statement")


# -- by hand ---------------------------------------------------------------------------------------
A, B = "0x" + "a" * 40, "0x" + "b" * 40
START, EXPIRY = 1_660_000_000, 1_660_100_000
LONG = dict(
    timestamp=START, market="sETH", trader=A, position_id=1, strike_id=1, expiry=EXPIRY,
    strike=1500, option="call", position="long", action="open", size=2, spot_fee="0.5",
    option_fee="0.25", vega_fee="0.25", variance_fee=0, fee=1, spot=1600, premium=120,
)  # fmt: skip
SHORT = LONG | dict(timestamp=START + 1, trader=B, position_id=2, position="short", premium=110)
SPOTS = [(EXPIRY - 50, "sETH", 1550), (EXPIRY + 60, "sETH", 1700), (EXPIRY + 99, "sBTC", 20_000)]


def write(
    folder: Path, rows: list[dict[str, object]], spots: list[tuple[int, str, int]] = SPOTS
) -> Path:
    lines = [",".join(TRADE_COLUMNS)]
    lines += [",".join(str(row[name]) for name in TRADE_COLUMNS) for row in rows]
    (folder / TRADES).write_text("\n".join(lines) + "\n")
    priced = [",".join(SPOT_COLUMNS), *(",".join(map(str, spot)) for spot in spots)]
    (folder / SPOT).write_text("\n".join(priced) + "\n")
    return folder


def usd(profile: Profile) -> float:
    return profile.realised / 10**MONEY_PLACES


def test_payouts_by_the_nearest_spot(tmp_path: Path) -> None:
    """Call of 1500 at a spot of 1550: 50 each; bought at 120, sold at 110."""
    found = Profiles.load(write(tmp_path, [LONG, SHORT])).by_wallet
    assert (usd(found[A]), usd(found[B])) == (2 * (50 - 120) - 1, 2 * (110 - 50) - 1)
    assert [(each.held, each.kind) for each in found.values()] == [(1, "buyer"), (1, "writer")]
    put = dict(option="put")
    found = Profiles.load(write(tmp_path, [LONG | put, SHORT | put])).by_wallet
    assert (usd(found[A]), usd(found[B])) == (-241, 219)


def test_a_part_that_is_closed_leaves_its_part(tmp_path: Path) -> None:
    part = LONG | dict(timestamp=START + 9, action="close", size="0.5", premium=200, fee="1.0")
    found = Profiles.load(write(tmp_path, [LONG, part])).by_wallet[A]
    assert usd(found) == 0.5 * 80 + 1.5 * (50 - 120) - 2
    assert (found.positions, found.held, found.closed, found.trades) == (1, 1, 0, 2)
    rest = part | dict(timestamp=START + 10, size="1.499999999999999", premium=100)
    found = Profiles.load(write(tmp_path, [LONG, part, rest])).by_wallet[A]
    assert (found.held, found.closed) == (0, 1)  # 1e-15 is what binary floats leave


def test_an_expiry_without_a_price_stays_open(tmp_path: Path) -> None:
    late = [(EXPIRY + 25 * 3_600 + 1, "sETH", 1550)]
    found = Profiles.load(write(tmp_path, [LONG], late)).by_wallet[A]
    assert (found.open, found.held, usd(found)) == (1, 0, -1)
    late = [(EXPIRY + 25 * 3_600, "sETH", 1550)]
    assert Profiles.load(write(tmp_path, [LONG], late)).by_wallet[A].held == 1


def test_a_position_that_changes_hands_has_no_profit(tmp_path: Path) -> None:
    closed = LONG | dict(timestamp=START + 9, trader=B, action="close", premium=200)
    found = Profiles.load(write(tmp_path, [LONG, closed])).by_wallet
    assert [(each.moved, each.realised, each.trades) for each in found.values()] == [(1, 0, 1)] * 2


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        ([LONG, LONG], 3, "the same as line 2: read twice"),
        ([LONG, LONG | {"action": "close", "size": "2.1"}], 3, "closes 2.1 of position sETH/1"),
        ([LONG | {"action": "close"}], 2, "closes 2 of position sETH/1, which has 0"),
        ([SHORT, LONG], 3, "time: goes back"),
        ([LONG, SHORT | {"position_id": 1}], 3, "another option or side at line 2"),
        ([LONG, SHORT | {"position_id": 1, "position": "long", "strike": 1}], 3, "another option"),
        ([LONG | {"fee": "1.1"}], 2, "fee: not the sum"),
        ([LONG | {"timestamp": EXPIRY + 1}], 2, "after the option's expiry"),
        ([LONG | {"timestamp": START * 1_000}], 2, "not seconds since 1970"),
        ([LONG | {"premium": "1.2e2"}], 2, "premium: not a plain decimal"),
        ([LONG | {"size": "NaN"}], 2, "size: not a plain decimal"),
        ([LONG | {"size": "-2"}], 2, "size: must be above 0"),
        ([LONG | {"position": "Long"}], 2, "position: 'Long' is none of long, short"),
    ],
)
def test_what_is_not_understood_is_refused(
    tmp_path: Path, rows: list[dict[str, object]], line: int, reason: str
) -> None:
    with pytest.raises(Malformed) as caught:
        Profiles.load(write(tmp_path, rows))
    assert (caught.value.code, caught.value.fields["line"]) == ("malformed.statement", line)
    assert reason in caught.value.message
