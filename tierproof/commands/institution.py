"""Commands of an institution: its secret, its estimate, its credential, one record shown."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Refused
from tierproof.commands.command import Audience, command
from tierproof.commands.options import (
    ATTESTATION,
    KEYS,
    OPEN_KEY_FILE,
    PLACE,
    POLICY,
    PROFILE,
    VAULT,
    VENUE,
    Option,
)
from tierproof.commands.reading import (
    bytes32,
    check_folder,
    check_key,
    create_identity,
    keys_folder,
    open_identity,
    place,
    private_key,
)
from tierproof.console import Console

if TYPE_CHECKING:
    from attestor.attestation import Attestation
    from attestor.origins import Origin

KINDS = ("fill", "transfer", "mark", "carry", "reward", "booked", "trip")


@command(
    "identity",
    "make a vault, show its owner tag, or print the document that a wallet signs to join it",
    Audience.INSTITUTION,
    *VAULT,
    VENUE,
    Option("--create", "draw a new secret and write the vault", switch=True),
    Option("--bind", "print the EIP-712 document for this wallet", "WALLET"),
    Option("--attestor-set", "with --bind: 0x and 64 digits", "ID", setting="attestor_set"),
    Option("--bound-day", "with --bind: first day in force", "DATE"),
    Option("--out", "with --bind: the document, besides on stdout", "FILE", "file"),
    Option("--consent", "with --bind: your consent, for the attestors alone", "FILE", "file"),
)
def identity(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The vault's owner tag and consent key at the venue; with `--bind`, the document for a wallet to
    sign, and the owner's consent in a file (`usage.bind` where set, day or file is missing).
    """
    from algebra.hexadecimal import hex32
    from history.dates import day_number
    from tierproof.consent_file import write_consent
    from tierproof.institution import binding_request, write_json
    from tierproof.owner import VenueOwner

    secret = create_identity(options) if options.create else open_identity(options)
    owner = VenueOwner.of(secret, options.venue)
    if options.bind is None:
        return {
            "vault": options.vault,
            "venue": options.venue,
            "owner_tag": hex32(owner.tag),
            "consent_key": owner.consent_key,
        }
    if None in (options.attestor_set, options.bound_day, options.consent):
        raise Refused(
            "usage.bind", "identity: --bind needs --attestor-set, --bound-day and --consent"
        )
    attestor_set = bytes32(options.attestor_set, "attestor set")
    day = day_number(options.bound_day)
    document, consent = binding_request(owner, options.bind, attestor_set, day)
    write_consent(consent, Path(options.consent))
    if options.out is not None:
        write_json(Path(options.out), document)
    return document


@command(
    "estimate",
    "which tiers hold, and what proving would cost",
    Audience.INSTITUTION,
    ATTESTATION,
    KEYS,
    PROFILE,
    POLICY,
    Option(
        "--picture",
        "also draw equity, drawdown and distance to liquidation (.svg or .png)",
        "FILE",
        "file",
    ),
    Option("--tier", "of the picture; without it the best that holds, else the weakest", "NAME"),
    Option("--all", "every metric of every tier; --json has them always", switch=True),
)
def estimate(options: Namespace, console: Console) -> dict[str, Any]:
    """Tiers with what each still lacks, and the cost of a proof; for the owner's eyes."""
    from attestor.attestation import load as load_attestation
    from policies.policy import Policy
    from prover.profile import Profile
    from tierproof import institution

    attestation = load_attestation(Path(options.attestation))
    policy, keys = Policy.load(Path(options.policy)), keys_folder(options)
    console.progress("attestation")
    institution.check_attestation(attestation, keys, policy=policy)
    found = institution.estimate(attestation, policy, Profile(options.profile))
    document = found.as_json() if options.json else found.summary(whole=options.all)
    if options.picture is not None:
        from tierproof.picture import draw  # plotting loads slowly

        console.progress("picture")
        tier = options.tier or found.best or policy.tiers[0].name
        draw(attestation, policy, tier, Path(options.picture))
        document["picture"] = options.picture
    return document


