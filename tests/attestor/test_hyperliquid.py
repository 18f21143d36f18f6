"""
Hyperliquid's account interface: from a local server to a log, and every way in which an answer can
be cut, repeated, reordered, late or strange. No request leaves the machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import Malformed, Refused, TierproofError, Unavailable
from attestor.collect.folder import COLLECTED, COLLECTING, Collected
from attestor.collect.http import ATTEMPTS, Asker
from attestor.collect.hyperliquid import HyperliquidCollecting
from attestor.collect.writer import Collecting
from attestor.log import build_log
from attestor.statement import CENT, UNIT, Carry, Source
from attestor.venues.hyperliquid.adapter import HyperliquidFiles
from attestor.venues.hyperliquid.chain import ordered
from attestor.venues.hyperliquid.fills import read_fill
from attestor.venues.hyperliquid.money import Liquidation, read_funding, read_ledger
from benchmarks.venue_of_one import DAY, Account, Handler, Venue, served
from history.dates import day_number
from history.v2.record import CARRY, FILL, TRANSFER

FIRST, DAYS = day_number("2026-10-01"), 4
LAST = FIRST + DAYS - 1
A, B, C = ("0x" + digits * 20 for digits in ("a1", "b2", "c3"))
HERE = Source("answers/000001.json", 2)
Fault = Callable[[Handler, dict[str, Any]], bool]


class Faulty(Handler):
    """Lets a fault answer first; true: it has answered."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        request = json.loads(self.rfile.read(length))
        server: Any = self.server
        server.asked.append(request)
        if server.fault is None or not server.fault(self, request):
            self.reply(200, json.dumps(server.venue.answer(request)).encode())


class Interface:
    def __init__(self, server: Any) -> None:
        self.server, self.waits = server, list[float]()

    def collect(self, folder: Path, *wallets: str, last: int = LAST, **more: Any) -> Path:
        after, first = more.pop("after", None), more.pop("first", FIRST)
        asker = Asker(self.server.url, sleep=self.waits.append, timeout=5, clock=self.clock)
        where = Collecting(folder, "hyperliquid", first, last, wallets or (A,), after)
        HyperliquidCollecting(where, asker, **more).run()
        return folder

    def clock(self) -> float:
        return self.server.venue.now / 1_000 + 1


@pytest.fixture
def interface() -> Iterator[Interface]:
    venue = Venue(FIRST, DAYS, seed=5, summed=2)
    venue.page, venue.rows = 700, 500
    with served(venue, Faulty, fault=None, asked=[]) as server:
        yield Interface(server)


def traded(interface: Interface, address: str = A, fills: int = 1_500) -> Account:
    account: Account = interface.server.venue.trade(address, fills)
    return account


# -- the whole way ---------------------------------------------------------------------------------
def test_a_whole_history_is_collected_proven_and_logged(
    interface: Interface, tmp_path: Path
) -> None:
    account = traded(interface)
    files = HyperliquidFiles.load(interface.collect(tmp_path / "out"))
    statement = files.statement([A], FIRST, LAST)
    assert (len(statement.fills), statement.openings) == (1_500, {})
    assert [fill.trade_id for fill in statement.fills] == [str(row["tid"]) for row in account.fills]
    log = build_log(statement)  # which compares closing money and positions with the books
    assert log.records.has(FILL).sum() > 300 and log.records.has(CARRY).sum() == DAYS
    assert log.records.has(TRANSFER).sum() >= 1
    carried = sum(line.amount for line in statement.lines if isinstance(line, Carry))
    told = sum(float(row["delta"]["usdc"]) for row in account.funding)
    assert carried / CENT / 100 == pytest.approx(told, abs=1e-6)
    (stated,) = statement.stated
    assert dict(stated.positions) == {
        coin: int(size * UNIT) for coin, (size, _) in account.positions.items() if size
    }
    for each in files.tally([A]):
        assert each.refused == 0
    assert sum(each.repeated for each in files.tally([A])) > 0
    assert (files.idle([A]), files.require_asked([A], [])) == ([], None)
    with pytest.raises(Malformed, match="nobody's who is attested"):
        files.require_asked([B], [])
    for wallets, first in (([B], FIRST), ([A], FIRST - 1)):
        with pytest.raises(Refused, match="collected") as caught:
            files.statement(wallets, first, LAST)
        assert caught.value.code == "refused.incomplete"


