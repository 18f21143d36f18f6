"""
An option of a command, declared once: the parser, `tierproof.toml`, shell completion and
docs/reference/interfaces.md read it from here.
"""

from __future__ import annotations

from argparse import _ActionsContainer
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "file", "folder", "verifier"]


@dataclass(frozen=True)
class Option:
    """
    Attributes
    ----------
    name : `--keys`, or `credential` for an argument without a name
    help : one line
    metavar : what stands for the value in the help
    kind : what the value is; files and folders are completed by the shell, and one named in
        `tierproof.toml` counts from the folder of that file
    setting : its name in `tierproof.toml`; None: given on the command line only
    default, required : where neither the command line nor the file gives it
    choices : the values that there are; any if empty
    many : may be repeated; the value is a list
    switch : takes no value
    dest : name of the value, where it is not the option's
    """

    name: str
    help: str = ""
    metavar: str | None = None
    kind: Kind = "text"
    setting: str | None = None
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()
    many: bool = False
    switch: bool = False
    dest: str | None = None

    @property
    def value_name(self) -> str:
        """The attribute of the parsed options."""
        return self.dest or self.name.lstrip("-").replace("-", "_")

    @property
    def positional(self) -> bool:
        """Whether it is given by place, without a name before it."""
        return not self.name.startswith("-")

    @property
    def shown(self) -> str:
        """As the help and the reference write it: `--keys FOLDER`, `CREDENTIAL`."""
        if self.positional:
            return "|".join(self.choices) or self.metavar or self.name.upper()
        value = "|".join(self.choices) or self.metavar
        return self.name if self.switch or not value else f"{self.name} {value}"

    @property
    def said(self) -> str:
        """The help, with default and repetition."""
        words = [self.help] if self.help else []
        if self.many:
            words.append("repeat")
        if self.default not in (None, False, []):
            words.append(f"default: {self.default}")
        return "; ".join(words)

    def add_to(self, parser: _ActionsContainer) -> None:
        """
        Tell argparse. What is not on the command line stays None: `Command` fills it in, from
        `tierproof.toml` first.
        """
        if self.switch:
            parser.add_argument(
                self.name, action="store_true", dest=self.value_name, help=self.said
            )
            return
        arguments: dict[str, Any] = {"help": self.said, "metavar": self.metavar}
        if self.choices:
            arguments["choices"] = self.choices
        if self.kind == "number":
            arguments["type"] = int
        if self.positional:
            arguments["nargs"] = "*" if self.many else "?"
        else:
            arguments["dest"] = self.value_name
            if self.many:
                arguments["action"] = "append"
        action = parser.add_argument(self.name, **arguments)
        complete = COMPLETIONS.get(self.kind)
        if complete is not None:
            action.complete = complete  # type: ignore[attr-defined]  # what shtab looks for


@dataclass(frozen=True)
class OneOf:
    """Options of which exactly one is given."""

    options: tuple[Option, ...]


Declared = Option | OneOf

COMPLETIONS: dict[str, dict[str, str]] = {
    "file": {"bash": "_shtab_compgen_files", "zsh": "_files"},
    "verifier": {"bash": "_shtab_compgen_files", "zsh": "_files"},
    "folder": {"bash": "_shtab_compgen_dirs", "zsh": "_files -/"},
}
"""`shtab.FILE` and `shtab.DIRECTORY`, written out so that only `completion` loads shtab."""


def flat(declared: Sequence[Declared]) -> list[Option]:
    """Every option, those of a choice among them."""
    return [
        option
        for each in declared
        for option in (each.options if isinstance(each, OneOf) else (each,))
    ]


