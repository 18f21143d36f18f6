"""From options to what they name: keys, place, sender, attestors, and the secrets of a vault."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from algebra.errors import Malformed, Refused, Unavailable

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

    from contracts.client.chain import Chain, Sender
    from contracts.client.model import Bounds
    from policies.attestor_set import AttestorSet
    from policies.place import Place
    from policies.policy import Policy
    from prover.vault import Identity
    from tierproof.keys_folder import KeysFolder
    from tierproof.signing.signers import Signer
    from verifier.key import VerifyingKey

PASSPHRASE_VARIABLE = "TIERPROOF_PASSPHRASE"
DAY = 86_400
"""Seconds."""


def keys_folder(options: Namespace) -> KeysFolder:
    """The folder of `--keys`, with the native algebra."""
    from tierproof.backends import fast_algebra
    from tierproof.keys_folder import KeysFolder

    return KeysFolder(Path(options.keys), fast_algebra())


def moment(options: Namespace) -> int:
    """The first second of the day that `--today` names, else now; seconds since 1970."""
    from history.dates import day_number
    from tierproof.verification import now

    return now() if options.today is None else day_number(options.today) * DAY


def place(options: Namespace) -> Place:
    """
    Chain and registry.

    Raises
    ------
    Refused
        `usage.place`: not all of them are said, or the deployment file says otherwise.
    """
    from contracts.client.deployment import Deployment
    from policies.address import address
    from policies.place import Place

    chain_id = options.chain_id
    registry = None if options.registry is None else address(options.registry, "registry").lower()
    if options.deployment is not None and not _place_is_typed(options):
        where = Deployment.read(Path(options.deployment))
        for name, given, held in (
            ("chain-id", chain_id, where.chain_id),
            ("registry", registry, where.registry.lower()),
        ):
            if given not in (None, held):
                raise Refused("usage.place", f"--{name} is not the one of the deployment file")
        chain_id, registry = where.chain_id, where.registry.lower()
    if chain_id is None or registry is None:
        raise Refused("usage.place", "give --deployment, or --chain-id and --registry")
    if chain_id < 1:
        raise Refused("usage.place", "a chain id is a positive number")
    return Place(chain_id, registry)


def _place_is_typed(options: Namespace) -> bool:
    """Chain and registry on the command line win over a deployment of `tierproof.toml`."""
    return {"chain_id", "registry"} <= options.stated and "deployment" not in options.stated


def check_key(options: Namespace, key: VerifyingKey) -> None:
    """
    Whether a verifier of the deployment was made from this key, where one is named; Refused
    (`refused.deployment`).
    """
    from contracts.client.deployment import Deployment

    if options.deployment is None or _place_is_typed(options):
        return
    of_key = Deployment.read(Path(options.deployment)).of_key("0x" + key.digest.hex())
    differs = "key_digest" if of_key is None else "srs_id"
    if of_key is None or of_key.srs_id != f"{key.srs_id:#066x}":
        raise Refused(
            "refused.deployment",
            f"no verifier of the deployment was made from this key: {differs} differs",
        )


def sender(options: Namespace, chain: Chain) -> Sender:
    """Who pays: the key of `--key-file`, or the node's first account."""
    if options.key_file is not None:
        return private_key(options, options.key_file)
    accounts = chain.accounts()
    if not accounts:
        raise Refused("usage.sender", "the node holds no account: give --key-file")
    return accounts[0]


def sender_address(paying: Sender) -> str:
    """Whose account a sender is."""
    return paying if isinstance(paying, str) else str(paying.address)


def private_key(options: Namespace, path: str) -> LocalAccount:
    """
    The account of a key file or keystore, which nobody else may read unless asked for; the
    passphrase of a keystore as that of a vault.
    """
    from tierproof.attesting import read_key

    return read_key(
        Path(path),
        allow_open=options.allow_open_key_file,
        passphrase=lambda: passphrase_of(options, "keystore"),
    )


def signers(options: Namespace, key_files: Sequence[str]) -> list[Signer]:
    """
    The program of `--signer`, else the keys of these files; Refused (`usage.signer`) where neither
    is named, or a program without its address.
    """
    from policies.address import address
    from tierproof.signing.signers import KeySigner, ProgramSigner

    if options.signer is not None:
        if options.address is None:
            raise Refused("usage.signer", "--signer: give --address, whose key it holds")
        return [ProgramSigner(options.signer, address(options.address, "--address").lower())]
    if not key_files:
        raise Refused("usage.signer", "give --key-file, or --signer and --address")
    return [KeySigner(private_key(options, path)) for path in key_files]