def test_the_order_and_the_pages_of_answers_change_nothing(
    interface: Interface, tmp_path: Path
) -> None:
    traded(interface)
    whole = HyperliquidFiles.load(interface.collect(tmp_path / "a")).statement([A], FIRST, LAST)

    def forwards(handler: Handler, request: dict[str, Any]) -> bool:
        value = interface.server.venue.answer(request)
        if isinstance(value, list):
            handler.reply(200, json.dumps(value[::-1]).encode())
        return isinstance(value, list)

    interface.server.fault, interface.server.venue.page = forwards, 613
    again = HyperliquidFiles.load(interface.collect(tmp_path / "b")).statement([A], FIRST, LAST)
    assert build_log(again) == build_log(whole)
    assert again.files == whole.files


def test_a_wallet_without_activity_and_one_with_a_sub_account(
    interface: Interface, tmp_path: Path
) -> None:
    master = traded(interface, A, 200)
    traded(interface, C, 100)
    master.sub_accounts = [C]
    interface.server.venue.accounts[C].role = {"role": "subAccount", "data": {"master": A}}
    files = HyperliquidFiles.load(interface.collect(tmp_path / "out", A, B))
    assert files.idle([A, B]) == [B]
    statement = files.statement([A], FIRST, LAST)
    assert {fill.wallet for fill in statement.fills} == {A, f"{A}/1"}
    assert build_log(statement).wallets == 2
    assert build_log(files.statement([B], FIRST, LAST)).closing == 0
    with pytest.raises(Refused, match=f"'subAccount' of {A}") as caught:
        interface.collect(tmp_path / "sub", C)
    assert caught.value.code == "refused.account_kind"


def test_a_later_collection_begins_with_an_earlier_state(
    interface: Interface, tmp_path: Path
) -> None:
    """The same log in two ways: all at once, and what came after an earlier collection."""
    venue = interface.server.venue
    venue.summed = 0
    traded(interface)
    whole = HyperliquidFiles.load(interface.collect(tmp_path / "whole"))
    log = build_log(whole.statement([A], FIRST, LAST))
    end, venue.now = venue.now, venue.start + DAY + 1_800_000
    interface.collect(tmp_path / "part", last=FIRST + 1)
    with pytest.raises(Refused, match="its last state is of 2026-10-02"):
        HyperliquidFiles.load(tmp_path / "part")
    venue.now = end
    interface.collect(tmp_path / "more", after=tmp_path / "part")
    more = HyperliquidFiles.load(tmp_path / "more")
    assert len(more.histories[A].states) == 3
    assert build_log(more.statement([A], FIRST, LAST)) == log
    venue.summed = venue.start + 2 * DAY  # the second day's first hour is told already
    interface.collect(tmp_path / "sums", after=tmp_path / "part")
    sums = build_log(HyperliquidFiles.load(tmp_path / "sums").statement([A], FIRST, LAST))
    assert (sums.closing, len(sums.records)) == (log.closing, len(log.records))


def test_a_state_alone_is_a_beginning(interface: Interface, tmp_path: Path) -> None:
    """What was held before the window is its opening, and all before it is not asked."""
    venue = interface.server.venue
    traded(interface)
    end, venue.now = venue.now, venue.start + DAY + 1_800_000
    interface.collect(tmp_path / "state", opening=True)
    with pytest.raises(Refused, match="may be left out"):
        HyperliquidFiles.load(tmp_path / "state")
    venue.now, venue.summed = end, 0
    folder = tmp_path / "out"
    interface.collect(folder, after=tmp_path / "state", first=FIRST + 2)
    files = HyperliquidFiles.load(folder)
    statement = files.statement([A], FIRST + 2, LAST)
    assert statement.openings[A].positions and files.histories[A].states[0].time > 0
    assert build_log(statement).opening > 0
    with pytest.raises(Refused, match="after the window's first instant"):
        interface.collect(tmp_path / "late", after=tmp_path / "state")
        HyperliquidFiles.load(tmp_path / "late")


