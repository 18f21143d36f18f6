"""Commands of an attestor: windows announced, bindings taken in and ended, owners attested."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from tierproof.commands.command import Audience, command
from tierproof.commands.options import KEYS, OPEN_KEY_FILE, Option
from tierproof.commands.reading import keys_folder, private_key
from tierproof.console import Console

ATTESTOR_KEYS = Option(
    "--key-file", "an attestor's key", "FILE", "file", setting="attestor_keys", many=True
)
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
    "windows",
    "announce the windows of a series before they begin, or take in what others announced",
    Audience.ATTESTOR,
    Option("--series", "name of the programme that they are for", "NAME"),
    Option("--first-day", "of the first window", "DATE"),
    Option("--length", "of each, in days", "DAYS", "number"),
    Option("--count", "how many follow each other", "N", "number", default=1),
    Option("--attestors", "the set that announces", "FILE", "file", setting="attestors"),
    ATTESTOR_KEYS,
    OPEN_KEY_FILE,
    Option("--out", "the calendar", "FILE", "file", default="calendar.json"),
    Option("--calendar", "take in this one, in place of all the above", "FILE", "file"),
    BINDINGS,
    TODAY,
)
def windows(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The windows announced: the calendar signed and written, and entered in the bindings file
    (`usage.windows` where series, days or set are missing).
    """
    from attestor.bindings import BindingRegistry
    from attestor.calendar import Calendar, SignedCalendar
    from history.dates import day_number
    from tierproof.attesting import claimed
    from tierproof.documents import load_attestors
    from tierproof.formats.units import window

    today, path = _today(options), Path(options.bindings)
    if options.calendar is not None:
        signed = SignedCalendar.load(Path(options.calendar))
    elif None in (options.series, options.first_day, options.length, options.attestors):
        raise Refused(
            "usage.windows",
            "windows: give --series, --first-day, --length and --attestors, or --calendar",
        )
    else:
        announcing, first = load_attestors(Path(options.attestors)), day_number(options.first_day)
        of = (announcing.id, announcing.generation)
        calendar = Calendar(options.series, *of, first, options.length, options.count, today)
        signers = [private_key(options, key) for key in options.key_file]
        signed = SignedCalendar.sign(calendar, announcing, signers)
    with claimed(path):
        known = path.exists()
        book = BindingRegistry.load(path) if known else BindingRegistry(signed.attestor_set.id)
        book.announce(signed, today)
        if options.calendar is None:
            signed.write(Path(options.out))
        book.save(path)
    return {
        "calendar": options.calendar or options.out,
        "bindings": str(path),
        "series": signed.calendar.series,
        "windows": [window(*each) for each in signed.calendar.windows],
    }


def _today(options: Namespace) -> int:
    """The day that `--today` names, else the system's; days since 1970-01-01 UTC."""
    from history.dates import day_number
    from tierproof.formats.units import DAY
    from tierproof.verification import now

    return now() // DAY if options.today is None else day_number(options.today)


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
    "statements in, one attestation per owner and the signed root out",
    Audience.ATTESTOR,
    KEYS,
    Option("job", "job file", "JOB", "file", setting="job", required=True),
    replace(ATTESTOR_KEYS, required=True),
    OPEN_KEY_FILE,
    Option("--out", "attestations and root", "FOLDER", "folder", setting="attested", required=True),
)
def attest(options: Namespace, console: Console) -> dict[str, Any]:
    """
    Names of the files written, with the owner tag, records and class of each, his wallets without a
    line in the statements, and what became of every line; keys are only read.
    """
    from algebra.hexadecimal import hex32
    from tierproof import attesting

    signers = [private_key(options, path) for path in options.key_file]
    done = attesting.run_job(
        Path(options.job),
        signers,
        keys_folder(options),
        Path(options.out),
        progress=console.progress,
    )
    return {
        "root": hex32(done.root),
        "root_file": str(done.root_file),
        "attestations": [
            {
                "file": str(path),
                "owner_tag": hex32(made.leaf.owner_tag),
                "consent_key": made.consent_key,
                "records": len(made.records),
                "class": made.size,
                "idle_wallets": list(idle),
            }
            for path, made, idle in zip(done.files, done.attestations, done.idle, strict=True)
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
            for each in done.lines
        ],
    }


@command(
    "bind",
    "take a wallet in under an owner's tag: its signature, and his consent",
    Audience.ATTESTOR,
    Option("request", "the document that was signed", "REQUEST", "file", required=True),
    Option("--signature", "of the wallet: 0x and 130 digits", "HEX", required=True),
    Option("--consent", "of the tag's owner, as he sent it", "FILE", "file", required=True),
    BINDINGS,
    TODAY,
)
def bind(options: Namespace, console: Console) -> dict[str, Any]:
    """
    Check signature and consent, take the wallet in from the bound day on, and save the bindings
    file.
    """
    from algebra.written import written_signature
    from attestor.binding import SignedBinding
    from attestor.bindings import BindingRegistry
    from tierproof.attesting import claimed
    from tierproof.consent_file import load_consent
    from tierproof.formats.units import day
    from tierproof.wallet_request import load_request

    path, binding = Path(options.bindings), load_request(Path(options.request))
    signature = written_signature(options.signature, "--signature")
    signed = SignedBinding(binding, signature, load_consent(Path(options.consent)))
    with claimed(path):
        known = path.exists()
        registry = BindingRegistry.load(path) if known else BindingRegistry(binding.attestor_set)
        registry.bind(signed, _today(options))
        registry.save(path)
    return {
        "bindings": str(path),
        "wallet": binding.wallet,
        "owner_tag": f"0x{binding.owner_tag:064x}",
        "consent_key": binding.consent_key,
        "from": day(binding.bound_day),
    }


@command(
    "unbind",
    "let a wallet leave its owner's tag; a window that has begun by then keeps it whole",
    Audience.ATTESTOR,
    Option("wallet", "its address", "ADDRESS", required=True),
    Option("--from", "first day without it; by default, today", "DATE", dest="leaves"),
    replace(BINDINGS, help="bindings file"),
    TODAY,
)
def unbind(options: Namespace, console: Console) -> dict[str, Any]:
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
