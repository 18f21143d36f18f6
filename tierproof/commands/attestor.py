"""The command of an attestor."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from tierproof.commands.command import Audience, command
from tierproof.commands.options import KEYS, OPEN_KEY_FILE, Option
from tierproof.commands.reading import keys_folder, private_key
from tierproof.console import Console


@command(
    "attest",
    "statements in, one attestation per owner and the signed root out",
    Audience.ATTESTOR,
    KEYS,
    Option("job", "job file", "JOB", "file", setting="job", required=True),
    Option(
        "--key-file",
        "an attestor's key",
        "FILE",
        "file",
        setting="attestor_keys",
        many=True,
        required=True,
    ),
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
    Option(
        "--bindings",
        "bindings file, made if absent",
        "FILE",
        "file",
        setting="bindings",
        default="bindings.json",
    ),
    Option("--today", "day on which it came; without it, today", "DATE"),
)
def bind(options: Namespace, console: Console) -> dict[str, Any]:
    """
    Check signature and consent, take the wallet in from the bound day on, and save the bindings
    file.
    """
    from algebra.written import written_signature
    from attestor.binding import SignedBinding
    from attestor.bindings import BindingRegistry
    from history.dates import day_number
    from tierproof.attesting import claimed
    from tierproof.consent_file import load_consent
    from tierproof.formats.units import DAY, day
    from tierproof.verification import now
    from tierproof.wallet_request import load_request

    path, binding = Path(options.bindings), load_request(Path(options.request))
    signature = written_signature(options.signature, "--signature")
    signed = SignedBinding(binding, signature, load_consent(Path(options.consent)))
    today = now() // DAY if options.today is None else day_number(options.today)
    with claimed(path):
        known = path.exists()
        registry = BindingRegistry.load(path) if known else BindingRegistry(binding.attestor_set)
        registry.bind(signed, today)
        registry.save(path)
    return {
        "bindings": str(path),
        "wallet": binding.wallet,
        "owner_tag": f"0x{binding.owner_tag:064x}",
        "consent_key": binding.consent_key,
        "from": day(binding.bound_day),
    }
