"""Commands of an attestor: windows announced, bindings taken in and ended, owners attested."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.hexadecimal import hex32
from tierproof.commands.command import Audience, command
from tierproof.commands.options import KEYS, OPEN_KEY_FILE, PASSPHRASE_FILE, SIGNER, Option
from tierproof.commands.reading import DAY, keys_folder, moment, private_key, signers
from tierproof.console import Console, lines

if TYPE_CHECKING:
    from attestor.attestation import Attestation
    from attestor.bindings import BindingRegistry
    from attestor.calendar import SignedCalendar
    from attestor.venues.adapter import Tally

ATTESTOR_KEYS = Option(
    "--key-file",
    "an attestor's keystore, or open key",
    "FILE",
    "file",
    setting="attestor_keys",
    many=True,
)
SIGNING = (ATTESTOR_KEYS, PASSPHRASE_FILE, OPEN_KEY_FILE, *SIGNER)
BINDINGS = Option(
    "--bindings",
    "bindings file, made if absent",
    "FILE",
    "file",
    setting="bindings",
    default="bindings.json",
)
TODAY = Option("--today", "day on which it came; without it, today", "DATE")


@command(
    "windows announce",
    "the windows of a series before they begin, signed by these keys; enough of them, or a start",
    Audience.ATTESTOR,
    Option("--series", "name of the programme that they are for", "NAME", required=True),
    Option("--first-day", "of the first window", "DATE", required=True),
    Option("--length", "of each, in days", "DAYS", "number", required=True),
    Option("--count", "how many follow each other", "N", "number", default=1),
    Option(
        "--late-hours",
        "after a window's end, in which late fills and corrections count; 48 or more",
        "HOURS",
        "number",
        default=48,
    ),
    Option(
        "--attestors",
        "the set that announces",
        "FILE",
        "file",
        setting="attestors",
        required=True,
    ),
    *SIGNING,
    Option("--out", "the calendar", "FILE", "file", default="calendar.json"),
    BINDINGS,
    TODAY,
)
def windows_announce(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The windows announced and the calendar written. With signatures enough it is entered in the
    bindings file too; with fewer the other members sign it.
    """
    from attestor.calendar import Calendar, SignedCalendar
    from history.dates import day_number
    from tierproof.documents import load_attestors

    announcing, first = load_attestors(Path(options.attestors)), day_number(options.first_day)
    calendar = Calendar(
        options.series,
        announcing.id,
        announcing.generation,
        first,
        options.length,
        options.count,
        _today(options),
        options.late_hours,
    )
    return _signed(SignedCalendar(calendar, announcing, ()), Path(options.out), options)


@command(
    "windows sign",
    "add a member's signature to a calendar that another began",
    Audience.ATTESTOR,
    Option("calendar", "calendar, which is written again", "CALENDAR", "file", required=True),
    *SIGNING,
    BINDINGS,
    TODAY,
)
def windows_sign(options: Namespace, console: Console) -> dict[str, Any]:
    """The windows, on stderr before the key is used; as `windows announce`."""
    from attestor.calendar import SignedCalendar

    path = Path(options.calendar)
    begun = SignedCalendar.load_unfinished(path)
    for line in lines(_windows(begun)):
        console.note(line)
    return _signed(begun, path, options)


@command(
    "windows take",
    "take in a calendar that others announced, before its first window begins",
    Audience.ATTESTOR,
    Option("calendar", "with signatures enough", "CALENDAR", "file", required=True),
    BINDINGS,
    TODAY,
)
def windows_take(options: Namespace, console: Console) -> dict[str, Any]:
    """The windows taken in, and the bindings file."""
    from attestor.calendar import SignedCalendar

    signed = SignedCalendar.load(Path(options.calendar))
    with _book(options, signed.attestor_set.id) as book:
        book.announce(signed, _today(options))
    return {"calendar": options.calendar, "bindings": options.bindings, **_windows(signed)}


def _signed(begun: SignedCalendar, path: Path, options: Namespace) -> dict[str, Any]:
    """A calendar with the signatures asked for, written, and taken in if it is complete."""
    from tierproof.signing.signers import Signable

    asked = Signable(begun.calendar.message(), begun.calendar.document())
    signed = begun.joined_by([each.sign(asked) for each in signers(options, options.key_file)])
    told = {"calendar": str(path), **_windows(signed)}
    if not signed.is_complete:
        signed.write(path)
        return told
    with _book(options, signed.attestor_set.id) as book:
        book.announce(signed, _today(options))
        signed.write(path)
    return {**told, "bindings": options.bindings}


def _windows(signed: SignedCalendar) -> dict[str, Any]:
    """Each window, until when late fills count in it, and how many have signed."""
    from tierproof.formats.units import instant, window

    calendar = signed.calendar
    return {
        "series": calendar.series,
        "windows": [
            f"{window(*each)}, settled {instant(calendar.settled(each[1]))}"
            for each in calendar.windows
        ],
        "signatures": f"{len(signed.signatures)} of {signed.attestor_set.threshold}",
    }


@contextmanager
def _book(options: Namespace, attestor_set: bytes) -> Iterator[BindingRegistry]:
    """The bindings file for this run alone, made if absent, saved if nothing is raised."""
    from attestor.bindings import BindingRegistry
    from tierproof.attesting import claimed

    path = Path(options.bindings)
    with claimed(path):
        book = BindingRegistry.load(path) if path.exists() else BindingRegistry(attestor_set)
        yield book
        book.save(path)


def _today(options: Namespace) -> int:
    """The day that `--today` names, else the system's; days since 1970-01-01 UTC."""
    return moment(options) // DAY


