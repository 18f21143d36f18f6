"""
The sample: a made-up options and perpetuals desk of four wallets over three months, and two small
neighbours, of whom one is liquidated (docs/explanation/attestation.md 2.3). Same seed, same bytes,
on every machine.

What they do stands in `sample_desk`, how it is written down in `sample_book`, the prices are
`sample_market`'s. The venue margins them by `policies/examples/margin/sample.json`, the numbers of
a real one. Keys of wallets and attestors follow from the seed: they are public, which is why every
name that gives one says `unsafe`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from algebra.extras import libraries
from algebra.files import read_file, write_atomic
from algebra.keccak import keccak
from attestor.venues.instruments_csv import INSTRUMENTS
from attestor.venues.marks_csv import MARKS
from attestor.venues.sample_desk import LASTING, Desk
from attestor.venues.statement_csv import MARGIN, STATEMENT, StatementFile
from policies.margin import example, example_path
from policies.rule_files import MARGIN as MARGIN_FOLDER
from policies.rule_files import RuleFiles

with libraries("attest"):
    from eth_account import Account
    from eth_account.signers.local import LocalAccount

VENUE = "tierproof-sample"
FIRST_DAY = 20_454  # 2026-01-01
DAYS = 92
SEED = 7


@dataclass(frozen=True, slots=True)
class SampleOwner:
    """A made-up owner with the keys of his wallets."""

    name: str
    unsafe_keys: tuple[LocalAccount, ...]

    @property
    def wallets(self) -> tuple[str, ...]:
        """Addresses in lower case, in the order of the keys."""
        return tuple(account.address.lower() for account in self.unsafe_keys)


@dataclass(frozen=True, slots=True)
class Sample:
    """Where the sample was written and whose it is; `owners[0]` is the desk."""

    folder: Path
    owners: tuple[SampleOwner, ...]
    first_day: int
    days: int

    @property
    def last_day(self) -> int:
        """Last day inside the window, days since 1970-01-01 UTC."""
        return self.first_day + self.days - 1

    def statement_file(self) -> StatementFile:
        """The files, read back through the strict reader."""
        return StatementFile.load(self.folder, VENUE)


def unsafe_key(seed: int, name: str) -> LocalAccount:
    """A key that anyone can derive: for the sample only."""
    account: LocalAccount = Account.from_key(keccak(f"tierproof/sample/{seed}/{name}".encode()))
    return account


def unsafe_attestors(count: int, seed: int = SEED) -> list[LocalAccount]:
    """Attestor keys of the sample."""
    return [unsafe_key(seed, f"attestor/{i}") for i in range(count)]


def write_sample(
    folder: Path, *, seed: int = SEED, first_day: int = FIRST_DAY, days: int = DAYS
) -> Sample:
    """
    Write `statement.csv`, `instruments.csv`, `marks.csv` and `margin.json` into `folder`.

    Parameters
    ----------
    days : 2..92; the market is the same whatever the number
    """
    if not 2 <= days <= DAYS:
        raise ValueError(f"days: {days} is not in 2..{DAYS}")
    owners = (
        SampleOwner("desk", tuple(unsafe_key(seed, f"desk/{i}") for i in range(4))),
        SampleOwner("harbour", tuple(unsafe_key(seed, f"harbour/{i}") for i in range(2))),
        SampleOwner("quarry", (unsafe_key(seed, "quarry/0"),)),
    )
    desk = Desk(seed, first_day, days, DAYS, [owner.wallets for owner in owners])
    desk.run()
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / INSTRUMENTS, desk.book.instruments_csv(LASTING, desk.options))
    write_atomic(folder / MARKS, desk.book.marks_csv())
    write_atomic(folder / STATEMENT, desk.book.statement_csv())
    write_atomic(folder / MARGIN, read_file(example_path("sample")))
    return Sample(folder, owners, first_day, days)


def documents() -> RuleFiles:
    """The margin document of the sample, as a policy names it."""
    document = example("sample")
    return RuleFiles(((MARGIN_FOLDER + document.name, document.digest),))
