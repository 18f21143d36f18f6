"""
A folder that is being filled. Each body is on the disk, and on the list, before the next is asked;
a run that was cut off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from algebra.errors import Malformed, Refused
from algebra.files import read_file, write_atomic
from attestor.collect.folder import (
    ANSWERS,
    COLLECTED,
    COLLECTING,
    FORMAT,
    Answer,
    Collected,
    canonical,
    list_document,
    parse_body,
    read_list,
)

UNFINISHED = "tierproof/collecting"
"""Format of the list while not all is there."""


class Collecting:
    """
    A folder for one venue, window and choice of wallets.

    Parameters
    ----------
    folder : absent, empty, or what an earlier run with the same parts left

    Raises
    ------
    Refused
        `refused.used_folder`: it holds another collection, a finished one, or other files.
    Malformed, Unavailable
        As `Collected.load`, of what an earlier run left.
    """

    def __init__(
        self, folder: Path, venue: str, first_day: int, last_day: int, wallets: Iterable[str]
    ) -> None:
        self.folder = folder
        self._list = Collected(venue, first_day, last_day, dict.fromkeys(sorted(wallets), ()), ())
        self._bodies: dict[str, Answer] = {}
        if (folder / COLLECTING).exists() and not (folder / COLLECTED).exists():
            self._go_on()
        elif folder.exists() and any(folder.iterdir()):
            raise Refused(
                "refused.used_folder",
                f"{folder.name}: not empty, and not what this collecting left; give another folder",
            )

    def _go_on(self) -> None:
        before, asked = read_list(self.folder / COLLECTING, UNFINISHED), self._list
        if replace(before, answers=()) != asked:
            raise Refused(
                "refused.used_folder",
                f"{self.folder.name}: holds a collecting of another venue, window or wallets; give "
                "another folder",
            )
        self._list = before
        for answer in before.answers:
            body = read_file(self.folder / answer.file)
            if sha256(body).hexdigest() != answer.sha256:
                raise Malformed(
                    "malformed.collected",
                    f"{answer.file}: not the answer that was kept; begin in another folder",
                    part=answer.file,
                )
            self._bodies[canonical(answer.request)] = replace(answer, value=parse_body(body))

    def known(self, request: Mapping[str, Any]) -> Answer | None:
        """The answer that is kept of this request, from this run or an earlier one."""
        return self._bodies.get(canonical(request))

    def keep(self, request: Mapping[str, Any], body: bytes, taken: int) -> Answer:
        """
        Put an answer beside the others; the caller has looked at it.

        Parameters
        ----------
        request : without anything that is secret, and asked for the first time
        body : as it came, JSON
        taken : microseconds since 1970 UTC
        """
        number = len(self._list.answers) + 1
        file = f"{ANSWERS}/{number:06}.json"
        answer = Answer(file, request, taken, sha256(body).hexdigest())
        write_atomic(self.folder / file, body)
        self._list = replace(self._list, answers=(*self._list.answers, answer))
        write_atomic(self.folder / COLLECTING, list_document(self._list, UNFINISHED))
        full = self._bodies[canonical(request)] = replace(answer, value=parse_body(body))
        return full

    def finish(self, accounts: Mapping[str, Iterable[str]]) -> Collected:
        """
        All is there.

        Parameters
        ----------
        accounts : by wallet its sub-accounts, as `Collected.accounts`

        Returns
        -------
        The folder as an adapter reads it
        """
        full = {wallet: tuple(listed) for wallet, listed in sorted(accounts.items())}
        done = replace(self._list, accounts=full)
        write_atomic(self.folder / COLLECTED, list_document(done, FORMAT))
        (self.folder / COLLECTING).unlink(missing_ok=True)
        return Collected.load(self.folder, done.venue)