@command(
    "feed",
    "the market feed of a window, from the hourly candles of a volatility index",
    Audience.ATTESTOR,
    Option("candles", "CSV of the index by the hour", "CANDLES", "file", required=True),
    Option("--index", "its name, as policies ask for it", "NAME", required=True),
    Option("--source", "where the candles are from, a sentence", "TEXT", required=True),
    Option("--first-day", "of the window", "DATE", required=True),
    Option("--last-day", "of the window, included", "DATE", required=True),
    Option("--out", "the feed document", "FILE", "file", default="feed.json"),
    configured=False,
)
def feed(options: Namespace, console: Console) -> dict[str, Any]:
    """What the document says, without the values of each day; it is written to `--out`."""
    from attestor.candles import Candles
    from history.dates import day_number
    from policies.feed import check_index
    from tierproof.formats.feed_view import view

    index = check_index(options.index, "--index")
    first, last = day_number(options.first_day), day_number(options.last_day)
    made = Candles.load(Path(options.candles)).document(index, options.source, first, last)
    made.write(Path(options.out))
    told = view(made)
    del told["values"]
    return {"feed": options.out, **told}


@command(
    "attest",
    "draft, sign and combine with keys of one machine: for development chains alone",
    Audience.ATTESTOR,
    KEYS,
    Option("job", "job file", "JOB", "file", setting="job", required=True),
    replace(ATTESTOR_KEYS, required=True),
    PASSPHRASE_FILE,
    OPEN_KEY_FILE,
    Option("--out", "attestations and root", "FOLDER", "folder", setting="attested", required=True),
    replace(TODAY, help="day on which it is signed; without it, today"),
)
def attest(options: Namespace, console: Console) -> dict[str, Any]:
    """
    Names of the files written, with the owner tag, records and class of each, his wallets without a
    line in the statements, and what became of every line; keys are only read.
    """
    from tierproof import attesting

    keys = [private_key(options, path) for path in options.key_file]
    done = attesting.run_job(
        Path(options.job),
        keys,
        keys_folder(options),
        Path(options.out),
        now=moment(options),
        progress=console.progress,
    )
    return {
        "root": hex32(done.root),
        "root_file": str(done.root_file),
        **round_document(done.attestations, done.idle, done.lines, done.files),
    }


def round_document(
    made: Sequence[Attestation],
    idle: Sequence[Sequence[str]],
    lines: Sequence[Tally],
    files: Sequence[Path],
) -> dict[str, Any]:
    """Of each owner his file, records and wallets without a line; what became of every line."""
    return {
        "attestations": [
            {
                "file": str(path),
                "owner_tag": hex32(each.leaf.owner_tag),
                "consent_key": each.consent_key,
                "records": len(each.records),
                "class": each.size,
                "idle_wallets": list(wallets),
            }
            for path, each, wallets in zip(files, made, idle, strict=True)
        ],
        "statements": [
            {
                "file": each.file,
                "read": each.read,
                "used": each.used,
                "prices": each.prices,
                "left_out": each.left_out,
                "repeated": each.repeated,
                "refused": each.refused,
            }
            for each in lines
        ],
    }


@command(
    "bindings add",
    "take a wallet in under an owner's tag: its signature, and his consent",
    Audience.ATTESTOR,
    Option("request", "the document that was signed", "REQUEST", "file", required=True),
    Option("--signature", "of the wallet: 0x and 130 digits", "HEX", required=True),
    Option("--consent", "of the tag's owner, as he sent it", "FILE", "file", required=True),
    BINDINGS,
    TODAY,
)
def bindings_add(options: Namespace, console: Console) -> dict[str, Any]:
    """
    Check signature and consent, take the wallet in from the bound day on, and save the bindings
    file.
    """
    from algebra.written import written_signature
    from attestor.binding import SignedBinding
    from tierproof.consent_file import load_consent
    from tierproof.formats.units import day
    from tierproof.wallet_request import load_request

    binding = load_request(Path(options.request))
    signature = written_signature(options.signature, "--signature")
    signed = SignedBinding(binding, signature, load_consent(Path(options.consent)))
    with _book(options, binding.attestor_set) as book:
        book.bind(signed, _today(options))
    return {
        "bindings": options.bindings,
        "wallet": binding.wallet,
        "owner_tag": f"0x{binding.owner_tag:064x}",
        "consent_key": binding.consent_key,
        "from": day(binding.bound_day),
    }


@command(
    "bindings end",
    "let a wallet leave its owner's tag; a window that has begun by then keeps it whole",
    Audience.ATTESTOR,
    Option("wallet", "its address", "ADDRESS", required=True),
    Option("--from", "first day without it; by default, today", "DATE", dest="leaves"),
    replace(BINDINGS, help="bindings file"),
    TODAY,
)
def bindings_end(options: Namespace, console: Console) -> dict[str, Any]:
    """
    Enter the day on which the wallet leaves, and save the bindings file; what it was bound to
    before stays on record.
    """
    from attestor.bindings import BindingRegistry
    from history.dates import day_number
    from policies.address import address
    from tierproof.attesting import claimed
    from tierproof.formats.units import day

    path, wallet = Path(options.bindings), address(options.wallet, "wallet").lower()
    today = _today(options)
    leaves = today if options.leaves is None else day_number(options.leaves)
    with claimed(path):
        registry = BindingRegistry.load(path)
        registry.unbind(wallet, leaves, today)
        registry.save(path)
    return {"bindings": str(path), "wallet": wallet, "left_from": day(leaves)}
