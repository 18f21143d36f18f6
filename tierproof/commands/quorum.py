"""Commands of a member of a quorum: its key and journal, drafts, signatures, the signed root."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Refused
from tierproof.commands import chains
from tierproof.commands.attestor import round_document
from tierproof.commands.command import Audience, command
from tierproof.commands.options import (
    CHAIN,
    KEYS,
    OPEN_KEY_FILE,
    PASSPHRASE_FILE,
    SIGNER,
    Option,
)
from tierproof.commands.reading import keys_folder, passphrase_of, signers
from tierproof.console import Console, lines

if TYPE_CHECKING:
    from tierproof.documents import RootFile
    from tierproof.signing.draft import Draft

JOB = Option("job", "job file", "JOB", "file", setting="job", required=True)
JOURNAL = Option(
    "--journal",
    "of what this member signed",
    "FILE",
    "file",
    setting="journal",
    default="journal.jsonl",
)
KEYSTORE = Option(
    "--keystore",
    "this member's key",
    "FILE",
    "file",
    setting="keystore",
    default="attestor.keystore.json",
)


@command(
    "attestor init",
    "a member's key in a keystore, and the journal of what it signs",
    Audience.ATTESTOR,
    KEYSTORE,
    JOURNAL,
    PASSPHRASE_FILE,
    OPEN_KEY_FILE,
    Option("--address", "of a key that a program holds: the journal alone is made", "ADDRESS"),
)
def attestor_init(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The address for the attestor set, and the files made; neither a key nor a journal is replaced
    (`refused.keystore_exists`, `refused.journal_exists`).
    """
    from policies.address import address
    from tierproof.signing.journal import Journal
    from tierproof.signing.keystore import create_keystore

    keystore, journal = Path(options.keystore), Path(options.journal)
    if journal.exists():
        raise Refused("refused.journal_exists", f"{journal.name}: there is one already")
    if options.address is not None:
        signer = address(options.address, "--address").lower()
        Journal.create(journal, signer)
        return {"address": signer, "journal": str(journal)}
    signer = create_keystore(keystore, passphrase_of(options, "keystore"))
    Journal.create(journal, signer)
    return {"address": signer, "keystore": str(keystore), "journal": str(journal)}


