"""
Who signs for a member: a key that this process opens, or a program that holds it
(docs/explanation/attestation.md 9.4).

A program gets one JSON object on its standard input, `address`, `digest` and `typed_data`
(EIP-712), and answers the signature, 0x and 130 digits, on its standard output. What it answers
counts by the address that it recovers to. A contract cannot be a member: registry and verifiers
recover plain keys.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from algebra.errors import Refused, TierproofError, Unavailable
from algebra.written import written_signature
from attestor.signatures import recover, sign
from policies.typed_data import TypedMessage

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

SECONDS = 300
"""A person may have to press a button."""


class Signable(NamedTuple):
    """What is signed: its hashes, and the same in JSON values for who shows it first."""

    message: TypedMessage
    document: dict[str, Any]


class Signer(Protocol):
    """One member's key, wherever it is."""

    @property
    def address(self) -> str:
        """Whose it is, lower case."""
        ...

    def sign(self, signable: Signable) -> bytes:
        """The 65 bytes of a signature by `address`."""
        ...


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A key in this process."""

    account: LocalAccount = field(repr=False)

    @property
    def address(self) -> str:
        """Whose it is, lower case."""
        return str(self.account.address).lower()

    def sign(self, signable: Signable) -> bytes:
        """As `Signer.sign`."""
        return sign(self.account, signable.message)


@dataclass(frozen=True, slots=True)
class ProgramSigner:
    """
    A program that holds the key, such as one that asks a hardware wallet.

    Attributes
    ----------
    command : program and arguments, as a shell would split them; no shell runs it
    address : whose key it holds, lower case
    """

    command: str
    address: str

    def sign(self, signable: Signable) -> bytes:
        """
        As `Signer.sign`.

        Raises
        ------
        Unavailable
            `unavailable.signer`: it cannot be run, takes more than five minutes, or fails.
        Refused
            `refused.signer`: it answers no signature, or one of another key.
        """
        message = signable.message
        request = {
            "address": self.address,
            "digest": "0x" + message.digest.hex(),
            "typed_data": signable.document,
        }
        answer = self._ask(json.dumps(request))
        try:
            signature = written_signature(answer.strip(), "signer")
            signer = recover(message, signature, "signer")
        except TierproofError:
            raise Refused("refused.signer", "signer: it answered no signature") from None
        if signer != self.address:
            raise Refused(
                "refused.signer", f"signer: it signed with the key of {signer}, not {self.address}"
            )
        return signature

    def _ask(self, request: str) -> str:
        """What the program answers; nothing that it says goes into an error."""
        try:
            words = shlex.split(self.command)
            done = subprocess.run(
                words, input=request, capture_output=True, text=True, timeout=SECONDS, check=True
            )
        except subprocess.CalledProcessError as error:
            raise Unavailable(
                "unavailable.signer", f"signer: it failed with exit status {error.returncode}"
            ) from None
        except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
            raise Unavailable(
                "unavailable.signer", f"signer: it cannot be run: {type(error).__name__}"
            ) from None
        return done.stdout
