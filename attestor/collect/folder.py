"""
The folder that collecting leaves: `collected.json`, and the venue's bodies word for word in
`answers/` (docs/explanation/attestation.md 2.5; docs/reference/formats.md).

An adapter makes the same of the same bodies, on every machine. A body that is missing, that was
changed, or that nobody asked for is refused before any of it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from algebra.errors import Malformed, Refused
from algebra.files import parse_json, read_file
from attestor.cells import is_address
from attestor.collect.item import Item
from attestor.statement import Source, bad_line
from history.dates import DAY_LIMIT, day_number, day_text
from policies.files import Reader, read_json

FORMAT, VERSION = "tierproof/collected", 1
COLLECTED, COLLECTING, ANSWERS = "collected.json", "collecting.json", "answers"
"""The list once all is there, the list while it is not, the folder of bodies."""
MAX_ANSWERS = 100_000
_CODE = "malformed.collected"
_NONE = Decimal("NaN")
LATEST = (1 << 53) - 1
"""Most microseconds since 1970 that an answer may have come at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One body with what was asked.

    Attributes
    ----------
    file : under the folder: `answers/000001.json`
    request : a JSON object, as the venue got it, without anything that is secret
    taken : when it came, microseconds since 1970 UTC
    sha256 : of the body
    value : the body as JSON; numbers with a point or an exponent are exact `Decimal`s
    """

    file: str
    request: Mapping[str, Any]
    taken: int
    sha256: str
    value: Any = None

    @property
    def source(self) -> Source:
        """The answer as a whole: place 1 of its file."""
        return Source(self.file, 1)

    def place(self, index: int) -> Source:
        """Where item `index` (from 0) of a list stands: place 2 is the first item."""
        return Source(self.file, index + 2)

    def item(self) -> Item:
        """The body as an object; Malformed (`malformed.statement`) where it is none."""
        return Item(self.value, self.source)

    def listed(self, found: Any = None) -> list[Any]:
        """The body, or `found` of it, as a list; Malformed (`malformed.statement`)."""
        value = self.value if found is None else found
        if not isinstance(value, list):
            raise bad_line(self.source, "not a list")
        return value

    def items(self, found: Any = None) -> Iterator[Item]:
        """The objects of a list, as `listed`, each at its place."""
        for index, value in enumerate(self.listed(found)):
            yield Item(value, self.place(index))


@dataclass(frozen=True, slots=True)
class Collected:
    """
    What was collected of a venue for a window.

    Attributes
    ----------
    venue : names the adapter
    first_day, last_day : the window, days since 1970-01-01 UTC, both included
    accounts : by wallet, in lower case, its sub-accounts as the venue names them; number n of a
        list, from 1, is the account `wallet/n`
    answers : in the order in which they came
    """

    venue: str
    first_day: int
    last_day: int
    accounts: Mapping[str, tuple[str, ...]]
    answers: tuple[Answer, ...]

    @classmethod
    def load(cls, folder: Path, venue: str) -> Collected:
        """
        Read and check a folder.

        Raises
        ------
        Malformed
            `malformed.collected`: the list is none of this version or of another venue; an answer
            that is not the one that was kept, is no JSON, or is on no list.
        Refused
            `refused.collecting`: collecting was not brought to its end.
        Unavailable
            `unavailable.file`: no list, or an answer of it is missing.
        """
        if not (folder / COLLECTED).exists() and (folder / COLLECTING).exists():
            raise Refused(
                "refused.collecting",
                f"{folder.name}: collecting was not brought to its end; run it again with the same "
                "folder, it goes on where it stopped",
            )
        found, _ = read_list(folder / COLLECTED, FORMAT)
        if found.venue != venue:
            raise Malformed(
                _CODE, f"{COLLECTED}: collected from {found.venue}, {venue} wanted", part="venue"
            )
        _require_no_others(folder, found)
        answers = tuple(read_answer(folder, answer) for answer in found.answers)
        return cls(found.venue, found.first_day, found.last_day, found.accounts, answers)

    def asked(self, **parts: Any) -> list[Answer]:
        """The answers to requests that have all of these names and values."""
        return [
            answer
            for answer in self.answers
            if all(answer.request.get(name) == value for name, value in parts.items())
        ]

    def names(self) -> dict[str, str]:
        """By what the venue calls an account its name here: wallets, and sub-accounts of them."""
        out = {wallet: wallet for wallet in self.accounts}
        for wallet, listed in self.accounts.items():
            out.update({name: f"{wallet}/{n}" for n, name in enumerate(listed, start=1)})
        return out


def canonical(request: Mapping[str, Any]) -> str:
    """One text for one request."""
    return json.dumps(request, sort_keys=True, separators=(",", ":"))


def parse_body(body: bytes) -> Any:
    """A body as JSON with exact numbers; ValueError where it is none."""
    return parse_json(body, parse_float=_decimal)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except ArithmeticError:  # an exponent that no memory holds
        number = _NONE
    if not number.is_finite():
        raise ValueError(f"{text[:32]} is no number")
    return number


def read_answer(folder: Path, answer: Answer) -> Answer:
    """An answer of a list with its body; Malformed (`malformed.collected`), Unavailable."""
    body = read_file(folder / answer.file)
    if sha256(body).hexdigest() != answer.sha256:
        raise Malformed(
            _CODE,
            f"{answer.file}: not the answer that was kept: its sha256 differs from the list's",
            part=answer.file,
        )
    try:
        value = parse_body(body)
    except ValueError as error:
        raise Malformed(_CODE, f"{answer.file}: not JSON: {error}", part=answer.file) from error
    return Answer(answer.file, answer.request, answer.taken, answer.sha256, value)


def _require_no_others(folder: Path, found: Collected) -> None:
    """Bodies on no list: of another run, or put there."""
    listed = {answer.file for answer in found.answers}
    for path in sorted((folder / ANSWERS).glob("*")):
        if f"{ANSWERS}/{path.name}" not in listed:
            name = ascii(path.name[:40])
            raise Malformed(_CODE, f"{ANSWERS}: {name} is on no list", part=path.name)


# -- the list --------------------------------------------------------------------------------------
def read_list(path: Path, wanted: str, *more: str) -> tuple[Collected, list[int]]:
    """The list of answers, without their bodies, and the counts of answers called `more`."""
    file = Reader(read_json(path, _CODE), path.name, _CODE)
    file.header(wanted, VERSION)
    file.keys("format", "version", "venue", "first_day", "last_day", "accounts", "answers", *more)
    first_day, last_day = (_day(file, name) for name in ("first_day", "last_day"))
    if last_day < first_day:
        raise file.error("last_day", "before first_day")
    answers = tuple(
        _listed(Reader(item, f"{path.name}.answers[{index}]", _CODE), index)
        for index, item in enumerate(file.list("answers"))
    )
    if len(answers) > MAX_ANSWERS:
        raise file.error("answers", f"more than {MAX_ANSWERS:,}")
    accounts = _accounts(file, path.name)
    found = Collected(file.text("venue"), first_day, last_day, accounts, answers)
    return found, [file.integer(name, 0, len(answers)) for name in more]


def list_document(found: Collected, form: str, **more: int) -> bytes:
    """The list as a file, the same bytes for the same content; `more` stands at its end."""
    document = {
        "format": form,
        "version": VERSION,
        "venue": found.venue,
        "first_day": day_text(found.first_day),
        "last_day": day_text(found.last_day),
        "accounts": [
            {"wallet": wallet, "sub_accounts": list(listed)}
            for wallet, listed in found.accounts.items()
        ],
        "answers": [
            {
                "file": answer.file,
                "request": dict(answer.request),
                "taken": answer.taken,
                "sha256": answer.sha256,
            }
            for answer in found.answers
        ],
        **more,
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def _day(file: Reader, name: str) -> int:
    day = day_number(file.text(name), _CODE)
    if day >= DAY_LIMIT:
        raise file.error(name, "too far ahead")
    return day


def _accounts(file: Reader, place: str) -> dict[str, tuple[str, ...]]:
    accounts: dict[str, tuple[str, ...]] = {}
    named: set[str] = set()
    for index, item in enumerate(file.list("accounts")):
        one = Reader(item, f"{place}.accounts[{index}]", _CODE)
        one.keys("wallet", "sub_accounts")
        wallet = one.text("wallet")
        if not is_address(wallet):
            raise one.error("wallet", "not an address in lower case")
        listed = one.list("sub_accounts")
        for name in listed:
            if not (isinstance(name, str) and 0 < len(name) <= 64 and name.isprintable()):
                raise one.error("sub_accounts", "not names of at most 64 printable characters")
        if len({wallet, *listed}) != 1 + len(listed) or not named.isdisjoint({wallet, *listed}):
            raise one.error("wallet", "an account stands twice")
        named.update({wallet, *listed})
        accounts[wallet] = tuple(listed)
    return accounts


def _listed(one: Reader, index: int) -> Answer:
    one.keys("file", "request", "taken", "sha256")
    one.constant("file", f"{ANSWERS}/{index + 1:06}.json")
    request = one.value("request")
    if not isinstance(request, dict):
        raise one.error("request", "not an object")
    digest = one.text("sha256")
    if re.fullmatch("[0-9a-f]{64}", digest, re.ASCII) is None:
        raise one.error("sha256", "not 64 lower-case hexadecimal digits")
    return Answer(one.text("file"), request, one.integer("taken", 0, LATEST), digest)