def test_a_run_that_was_cut_off_asks_only_what_is_missing(
    interface: Interface, tmp_path: Path
) -> None:
    traded(interface)

    def until(handler: Handler, request: dict[str, Any]) -> bool:
        if request["type"] == "userFunding":
            handler.reply(422, b"no")
        return request["type"] == "userFunding"

    interface.server.fault = until
    with pytest.raises(Unavailable, match="status 422"):
        interface.collect(tmp_path / "out")
    assert (tmp_path / "out" / COLLECTING).exists()
    asked = len(interface.server.asked)
    interface.server.fault = None
    interface.collect(tmp_path / "out")
    kinds = {request["type"] for request in interface.server.asked[asked:]}
    assert kinds == {"userFunding", "candleSnapshot"}
    HyperliquidFiles.load(tmp_path / "out")


# -- the network -----------------------------------------------------------------------------------
def test_a_busy_venue_is_asked_again(interface: Interface, tmp_path: Path) -> None:
    traded(interface, fills=40)
    left = {"429": 1, "503": 2, "cut": 1}

    def busy(handler: Handler, request: dict[str, Any]) -> bool:
        if request["type"] != "userFillsByTime":
            return False
        for status in ("429", "503"):
            if left[status]:
                left[status] -= 1
                more = {"Retry-After": "7"} if status == "429" else {}
                handler.reply(int(status), b"busy", **more)
                return True
        if left["cut"]:
            left["cut"] -= 1
            handler.send_response(200)
            handler.send_header("Content-Length", "5000")
            handler.end_headers()
            handler.wfile.write(b"[{")
            handler.close_connection = True
            return True
        return False

    interface.server.fault = busy
    HyperliquidFiles.load(interface.collect(tmp_path / "out"))
    assert interface.waits == [7, 2, 4, 8]


def test_patience_has_an_end(interface: Interface, tmp_path: Path) -> None:
    def busy(handler: Handler, _: dict[str, Any]) -> bool:
        handler.reply(429, b"busy", **{"Retry-After": "9999"})
        return True

    interface.server.fault = busy
    with pytest.raises(Unavailable, match=f"status 429, {ATTEMPTS} times in a row") as caught:
        interface.collect(tmp_path / "out")
    assert caught.value.code == "unavailable.venue"
    assert interface.waits == [60.0] * (ATTEMPTS - 1)
    asker = Asker("http://user:secret@127.0.0.1:1/info", sleep=interface.waits.append)
    with pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:1/info: no answer") as caught:
        asker.post({})
    assert "secret" not in str(caught.value)
    with pytest.raises(Refused, match="neither http"):
        Asker("file:///etc/passwd")


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("meta", b"<html>busy</html>", "no JSON"),
        ("meta", b"[]", "is no object"),
        ("userRole", b"{}", "has no role"),
        ("subAccounts", b"3", "is no list"),
        ("userAbstraction", b"{}", "is no text"),
        ("clearinghouseState", b'{"marginSummary":{},"assetPositions":[]}', "has no time"),
        ("userFillsByTime", b'{"error":"no"}', "is no list"),
        ("userFillsByTime", b'[{"time":"1"}]', "a row without time"),
        ("userFillsByTime", b'[{"time":99999999999999}]', "another time than was asked"),
        ("candleSnapshot", b"null", "is no list"),
    ],
)
def test_an_answer_of_another_shape_is_not_kept(
    interface: Interface, tmp_path: Path, kind: str, body: bytes, reason: str
) -> None:
    traded(interface, fills=20)

    def strange(handler: Handler, request: dict[str, Any]) -> bool:
        if request["type"] == kind:
            handler.reply(200, body)
        return bool(request["type"] == kind)

    interface.server.fault = strange
    with pytest.raises(Malformed, match=reason) as caught:
        interface.collect(tmp_path / "out")
    assert caught.value.code == "malformed.answer"
    interface.server.fault = None
    HyperliquidFiles.load(interface.collect(tmp_path / "out"))


