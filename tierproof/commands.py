"""
What each command does: read files, call the API, return a document for stdout. A command imports
what it needs when it runs.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Malformed, Refused, Unavailable
from tierproof.console import Console

if TYPE_CHECKING:
    from contracts.client.chain import Chain, Sender
    from policies.place import Place
    from policies.signed_root import AttestorSet
    from prover.vault import Identity
    from tierproof import onchain
    from tierproof.keys_folder import KeysFolder
    from verifier.key import VerifyingKey

PASSPHRASE_VARIABLE = "TIERPROOF_PASSPHRASE"
Command = Callable[[Namespace, Console], dict[str, Any]]


# -- institution -----------------------------------------------------------------------------------
def setup(options: Namespace, console: Console) -> dict[str, Any]:
    from prover.profile import Profile
    from tierproof.backends import fast_algebra
    from tierproof.keys_folder import KeysFolder

    profile = Profile(options.profile)
    keys = KeysFolder.create(
        Path(options.keys),
        fast_algebra(),
        size=options.size,
        profile=profile,
        ptau=Path(options.ptau) if options.ptau else None,
        unsafe_development=options.unsafe_development,
        progress=console.progress,
    )
    key = keys.verifying_key(options.size, profile)
    if key.insecure:
        console.note("this setup is INSECURE: everybody knows its secret; for demos only")
    return {
        "class": options.size,
        "profile": profile,
        "srs_id": f"0x{key.srs_id:050x}",
        "insecure": key.insecure,
        "key_digest": "0x" + key.digest.hex(),
        "key": str(keys.verifying_key_path(options.size, profile)),
    }


def identity(options: Namespace, console: Console) -> dict[str, Any]:
    from algebra.hexadecimal import hex32
    from attestor.binding import venue_id
    from history.dates import day_number
    from policies.address import address
    from tierproof import institution

    owner = _create_vault(options) if options.create else _open_vault(options)
    tag = owner.owner_tag(venue_id(options.venue))
    if options.bind is None:
        return {"vault": options.vault, "venue": options.venue, "owner_tag": hex32(tag)}
    if options.attestor_set is None or options.bound_day is None:
        raise Refused("usage.bind", "identity: --bind needs --attestor-set and --bound-day")
    wallet = address(options.bind, "wallet").lower()
    attestor_set = _bytes32(options.attestor_set, "attestor set")
    return institution.binding_request(
        tag, options.venue, wallet, attestor_set, day_number(options.bound_day)
    )


def attest(options: Namespace, console: Console) -> dict[str, Any]:
    from algebra.hexadecimal import hex32
    from tierproof import attesting

    signers = [attesting.read_key(Path(path)) for path in options.key_file]
    console.progress("statements, logs, commitments")
    done = attesting.run_job(Path(options.job), signers, _keys(options), Path(options.out))
    return {
        "root": hex32(done.root),
        "root_file": str(done.root_file),
        "attestations": [
            {
                "file": str(path),
                "owner_tag": hex32(made.leaf.owner_tag),
                "records": len(made.records),
                "class": made.size,
            }
            for path, made in zip(done.files, done.attestations, strict=True)
        ],
    }


def estimate(options: Namespace, console: Console) -> dict[str, Any]:
    from attestor.attestation import load as load_attestation
    from policies.policy import Policy
    from prover.profile import Profile
    from tierproof import institution

    attestation, policy = (
        load_attestation(Path(options.attestation)),
        Policy.load(Path(options.policy)),
    )
    keys = _keys(options)
    console.progress("attestation")
    institution.check_attestation(attestation, keys, policy=policy)
    found = institution.estimate(attestation, policy, Profile(options.profile))
    document = found.as_json()
    if options.picture is not None:
        from tierproof.picture import draw  # plotting loads slowly

        draw(
            attestation,
            policy,
            options.tier or found.best or policy.tiers[0].name,
            Path(options.picture),
        )
        document["picture"] = options.picture
    return document


def prove(options: Namespace, console: Console) -> dict[str, Any]:
    from algebra.hexadecimal import hex32
    from attestor.attestation import load as load_attestation
    from policies.address import address
    from policies.policy import Policy
    from prover.profile import Profile
    from tierproof import institution

    out = Path(options.out)
    _check_folder(out)
    attestation, policy = (
        load_attestation(Path(options.attestation)),
        Policy.load(Path(options.policy)),
    )
    account, place = address(options.account, "account"), _place(options)
    keys, profile = _keys(options), Profile(options.profile)
    if options.deployment is not None:
        _check_key(options, keys.verifying_key(attestation.size, profile))
    credential = institution.prove(
        attestation,
        _open_vault(options),
        policy,
        options.tier,
        account=account,
        place=place,
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


def inspect(options: Namespace, console: Console) -> dict[str, Any]:
    from policies.policy import Policy
    from tierproof import institution
    from tierproof.backends import fast_algebra
    from tierproof.documents import CredentialFile, load_key
    from verifier import soundness

    policy = None if options.policy is None else Policy.load(Path(options.policy))
    key = load_key(Path(options.key), fast_algebra())
    if options.credential is None:
        return soundness.report(key)
    return institution.inspect(
        CredentialFile.load(Path(options.credential)), key=key, policy=policy
    )


def disclose(options: Namespace, console: Console) -> dict[str, Any]:
    from attestor.attestation import load as load_attestation
    from tierproof import institution

    keys = _keys(options)
    if options.check:
        return institution.check_disclosure(Path(options.file), keys)
    if options.row is None:
        raise Refused("usage.row", "disclose: --row is needed")
    document = institution.disclose(load_attestation(Path(options.file)), options.row, keys)
    if options.out is None:
        return document
    institution.write_json(Path(options.out), document)
    return {"disclosure": options.out, "row": options.row, "commitment": document["commitment"]}


# -- protocol --------------------------------------------------------------------------------------
def verify(options: Namespace, console: Console) -> dict[str, Any]:
    from policies.policy import Policy
    from tierproof import verification
    from tierproof.backends import fast_algebra, independent_algebra
    from tierproof.documents import CredentialFile, RootFile, load_key

    algebra = independent_algebra() if options.independent else fast_algebra()
    if options.independent:
        console.progress("py_ecc alone: a few seconds")
    credential, policy = (
        CredentialFile.load(Path(options.credential)),
        Policy.load(Path(options.policy)),
    )
    key, root, place = (
        load_key(Path(options.key), algebra),
        RootFile.load(Path(options.root)),
        _place(options),
    )
    if options.deployment is not None:
        _check_key(options, key)
    return verification.verify(
        credential,
        policy=policy,
        key=key,
        root=root,
        place=place,
        algebra=algebra,
        now=verification.now(),
        allow_development=options.allow_development,
    )


def deploy(options: Namespace, console: Console) -> dict[str, Any]:
    from contracts.client.chain import Chain
    from contracts.client.registry import RegistryClient
    from policies.policy import Policy
    from tierproof import onchain

    chain, out = Chain.connect(options.rpc), Path(options.out)
    sender = _sender(options, chain)
    roles = _roles(options, chain, sender if isinstance(sender, str) else sender.address)
    console.progress("verifier and registry")
    deployment = onchain.deploy(chain, options.verifier, sender=sender, roles=roles, path=out)
    document: dict[str, Any] = {**asdict(deployment), "deployment": options.out}
    if options.policy is not None:
        policy = Policy.load(Path(options.policy))
        console.progress("policy")
        onchain.register_policy(
            RegistryClient(chain, deployment.registry),
            policy,
            _attestors(options),
            deployment.verifier,
            governor=sender,
            min_epoch_seconds=options.min_epoch_seconds,
        )
        document["policy_id"] = "0x" + policy.policy_id.hex()
    return document


def onboard(options: Namespace, console: Console) -> dict[str, Any]:
    from policies.policy import Policy
    from tierproof import onchain
    from tierproof.documents import CredentialFile, RootFile

    client, where = onchain.connect(options.rpc, Path(options.deployment), options.verifier)
    relayer = _sender(options, client.chain)
    policy, credential = (
        Policy.load(Path(options.policy)),
        CredentialFile.load(Path(options.credential)),
    )
    onchain.check_policy(client, policy, where.verifier)
    if options.root is not None:
        console.progress("root")
        onchain.submit_root(client, RootFile.load(Path(options.root)), sender=relayer)
    console.progress("onboard")
    granted = onchain.onboard(client, credential, policy, relayer=relayer)
    return {
        "outcome": "accepted",
        "account": granted.account,
        "tier": policy.tiers[granted.tier].name,
        "epoch": granted.epoch,
        "expiry": granted.expiry,
        "gas_used": granted.gas_used,
        "transaction": granted.transaction,
        "terms": onchain.terms(client, granted.account),
    }


def terms(options: Namespace, console: Console) -> dict[str, Any]:
    from policies.address import address
    from tierproof import onchain

    client, _ = onchain.connect(options.rpc, Path(options.deployment), options.verifier)
    return onchain.terms(client, address(options.account, "account"))


def serve(options: Namespace, console: Console) -> dict[str, Any]:
    from policies.policy import Policy
    from service.config import ServiceConfig
    from tierproof import serving
    from tierproof.backends import fast_algebra
    from tierproof.documents import RootFile

    config = ServiceConfig(
        database_url=options.database, host=options.host, port=options.port,
        allow_development=options.allow_development,
    )  # fmt: skip
    named = options.deployment is not None or options.registry is not None
    registration = serving.Registration(
        policies=[Policy.load(Path(path)) for path in options.policy],
        places=[_place(options)] if named else [],
        keys=[Path(path) for path in options.key],
        roots=[RootFile.load(Path(path)) for path in options.root],
    )
    console.progress(f"listening on http://{config.host}:{config.port}/v1")
    serving.serve(config, registration, fast_algebra())
    return {"stopped": True}


def demo(options: Namespace, console: Console) -> dict[str, Any]:
    from prover.profile import Profile
    from tierproof.demo import run

    return run(Path(options.out), console.progress, Profile(options.profile))


COMMANDS: dict[str, Command] = {
    "setup": setup,
    "identity": identity,
    "attest": attest,
    "estimate": estimate,
    "prove": prove,
    "inspect": inspect,
    "verify": verify,
    "deploy": deploy,
    "onboard": onboard,
    "terms": terms,
    "disclose": disclose,
    "demo": demo,
    "serve": serve,
}


# -- reading options -------------------------------------------------------------------------------
def _keys(options: Namespace) -> KeysFolder:
    from tierproof.backends import fast_algebra
    from tierproof.keys_folder import KeysFolder

    return KeysFolder(Path(options.keys), fast_algebra())


def _place(options: Namespace) -> Place:
    from contracts.client.deployment import Deployment
    from policies.address import address
    from policies.place import Place

    chain_id = options.chain_id
    registry = None if options.registry is None else address(options.registry, "registry").lower()
    if options.deployment is not None:
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
    if options.epoch is None:
        raise Refused(
            "usage.place",
            "give --epoch, the policy's current one: a credential of a past epoch must not pass",
        )
    if chain_id < 1 or options.epoch < 0:
        raise Refused("usage.place", "chain id and epoch are positive numbers")
    return Place(chain_id, registry, options.epoch)


def _check_key(options: Namespace, key: VerifyingKey) -> None:
    """Whether the deployment's verifier was made from this key."""
    from contracts.client.deployment import Deployment

    where = Deployment.read(Path(options.deployment))
    digest = "0x" + key.digest.hex()
    for name, held, given in (
        ("key_digest", where.key_digest, digest),
        ("insecure", where.insecure, key.insecure),
    ):
        if held != given:
            raise Refused(
                "refused.deployment",
                f"the deployment's verifier was made from another key: {name} differs",
            )


