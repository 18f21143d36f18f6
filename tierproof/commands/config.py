"""
`tierproof.toml`: what a folder's commands have in common, so that none of it is typed again
(docs/reference/formats.md). The command line wins. Nothing in it is secret: keys and passphrases
are named by the path of their file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algebra.errors import Malformed, Refused
from algebra.files import read_file
from tierproof.commands.options import Option

NAME = "tierproof.toml"
SERVE = "serve"
"""The table of the service's settings, which `serve` reads (`service.operations.settings`)."""
MAX_BYTES = 1 << 16
_CODE = "malformed.config"


@dataclass(frozen=True)
class Config:
    """
    Attributes
    ----------
    path : the file; relative paths in it count from its folder
    values : what it says, checked
    """

    path: Path
    values: Mapping[str, Any]

    @classmethod
    def find(cls, named: Path | None, settings: Mapping[str, Option]) -> Config | None:
        """
        The file that is named, or the nearest `tierproof.toml` of the working folder and its
        parents; None where there is none.

        Parameters
        ----------
        settings : the names that there are

        Raises
        ------
        Malformed
            `malformed.config`: not TOML, an unknown name, a value of another type.
        Refused
            `refused.config_owner`: one that was found, not named, belongs to another user, who
            could choose for us whom we trust.
        Unavailable
            `unavailable.config`: the named file cannot be read.
        """
        if named is not None:
            return cls.load(named, settings)
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / NAME).is_file():
                _require_own(folder / NAME)
                return cls.load(folder / NAME, settings)
        return None

    @classmethod
    def load(cls, path: Path, settings: Mapping[str, Option]) -> Config:
        """Read one file; errors as `find`."""
        import tomllib  # where there is a file at all

        content = read_file(path, absent="unavailable.config", limit=MAX_BYTES)
        try:
            values = tomllib.loads(content.decode("utf-8-sig"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise Malformed(_CODE, f"{path}: not TOML: {str(error)[:200]}") from error
        _check_table(path, values.get(SERVE, {}))
        for name, value in values.items():
            if name == SERVE:
                continue
            if name not in settings:
                raise Malformed(
                    _CODE,
                    f"{path}: unknown name {name[:40]!r}; there are: {', '.join(sorted(settings))}",
                    part=name[:40],
                )
            _check(path, name, value, settings[name])
        return cls(path, values)

    def value(self, option: Option) -> Any:
        """What the file says of an option, paths made from its folder; None where nothing."""
        if option.setting is None or option.setting not in self.values:
            return None
        value = self.values[option.setting]
        listed = [self._located(item, option) for item in _listed(value)]
        if option.many:
            return listed
        if isinstance(value, list):
            raise Malformed(_CODE, f"{self.path}: {option.setting}: one value wanted, not a list")
        return listed[0]

    def serve(self) -> dict[str, dict[str, Any]]:
        """The table `serve`, by section; a name that ends in `_file` is a path, from our folder."""
        return {
            section: {
                name: str(self.path.parent / value) if name.endswith("_file") else value
                for name, value in values.items()
            }
            for section, values in self.values.get(SERVE, {}).items()
        }

    def _located(self, value: Any, option: Option) -> Any:
        """A relative path counts from the file's folder; a verifier is a path if it ends so."""
        is_path = option.kind in ("file", "folder") or (
            option.kind == "verifier" and str(value).endswith(".json")
        )
        return str(self.path.parent / value) if is_path else value


def _require_own(path: Path) -> None:
    """Ours, or the system's; where files have owners."""
    if not hasattr(os, "getuid"):
        return
    owner = path.stat().st_uid
    if owner not in (0, os.getuid()):
        raise Refused(
            "refused.config_owner",
            f"{path}: belongs to another user (number {owner}); name it by --config to use it",
        )


def _check_table(path: Path, table: Any) -> None:
    """A table of tables; what they hold is the service's to check."""
    if not isinstance(table, dict) or any(type(each) is not dict for each in table.values()):
        raise Malformed(_CODE, f"{path}: {SERVE}: a table for each section wanted", part=SERVE)
    for section, values in table.items():
        for name, value in values.items():
            if name.endswith("_file") and type(value) is not str:
                raise Malformed(
                    _CODE, f"{path}: {SERVE}.{section}.{name}: a text wanted"[:300], part=SERVE
                )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _check(path: Path, name: str, value: Any, option: Option) -> None:
    """The type of a value; a list only where some command takes several."""
    wanted = int if option.kind == "number" else str
    items = _listed(value)
    if not items or any(type(item) is not wanted for item in items):
        kind = "a whole number" if wanted is int else "a text"
        raise Malformed(_CODE, f"{path}: {name}: {kind} wanted", part=name)
    if option.choices and any(item not in option.choices for item in items):
        raise Malformed(
            _CODE, f"{path}: {name}: one of {', '.join(option.choices)} wanted", part=name
        )
