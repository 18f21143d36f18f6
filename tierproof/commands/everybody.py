"""Commands for everybody: setup, verify, inspect, the demo."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from tierproof.commands.command import Audience, Usage, command
from tierproof.commands.options import (
    ALLOW_SETUP,
    CREDENTIAL,
    KEY,
    KEYS,
    PLACE,
    POLICY,
    PROFILE,
    OneOf,
    Option,
)
from tierproof.commands.reading import check_key, moment, place
from tierproof.console import Console

TAU_G2 = Option("--tau-g2", "with a --ptau of points in G1 alone: those in G2", "FILE", "file")


@command(
    "setup",
    "import a ceremony, or make an unsafe development setup, and the keys of one class",
    Audience.ALL,
    KEYS,
    PROFILE,
    Option("--class", "rows, 8192 to 1048576", "N", "number", default=8192, dest="size"),
    OneOf(
        (
            Option(
                "--ptau", "a ceremony's powers of tau: snarkjs, arkworks, points", "FILE", "file"
            ),
            Option("--unsafe-development", "a known secret: for demos only", switch=True),
        )
    ),
    TAU_G2,
)
def setup(options: Namespace, console: Console) -> dict[str, Any]:
    """
    What the setup and the key are, and where; a note says it when the setup is no known ceremony's.
    """
    from prover.profile import Profile
    from tierproof.backends import fast_algebra
    from tierproof.keys_folder import KeysFolder
    from verifier.ceremonies import why_not

    profile = Profile(options.profile)
    keys = KeysFolder.create(
        Path(options.keys),
        fast_algebra(),
        size=options.size,
        profile=profile,
        ptau=None if options.ptau is None else Path(options.ptau),
        tau_g2=_points_in_g2(options, "setup"),
        unsafe_development=options.unsafe_development,
        progress=console.progress,
    )
    key = keys.verifying_key(options.size, profile)
    if reason := why_not(key.srs_id):
        console.note(f"this setup is {reason}; no verifier takes it unless told to")
    return {
        "class": options.size,
        "profile": profile,
        "srs_id": f"0x{key.srs_id:050x}",
        "setup": key.setup_status,
        "key_digest": "0x" + key.digest.hex(),
        "key": str(keys.verifying_key_path(options.size, profile)),
    }


def _points_in_g2(options: Namespace, name: str) -> Path | None:
    """The file of `--tau-g2` of command `name`; `Usage` where no `--ptau` goes with it."""
    if options.tau_g2 is not None and options.ptau is None:
        raise Usage("--tau-g2: goes with --ptau", f"tierproof {name}")
    return None if options.tau_g2 is None else Path(options.tau_g2)


@command(
    "verify",
    "verify a credential without a chain",
    Audience.ALL,
    *PLACE,
    CREDENTIAL,
    KEY,
    POLICY,
    Option("--root", "signed root", "FILE", "file", setting="root", required=True),
    Option("--feed", "feed document to compare with the root's", "FILE", "file"),
    Option("--independent", "py_ecc alone, no native code", switch=True),
    Option("--today", "judge it as of the first second of this day; without it, now", "DATE"),
    ALLOW_SETUP,
)
def verify(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The verdict on an accepted credential; what is not accepted is raised (`verification.verify`).
    Of another day than today it says so: `as_of`.
    """
    from tierproof.backends import fast_algebra, independent_algebra

    algebra = independent_algebra() if options.independent else fast_algebra()
    from policies.feed import FeedDocument  # now: what is loaded hashes with the native module
    from policies.policy import Policy
    from tierproof import verification
    from tierproof.documents import CredentialFile, RootFile, load_key

    if options.independent:
        console.progress("py_ecc alone: a few seconds")
    credential = CredentialFile.load(Path(options.credential))
    policy = Policy.load(Path(options.policy))
    key, root = load_key(Path(options.key), algebra), RootFile.load(Path(options.root))
    if options.feed is not None:
        root.check_feed(FeedDocument.load(Path(options.feed)))
    where = place(options)
    check_key(options, key)
    verdict = verification.verify(
        credential,
        policy=policy,
        key=key,
        root=root,
        place=where,
        algebra=algebra,
        now=moment(options),
        allow_setup=options.allow_setup,
    )
    return verdict if options.today is None else {**verdict, "as_of": options.today}


@command(
    "verify-disclosure",
    "check records that an institution shows, as an auditor: against whom he believes",
    Audience.ALL,
    Option("disclosure", "what `disclose` wrote", "FILE", "file", required=True),
    KEY,
    Option(
        "--attestors", "the set whose word counts", "FILE", "file", setting="attestors",
        required=True,
    ),
    Option("--deployment", "where the root must count", "FILE", "file", setting="deployment"),
    ALLOW_SETUP,
)  # fmt: skip
def verify_disclosure(options: Namespace, console: Console) -> dict[str, Any]:
    """
    What the records say, in words; what does not hold is raised (`DisclosureFile.check`).
    """
    from tierproof.backends import fast_algebra

    algebra = fast_algebra()
    from contracts.client.deployment import Deployment  # now, as in `verify`
    from policies.signed_root import RootDomain
    from tierproof.disclosure import DisclosureFile
    from tierproof.documents import load_attestors, load_key
    from tierproof.formats.views import disclosed

    shown = DisclosureFile.load(Path(options.disclosure))
    key, domain = load_key(Path(options.key), algebra), None
    if options.deployment is not None:
        where = Deployment.read(Path(options.deployment))
        domain = RootDomain(where.chain_id, where.registry.lower())
    shown.check(
        key,
        load_attestors(Path(options.attestors)),
        algebra,
        domain,
        allow_setup=options.allow_setup,
    )
    return {"outcome": "accepted", **disclosed(shown), "setup": key.setup_status}


