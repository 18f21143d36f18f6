"""
Every file format of ours: its name, what it is, who writes and reads it, whether it is public, its
schema and its loader (docs/reference/formats.md is made from this table).

One spelling: a JSON file says `"format": "tierproof/NAME"` and `"version": N`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from algebra.errors import Malformed, Unavailable
from policies.files import read_json
from tierproof.commands.command import SETTINGS
from tierproof.commands.config import Config
from tierproof.formats import (
    audit_schema,
    chain_schema,
    collected_schema,
    feed_schema,
    margin_schema,
    round_schema,
    schemas,
)

Privacy = Literal["public", "private", "secret"]
_KEY_TEXT = re.compile(rb"\s*(0[xX])?[0-9a-fA-F]{64}\s*")
_VAULT, _SETUP = b"TPVAULT\x01", b"TPSETUP\n"
_AUDIT_KEY = b"PRIVATE+KEY+"
_NOTE = re.compile(rb"[^\n]+\n[0-9]+\n[A-Za-z0-9+/]{43}=\n\n")
_JOURNAL = b'{"format": "tierproof/journal"'
_CODE = "malformed.format"


@dataclass(frozen=True)
class Format:
    """
    Attributes
    ----------
    name, version : `tierproof/NAME` and N of a JSON file
    what : one sentence
    written_by, read_by : commands, and people
    privacy : public; private (for its owner); secret (its holder alone)
    load : reads a file strictly and returns what the commands work with
    schema : None for what is not text
    kind : json; typed data (JSON as EIP-712 has it, without a format of ours), foreign (JSON that
        others define, who may add to it), toml, text, binary
    """

    name: str
    version: int
    what: str
    written_by: str
    read_by: str
    privacy: Privacy
    load: Callable[[Path], Any]
    schema: Callable[[], dict[str, Any]] | None
    kind: Literal["json", "typed data", "foreign", "toml", "text", "binary"] = "json"

    @property
    def identity(self) -> str:
        """What a JSON file says as its `format`."""
        return f"tierproof/{self.name}"

    @property
    def title(self) -> str:
        """The name in words, for headings."""
        return self.name.replace("-", " ")


def recognise(path: Path) -> Format:
    """
    The format of a file, by what is in it.

    Raises
    ------
    Malformed
        `malformed.format`: none of ours, or of another version.
    Unavailable
        `unavailable.file`.
    """
    head = _head(path)
    if head.startswith(_VAULT):
        return FORMATS["vault"]
    if head.startswith(_SETUP):
        return FORMATS["setup"]
    if _KEY_TEXT.fullmatch(head):
        return FORMATS["key-file"]
    if head.startswith(_JOURNAL):
        return FORMATS["journal"]
    if head.startswith(_AUDIT_KEY):
        return FORMATS["audit-key"]
    if _NOTE.match(head):
        return FORMATS["checkpoint"]
    if path.suffix == ".toml":
        return FORMATS["config"]
    value = read_json(path, _CODE)
    stated = value.get("format") if isinstance(value, dict) else None
    if isinstance(value, dict) and value.get("primaryType") == "Binding":
        return FORMATS["binding-request"]
    if isinstance(value, dict) and stated is None and "crypto" in value:
        return FORMATS["keystore"]
    found = next((each for each in FORMATS.values() if each.identity == stated), None)
    if found is None or found.kind != "json":
        known = ", ".join(each.identity for each in FORMATS.values() if each.kind == "json")
        raise Malformed(_CODE, f"{path.name}: no format of ours is stated; there are: {known}")
    return found


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(512)
    except OSError as error:
        raise Unavailable(
            "unavailable.file", f"{path.name}: {error.strerror or 'cannot be read'}"
        ) from error


# -- loaders: each imports what it needs -----------------------------------------------------------
def _policy(path: Path) -> Any:
    from policies.policy import Policy

    return Policy.load(path)


def _margin(path: Path) -> Any:
    from policies.margin import MarginDocument

    return MarginDocument.load(path)


def _feed(path: Path) -> Any:
    from policies.feed import FeedDocument

    return FeedDocument.load(path)


def _model(path: Path) -> Any:
    from policies.score_model import ScoreModel

    return ScoreModel.load(path)


def _credential(path: Path) -> Any:
    from tierproof.documents import CredentialFile

    return CredentialFile.load(path)


def _root(path: Path) -> Any:
    from tierproof.documents import RootFile

    return RootFile.load(path)


def _attestors(path: Path) -> Any:
    from tierproof.documents import load_attestors

    return load_attestors(path)


def _disclosure(path: Path) -> Any:
    from tierproof.disclosure import DisclosureFile

    return DisclosureFile.load(path)


def _attestation(path: Path) -> Any:
    from attestor.attestation import load

    return load(path)


def _bindings(path: Path) -> Any:
    from attestor.bindings import BindingRegistry

    return BindingRegistry.load(path)


def _request(path: Path) -> Any:
    from tierproof.wallet_request import load_request

    return load_request(path)


def _consent(path: Path) -> Any:
    from tierproof.consent_file import load_consent

    return load_consent(path)


def _calendar(path: Path) -> Any:
    from attestor.calendar import SignedCalendar

    return SignedCalendar.load(path)


def _job(path: Path) -> Any:
    from tierproof.attest_job import read_job

    return read_job(path, None)


def _collected(path: Path) -> Any:
    """The list alone, without the bodies that lie beside it."""
    from attestor.collect.folder import FORMAT, read_list

    return read_list(path, FORMAT)[0]


def _draft(path: Path) -> Any:
    from tierproof.signing.draft import Draft

    return Draft.load(path)


def _cosignature(path: Path) -> Any:
    from tierproof.signing.cosignature import Cosignature

    return Cosignature.load(path)


def _journal(path: Path) -> Any:
    from tierproof.signing.journal import Journal

    return Journal.load(path)


def _keystore(path: Path) -> Any:
    """Whose key it says that it holds; what is in it stays in it."""
    from tierproof.signing.keystore import keystore_address

    return keystore_address(path)


def _deployment(path: Path) -> Any:
    from contracts.client.deployment import Deployment

    return Deployment.read(path)


def _market_rules(path: Path) -> Any:
    from policies.market_rules import MarketRules

    return MarketRules.load(path)


def _grant_consent(path: Path) -> Any:
    from attestor.grant_consent_file import SignedConsent

    return SignedConsent.load(path)


def _key(path: Path) -> Any:
    from tierproof.backends import fast_algebra
    from tierproof.documents import load_key

    return load_key(path, fast_algebra())


def _key_file(path: Path) -> Any:
    from tierproof.attesting import read_key

    return read_key(path)


def _setup(path: Path) -> Any:
    from prover.setup_file import load_setup
    from tierproof.backends import fast_algebra

    return load_setup(path, fast_algebra())


def _config(path: Path) -> Any:
    return Config.load(path, SETTINGS)


def _audit_log(path: Path) -> Any:
    from tierproof.audit_file import load

    return load(path)


def _audit_key(path: Path) -> Any:
    from tierproof.audit_file import read_key

    return read_key(path)


def _checkpoint(path: Path) -> Any:
    from tierproof.audit_file import read_note

    return read_note(path)


def _vault(path: Path) -> Any:
    """That it is one; what is in it is read by `identity` and `prove` alone."""
    return None


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format(
            "policy", 1, "What a protocol asks of a tier and grants to it.",
            "the protocol; `init protocol` gives one to start from",
            "`deploy`, `estimate`, `prove`, `verify`, `onboard`, `serve`",
            "public", _policy, schemas.policy,
        ),
        Format(
            "margin", 1, "A venue's rules of maintenance margin, through time.",
            "whoever agrees on a policy; `policies/examples/margin` has some to start from",
            "`show`; attestors", "public", _margin, margin_schema.margin,
        ),
        Format(
            "feed", 1, "A volatility index over a window, and what the rule makes of it.",
            "`feed`", "`attest`, and whoever compares it with a root", "public", _feed,
            feed_schema.feed,
        ),
        Format(
            "score-model", 1, "The ten weights of M26, and what they were made for.",
            "whoever makes the model", "`deploy`, `show`", "public", _model, schemas.score_model,
        ),
        Format(
            "attestors", 1, "An attestor set: addresses that a policy trusts, and how many sign.",
            "the protocol", "`deploy`; `show` prints the id that a policy names", "public",
            _attestors, schemas.attestors,
        ),
        Format(
            "market", 1, "What holds without a grant, and what volatility does to every tier.",
            "the protocol", "`deploy`, `registry announce-market`", "public", _market_rules,
            chain_schema.market,
        ),
        Format(
            "deployment", 2, "Where a registry is, and what it was made of.",
            "`deploy`, `registry add-verifier`",
            "`prove`, `verify`, `onboard`, `terms`, `serve`, `init`", "public", _deployment,
            chain_schema.deployment,
        ),
        Format(
            "grant-consent", 1, "What an account agrees to when another sends its claim.",
            "`consent`", "`onboard`", "public", _grant_consent, chain_schema.grant_consent,
        ),
        Format(
            "calendar", 1, "The windows of a series, announced before they begin.",
            "`windows announce`", "`windows take`, and whoever plans for a window", "public",
            _calendar, schemas.calendar,
        ),
        Format(
            "attest-job", 1, "What an attestor attests: statements, owners, window, validity.",
            "the attestor; `init attestor` gives one to start from", "`attest`", "private", _job,
            schemas.attest_job,
        ),
        Format(
            "collected", 1, "What was collected of a venue for a window: the list of its answers.",
            "`collect`, or whoever saves a venue's answers by hand", "`draft`, `cosign`, `attest`",
            "private", _collected, collected_schema.collected,
        ),
        Format(
            "binding-request", 1, "What a wallet signs to join an owner's tag: EIP-712 typed data.",
            "`identity --bind`", "any wallet, `sign`, `bindings add`", "private", _request,
            schemas.binding_request, "typed data",
        ),
        Format(
            "consent", 1, "The owner's consent to one binding, with the seed of his salts.",
            "`identity --bind`", "`bindings add`", "private", _consent, schemas.consent,
        ),
        Format(
            "bindings", 1, "Wallets that joined an owner's tag, with signatures and consents.",
            "`bindings add`", "`draft`, `cosign`, `attest`", "private", _bindings, schemas.bindings,
        ),
        Format(
            "attestation", 1, "One owner's log, its commitment and its place under a signed root.",
            "`attest`", "`estimate`, `prove`, `disclose`", "private", _attestation,
            schemas.attestation,
        ),
        Format(
            "root", 1, "A root with the signatures of its quorum.", "`attest`",
            "`verify`, `onboard`, `serve`, `deploy`", "public", _root, schemas.root,
        ),
        Format(
            "draft", 1, "What a quorum is about to sign, as each member makes it.", "`draft`",
            "`draft --with`, `cosign`, `combine`, `attest diff`", "private", _draft,
            round_schema.draft,
        ),
        Format(
            "cosignature", 1, "One member's signature of a draft's root.", "`cosign`", "`combine`",
            "private", _cosignature, round_schema.cosignature,
        ),
        Format(
            "journal", 1, "What a member's key signed, and what of it is revoked.",
            "`attestor init`, `cosign`, `journal revoke`", "`cosign`", "private", _journal,
            round_schema.journal, "text",
        ),
        Format(
            "keystore", 3, "A private key under a passphrase: Web3 Secret Storage with scrypt.",
            "`attestor init`, and Ethereum clients", "every command that takes `--key-file`",
            "secret", _keystore, round_schema.keystore, "foreign",
        ),
        Format(
            "credential", 1, "Which question a proof answers, and the proof.", "`prove`",
            "`verify`, `inspect`, `onboard`", "public", _credential, schemas.credential,
        ),
        Format(
            "disclosure", 1, "Some records of a log, linked to the signed root.",
            "`disclose`", "`verify-disclosure`", "private", _disclosure, schemas.disclosure,
        ),
        Format(
            "verifying-key", 1, "What a verifier knows of a circuit, a class and a setup.",
            "`setup`", "`verify`, `inspect`, `serve`", "public", _key, schemas.verifying_key,
        ),
        Format(
            "audit-log", 1, "A service's audit log, outside its database.", "`audit export`",
            "`audit verify`", "private", _audit_log, audit_schema.audit_log,
        ),
        Format(
            "checkpoint", 1, "Size and root of an audit log, signed by it and by witnesses.",
            "`audit checkpoint`, witnesses", "`audit verify`, `audit checkpoint`, witnesses",
            "public", _checkpoint, audit_schema.checkpoint, "text",
        ),
        Format(
            "audit-key", 1, "The key that signs an audit log's checkpoints.", "`audit keygen`",
            "`audit checkpoint`", "secret", _audit_key, audit_schema.audit_key, "text",
        ),
        Format(
            "key-file", 1, "A private key of secp256k1: an attestor's, a sender's or a wallet's.",
            "its holder", "`attest`, `deploy`, `onboard`, `sign`", "secret", _key_file,
            schemas.key_file, "text",
        ),
        Format(
            "config", 1, "`tierproof.toml`: what a folder's commands have in common.",
            "`init`, and whoever works in the folder", "every command but `demo`", "public",
            _config, lambda: schemas.config(SETTINGS), "toml",
        ),
        Format(
            "vault", 1, "The identity secret under a passphrase.", "`identity --create`",
            "`identity`, `prove`", "secret", _vault, None, "binary",
        ),
        Format(
            "setup", 3, "Powers of tau, from a ceremony or for development.", "`setup`",
            "`attest`, `estimate`, `prove`, `disclose`", "public", _setup, None, "binary",
        ),
    )
}  # fmt: skip
"""Every format by name."""

__all__ = ["FORMATS", "Format", "recognise"]
