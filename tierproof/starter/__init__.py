"""`tierproof init`: a working folder of an institution, a protocol or an attestor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from algebra.files import write_atomic
from attestor import generations
from history.dates import day_number
from policies.rules import MOST_ROOT_DAYS
from tierproof.formats import FORMATS
from tierproof.formats.units import DAY

TEMPLATES = Path(__file__).resolve().parent
ROLES = ("institution", "protocol", "attestor")
CONFIG, JOB = "tierproof.toml", "job.json"


def make(role: str, folder: Path, given: Mapping[str, Path]) -> list[str]:
    """
    Write a role's working folder; returns the names of its files.

    Parameters
    ----------
    folder : absent or empty
    given : files of the protocol by format (policy, attestors, deployment); each is checked, copied
        in, and what it says enters the templates

    Raises
    ------
    Refused
        `refused.folder`: it holds something.
    Malformed, Unavailable
        A file that is given is none of its format.
    """
    for name, path in given.items():
        FORMATS[name].load(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused("refused.folder", f"{folder}: is not an empty folder; nothing was written")
    contents = _templates(role)
    for name, path in given.items():
        contents[f"{name}.json"] = path.read_bytes()
    if JOB in contents:
        contents[JOB] = _filled_job(contents[JOB], given)
    if "policy" in given:
        set_of = FORMATS["policy"].load(given["policy"]).attestor_set.hex()
        contents[CONFIG] = contents[CONFIG].replace(b"# attestor_set = ", b"attestor_set = ", 1)
        contents[CONFIG] = contents[CONFIG].replace(b"0x_OF_THE_POLICY", f"0x{set_of}".encode())
    for name, content in contents.items():
        write_atomic(folder / name, content)
    return sorted(contents)


def _templates(role: str) -> dict[str, bytes]:
    """Files of a role by name; `gitignore` stands for `.gitignore`."""
    found = {
        path.relative_to(TEMPLATES / role).as_posix(): path.read_bytes()
        for path in sorted((TEMPLATES / role).rglob("*"))
        if path.is_file()
    }
    return {name.replace("gitignore", ".gitignore"): found[name] for name in found}


def _filled_job(template: bytes, given: Mapping[str, Path]) -> bytes:
    """The job with what the protocol's files say of set, window and place, and a validity."""
    job: dict[str, Any] = json.loads(template)
    if "attestors" in given:
        of = FORMATS["attestors"].load(given["attestors"])
        job["attestor_set"] = generations.as_json(of)
    if "policy" in given:
        stated = FORMATS["policy"].load(given["policy"]).as_json()
        job |= {name: stated[name] for name in ("first_day", "last_day")}
    after = day_number(job["last_day"]) + 1
    job["valid_until"] = (after + MOST_ROOT_DAYS) * DAY  # no registry takes it for longer
    if "deployment" in given:
        where = FORMATS["deployment"].load(given["deployment"])
        job["domain"] = {"chain_id": where.chain_id, "registry": where.registry.lower()}
    return json.dumps(job, indent=2).encode() + b"\n"