def test_accounts_that_share_margin_with_spot_are_refused(
    interface: Interface, tmp_path: Path
) -> None:
    account = traded(interface, fills=20)
    for mode in ("unifiedAccount", "portfolioMargin", "dexAbstraction", "new"):
        account.mode = mode
        with pytest.raises(Refused, match=mode) as caught:
            interface.collect(tmp_path / mode)
        assert caught.value.code == "refused.account_kind"


# -- a folder that does not hold the whole history -------------------------------------------------
def change(folder: Path, kind: str, edit: Callable[[Any], Any], which: int = 0) -> None:
    """Edit a kept answer and its digest, as one would who wants to be believed."""
    listed = json.loads((folder / COLLECTED).read_text())
    entry = [each for each in listed["answers"] if each["request"]["type"] == kind][which]
    value = json.loads((folder / entry["file"]).read_bytes())
    body = json.dumps(edit(value)).encode()
    (folder / entry["file"]).write_bytes(body)
    entry["sha256"] = sha256(body).hexdigest()
    (folder / COLLECTED).write_text(json.dumps(listed))


def put(*path: Any) -> Callable[[Any], Any]:
    """Set the last of a path to what stands last."""

    def edit(document: Any) -> Any:
        at = document
        for name in path[:-2]:
            at = at[name]
        at[path[-2]] = path[-1]
        return document

    return edit


FILLS, FUNDING, LEDGER, STATE = (
    "userFillsByTime", "userFunding", "userNonFundingLedgerUpdates", "clearinghouseState",
)  # fmt: skip
MARGIN = ("assetPositions", 0, "position")
ROW_FAULTS: dict[str, tuple[str, Callable[[Any], Any], str, str]] = {
    "a fill is missing": ("fills", lambda rows: [*rows[:9], *rows[10:]], "incomplete", "missing"),
    "the first is missing": ("fills", lambda rows: rows[1:], "incomplete", "before it leave 0"),
    "the last are missing": ("fills", lambda rows: rows[:-3], "incomplete", "missing"),
    "a payment is missing": ("funding", lambda rows: rows[:-9], "incomplete", "missing between"),
    "a deposit is missing": ("ledger", lambda rows: rows[1:], "incomplete", "missing between"),
    "a size": ("fills", put(0, "sz", "999.0"), "incomplete", "missing"),
    "a fee": ("fills", put(0, "fee", "999.0"), "incomplete", "money at"),
    "a pnl": ("fills", put(-1, "closedPnl", "77.0"), "incomplete", "closed with 77"),
    "a fill of spot": ("fills", put(0, "coin", "@156"), "malformed", "is a spot pair"),
    "a fee token": ("fills", put(0, "feeToken", "USDH"), "malformed", "USDC wanted"),
    "a new name": ("fills", put(0, "rebate", "1.0"), "malformed", "unknown name"),
    "no number": ("fills", put(0, "px", "1e3"), "malformed", "not a plain decimal"),
    "no amount": ("ledger", put(0, "delta", {"type": "deposit"}), "malformed", "usdc: missing"),
}


@pytest.mark.parametrize("name", ROW_FAULTS)
def test_a_history_that_is_not_whole_is_refused(
    interface: Interface, tmp_path: Path, name: str
) -> None:
    rows, edit, code, reason = ROW_FAULTS[name]
    account = traded(interface, fills=120)
    setattr(account, rows, edit(getattr(account, rows)))
    folder = interface.collect(tmp_path / "out")
    with pytest.raises(TierproofError, match=reason) as caught:
        HyperliquidFiles.load(folder)
    assert code in caught.value.code


STATE_FAULTS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "position": (put(*MARGIN, "positionValue", "7.0"), "malformed", "accountValue"),
    "alone": (put(*MARGIN, "leverage", "type", "isolated"), "account_kind", "margin of its own"),
    "time": (lambda value: value.pop("time") and value, "malformed", "time: missing"),
}