@command(
    "inspect",
    "exactly what a verifier learns from a credential; of a key alone, its error budget",
    Audience.ALL,
    Option("credential", "credential file", "CREDENTIAL", "file"),
    KEY,
    Option("--policy", "policy document", "FILE", "file", setting="policy"),
)
def inspect(options: Namespace, console: Console) -> dict[str, Any]:
    """Public facts alone: of the credential, or of the key where none is given."""
    from policies.policy import Policy
    from tierproof import institution
    from tierproof.backends import fast_algebra
    from tierproof.documents import CredentialFile, load_key
    from verifier import soundness

    policy = None if options.policy is None else Policy.load(Path(options.policy))
    key = load_key(Path(options.key), fast_algebra())
    if options.credential is None:
        return soundness.report(key)
    credential = CredentialFile.load(Path(options.credential))
    return institution.inspect(credential, key=key, policy=policy)


@command(
    "demo",
    "the whole path on a sample desk",
    Audience.ALL,
    PROFILE,
    Option("--out", "what it writes", "FOLDER", "folder", default="build/demo"),
    Option("--ptau", "run on a ceremony's powers of tau", "FILE", "file"),
    TAU_G2,
    configured=False,
)
def demo(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The summary of `tierproof.demo.run`; people and keys are made up, and so is the setup without
    `--ptau`.
    """
    from prover.profile import Profile
    from tierproof.demo import CeremonyFiles, run

    ceremony, more = None, _points_in_g2(options, "demo")
    if options.ptau is not None:
        ceremony = CeremonyFiles(Path(options.ptau), more)
    return run(Path(options.out), console.progress, Profile(options.profile), ceremony)


@command(
    "init",
    "make a working folder: configuration, examples, and a README with the order of the steps",
    Audience.ALL,
    Option(
        "role", "whose folder it is", choices=("institution", "protocol", "attestor"), required=True
    ),
    Option("folder", "new or empty", "FOLDER", "folder", required=True),
    Option("--policy", "of the protocol; is copied in", "FILE", "file"),
    Option("--attestors", "of the protocol; is copied in", "FILE", "file"),
    Option("--deployment", "of the protocol; is copied in", "FILE", "file"),
    configured=False,
)
def init(options: Namespace, console: Console) -> dict[str, Any]:
    """Names of the files written; a folder that holds something is refused (`refused.folder`)."""
    from tierproof.starter import make

    given = {
        name: Path(path)
        for name in ("policy", "attestors", "deployment")
        if (path := getattr(options, name)) is not None
    }
    written = make(options.role, Path(options.folder), given)
    return {
        "folder": options.folder,
        "files": written,
        "next": f"read {Path(options.folder) / 'README.md'}",
    }


@command(
    "show",
    "any file of ours in readable units; a vault or a key shows nothing of its secret",
    Audience.ALL,
    Option("file", "what to show", "FILE", "file", required=True),
    Option("--records", "each record of an attestation too", switch=True),
    configured=False,
)
def show(options: Namespace, console: Console) -> dict[str, Any]:
    """The file for a person to read; of a secret one, only what it is."""
    from tierproof.formats.views import show

    return show(Path(options.file), records=options.records)


@command(
    "doctor",
    "what this machine lacks for which command, and what a proof costs on it",
    Audience.ALL,
    Option("--quick", "look only: prove nothing, keep no figures", switch=True),
    configured=False,
)
def doctor(options: Namespace, console: Console) -> dict[str, Any]:
    """
    What this machine lacks; unless `--quick`, a proof is made for its time and memory. Where it
    lacks what every command needs, the document is shown and that error raised (with `--json` the
    document is in its fields).
    """
    from tierproof.doctor import examine

    document, trouble = examine(measure=not options.quick, progress=console.progress)
    if trouble is not None:
        trouble.fields.update(document)
        if not options.json:
            console.result(document)
        raise trouble
    return document


@command(
    "completion",
    "the script by which a shell completes our commands, options and files",
    Audience.ALL,
    Option("shell", "whose script", choices=("bash", "zsh"), required=True),
    configured=False,
    silent=True,
)
def completion(options: Namespace, console: Console) -> dict[str, Any]:
    """Print the script as it is, for a shell to read; with `--json`, in a document."""
    from tierproof.commands.completion import script

    made = script(options.shell)
    if options.json:
        return {"shell": options.shell, "script": made}
    console.text(made)
    return {}
