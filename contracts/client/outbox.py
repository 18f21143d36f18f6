"""
Transactions that were signed and not yet seen where they must stand: kept before they are sent, so
that a second run goes on with them and signs no second one.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from algebra.errors import Malformed, Unavailable
from algebra.files import make_folder, parse_json, read_file, write_atomic
from algebra.keccak import keccak
from policies.address import address


@dataclass(frozen=True)
class Pending:
    """
    A transaction on its way.

    Attributes
    ----------
    chain_id, sender, nonce : which place of which account it takes
    act : what it does: the digest of its target and data, 0x hexadecimal
    transaction : its hash, 0x hexadecimal
    raw : its signed bytes, 0x hexadecimal; "" where the node holds the key
    """

    chain_id: int
    sender: str
    nonce: int
    act: str
    transaction: str
    raw: str

    @classmethod
    def read(cls, path: Path) -> Pending:
        """A file of the outbox; Malformed (`malformed.pending`)."""
        try:
            kept = cls(**parse_json(read_file(path)))
            raw = bytes.fromhex(kept.raw.removeprefix("0x"))
            whole = type(kept.chain_id) is int and type(kept.nonce) is int
            whole = whole and (not raw or kept.transaction == "0x" + keccak(raw).hex())
        except (ValueError, TypeError, AttributeError):
            whole = False
        if not whole:
            raise Malformed("malformed.pending", f"{path.name}: no transaction on its way")
        return kept


def act_of(target: str | None, data: bytes) -> str:
    """What a transaction does, in a digest; `target` None for a contract's creation."""
    place = b"" if target is None else bytes.fromhex(target.removeprefix("0x"))
    return "0x" + keccak(place + data).hex()


class Outbox:
    """
    Parameters
    ----------
    folder : where they are kept, a file each; None: in this process alone
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._held: dict[str, Pending] = {}
        self._made: dict[tuple[int, str, str], str] = {}

    def keep(self, pending: Pending) -> None:
        """Before it is sent."""
        if self.folder is None:
            self._held[pending.transaction] = pending
            return
        make_folder(self.folder)
        text = json.dumps(asdict(pending), indent=2) + "\n"
        write_atomic(_file(self.folder, pending), text.encode())

    def drop(self, pending: Pending) -> None:
        """It stands where it must, or never will."""
        self._held.pop(pending.transaction, None)
        if self.folder is not None:
            _file(self.folder, pending).unlink(missing_ok=True)
            with suppress(OSError):  # others are in it
                self.folder.rmdir()

    def find(self, chain_id: int, sender: str, act: str) -> Pending | None:
        """The transaction of this sender that does this, if one is on its way."""
        wanted = (chain_id, sender.lower(), act)
        for kept in self.all():
            if (kept.chain_id, kept.sender.lower(), kept.act) == wanted:
                return kept
        return None

    # ---- contracts that were made ----

    def keep_made(self, chain_id: int, sender: str, act: str, at: str) -> None:
        """Where a contract stands that a plan still needs, before its transaction is forgotten."""
        self._made[chain_id, sender.lower(), act] = at
        if self.folder is not None:
            make_folder(self.folder)
            write_atomic(self._made_file(chain_id, sender, act), f'"{at}"\n'.encode())

    def made(self, chain_id: int, sender: str, act: str) -> str | None:
        """Where the contract stands that this makes, if it was made."""
        if self.folder is None:
            return self._made.get((chain_id, sender.lower(), act))
        path = self._made_file(chain_id, sender, act)
        if not path.exists():
            return None
        try:
            return address(parse_json(read_file(path)), path.name)
        except ValueError:
            raise Malformed("malformed.pending", f"{path.name}: no address of a contract") from None

    def forget_made(self, chain_id: int, sender: str, act: str) -> None:
        """The plan has come to its end."""
        self._made.pop((chain_id, sender.lower(), act), None)
        if self.folder is not None:
            self._made_file(chain_id, sender, act).unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()

    def _made_file(self, chain_id: int, sender: str, act: str) -> Path:
        return (self.folder or Path()) / f"made-{chain_id}-{sender.lower()}-{act}.json"

    # ---- inside ----

    def all(self) -> list[Pending]:
        """Everything that is on its way."""
        if self.folder is None:
            return list(self._held.values())
        if not self.folder.is_dir():
            return []
        found = []
        for path in sorted(self.folder.glob("0x*.json")):
            try:
                found.append(Pending.read(path))
            except Unavailable:  # another process has seen it through
                if path.exists():
                    raise
        return found


def _file(folder: Path, pending: Pending) -> Path:
    return folder / f"{pending.transaction}.json"
