"""
The attestor's command: statements, bindings and keys in, one attestation file per owner and one
root file out.

A job file names it all, with paths relative to itself:

    {"format": "tierproof/attest-job", "version": 1, "venue": "sample" | "hyperliquid",
     "statements": "folder", "bindings": "bindings.json", "first_day": "2026-01-01",
     "last_day": "2026-04-02", "size": 8192,
     "attestor_set": {"members": ["0x..."], "threshold": 2}, "domain": {"chain_id": 1, "registry":
     "0x..."}, "valid_until": 1790000000, "owners": [{"owner_tag": "0x...", "wallets": ["0x..."]}]}
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from algebra.errors import Malformed, Refused, Unavailable
from algebra.extras import libraries
from attestor.attest import OwnerStatement, Setup, attest
from attestor.attestation import Attestation
from attestor.binding import BindingRegistry
from attestor.files import Reader, read_json
from attestor.statement import Statement
from attestor.venues import hyperliquid, sample
from attestor.venues.statement_csv import StatementFile
from circuits.credential.v1.layout import capacity
from history.dates import day_number
from policies.signed_root import AttestorSet, RootDomain
from tierproof.documents import RootFile
from tierproof.keys_folder import KeysFolder

with libraries("attest"):
    from eth_account import Account
    from eth_account.signers.local import LocalAccount

VENUES = {"sample": sample.VENUE, "hyperliquid": hyperliquid.VENUE}
_CODE = "malformed.job"


@dataclass(frozen=True, slots=True)
class Attested:
    """The files that a job wrote."""

    root: int
    root_file: Path
    files: tuple[Path, ...]
    attestations: tuple[Attestation, ...]


def read_key(path: Path) -> LocalAccount:
    """
    A private key from a file of 0x and 64 hexadecimal digits. The message of an error never holds
    any of it.

    Raises
    ------
    Malformed
        `malformed.key_file`.
    Unavailable
        `unavailable.file`.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise Unavailable("unavailable.file", f"{path.name}: cannot be read") from None
    if not re.fullmatch(r"(0x)?[0-9a-fA-F]{64}", text, re.ASCII):
        raise Malformed("malformed.key_file", f"{path.name}: not 0x and 64 hexadecimal digits")
    try:
        account: LocalAccount = Account.from_key(text)
    except Exception:
        raise Malformed("malformed.key_file", f"{path.name}: not a private key") from None
    return account


def venue_reader(venue: str, folder: Path) -> Callable[[Sequence[str], int, int], Statement]:
    """The adapter of a venue over a folder of its files; Refused (`refused.venue`)."""
    if venue == "hyperliquid":
        return hyperliquid.History.load(folder).statement
    if venue == "sample":
        return StatementFile.load(folder, sample.VENUE).statement
    raise Refused(
        "refused.venue",
        f"venue: {venue[:40]!r} has no adapter; there are: {', '.join(sorted(VENUES))}",
    )


def commitment_setup(keys: KeysFolder, size: int) -> Setup:
    """What an attestor takes from a setup for class n, its basis verified; Malformed."""
    return Setup(keys.verified_log_basis(size), keys.setup.srs_id, capacity(size))


def run_job(
    job: Path,
    signers: Sequence[LocalAccount],
    keys: KeysFolder,
    out: Path,
    *,
    now: int | None = None,
) -> Attested:
    """
    Attest all owners of a job; writes nothing unless all of them can be attested.

    The attested window enters the bindings file before anything else is written: from then on
    nobody leaves inside it.

    Parameters
    ----------
    now : seconds since 1970; the system's clock by default

    Raises
    ------
    Malformed
        `malformed.job`, `malformed.statement` with file, line and reason; `malformed.bases`,
        `malformed.setup...`.
    Refused, Rejected, Unavailable
        As `attestor.attest.attest`.
    """
    file = Reader(read_json(job, _CODE), "job", _CODE)
    file.keys(
        "format",
        "version",
        "venue",
        "statements",
        "bindings",
        "first_day",
        "last_day",
        "size",
        "attestor_set",
        "domain",
        "valid_until",
        "owners",
    )
    file.constant("format", "tierproof/attest-job")
    file.constant("version", 1)
    members, domain = file.child("attestor_set"), file.child("domain")
    members.keys("members", "threshold")
    domain.keys("chain_id", "registry")
    listed = [str(member) for member in members.list("members")]
    first_day, last_day = day_number(file.text("first_day")), day_number(file.text("last_day"))
    read = venue_reader(file.text("venue"), job.parent / file.text("statements", 1024))
    owners = []
    for index, item in enumerate(file.list("owners")):
        owner = Reader(item, f"owners[{index}]", _CODE)
        owner.keys("owner_tag", "wallets")
        wallets = [str(wallet).lower() for wallet in owner.list("wallets")]
        owners.append(OwnerStatement(owner.word("owner_tag"), read(wallets, first_day, last_day)))
    bindings_path = job.parent / file.text("bindings", 1024)
    bindings = BindingRegistry.load(bindings_path)
    made = attest(
        owners,
        bindings=bindings,
        setup=commitment_setup(keys, file.integer("size", 1, 1 << 28)),
        algebra=keys.algebra,
        attestor_set=AttestorSet.of(listed, members.integer("threshold", 1, 64)),
        signers=signers,
        domain=RootDomain(
            domain.integer("chain_id", 1, (1 << 256) - 1), domain.text("registry").lower()
        ),
        valid_until=file.integer("valid_until", 0, (1 << 64) - 1),
        now=int(time.time()) if now is None else now,
    )
    bindings.save(bindings_path)
    return write_attestations(made, out)


def write_attestations(made: Sequence[Attestation], out: Path) -> Attested:
    """One private file an owner, named by his tag, and the public root."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            "unavailable.file", f"{out.name}: cannot be made: {error.strerror}"
        ) from error
    files = []
    for attestation in made:
        path = out / f"attestation-{attestation.leaf.owner_tag:064x}.json"
        attestation.write(path)
        files.append(path)
    root_file = out / "root.json"
    RootFile.of(made[0]).write(root_file)
    return Attested(made[0].root, root_file, tuple(files), tuple(made))