@command(
    "prove",
    "make a credential",
    Audience.INSTITUTION,
    ATTESTATION,
    KEYS,
    PROFILE,
    *VAULT,
    *PLACE,
    POLICY,
    Option("--tier", "to prove", "NAME", required=True),
    Option("--account", "who will hold the terms", "ADDRESS", setting="account", required=True),
    Option("--out", "the credential", "FILE", "file", default="credential.json"),
)
def prove(options: Namespace, console: Console) -> dict[str, Any]:
    """
    What the credential shows; files, folder and deployment are checked before the passphrase is
    asked.
    """
    from algebra.hexadecimal import hex32
    from attestor.attestation import load as load_attestation
    from policies.address import address
    from policies.policy import Policy
    from prover.profile import Profile
    from tierproof import institution

    out = Path(options.out)
    check_folder(out)
    attestation = load_attestation(Path(options.attestation))
    policy = Policy.load(Path(options.policy))
    account, where = address(options.account, "account"), place(options)
    keys, profile = keys_folder(options), Profile(options.profile)
    if options.deployment is not None:
        check_key(options, keys.verifying_key(attestation.size, profile))
    credential = institution.prove(
        attestation,
        open_identity(options),
        policy,
        options.tier,
        account=account,
        place=where,
        keys=keys,
        profile=profile,
        progress=console.progress,
    )
    credential.write(out)
    return {
        "credential": options.out,
        "tier": options.tier,
        "class": credential.size,
        "profile": options.profile,
        "proof_bytes": len(credential.proof),
        "nullifier": hex32(credential.nullifier),
        "account": credential.account,
    }


@command(
    "disclose",
    "show some records of an attestation to an auditor, linked to the signed root",
    Audience.INSTITUTION,
    KEYS,
    Option("file", "attestation", "FILE", "file", required=True),
    Option("--row", "a record by its number, from 0", "N", "number", many=True),
    Option("--day", "all records of a day", "DATE", many=True),
    Option("--kind", "of these days, or all: records of a kind alone", choices=KINDS, many=True),
    Option("--instrument", "of these: records of an instrument alone", "NAME", many=True),
    Option("--statements", "with --instrument: what the log was made from", "FOLDER", "folder"),
    Option("--adapter", "with --instrument: the one that reads it (`tierproof venues`)", "NAME"),
    Option("--wallet", "with --instrument: each of your wallets there", "WALLET", many=True),
    Option("--out", "the disclosure; without it on stdout", "FILE", "file"),
)
def disclose(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The disclosure, or where it was written, which rows it shows and, where the statement is given,
    of which line each is (`usage.row` where nothing chooses one, `usage.instrument` where one is
    named without a statement).
    """
    from attestor.attestation import load as load_attestation
    from history.dates import day_number
    from tierproof.disclosure import DisclosureFile, chosen_rows

    if not (options.row or options.day or options.kind or options.instrument):
        raise Refused("usage.row", "disclose: give --row, --day, --kind or --instrument")
    keys, attestation = keys_folder(options), load_attestation(Path(options.file))
    days, known = [day_number(each) for each in options.day], _lines(options, attestation)
    rows = chosen_rows(attestation, options.row, days, options.kind, options.instrument, known)
    made = DisclosureFile.of(attestation, rows, keys.setup.g1, keys.algebra)
    if options.out is None:
        return made.as_json()
    made.write(Path(options.out))
    lines = [origin.text() if (origin := known[row]) else "the day's end" for row in rows if known]
    return {"disclosure": options.out, "rows": rows, **({"lines": lines} if known else {})}


def _lines(options: Namespace, attestation: Attestation) -> list[Origin | None]:
    """Of each record its line in the statement that is given; without one, none."""
    from attestor.origins import origins
    from attestor.venues.registry import adapter_of
    from policies.address import address

    asked = (options.statements, options.adapter, options.wallet)
    if not any((*asked, options.instrument)):
        return []
    if not all(asked):
        raise Refused(
            "usage.instrument",
            "disclose: a record names no instrument; give --statements, --adapter, each --wallet",
        )
    wallets = [address(each, "--wallet").lower() for each in options.wallet]
    files = adapter_of(options.adapter).open(Path(options.statements), attestation.venue_name)
    leaf = attestation.leaf
    statement = files.statement(wallets, leaf.first_day, leaf.last_day)
    return origins(statement, attestation.records)


@command(
    "sign",
    "sign a binding with a wallet whose key is a file; other wallets sign the document themselves",
    Audience.INSTITUTION,
    Option("request", "what identity --bind wrote", "REQUEST", "file", required=True),
    Option("--key-file", "the wallet's private key", "FILE", "file", required=True),
    OPEN_KEY_FILE,
)
def sign(options: Namespace, console: Console) -> dict[str, Any]:
    """The wallet and its signature, 65 bytes; the key is only read."""
    from attestor.binding import sign_binding
    from tierproof.wallet_request import load_request

    wallet = private_key(options, options.key_file)
    request = load_request(Path(options.request))
    return {"wallet": request.wallet, "signature": "0x" + sign_binding(wallet, request).hex()}
