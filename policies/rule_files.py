"""
The files by which logs are made: margin documents, feed documents, marks
(docs/explanation/attestation.md 3.2).

    rules = keccak256 of the keccak256 of every file, in the order of their names

A signed root carries `rules`, the files that travel with it their names and digests. What a file is
stands in its name: margin/..., feed/..., marks/.... A policy names the margin documents that it
accepts, the index of the feed that it wants, and as model/... the model of its score; marks and
feed values are of one window, so no policy can know them, and the attestors answer for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from algebra.errors import Malformed, Refused
from algebra.hexadecimal import hex32
from algebra.keccak import keccak

MARGIN, FEED, MARKS, MODEL = "margin/", "feed/", "marks/", "model/"
MAX_FILES = 256
_NAME = re.compile(r"(margin|feed|marks|model)/[A-Za-z0-9@._-]{1,64}", re.ASCII)
_DIGEST = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_CODE = "malformed.rule_files"


def is_name(kind: str, name: str) -> bool:
    """Whether a file of a kind (`MARGIN`, `FEED`, ...) can be called so: roots and policies do."""
    return _NAME.fullmatch(kind + name) is not None


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """
    Names and digests, each name once and ascending; Malformed (`malformed.rule_files`).

    Attributes
    ----------
    files : name and keccak256, 32 bytes, of each; at most 256
    """

    files: tuple[tuple[str, bytes], ...] = ()

    def __post_init__(self) -> None:
        if len(self.files) > MAX_FILES:
            raise Malformed(_CODE, f"rule files: more than {MAX_FILES}")
        for name, digest in self.files:
            if _NAME.fullmatch(name) is None:
                raise Malformed(
                    _CODE,
                    f"rule files: {name[:80]!a}: not margin/, feed/, marks/ or model/ and a name",
                )
            if len(digest) != 32:
                raise Malformed(_CODE, f"rule files: {name}: the digest is not 32 bytes")
        if any(after <= before for (before, _), (after, _) in pairwise(self.files)):
            raise Malformed(_CODE, "rule files: names are not ascending, each once")

    @classmethod
    def of(cls, contents: Mapping[str, bytes]) -> RuleFiles:
        """From the bytes of the files by name, in any order."""
        return cls(tuple((name, keccak(contents[name])) for name in sorted(contents)))

    @classmethod
    def together(cls, parts: Iterable[RuleFiles]) -> RuleFiles:
        """
        The files of all parts, each once; Refused (`refused.rule_files`) where two of one name
        differ.
        """
        found: dict[str, bytes] = {}
        for name, digest in (each for part in parts for each in part.files):
            if found.setdefault(name, digest) != digest:
                raise Refused(
                    "refused.rule_files",
                    f"rule files: there are two of the name {name}, which differ; the logs of one "
                    "root are made by the same files",
                    name=name,
                )
        return cls(tuple(sorted(found.items())))

    @property
    def rules(self) -> bytes:
        """What a root says of them, 32 bytes; of no files the hash of nothing."""
        return keccak(b"".join(digest for _, digest in self.files))

    @property
    def margin(self) -> RuleFiles:
        """The margin documents among them."""
        return RuleFiles(tuple(each for each in self.files if each[0].startswith(MARGIN)))

    @property
    def models(self) -> RuleFiles:
        """The score models among them; a policy alone has one."""
        return RuleFiles(tuple(each for each in self.files if each[0].startswith(MODEL)))

    @property
    def feeds(self) -> tuple[str, ...]:
        """The indices of the feed documents among them; a root has one feed, so at most one."""
        return tuple(name.removeprefix(FEED) for name, _ in self.files if name.startswith(FEED))

    def as_json(self) -> list[dict[str, str]]:
        """A name and a digest each, ascending by name; `parse` reads them."""
        return [{"name": name, "digest": hex32(digest)} for name, digest in self.files]

    @classmethod
    def parse(cls, value: object, where: str) -> RuleFiles:
        """From JSON values; Malformed (`malformed.rule_files`) with the place `where`."""
        if not isinstance(value, list):
            raise Malformed(_CODE, f"{where}: not a list of names and digests")
        for index, item in enumerate(value):
            if not isinstance(item, dict) or set(item) != {"name", "digest"}:
                raise Malformed(_CODE, f"{where}[{index}]: not a name and a digest")
            if not isinstance(item["name"], str):
                raise Malformed(_CODE, f"{where}[{index}].name: not a text")
            digest = item["digest"]
            if not isinstance(digest, str) or _DIGEST.fullmatch(digest) is None:
                raise Malformed(_CODE, f"{where}[{index}].digest: not 0x and 64 digits, lower case")
        return cls(tuple((item["name"], bytes.fromhex(item["digest"][2:])) for item in value))


NO_FILES = RuleFiles()
"""A venue without a margin document, and marks of its own statement."""