@pytest.mark.parametrize("name", STATE_FAULTS)
def test_a_state_that_was_changed_is_refused(
    interface: Interface, tmp_path: Path, name: str
) -> None:
    edit, code, reason = STATE_FAULTS[name]
    traded(interface, fills=120)
    folder = interface.collect(tmp_path / "out")
    HyperliquidFiles.load(folder)
    change(folder, STATE, edit)
    with pytest.raises(TierproofError, match=reason) as caught:
        HyperliquidFiles.load(folder)
    assert code in caught.value.code


def test_one_id_stands_for_one_fill(interface: Interface, tmp_path: Path) -> None:
    traded(interface, fills=120)
    folder = interface.collect(tmp_path / "out")
    change(folder, FILLS, put(0, "px", "77.0"))
    with pytest.raises(Malformed, match=r"differs from .* which has the same id") as caught:
        HyperliquidFiles.load(folder)
    assert caught.value.code == "malformed.statement"


@pytest.mark.parametrize(
    "kind", [FILLS, FUNDING, LEDGER, STATE, "userRole", "subAccounts", "userAbstraction", "meta"]
)
def test_a_question_that_was_not_asked_is_refused(
    interface: Interface, tmp_path: Path, kind: str
) -> None:
    traded(interface, fills=120)
    writer = Collecting(tmp_path / "less", "hyperliquid", FIRST, LAST, [A])
    folder = interface.collect(tmp_path / "out")
    for answer in Collected.load(folder, "hyperliquid").answers:
        if answer.request["type"] != kind:
            writer.keep(answer.request, (folder / answer.file).read_bytes(), answer.taken)
    writer.finish({A: ()})
    with pytest.raises(Refused, match=r"not asked|left out|after .* were not asked") as caught:
        HyperliquidFiles.load(tmp_path / "less")
    assert caught.value.code == "refused.incomplete"


def test_a_page_that_is_missing_is_seen(interface: Interface, tmp_path: Path) -> None:
    traded(interface)
    writer = Collecting(tmp_path / "less", "hyperliquid", FIRST, LAST, [A])
    folder, seen = interface.collect(tmp_path / "out"), 0
    for answer in Collected.load(folder, "hyperliquid").answers:
        seen += answer.request["type"] == FILLS
        if answer.request["type"] != FILLS or seen != 2:
            writer.keep(answer.request, (folder / answer.file).read_bytes(), answer.taken)
    writer.finish({A: ()})
    with pytest.raises(Refused, match=r"userFillsByTime from .* were not asked"):
        HyperliquidFiles.load(tmp_path / "less")


def test_candles_that_are_missing_are_seen(interface: Interface, tmp_path: Path) -> None:
    traded(interface)
    folder = interface.collect(tmp_path / "out")
    change(folder, "candleSnapshot", lambda rows: rows[:40] + rows[70:])
    with pytest.raises(Refused, match="BTC: no candle for too long after"):
        HyperliquidFiles.load(folder)


# -- rules of rows ---------------------------------------------------------------------------------
def moved(kind: str, **delta: Any) -> Any:
    row = {"time": 5, "hash": "0x12", "delta": {"type": kind, **delta}}
    return read_ledger(row, HERE, A)


@pytest.mark.parametrize(
    ("kind", "delta", "dollars"),
    [
        ("deposit", {"usdc": "5.0"}, 5),
        ("withdraw", {"usdc": "5.0", "fee": "1.0", "nonce": 1}, -6),
        ("rewardsClaim", {"amount": "5.0", "token": "USDC"}, 5),
        ("accountClassTransfer", {"usdc": "5.0", "toPerp": True}, 5),
        ("accountClassTransfer", {"usdc": "5.0", "toPerp": False}, -5),
        ("internalTransfer", {"usdc": "5.0", "fee": "1.0", "user": A, "destination": B}, -6),
        ("internalTransfer", {"usdc": "5.0", "fee": "1.0", "user": B, "destination": A}, 5),
        ("subAccountTransfer", {"usdc": "5.0", "user": A, "destination": C}, -5),
        ("vaultCreate", {"usdc": "5.0", "fee": "1.0", "vault": B}, -6),
        ("vaultDeposit", {"usdc": "5.0", "vault": B}, -5),
        ("vaultDistribution", {"usdc": "5.0", "vault": B}, 5),
    ],
)
def test_the_type_gives_the_sign(kind: str, delta: Mapping[str, Any], dollars: int) -> None:
    assert moved(kind, **delta).amount == dollars * 100 * CENT


