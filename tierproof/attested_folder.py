"""
The folder of a signing round: a private file for each owner, and one file for all of them, which is
the root or the draft.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from algebra.errors import Refused, TierproofError, Unavailable
from algebra.system import refused_by_system
from attestor.attestation import Attestation
from attestor.venues.adapter import Tally
from tierproof.documents import RootFile
from tierproof.signing.draft import DRAFT_FILE, Draft

ROOT_FILE = "root.json"


@dataclass(frozen=True, slots=True)
class Attested:
    """
    The files that a job wrote, what became of the lines of the statements that it read, and each
    owner's wallets without a line.
    """

    root: int
    root_file: Path
    files: tuple[Path, ...]
    attestations: tuple[Attestation, ...]
    lines: tuple[Tally, ...] = ()
    idle: tuple[tuple[str, ...], ...] = ()


def write_attestations(made: Sequence[Attestation], out: Path) -> Attested:
    """
    One private file an owner, named by his consent key, and the public root.

    All files appear at once, in a folder that is renamed into its place, or none does. A root that
    was published there is never replaced; the same one, byte for byte, is left with its files.

    Raises
    ------
    Refused
        `refused.used_folder`: something else is in the folder.
    Unavailable
        `unavailable.file`: it cannot be written.
    """
    files = _write_folder(made, out, ROOT_FILE, RootFile.of(made[0]).write)
    return Attested(made[0].root, out / ROOT_FILE, files, tuple(made))


def write_draft(draft: Draft, made: Sequence[Attestation], out: Path) -> Path:
    """
    The draft, for the other members, beside the attestations without signatures, which are each
    owner's and this member's alone; the draft's file. Errors as `write_attestations`.
    """
    _write_folder(made, out, DRAFT_FILE, draft.write)
    return out / DRAFT_FILE


def attestation_name(consent_key: str) -> str:
    """Of an owner's file."""
    return f"attestation-{consent_key[2:]}.json"


def _write_folder(
    made: Sequence[Attestation], out: Path, head: str, write_head: Callable[[Path], None]
) -> tuple[Path, ...]:
    """The attestations' files and one of the name `head` for all of them."""
    place = out.resolve()
    names = [attestation_name(each.consent_key) for each in made]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    except OSError as error:
        raise _not_written(out, error) from error
    try:
        for attestation, name in zip(made, names, strict=True):
            attestation.write(folder / name)
        write_head(folder / head)
        if _same(folder / head, place / head):
            for name in names:
                os.replace(folder / name, place / name)
        else:
            require_unused(out)
            os.rename(folder, place)  # onto nothing or an empty folder, else it fails
    except OSError as error:
        require_unused(out)  # another run may have been faster
        raise _not_written(out, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(out / name for name in names)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return False


def require_unused(out: Path) -> None:
    """Refused (`refused.used_folder`) unless it is absent, or empty and may be replaced."""
    try:
        used = next(iter(sorted(out.iterdir())), None)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _not_written(out, error) from error
    if (out / ROOT_FILE).exists():
        reason = f"{ROOT_FILE} of an earlier run is there, and is never replaced"
    elif used is not None:
        reason = f"it holds {used.name!a} already"
    elif out.resolve() == Path.cwd():
        reason = "it is the current folder"
    else:
        return
    raise Refused(
        "refused.used_folder", f"{out.name or out}: {reason}; name a folder that is not there"
    )


def _not_written(out: Path, error: OSError) -> TierproofError:
    if error.errno in (errno.EBUSY, errno.EXDEV):  # a mount point
        return Unavailable(
            "unavailable.file",
            f"{out.name or out}: cannot be written: {error.strerror}; name a folder inside it",
        )
    return refused_by_system(error, out.name or str(out), absent="unavailable.folder")
