"""The command that hands a credential to a protocol's service."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from tierproof.commands.command import Audience, command
from tierproof.commands.options import CREDENTIAL, Option
from tierproof.console import Console


@command(
    "submit",
    "have a protocol's service verify and record a credential",
    Audience.INSTITUTION,
    CREDENTIAL,
    Option("--service", "of the protocol, such as https://HOST/v1", "URL", setting="service",
           required=True),
    Option("--api-key-file", "that the protocol gave; nobody else may read the file", "FILE",
           "file", setting="api_key_file"),
)  # fmt: skip
def submit(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The service's verdict, with the exit status that `verify` has: 0 accepted, 1 rejected, 2 else.
    `replayed`: it came before, and this is the stored verdict; `stands`: nothing speaks against it
    now, and `against` names the codes of what does. A verdict is no grant.
    """
    from tierproof.client import Client
    from tierproof.documents import CredentialFile

    credential = CredentialFile.load(Path(options.credential))
    named = None if options.api_key_file is None else Path(options.api_key_file)
    with Client(options.service, api_key_file=named) as client:
        console.progress("submit")
        found = client.verify(credential)
    return {
        "outcome": "accepted",
        "replayed": found.replayed,
        "stands": found.stands,
        "against": [reason.code for reason in found.reasons],
        "credential": found.credential,
    }
