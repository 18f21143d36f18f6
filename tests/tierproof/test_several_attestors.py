"""
Attestors who collect from a venue each for himself: the same answers give the same draft, and of
two of whom one saw less, the first fact that he lacks is told.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attestor import generations
from benchmarks.venue_of_one import DAY, HOUR, Account, Venue, served
from history.dates import day_number, day_text
from tests.attestor.attestor_world import Attestors, key, venue_owner
from tests.tierproof.conftest import SIZE, Desk, run

FIRST, DAYS = day_number("2025-10-01"), 3
VALID_UNTIL = int(time.time()) + 365 * 86_400
WALLET = key("several attestors")
OWNER = venue_owner(77, "hyperliquid")
Capture = pytest.CaptureFixture[str]
Change = Callable[[Account], object]


@dataclass(frozen=True)
class Member:
    """One attestor's folder, and the venue as it answers him."""

    folder: Path
    venue: Venue
    url: str
    keys: Path

    @property
    def job(self) -> Path:
        return self.folder / "job.json"

    def collect(self) -> int:
        window = ("--first-day", day_text(FIRST), "--last-day", day_text(FIRST + DAYS - 1))
        asked = ("--wallet", WALLET.address, "--url", self.url, *window)
        return run("collect", "hyperliquid", *asked, "--out", self.folder / "answers", "--json")

    def draft(self) -> Path:
        """Collected and drafted; the draft's folder."""
        out = self.folder / "draft"
        assert self.collect() == 0
        assert run("draft", self.job, "--keys", self.keys, "--out", out) == 0
        return out

    @property
    def bodies(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("answers/answers/*"))]


Join = Callable[..., Member]


@pytest.fixture
def join(desk: Desk, tmp_path: Path) -> Iterator[Join]:
    """Makes members who hold the same bindings and job; each asks a server of his own."""
    attestors = Attestors()
    attestors.announce(FIRST, DAYS, series="collected")
    attestors.bind(WALLET, OWNER, FIRST - 5)
    with ExitStack() as servers:

        def make(name: str, change: Change = lambda _: None, page: int = 2_000) -> Member:
            venue = Venue(FIRST, DAYS, seed=9)
            venue.page = page
            change(venue.trade(WALLET.address.lower(), 300))
            folder = tmp_path / name
            folder.mkdir()
            attestors.bindings.save(folder / "bindings.json")
            (folder / "job.json").write_text(json.dumps(job_of(attestors)))
            return Member(folder, venue, servers.enter_context(served(venue)).url, desk.keys)

        yield make


def job_of(attestors: Attestors) -> dict[str, Any]:
    return {
        "format": "tierproof/attest-job",
        "version": 1,
        "venue": "hyperliquid",
        "adapter": "hyperliquid",
        "statements": "answers",
        "bindings": "bindings.json",
        "first_day": day_text(FIRST),
        "last_day": day_text(FIRST + DAYS - 1),
        "size": SIZE,
        "attestor_set": generations.as_json(attestors.set),
        "domain": {"chain_id": 31_337, "registry": attestors.domain.registry},
        "valid_until": VALID_UNTIL,
        "owners": [{"owner_tag": f"0x{OWNER.tag:064x}", "wallets": [WALLET.address.lower()]}],
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def diff(capsys: Capture, one: Member, other: Member, *more: object) -> dict[str, Any]:
    """What each place that differs is in the two drafts, by its last words."""
    capsys.readouterr()
    drafts = (one.folder / "draft", other.folder / "draft")
    assert run("attest", "diff", *drafts, *more, "--json") == 0
    told = json.loads(capsys.readouterr().out)["differences"]
    return {each["where"].split(": ", 1)[1]: (each["one"], each["other"]) for each in told}


def test_three_who_collect_draft_the_same_bytes(join: Join, capsys: Capture) -> None:
    """From pages cut at other places: draft, leaves, root and the owner's log."""
    members = [join("a"), join("b"), join("c", page=70)]
    written = [contents(each.draft()) for each in members]
    assert written[0] == written[1] == written[2]
    assert set(written[0]) == {"draft.json", f"attestation-{OWNER.consent_key[2:]}.json"}
    assert members[0].bodies == members[1].bodies
    assert len(members[2].bodies) > len(members[0].bodies)
    jobs = ("--job", members[0].job, "--other-job", members[2].job)
    assert diff(capsys, members[0], members[2], *jobs) == {}


def test_one_who_lacks_a_page_is_refused(join: Join, capsys: Capture) -> None:
    """His balances and positions do not step as the rest of the answers says."""

    def cut(account: Account) -> None:
        del account.fills[140:210]

    assert join("cut", cut, page=70).collect() == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "refused.incomplete" and error["coin"] and error["time"]


def test_a_late_deposit_is_the_first_line_that_differs(join: Join, capsys: Capture) -> None:
    """Both histories are complete by their own states: one was collected before the correction."""

    def corrected(account: Account) -> None:
        account.move((FIRST + 1) * DAY + 7_000, "deposit", "25.5")

    early, late = join("early"), join("late", corrected)
    early.draft(), late.draft()
    found = diff(capsys, early, late, "--job", early.job, "--other-job", late.job)
    line, place = found["first line"][1].rsplit(", ", 1)
    assert found["first line"][0] == "nothing" and place.startswith("answers/")
    assert line == f"2025-10-02T00:00:07Z, transfer, {WALLET.address.lower()}, 25.5 USD"
    (record,) = (found[name] for name in found if name.startswith("first at record"))
    assert "transfer" in record[1] and record[1].endswith(place)
    assert not [name for name in found if name.startswith(("first opening", "first price"))]


def test_a_late_fill_is_named_by_its_instrument(join: Join, capsys: Capture) -> None:
    def filled(account: Account) -> None:
        time = (FIRST + DAYS) * DAY - HOUR // 2
        last = account.fills[-1]
        assert last["time"] < time
        account.fill(time, "SOL", -account.positions["SOL"][0], Decimal("140.25"))

    early, late = join("early"), join("late", filled)
    early.draft(), late.draft()
    alone = diff(capsys, early, late, "--other-job", late.job)
    assert "first line" not in alone
    (record,) = (alone[name] for name in alone if name.startswith("first at record"))
    assert "kind fill" in record[1] and ", SOL, answers/" in record[1]
    assert "SOL" not in record[0]
    both = diff(capsys, early, late, "--job", early.job, "--other-job", late.job)
    assert both["first line"][0] == "nothing" and ", fill, " in both["first line"][1]
    swapped = json.loads(early.job.read_text()) | {"statements": "../late/answers"}
    early.job.write_text(json.dumps(swapped))
    drafts = (early.folder / "draft", late.folder / "draft")
    assert run("attest", "diff", *drafts, "--job", early.job, "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.other_statement"