@command(
    "draft",
    "what a round would sign, from this member's own inputs; no key is used",
    Audience.ATTESTOR,
    KEYS,
    JOB,
    Option(
        "--with",
        "another member's draft: owners of whom the two hold different consents are left out",
        "DRAFT",
        "file",
        many=True,
        dest="others",
    ),
    Option("--out", "draft and logs", "FOLDER", "folder", required=True),
)
def draft(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The draft in words and its files: `draft.json` for the other members, and each owner's log,
    which nobody has signed.
    """
    from tierproof.attested_folder import attestation_name, require_unused, write_draft
    from tierproof.attesting import draft_job
    from tierproof.signing import agreeing
    from tierproof.signing.draft import Draft, LeftOut

    out, others = Path(options.out), [Draft.load(Path(path)) for path in options.others]
    require_unused(out)

    def decide(own: agreeing.Held) -> tuple[LeftOut, ...]:
        return agreeing.disagreements(own, others)

    done = draft_job(
        Path(options.job), keys_folder(options), progress=console.progress, decide=decide
    )
    for other in others:
        root = done.draft.root.root
        agreeing.require_window(other, root.first_day, root.last_day)
    path = write_draft(done.draft, done.made, out)
    files = [out / attestation_name(each.consent_key) for each in done.made]
    told = round_document(done.made, done.idle, done.lines, files)
    return {"draft": str(path), **_in_words(done.draft), **told}


def _in_words(of: Draft) -> dict[str, Any]:
    from tierproof.formats.views import VIEWS

    return VIEWS["draft"](of)


@command(
    "cosign",
    "make a draft anew from this member's own inputs and, if it is the same, sign its root",
    Audience.ATTESTOR,
    KEYS,
    Option("draft", "draft, or the folder of one", "DRAFT", "file", required=True),
    Option("--job", "this member's own", "JOB", "file", setting="job", required=True),
    Option(
        "--key-file",
        "this member's keystore, or open key",
        "FILE",
        "file",
        setting="keystore",
    ),
    PASSPHRASE_FILE,
    OPEN_KEY_FILE,
    *SIGNER,
    JOURNAL,
    Option("--out", "the signature", "FILE", "file", required=True),
)
def cosign(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The root that was signed, in words, and the file of the signature. The words are on stderr
    before the key is used; the journal has the signature before it is made.
    """
    from tierproof.signing import cosigning
    from tierproof.signing.draft import Draft

    asked = Draft.load(Path(options.draft))
    (signer,) = signers(options, [options.key_file] if options.key_file else [])
    member = cosigning.Member(
        Path(options.job), keys_folder(options), signer, Path(options.journal)
    )

    def show(of: Draft) -> None:
        for line in lines(_in_words(of)):
            console.note(line)

    made = cosigning.cosign(asked, member, progress=console.progress, show=show)
    made.write(Path(options.out))
    return {"signed_by": made.signer, "signature": options.out, **_in_words(asked)}


@command(
    "combine",
    "signatures of one draft become the signed root and the attestations",
    Audience.ATTESTOR,
    Option("draft", "folder of the draft, with the logs", "FOLDER", "folder", required=True),
    Option("--signature", "of a member", "FILE", "file", many=True, required=True),
    Option("--out", "attestations and root", "FOLDER", "folder", setting="attested", required=True),
)
def combine(options: Namespace, console: Console) -> dict[str, Any]:
    """Names of the files written."""
    from algebra.hexadecimal import hex32
    from tierproof.signing.combining import combine
    from tierproof.signing.cosignature import Cosignature

    given = [Cosignature.load(Path(path)) for path in options.signature]
    done = combine(Path(options.draft), given, Path(options.out))
    return {
        "root": hex32(done.root),
        "root_file": str(done.root_file),
        "signed_by": sorted(each.signer for each in given),
        "attestations": [str(path) for path in done.files],
    }


@command(
    "attest diff",
    "where two drafts or attested folders differ; what it says of owners is private",
    Audience.ATTESTOR,
    Option("one", "draft or folder", "A", "folder", required=True),
    Option("other", "draft or folder", "B", "folder", required=True),
    Option("--job", "of A: its statements tell instrument and line of a record", "JOB", "file"),
    Option("--other-job", "of B; with both, the first line that differs is told", "JOB", "file"),
    configured=False,
)
def attest_diff(options: Namespace, console: Console) -> dict[str, Any]:
    """Whether they are the same; if not, each place with what the two say there."""
    from dataclasses import asdict

    from tierproof.signing.comparing import folder_differences

    one, other = (job and Path(job) for job in (options.job, options.other_job))
    found = folder_differences(Path(options.one), Path(options.other), (one, other))
    return {"same": not found, "differences": [asdict(each) for each in found]}


@command(
    "journal revoke",
    "enter that a root which this member signed is revoked, so that it may sign another",
    Audience.ATTESTOR,
    Option("draft", "draft of the root, or its folder", "DRAFT", "file", required=True),
    JOURNAL,
    *(replace(option, required=False) for option in CHAIN),
    Option("--stated", "what shows it, in words, where no chain is asked", "TEXT"),
)
def journal_revoke(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The entry: with `--rpc`, the registry is asked whether it has revoked the root
    (`refused.not_revoked`); with `--stated`, the member's own word is kept.
    """
    from tierproof.formats.views import VIEWS
    from tierproof.signing.draft import Draft
    from tierproof.signing.revoking import revoke

    unsigned = Draft.load(Path(options.draft)).root
    evidence = options.stated
    if evidence is None:
        evidence = _seen_revoked(options, console, unsigned)
    return VIEWS["journal"](revoke(Path(options.journal), unsigned, evidence))


def _seen_revoked(options: Namespace, console: Console, root: RootFile) -> str:
    """What the chain says; Refused (`usage.revocation`) where none is named."""
    from tierproof.signing.revoking import revoked_on_chain

    if options.rpc is None or options.deployment is None:
        raise Refused("usage.revocation", "give --rpc and --deployment, or --stated")
    client, _ = chains.registry(options, console)
    return revoked_on_chain(client, root)