def _roles(options: Namespace, chain: Chain, sender: str) -> onchain.Roles:
    """As given; the sender for all and no delay is for development alone."""
    from policies.address import address
    from tierproof import onchain

    names = ("admin", "governor", "guardian", "admin_delay")
    missing = [f"--{name.replace('_', '-')}" for name in names if not getattr(options, name)]
    if missing and not chain.is_development:
        raise Refused(
            "usage.roles",
            f"chain {chain.chain_id} is not for development: give {', '.join(missing)}",
        )
    admin, governor, guardian = (
        options.admin or sender,
        options.governor or sender,
        options.guardian or sender,
    )
    if options.policy is not None and address(governor, "governor") != address(sender, "sender"):
        raise Refused(
            "usage.governor",
            "--policy: only the governor registers one, and the sender is not the governor",
        )
    return onchain.Roles(admin, governor, guardian, options.admin_delay)


def _sender(options: Namespace, chain: Chain) -> Sender:
    from tierproof import attesting

    if options.key_file is not None:
        return attesting.read_key(Path(options.key_file))
    accounts = chain.accounts()
    if not accounts:
        raise Refused("usage.sender", "the node holds no account: give --key-file")
    return accounts[0]


def _attestors(options: Namespace) -> AttestorSet:
    from attestor.files import Reader, read_json
    from policies.signed_root import AttestorSet
    from tierproof.documents import RootFile

    if options.root is not None:
        return RootFile.load(Path(options.root)).attestor_set
    if options.attestors is None:
        raise Refused(
            "usage.attestors", "a policy needs its attestor set: give --attestors or --root"
        )
    file = Reader(
        read_json(Path(options.attestors), "malformed.attestors"),
        "attestors",
        "malformed.attestors",
    )
    file.keys("members", "threshold")
    return AttestorSet.of(
        [str(member) for member in file.list("members")], file.integer("threshold", 1, 64)
    )


