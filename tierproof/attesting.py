"""
The attestor's command: statements, bindings and keys in, one attestation file per owner and one
root file out.

What is attested stands in a job file (its form: docs/reference/formats.md).
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from algebra.errors import Malformed, Refused, TierproofError, Unavailable
from algebra.extras import libraries
from algebra.system import refused_by_system
from attestor.attest import OwnerStatement, Setup, attest
from attestor.attestation import Attestation
from attestor.bindings import BindingRegistry
from attestor.complaints import Complaints
from attestor.venues.adapter import Tally
from attestor.venues.registry import adapter_of
from circuits.versions import CURRENT
from policies.feed import FeedDocument
from tierproof.attest_job import AttestJob, read_job
from tierproof.documents import RootFile
from tierproof.keys_folder import KeysFolder
from tierproof.private_file import read_private

with libraries("attest"):
    from eth_account import Account
    from eth_account.signers.local import LocalAccount

ROOT_FILE = "root.json"


@dataclass(frozen=True, slots=True)
class Attested:
    """
    The files that a job wrote, what became of the lines of the statements that it read, and each
    owner's wallets without a line.
    """

    root: int
    root_file: Path
    files: tuple[Path, ...]
    attestations: tuple[Attestation, ...]
    lines: tuple[Tally, ...] = ()
    idle: tuple[tuple[str, ...], ...] = ()


def read_key(path: Path, *, allow_open: bool = False) -> LocalAccount:
    """
    A private key from a file of 0x and 64 hexadecimal digits. The message of an error never holds
    any of it.

    Parameters
    ----------
    allow_open : take a file that the system's other users can read too

    Raises
    ------
    Malformed
        `malformed.key_file`.
    Refused
        `refused.open_key_file`, as `tierproof.private_file.read_private`.
    Unavailable
        As `algebra.files.read_file`.
    """
    text = read_private(path, allow_open=allow_open).strip()
    if not re.fullmatch(r"(0[xX])?[0-9a-fA-F]{64}", text, re.ASCII):
        raise Malformed("malformed.key_file", f"{path.name}: not 0x and 64 hexadecimal digits")
    try:
        account: LocalAccount = Account.from_key(text[-64:])
    except Exception:
        raise Malformed("malformed.key_file", f"{path.name}: not a private key") from None
    return account


def commitment_setup(keys: KeysFolder, size: int) -> Setup:
    """What an attestor takes from a setup for class n, its basis verified; Malformed."""
    return Setup(keys.verified_log_basis(size), keys.setup.srs_id, CURRENT.capacity(size))


def run_job(
    job: Path,
    signers: Sequence[LocalAccount],
    keys: KeysFolder,
    out: Path,
    *,
    now: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Attested:
    """
    Attest all owners of a job; writes nothing unless all of them can be attested.

    Parameters
    ----------
    out : folder to make, or an empty one
    now : seconds since 1970; the system's clock by default
    progress : is told each step; nothing in it is of an owner

    Raises
    ------
    Malformed
        As `tierproof.attest_job.read_job`, `BindingRegistry.load` and `FeedDocument.load`;
        `malformed.statement` with file, line and reason; `malformed.bases`, `malformed.setup...`.
        What is wrong with job, statements, bindings and feed comes together
        (`attestor.complaints`), with the number of lines that were read and refused.
    Refused, Rejected, Unavailable
        As `attestor.attest.attest`; `refused.used_folder`.
    """
    moment = int(time.time()) if now is None else now
    asked = read_job(job, moment)
    _require_unused(out)
    progress("statements and bindings")
    wrong = Complaints()
    read = wrong.take(lambda: adapter_of(asked.adapter).open(asked.statements, asked.venue), None)
    bindings = wrong.take(lambda: BindingRegistry.load(asked.bindings), None)
    feed = wrong.take(lambda: _feed(asked), None)
    lines = read.tally(asked.wallets) if read is not None else []
    for each in lines:
        wrong.count_read(each.file, each.read)
    if read is not None:
        wrong.take(partial(read.require_asked, asked.wallets, asked.left_out), None)
    read, bindings = wrong.given(read), wrong.given(bindings)
    owners = [
        OwnerStatement(tag, read.statement(wallets, asked.first_day, asked.last_day))
        for tag, wallets in asked.owners
    ]
    progress(f"basis of class {asked.size}")
    setup = commitment_setup(keys, asked.size)
    progress(f"logs and commitments of {len(owners)} owners, tree, signatures")
    round_of = partial(
        attest,
        owners,
        bindings=bindings,
        setup=setup,
        algebra=keys.algebra,
        attestor_set=asked.attestor_set,
        signers=signers,
        domain=asked.domain,
        valid_until=asked.valid_until,
        now=moment,
        feed=feed,
    )
    made = wrong.given(wrong.take(round_of, None))
    progress("files")
    idle = tuple(tuple(read.idle(wallets)) for _, wallets in asked.owners)
    return replace(write_attestations(made, out), lines=tuple(lines), idle=idle)


def _feed(job: AttestJob) -> FeedDocument | None:
    """The feed document of the job's window, where it names one."""
    if job.feed is None:
        return None
    feed = FeedDocument.load(job.feed)
    feed.require_window(job.first_day, job.last_day)
    return feed