def attestors(options: Namespace) -> AttestorSet:
    """The attestor set of `--root` or `--attestors`."""
    from tierproof.documents import RootFile, load_attestors

    if options.root is not None:
        return RootFile.load(Path(options.root)).attestor_set
    if options.attestors is None:
        raise Refused(
            "usage.attestors", "a policy needs its attestor set: give --attestors or --root"
        )
    return load_attestors(Path(options.attestors))


def policy_to_register(path: Path, model: str | None) -> Policy:
    """
    A policy, compared with its score model where it has one; Refused (`refused.policy.model`)
    where that is missing or another.
    """
    from policies.policy import Policy
    from policies.score_model import ScoreModel

    policy = Policy.load(path)
    if model is not None:
        ScoreModel.load(Path(model)).require(policy)
    elif policy.documents.models.files:
        ((name, _),) = policy.documents.models.files
        raise Refused(
            "refused.policy.model", f"policy {policy.name}: --model: the file of {name} is missing"
        )
    return policy


def bounds(options: Namespace) -> Bounds:
    """What a new attestor set may vouch for; Malformed (`malformed.word`)."""
    from contracts.client.model import Bounds

    of = Bounds(options.least_margin, options.cap)
    of.as_tuple()
    return of


def nullifier(options: Namespace) -> tuple[Policy, int]:
    """The policy, of whose series it is, and the nullifier of `--credential` or `--nullifier`."""
    from policies.policy import Policy
    from tierproof.documents import CredentialFile

    policy = Policy.load(Path(options.policy))
    if options.credential is not None:
        return policy, CredentialFile.load(Path(options.credential)).nullifier
    return policy, int.from_bytes(bytes32(options.nullifier, "--nullifier"))


def window(options: Namespace, policy: Policy) -> tuple[int, int]:
    """The window of `--first-day` and `--last-day`, else the policy's."""
    from history.dates import day_number

    days = (options.first_day, options.last_day)
    if days == (None, None):
        return policy.first_day, policy.last_day
    if None in days:
        raise Refused("usage.window", "give --first-day and --last-day, or neither")
    return day_number(days[0]), day_number(days[1])


def bytes32(text: str, what: str) -> bytes:
    """Malformed (`malformed.digest`) unless 0x and 64 digits."""
    from algebra.written import written_bytes

    value = written_bytes(text)
    if value is None or len(value) != 32:
        raise Malformed("malformed.digest", f"{what}: not 0x and 64 hexadecimal digits")
    return value


def check_folder(out: Path) -> None:
    """Before minutes of work: can the result be written?"""
    if not out.parent.is_dir():
        raise Unavailable("unavailable.folder", f"{out.name}: its folder does not exist")


# -- secrets ---------------------------------------------------------------------------------------
def open_identity(options: Namespace) -> Identity:
    """Open the vault; from here on a core dump would hold the secret, so there is none."""
    from prover.vault import open_vault

    _no_core_dumps()
    return open_vault(Path(options.vault), passphrase_of(options, "vault"))


def create_identity(options: Namespace) -> Identity:
    """Draw a secret and write the vault; a passphrase that is typed is typed twice."""
    from prover.vault import create_vault

    _no_core_dumps()
    passphrase = passphrase_of(options, "vault")
    asked = options.passphrase_file is None and PASSPHRASE_VARIABLE not in os.environ
    if asked and _asked("passphrase again: ") != passphrase:
        raise Refused("refused.passphrase_differs", "vault: the two passphrases differ")
    return create_vault(Path(options.vault), passphrase)


def _no_core_dumps() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def passphrase_of(options: Namespace, what: str) -> str:
    """
    From a file, the environment, or the terminal; never from the command line, where others can
    read it. `what` it opens is for the message.
    """
    named = getattr(options, "passphrase_file", None)
    if named is not None:
        from algebra.private_file import read_private

        path = Path(named)
        return read_private(path, allow_open=options.allow_open_key_file).rstrip("\r\n")
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        return given
    return _asked("passphrase: ", what)


def _asked(prompt: str, what: str = "vault") -> str:
    """What the terminal answers; Unavailable (`unavailable.terminal`) where none does."""
    import getpass

    try:
        if sys.stdin.isatty():
            return getpass.getpass(prompt, sys.stderr)
    except EOFError:
        pass
    raise Unavailable("unavailable.terminal", f"{what}: no terminal to ask for the passphrase")
