"""
One command, `tierproof` (docs/reference/interfaces.md 1). Exit status: 0 accepted or done, 1
rejected, 2 malformed, refused or usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from algebra.errors import TierproofError
from prover.profile import Profile
from tierproof import __version__
from tierproof.console import Console

ACCEPTED, REJECTED, UNUSABLE = 0, 1, 2


class Usage(Exception):
    """A command line that cannot be read."""


class Parser(argparse.ArgumentParser):
    """argparse that raises, so that usage errors look like all others."""

    def error(self, message: str) -> NoReturn:
        raise Usage(message)


def build_parser() -> Parser:
    """Every command and option; nothing is imported that a command does not need."""
    common = Parser(add_help=False)
    common.add_argument(
        "--json", action="store_true", help="one JSON document on stdout, errors too"
    )
    parser = Parser(
        prog="tierproof", description="Zero-knowledge credentials for institutional margin."
    )
    parser.add_argument("--version", action="version", version=f"tierproof {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    def command(name: str, text: str) -> Parser:
        return commands.add_parser(name, help=text, description=text, parents=[common])

    def keys(of: Parser) -> None:
        of.add_argument(
            "--keys", default="keys", metavar="FOLDER", help="setup and keys (default: keys)"
        )

    def profile(of: Parser) -> None:
        labels = [each.value for each in Profile]
        text = "of the key: fast to prove, or lean on gas (default: fast)"
        of.add_argument("--profile", choices=labels, default=labels[0], help=text)

    def place(of: Parser) -> None:
        of.add_argument("--chain-id", type=int, metavar="N")
        of.add_argument("--registry", metavar="ADDRESS")
        of.add_argument(
            "--epoch", type=int, metavar="N", help="the policy's epoch, 0 until it is advanced"
        )
        of.add_argument(
            "--deployment",
            metavar="FILE",
            help="takes the place of --chain-id and --registry; names the key",
        )

    def chain(of: Parser) -> None:
        of.add_argument(
            "--rpc",
            required=True,
            metavar="URL",
            help="Ethereum node; the only network that is reached",
        )
        of.add_argument("--deployment", required=True, metavar="FILE")
        of.add_argument(
            "--verifier",
            metavar="FILE",
            help="artifact of the deployment's verifier, if it is a made one",
        )

    def open_key_file(of: Parser) -> None:
        of.add_argument(
            "--allow-open-key-file",
            action="store_true",
            help="take a file of a key or passphrase that others can read",
        )

    def sender(of: Parser) -> None:
        of.add_argument(
            "--key-file",
            metavar="FILE",
            help="private key that pays; default: the node's first account",
        )
        open_key_file(of)

    def vault(of: Parser) -> None:
        of.add_argument("--vault", required=True, metavar="FILE")
        of.add_argument(
            "--passphrase-file", metavar="FILE", help="default: TIERPROOF_PASSPHRASE, or asked for"
        )
        open_key_file(of)

    c = command(
        "setup", "import a ceremony, or make an unsafe development setup, and the keys of one class"
    )
    keys(c)
    profile(c)
    c.add_argument(
        "--class", dest="size", type=int, default=8192, metavar="N", help="rows, 8192 to 1048576"
    )
    source = c.add_mutually_exclusive_group(required=True)
    source.add_argument("--ptau", metavar="FILE", help="powers of tau of a public ceremony")
    source.add_argument(
        "--unsafe-development", action="store_true", help="a known secret: for demos only"
    )

    c = command(
        "identity",
        "make a vault, or show the owner tag of one, or the document that a wallet signs to join "
        "it",
    )
    vault(c)
    c.add_argument("--create", action="store_true", help="draw a new secret and write the vault")
    c.add_argument("--venue", required=True, metavar="NAME", help="as the attestor names it")
    c.add_argument("--bind", metavar="WALLET", help="print the EIP-712 document for this wallet")
    c.add_argument("--attestor-set", metavar="ID", help="with --bind: 0x and 64 digits")
    c.add_argument("--bound-day", metavar="DATE", help="with --bind: first day in force")

    c = command(
        "attest", "attestor: statements in, one attestation per owner and the signed root out"
    )
    keys(c)
    c.add_argument("job", metavar="JOB", help="job file; docs/reference/interfaces.md 2.3")
    c.add_argument(
        "--key-file",
        action="append",
        required=True,
        metavar="FILE",
        help="an attestor's key; repeat",
    )
    open_key_file(c)
    c.add_argument("--out", required=True, metavar="FOLDER")

    c = command("estimate", "which tiers hold, and what proving would cost")
    keys(c)
    profile(c)
    c.add_argument("attestation", metavar="ATTESTATION")
    c.add_argument("--policy", required=True, metavar="FILE")
    c.add_argument(
        "--picture",
        metavar="FILE",
        help="also draw equity, drawdown and margin buffer (.svg or .png)",
    )
    c.add_argument(
        "--tier",
        metavar="NAME",
        help="of the picture (default: the best that holds, else the weakest)",
    )

    c = command("prove", "make a credential")
    keys(c)
    profile(c)
    vault(c)
    place(c)
    c.add_argument("attestation", metavar="ATTESTATION")
    c.add_argument("--policy", required=True, metavar="FILE")
    c.add_argument("--tier", required=True, metavar="NAME")
    c.add_argument("--account", required=True, metavar="ADDRESS", help="who will hold the terms")
    c.add_argument("--out", required=True, metavar="FILE")

    c = command(
        "inspect",
        "exactly what a verifier learns from a credential; of a key alone, its error budget",
    )
    c.add_argument("credential", metavar="CREDENTIAL", nargs="?")
    c.add_argument("--key", required=True, metavar="FILE", help="verifying key")
    c.add_argument("--policy", metavar="FILE")

    c = command("verify", "verify a credential without a chain")
    place(c)
    c.add_argument("credential", metavar="CREDENTIAL")
    c.add_argument("--key", required=True, metavar="FILE", help="verifying key")
    c.add_argument("--policy", required=True, metavar="FILE")
    c.add_argument("--root", required=True, metavar="FILE", help="signed root")
    c.add_argument("--independent", action="store_true", help="py_ecc alone, no native code")
    c.add_argument(
        "--allow-development", action="store_true", help="take keys whose secret is known"
    )

    c = command("deploy", "put verifier and registry on chain, and register a policy")
    sender(c)
    c.add_argument("--rpc", required=True, metavar="URL")
    text = "compiled verifier, such as TierproofVerifier8192Lean, or its artifact file"
    c.add_argument("--verifier", required=True, metavar="NAME", help=text)
    c.add_argument("--out", required=True, metavar="FILE", help="deployment file")
    for role in ("admin", "governor", "guardian"):
        c.add_argument(
            f"--{role}", metavar="ADDRESS", help="default, on development chains alone: the sender"
        )
    c.add_argument(
        "--admin-delay",
        type=int,
        default=0,
        metavar="SECONDS",
        help="before a new admin (default, as above: 0)",
    )
    c.add_argument("--policy", metavar="FILE", help="register it; the sender must be the governor")
    c.add_argument(
        "--root", metavar="FILE", help="signed root that names the attestor set of the policy"
    )
    c.add_argument("--attestors", metavar="FILE", help='JSON {"members": [...], "threshold": k}')
    c.add_argument("--min-epoch-seconds", type=int, default=30 * 86_400, metavar="SECONDS")

    c = command("onboard", "have a credential granted on chain, as relayer")
    chain(c)
    sender(c)
    c.add_argument("credential", metavar="CREDENTIAL")
    c.add_argument("--policy", required=True, metavar="FILE")
    c.add_argument(
        "--root",
        metavar="FILE",
        help="submit this signed root first if the registry does not know it",
    )

    c = command("terms", "the terms that an account holds now")
    chain(c)
    c.add_argument("account", metavar="ADDRESS")

    c = command("disclose", "open one record of a log against its commitment, or check such a file")
    keys(c)
    c.add_argument("file", metavar="FILE", help="attestation, or with --check a disclosure")
    c.add_argument("--row", type=int, metavar="N", help="record, from 0")
    c.add_argument("--out", metavar="FILE")
    c.add_argument("--check", action="store_true")

    c = command("demo", "the whole path on a sample desk")
    profile(c)
    c.add_argument("--out", default="build/demo", metavar="FOLDER")

    c = command("serve", "run the verification service")
    place(c)
    c.add_argument("--database", default="sqlite:///tierproof.sqlite", metavar="URL")
    c.add_argument("--host", default="127.0.0.1")
    c.add_argument("--port", type=int, default=8787)
    c.add_argument("--policy", action="append", default=[], metavar="FILE", help="register; repeat")
    c.add_argument("--key", action="append", default=[], metavar="FILE", help="register; repeat")
    c.add_argument("--root", action="append", default=[], metavar="FILE", help="register; repeat")
    c.add_argument(
        "--allow-development", action="store_true", help="take keys whose secret is known"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command; returns the exit status, 0 only if the command did what it says, and never lets
    a traceback out.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    console = Console("--json" in given)
    try:
        options = build_parser().parse_args(given)
    except Usage as error:
        console.usage(str(error))
        return UNUSABLE
    except SystemExit as leaving:  # --help, --version
        return int(leaving.code or 0)
    if options.command is None:
        build_parser().print_help(sys.stderr)
        return UNUSABLE
    try:
        from tierproof.commands import COMMANDS

        console.result(COMMANDS[options.command](options, console))
    except TierproofError as error:
        console.error(error)
        return error.exit_status
    except Usage as error:
        console.usage(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        console.usage("interrupted")
        return 130
    except (
        Exception
    ) as error:  # its text may quote a secret, and its exit status must not read as a verdict
        console.fault(error)
        return UNUSABLE
    return ACCEPTED


if __name__ == "__main__":
    sys.exit(main())