@contextmanager
def claimed(bindings: Path) -> Iterator[None]:
    """A bindings file for this run alone: two that write it would each lose the other's entry."""
    lock = Path(f"{bindings}.lock")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise Refused(
            "refused.busy",
            f"{bindings.name}: another command writes it; if none does, one was stopped midway: "
            f"delete {lock.name}",
        ) from None
    except OSError as error:
        raise refused_by_system(error, bindings.name) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


# -- what is written -------------------------------------------------------------------------------
def write_attestations(made: Sequence[Attestation], out: Path) -> Attested:
    """
    One private file an owner, named by his consent key, and the public root.

    All files appear at once, in a folder that is renamed into its place, or none does. A root that
    was published there is never replaced; the same one, byte for byte, is left with its files.

    Raises
    ------
    Refused
        `refused.used_folder`: something else is in the folder.
    Unavailable
        `unavailable.file`: it cannot be written.
    """
    place = out.resolve()
    names = [f"attestation-{each.consent_key[2:]}.json" for each in made]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    except OSError as error:
        raise _not_written(out, error) from error
    try:
        for attestation, name in zip(made, names, strict=True):
            attestation.write(folder / name)
        RootFile.of(made[0]).write(folder / ROOT_FILE)
        if _same_root(folder, place):
            for name in names:
                os.replace(folder / name, place / name)
        else:
            _require_unused(out)
            os.rename(folder, place)  # onto nothing or an empty folder, else it fails
    except OSError as error:
        _require_unused(out)  # another run may have been faster
        raise _not_written(out, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    files = tuple(out / name for name in names)
    return Attested(made[0].root, out / ROOT_FILE, files, tuple(made))


def _same_root(one: Path, other: Path) -> bool:
    try:
        return (one / ROOT_FILE).read_bytes() == (other / ROOT_FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return False


def _require_unused(out: Path) -> None:
    """Refused (`refused.used_folder`) unless it is absent, or empty and may be replaced."""
    try:
        used = next(iter(sorted(out.iterdir())), None)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _not_written(out, error) from error
    if (out / ROOT_FILE).exists():
        reason = f"{ROOT_FILE} of an earlier run is there, and is never replaced"
    elif used is not None:
        reason = f"it holds {used.name!a} already"
    elif out.resolve() == Path.cwd():
        reason = "it is the current folder"
    else:
        return
    raise Refused(
        "refused.used_folder", f"{out.name or out}: {reason}; name a folder that is not there"
    )


def _not_written(out: Path, error: OSError) -> TierproofError:
    if error.errno in (errno.EBUSY, errno.EXDEV):  # a mount point
        return Unavailable(
            "unavailable.file",
            f"{out.name or out}: cannot be written: {error.strerror}; name a folder inside it",
        )
    return refused_by_system(error, out.name or str(out), absent="unavailable.folder")