# -- what several commands take --------------------------------------------------------------------
KEYS = Option("--keys", "setup and keys", "FOLDER", "folder", setting="keys", default="keys")
PROFILE = Option(
    "--profile",
    "of the key: fast to prove, or lean on gas",
    setting="profile",
    default="fast",
    choices=("fast", "lean"),
)
ATTESTATION = Option(
    "attestation", "attestation file", "ATTESTATION", "file", setting="attestation", required=True
)
DATABASE = Option(
    "--database",
    "of the service: sqlite:///PATH or postgresql://USER@HOST/NAME; without it the settings' "
    "`database.url`",
    "URL",
    setting="database",
)
CREDENTIAL = Option("credential", "credential file", "CREDENTIAL", "file", required=True)
POLICY = Option("--policy", "policy document", "FILE", "file", setting="policy", required=True)
KEY = Option("--key", "verifying key", "FILE", "file", setting="key", required=True)
ALLOW_SETUP = Option(
    "--allow-setup",
    "take keys of this setup too, beside the known ceremonies: development, or an srs id",
    "SETUP",
)
RPC = Option(
    "--rpc",
    "Ethereum node; the only network that is reached",
    "URL",
    setting="rpc",
    required=True,
)
OPEN_KEY_FILE = Option(
    "--allow-open-key-file", "take a file of a key or passphrase that others can read", switch=True
)
SENDER = (
    Option(
        "--key-file",
        "private key that pays; without it, the node's first account",
        "FILE",
        "file",
        setting="sender_key",
    ),
    OPEN_KEY_FILE,
)
PLACE = (
    Option("--chain-id", "of the registry", "N", "number", setting="chain_id"),
    Option("--registry", "its address", "ADDRESS", setting="registry"),
    Option(
        "--deployment",
        "takes the place of --chain-id and --registry; names the key",
        "FILE",
        "file",
        setting="deployment",
    ),
)
FINALITY = (
    Option(
        "--confirmations",
        "blocks that must stand on what is reported, its own counted",
        "N",
        "number",
        setting="confirmations",
        default=1,
    ),
    Option("--finalized", "report what the chain calls finalized alone", switch=True),
    Option(
        "--wait",
        "before giving up on a transaction; the next run goes on with it; without it 180, or 1800 "
        "with --finalized",
        "SECONDS",
        "number",
        setting="wait",
    ),
)
CHAIN = (
    RPC,
    Option("--deployment", "deployment file", "FILE", "file", setting="deployment", required=True),
    Option(
        "--verifier",
        "artifact of a verifier of the deployment, if it is a made one",
        "FILE",
        "verifier",
        setting="verifier",
        many=True,
    ),
    *FINALITY,
)
MODEL = Option("--model", "score model, where the policy asks for M26", "FILE", "file")
ROOT = Option("--root", "signed root that names the attestor set", "FILE", "file")
ATTESTORS = Option("--attestors", "attestor set", "FILE", "file", setting="attestors")
BOUNDS = (
    Option(
        "--least-margin",
        "of a new set: no tier of its series has a lower initial margin, basis points",
        "BP",
        "number",
        default=200,
    ),
    Option(
        "--cap", "of a new set: nullifiers that one root may back", "N", "number", default=1_000
    ),
)
NULLIFIER = OneOf(
    (
        Option("--credential", "whose nullifier it is", "FILE", "file"),
        Option("--nullifier", "as the credential and the events write it", "HEX"),
    )
)
DRY_RUN = Option("--dry-run", "print what would be sent, and send nothing", switch=True)
PASSPHRASE_FILE = Option(
    "--passphrase-file",
    "without it: TIERPROOF_PASSPHRASE, or asked for",
    "FILE",
    "file",
    setting="passphrase_file",
)
SIGNER = (
    Option("--signer", "program that holds the key, in place of --key-file", "COMMAND"),
    Option("--address", "whose key the program holds", "ADDRESS"),
)
VAULT = (
    Option(
        "--vault", "vault of the identity secret", "FILE", "file", setting="vault", required=True
    ),
    PASSPHRASE_FILE,
    OPEN_KEY_FILE,
)
VENUE = Option("--venue", "as the attestor names it", "NAME", setting="venue", required=True)