def test_what_the_ledger_says_otherwise() -> None:
    sent = {
        "user": A, "destination": A, "sourceDex": "", "destinationDex": "spot", "token": "USDC",
        "amount": "5.0", "usdcValue": "5.0", "fee": "0.0", "feeToken": "",
    }  # fmt: skip
    assert moved("send", **sent).amount == -5 * 100 * CENT
    assert moved("send", **sent | {"sourceDex": "spot", "destinationDex": ""}).amount > 0
    assert moved("send", **sent | {"sourceDex": "spot", "token": "HYPE"}) is None
    of = {"liquidatedNtlPos": "9.0", "accountValue": "1.0", "liquidatedPositions": []}
    assert isinstance(moved("liquidation", leverageType="Cross", **of), Liquidation)
    for kind, delta, reason in (
        ("send", sent | {"token": "HYPE"}, "balance is USDC"),
        ("send", sent | {"user": B, "destination": C}, "neither user nor destination"),
        ("deposit", {"usdc": "-5.0"}, "below 0"),
        ("deposit", {"usdc": "5.0", "x": 1}, "unknown name"),
        ("borrowLend", {}, "'borrowLend' is not known"),
        ("liquidation", of | {"leverageType": "Isolated"}, "margin of its own"),
    ):
        with pytest.raises(Malformed, match=reason):
            moved(kind, **delta)


def funded(**delta: Any) -> Any:
    said = {
        "type": "funding", "coin": "BTC", "usdc": "-1.5", "szi": "1.0", "fundingRate": "0.00001",
        "nSamples": None,
    } | delta  # fmt: skip
    return read_funding({"time": delta.pop("at", DAY), "hash": "0x", "delta": said}, HERE)


def test_funding_is_received_above_0() -> None:
    assert funded().amount == -150 * CENT
    with pytest.raises(Malformed, match="received where"):
        funded(usdc="1.5")
    assert funded(nSamples=24).whole_day
    with pytest.raises(Malformed, match="not a whole number"):
        funded(nSamples=99)


def row_of(**more: Any) -> dict[str, Any]:
    return {
        "coin": "BTC", "px": "100.0", "sz": "2.0", "side": "B", "time": 5, "startPosition": "0.0",
        "dir": "Open Long", "closedPnl": "0.0", "hash": "0x", "oid": 1, "crossed": True,
        "fee": "0.1", "tid": 7, "feeToken": "USDC", "twapId": None,
    } | more  # fmt: skip


def fill_of(**more: Any) -> Any:
    return read_fill(row_of(**more), HERE, A, A, {"BTC"})


def test_a_fee_contains_the_builders_and_a_liquidation_says_whose() -> None:
    assert fill_of(builderFee="0.02").fee == 10 * CENT
    for whose, own in ((A, True), (B, False)):
        fill = fill_of(liquidation={"liquidatedUser": whose, "markPx": "99.0", "method": "market"})
        assert (fill.liquidation, fill.mark) == (own, 99 * UNIT)
    for more, reason in (
        ({"liquidation": {"liquidatedUser": A, "markPx": "9.0", "method": "backstop"}}, "backstop"),
        ({"dir": "Auto-Deleveraging"}, "none that a recording shows"),
        ({"dir": "Close Short"}, "make it 'Open Long'"),
        ({"coin": "flx:CRCL"}, "another exchange"),
        ({"coin": "#12"}, "is an outcome"),
        ({"side": "buy"}, "neither B nor A"),
        ({"sz": "0.0"}, "above 0"),
        ({"crossed": 1}, "neither true nor false"),
        ({"time": 5.5}, "not whole numbers"),
    ):
        with pytest.raises(Malformed, match=reason):
            fill_of(**more)


