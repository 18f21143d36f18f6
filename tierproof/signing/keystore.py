"""
Keys in keystores: Web3 Secret Storage, version 3, with scrypt, as Ethereum clients read and write
them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Malformed, Refused
from algebra.extras import libraries
from algebra.files import parse_json, write_atomic
from algebra.private_file import read_private
from policies.address import address as checked_address
from policies.files import Reader

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

_CODE = "malformed.keystore"
COST = 1 << 18
"""n of scrypt; with r = 8 and p = 1 it takes 256 MiB and about a second."""
MOST_WORK = 1 << 22
"""Most of n r p: twice what clients write, 512 MiB and two seconds."""
LEAST_PASSPHRASE = 12


def create_keystore(path: Path, passphrase: str, *, cost: int = COST) -> str:
    """
    A new key under a passphrase, in a file that only its owner reads; its address, lower case.

    Raises
    ------
    Refused
        `refused.keystore_exists`: there is a file; `refused.passphrase`: under 12 characters.
    Unavailable
        As the system says.
    """
    with libraries("attest"):
        from eth_account import Account
    if len(passphrase) < LEAST_PASSPHRASE:
        raise Refused(
            "refused.passphrase",
            f"keystore: the passphrase has under {LEAST_PASSPHRASE} characters",
        )
    if path.exists():
        raise Refused("refused.keystore_exists", f"{path.name}: there is a file; none is replaced")
    account = Account.create()
    content = Account.encrypt(account.key, passphrase, kdf="scrypt", iterations=cost)
    write_atomic(path, json.dumps(content, indent=1).encode() + b"\n")
    return str(account.address).lower()


def is_keystore(text: str) -> bool:
    """Whether the text of a file is that of a keystore and not of an open key."""
    return text.lstrip().startswith("{")


def keystore_address(path: Path) -> str:
    """
    Whose key it says that it holds, an address in lower case; Malformed (`malformed.keystore`,
    `malformed.address`). The file holds no open secret, so its mode is not asked.
    """
    return _address(_checked(read_private(path, allow_open=True), path))


def open_keystore(
    text: str, path: Path, passphrase: str, *, most_work: int = MOST_WORK
) -> LocalAccount:
    """
    The key of a keystore.

    Parameters
    ----------
    text : of the file
    path : its name is for messages
    most_work : of n r p of scrypt

    Raises
    ------
    Malformed
        `malformed.keystore`: another format, another derivation than scrypt, or one that takes
        more than `most_work`.
    Refused
        `refused.keystore`: the passphrase is wrong or the file damaged; nobody can tell which.
    """
    with libraries("attest"):
        from eth_account import Account
    content = _checked(text, path, most_work)
    try:
        account: LocalAccount = Account.from_key(Account.decrypt(content, passphrase))
    except Exception:
        raise Refused(
            "refused.keystore", f"{path.name}: the passphrase is wrong, or the file is damaged"
        ) from None
    if account.address.lower() != _address(content):
        raise Malformed(_CODE, f"{path.name}: its key is not that of its address")
    return account


def _checked(text: str, path: Path, most_work: int = MOST_WORK) -> dict[str, Any]:
    """The object of a file that can be opened at a price that this machine can pay."""
    try:
        value = parse_json(text)
    except ValueError as error:
        raise Malformed(_CODE, f"{path.name}: not JSON: {error}") from error
    file = Reader(value, path.name, _CODE)
    for name in ("version", "address", "crypto"):
        if name not in value:
            raise file.error(name, "missing")
    file.constant("version", 3)
    crypto = file.child("crypto")
    for name, wanted in (("kdf", "scrypt"), ("cipher", "aes-128-ctr")):
        if value["crypto"].get(name) != wanted:
            raise crypto.error(name, f"want {wanted}")
    _check_cost(crypto, value["crypto"].get("kdfparams"), most_work)
    return dict(value)


def _check_cost(crypto: Reader, given: Any, most_work: int) -> None:
    if not isinstance(given, dict):
        raise crypto.error("kdfparams", "not an object")
    for name in ("n", "r", "p", "dklen"):
        number = given.get(name)
        if type(number) is not int or not 1 <= number <= most_work:
            raise crypto.error(f"kdfparams.{name}", f"not a whole number in 1..{most_work}")
    if given["n"] * given["r"] * given["p"] > most_work or given["dklen"] > 64:
        raise crypto.error("kdfparams", f"n r p is over {most_work}, or dklen over 64")


def _address(content: dict[str, Any]) -> str:
    stated = content["address"]
    text = stated if isinstance(stated, str) else ""
    bare = text.removeprefix("0x")
    return checked_address(f"0x{bare}", "keystore: address").lower()
