"""
An attestor's job: statements and bindings in, a draft out; with the quorum's signatures, one
attestation file per owner and one root file.

What is attested stands in a job file (its form: docs/reference/formats.md).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from algebra.errors import Malformed, Refused
from algebra.extras import libraries
from algebra.private_file import read_private
from algebra.system import refused_by_system
from attestor.attest import OwnerStatement, Setup, draft, signed
from attestor.attestation import Attestation
from attestor.binding import venue_id
from attestor.bindings import BindingRegistry
from attestor.calendar import require_settled
from attestor.collect.folder import COLLECTED, read_list
from attestor.collect.folder import FORMAT as COLLECTED_FORMAT
from attestor.complaints import Complaints
from attestor.cosigning import sign_root
from attestor.statement import MICROSECONDS
from attestor.venues.adapter import Tally
from attestor.venues.registry import adapter_of
from circuits.versions import CURRENT
from contracts.client.model import DEVELOPMENT_CHAINS
from policies.feed import FeedDocument
from tierproof.attest_job import AttestJob, read_job
from tierproof.attested_folder import Attested, require_unused, write_attestations
from tierproof.keys_folder import KeysFolder
from tierproof.signing.agreeing import Held
from tierproof.signing.draft import NO_CONSENT, Draft, LeftOut, OwnerKey
from tierproof.signing.keystore import is_keystore, open_keystore

with libraries("attest"):
    from eth_account import Account
    from eth_account.signers.local import LocalAccount


def read_key(
    path: Path, *, allow_open: bool = False, passphrase: Callable[[], str] | None = None
) -> LocalAccount:
    """
    A private key from a file of 0x and 64 hexadecimal digits, or from a keystore. The message of
    an error never holds any of it.

    Parameters
    ----------
    allow_open : take a file that the system's other users can read too
    passphrase : is asked for that of a keystore; None: only an open key is taken

    Raises
    ------
    Malformed
        `malformed.key_file`, `malformed.keystore`.
    Refused
        `refused.open_key_file`, as `algebra.private_file.read_private`; `refused.keystore`.
    Unavailable
        As `algebra.files.read_file`.
    """
    text = read_private(path, allow_open=allow_open).strip()
    if passphrase is not None and is_keystore(text):
        return open_keystore(text, path, passphrase())
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


@dataclass(frozen=True, slots=True)
class Drafted:
    """
    What a job gives before anybody signs.

    Attributes
    ----------
    draft : for the other members
    made : an attestation without signatures for each owner who has a leaf, in the job's order
    lines, idle : as of `Attested`
    """

    draft: Draft
    made: tuple[Attestation, ...]
    lines: tuple[Tally, ...]
    idle: tuple[tuple[str, ...], ...]


Decide = Callable[[Held], tuple[LeftOut, ...]]
"""Whom to leave out, by what this member holds of each owner; raises where it will not."""


def draft_job(
    job: Path,
    keys: KeysFolder,
    *,
    now: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    decide: Decide = lambda _: (),
) -> Drafted:
    """
    The draft of a job: the same bytes on every machine that has the same inputs. Nothing is
    written.

    Parameters
    ----------
    now : seconds since 1970; the system's clock by default
    progress : is told each step; nothing in it is of an owner
    decide : whom to leave out (`tierproof.signing.agreeing`)

    Raises
    ------
    Malformed
        As `tierproof.attest_job.read_job`, `BindingRegistry.load` and `FeedDocument.load`;
        `malformed.statement` with file, line and reason; `malformed.bases`, `malformed.setup...`.
        What is wrong with job, statements, bindings and feed comes together
        (`attestor.complaints`), with the number of lines that were read and refused.
    Refused, Rejected, Unavailable
        As `attestor.attest.draft`, and what `decide` raises.
    """
    moment = int(time.time()) if now is None else now
    return _draft(read_job(job, moment), keys, moment, progress, decide)


def _draft(
    asked: AttestJob,
    keys: KeysFolder,
    moment: int,
    progress: Callable[[str], None],
    decide: Decide = lambda _: (),
) -> Drafted:
    """The draft of a job that is read, as `draft_job`."""
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
    _require_late_enough(bindings, asked)  # before minutes of work
    stated = [
        OwnerStatement(tag, read.statement(wallets, asked.first_day, asked.last_day))
        for tag, wallets in asked.owners
    ]
    held = [_held(each, bindings) for each in stated]
    own = {key: digest for key, digest in held if key is not None}
    left_out = decide(own)
    gone = {each.key for each in left_out}
    owners = [each for each, (key, _) in zip(stated, held, strict=True) if key not in gone]
    progress(f"basis of class {asked.size}")
    setup = commitment_setup(keys, asked.size)
    progress(f"logs and commitments of {len(owners)} owners, tree")
    round_of = partial(
        draft,
        owners,
        bindings=bindings,
        setup=setup,
        algebra=keys.algebra,
        attestor_set=asked.attestor_set,
        domain=asked.domain,
        valid_until=asked.valid_until,
        now=moment,
        feed=feed,
    )
    made = wrong.given(wrong.take(round_of, None))
    idle = tuple(tuple(read.idle(each.statement.wallets)) for each in owners)
    return Drafted(Draft.of(made, own, left_out), tuple(made), tuple(lines), idle)


def _require_late_enough(bindings: BindingRegistry, job: AttestJob) -> None:
    """
    Refused (`refused.window`) for a collected folder of which the venue gave an answer while late
    fills still count; statements of other kinds do not say when they were made.
    """
    path = job.statements / COLLECTED
    if not path.exists():
        return
    settled = bindings.require_window(job.first_day, job.last_day)
    found, _ = read_list(path, COLLECTED_FORMAT)
    for answer in found.answers:
        moment = answer.taken // MICROSECONDS
        require_settled(settled, moment, f"{answer.file}: taken too early, collect again")


def _held(each: OwnerStatement, bindings: BindingRegistry) -> tuple[OwnerKey | None, bytes]:
    """Who an owner is and the digest of his consents; no key where `draft` will refuse him."""
    statement = each.statement
    try:
        owner, _ = bindings.require(
            each.owner_tag, venue_id(statement.venue), statement.wallets, statement.first_day
        )
    except Refused:
        return None, NO_CONSENT
    key = (owner.tag, owner.consent_key)
    return key, bindings.consents_digest(owner, statement.first_day)


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
    Draft a job, sign it with keys that this process holds, and write what comes of it: a round of
    attestors who are all on one machine, for development. Nothing is written unless all owners can
    be attested.

    Parameters
    ----------
    out : folder to make, or an empty one
    now, progress : as `draft_job`

    Raises
    ------
    Malformed, Refused, Rejected, Unavailable
        As `draft_job`; `refused.quorum`, `refused.used_folder`; `refused.attest.chain`: the root
        is for a chain that is not for development.
    """
    require_unused(out)
    moment = int(time.time()) if now is None else now
    asked = read_job(job, moment)
    if asked.domain.chain_id not in DEVELOPMENT_CHAINS:
        raise Refused(
            "refused.attest.chain",
            f"attest: chain {asked.domain.chain_id} is not for development: each member drafts "
            "and cosigns on a machine of his own",
        )
    done = _draft(asked, keys, moment, progress)
    progress("signatures and files")
    unsigned = done.draft.root
    signatures = sign_root(unsigned.root, unsigned.domain, signers, unsigned.attestor_set)
    written = write_attestations(signed(done.made, signatures), out)
    return replace(written, lines=done.lines, idle=done.idle)


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