def test_fills_of_a_millisecond_are_ordered_by_their_chain() -> None:
    """Own trades leave the position where it was; where they stand follows from where it is."""
    rows = [
        {"sz": "2.0", "tid": 1},
        {"startPosition": "2.0", "sz": "3.0", "side": "A", "dir": "Long > Short", "tid": 2},
        {"startPosition": "-1.0", "sz": "4.0", "dir": "Short > Long", "tid": 3},
        {"startPosition": "2.0", "sz": "1.0", "side": "A", "dir": "Close Long", "tid": 4},
        {"startPosition": "2.0", "sz": "1.0", "side": "B", "dir": "Open Long", "tid": 4},
    ]
    fills = [fill_of(**row) for row in rows]
    for turned in (fills, fills[::-1], fills[2:] + fills[:2]):
        chained = ordered(turned, 0)
        assert [fill.trade_id for fill in chained] == ["1", "4", "4", "2", "3"]
        assert [fill.reported_start for fill in chained if fill.trade_id == "4"] == [None, None]
    for left_out in range(3):
        with pytest.raises(Refused, match="are missing, or stand twice"):
            ordered([*fills[:left_out], *fills[left_out + 1 :], fill_of(time=6, tid=9,
                    startPosition="3.0")], 0)  # fmt: skip


# -- the venue's own recordings --------------------------------------------------------------------
def test_the_recorded_fills_begin_in_the_middle(shared_data: Path) -> None:
    """500 fills of 2023, cut: refused from nothing, and they chain from where they begin."""
    path = shared_data / "venue-api" / "hyperliquid" / "user_fills_by_time_2023.json"
    rows = json.loads(path.read_text())["response"]
    coins = {row["coin"] for row in rows}
    fills = [read_fill(row, HERE, A, A, coins) for row in rows]
    chained = 0
    for coin in coins:
        mine = sorted((fill for fill in fills if fill.instrument == coin), key=lambda f: f.time)
        with pytest.raises(Refused, match="those before it leave 0") as caught:
            ordered(mine, 0)
        assert caught.value.code == "refused.incomplete"
        chained += _chained(mine)
    assert chained == len(rows) - 1 == 499


def _chained(fills: list[Any]) -> int:
    """
    How many of one coin's fills chain from where some fill of the first instant begins: all, or
    all but the oldest, whose own trade's other side was cut off.
    """
    for skipped in (0, 1):
        mine = fills[skipped:]
        for start in {fill.reported_start for fill in mine if fill.time == mine[0].time}:
            try:
                return len(ordered(mine, start))
            except Refused:
                continue
    raise AssertionError(f"{fills[0].instrument} does not chain")


def test_the_recorded_rows_are_read_by_the_rules(shared_data: Path) -> None:
    folder = shared_data / "venue-api" / "hyperliquid"
    funding = json.loads((folder / "user_funding_2023.json").read_text())["response"]
    assert all(read_funding(row, HERE).whole_day for row in funding) and len(funding) == 218
    said = json.loads((folder / "user_non_funding_ledger_updates_2025.json").read_text())
    user = said["request"]["user"]
    found = [read_ledger(row, HERE, user) for row in said["response"]]
    assert [entry is not None and entry.amount > 0 for entry in found] == [
        True, False, False, False, True,
    ]  # fmt: skip
    assert found[2] is None  # between spot balances
    own = json.loads((folder / "fills_own_liquidation_builder_fee_2026.json").read_text())
    flags = []
    for row in own["response"]:
        if row["coin"] == "HYPE":
            flags.append(read_fill(row, HERE, A, own["user"], {"HYPE"}).liquidation)
        else:
            with pytest.raises(Malformed, match="another exchange"):
                read_fill(row, HERE, A, own["user"], {"HYPE"})
    assert flags == [False, True, False]
    other = json.loads((folder / "fill_counterparty_of_liquidation_2026.json").read_text())
    assert not read_fill(other["data"]["fills"][0], HERE, A, A, {"BTC"}).liquidation
    odd = json.loads((folder / "fills_odd_2026.json").read_text())["response"]
    refused = 0
    for row in odd:
        try:
            read_fill(row, HERE, A, A, {"ARB", "JUP", "MANTA"})
        except Malformed:
            refused += 1
    assert refused == 3  # a spot pair, a dust conversion, vaults netted