def _bytes32(text: str, what: str) -> bytes:
    if not re.fullmatch(r"0x[0-9a-f]{64}", text, re.ASCII):
        raise Malformed("malformed.digest", f"{what}: not 0x and 64 lower-case hexadecimal digits")
    return bytes.fromhex(text[2:])


def _check_folder(out: Path) -> None:
    """Before minutes of work: can the result be written?"""
    if not out.parent.is_dir():
        raise Unavailable("unavailable.file", f"{out.name}: its folder does not exist")


# -- secrets ---------------------------------------------------------------------------------------
def _open_vault(options: Namespace) -> Identity:
    from prover.vault import open_vault

    _no_core_dumps()
    return open_vault(Path(options.vault), _passphrase(options))


def _create_vault(options: Namespace) -> Identity:
    from prover.vault import create_vault

    _no_core_dumps()
    passphrase = _passphrase(options)
    asked = options.passphrase_file is None and PASSPHRASE_VARIABLE not in os.environ
    if asked and getpass.getpass("passphrase again: ", sys.stderr) != passphrase:
        raise Refused("refused.passphrase", "vault: the two passphrases differ")
    return create_vault(Path(options.vault), passphrase)


def _no_core_dumps() -> None:
    """From here on a core dump would hold the secret."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _passphrase(options: Namespace) -> str:
    """
    From a file, the environment, or the terminal; never from the command line, where others can
    read it.
    """
    if options.passphrase_file is not None:
        try:
            return Path(options.passphrase_file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise Unavailable("unavailable.file", "passphrase file: cannot be read") from None
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Refused(
            "refused.passphrase",
            f"vault: no terminal to ask; set {PASSPHRASE_VARIABLE} or --passphrase-file",
        )
    return getpass.getpass("passphrase: ", sys.stderr)
