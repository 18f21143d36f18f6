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

from algebra.errors import Refused
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
    read_answer,
    read_list,
)

UNFINISHED = "tierproof/collecting"
"""Format of the list while not all is there."""
_INHERITED = "inherited"
"""How many of its answers are of an earlier collection."""


class Collecting:
    """
    A folder for one venue, window and choice of wallets.

    Parameters
    ----------
    folder : absent, empty, or what an earlier run with the same parts left
    after : an earlier collection of the venue, whose answers are the first of this one

    Raises
    ------
    Refused
        `refused.used_folder`: it holds another collection, a finished one, or other files.
    Malformed, Unavailable
        As `Collected.load`, of what an earlier run left.
    """

    def __init__(
        self,
        folder: Path,
        venue: str,
        first_day: int,
        last_day: int,
        wallets: Iterable[str],
        after: Path | None = None,
    ) -> None:
        self.folder = folder
        self._list = Collected(venue, first_day, last_day, dict.fromkeys(sorted(wallets), ()), ())
        self._inherited = 0
        self._asked: dict[str, Answer] = {}
        if (folder / COLLECTING).exists() and not (folder / COLLECTED).exists():
            self._go_on()
        elif folder.exists() and any(folder.iterdir()):
            raise Refused(
                "refused.used_folder",
                f"{folder.name}: not empty, and not what this collecting left; give another folder",
            )
        elif after is not None:
            self._inherit(after)

    def _inherit(self, after: Path) -> None:
        earlier = Collected.load(after, self._list.venue)
        self._list = replace(self._list, answers=earlier.answers)
        self._inherited = len(earlier.answers)
        for answer in earlier.answers:
            write_atomic(self.folder / answer.file, read_file(after / answer.file))
        self._write()

    def _go_on(self) -> None:
        asked = self._list
        before, (self._inherited,) = read_list(self.folder / COLLECTING, UNFINISHED, _INHERITED)
        if replace(before, answers=()) != asked:
            raise Refused(
                "refused.used_folder",
                f"{self.folder.name}: holds a collecting of another venue, window or wallets; give "
                "another folder",
            )
        answers = tuple(read_answer(self.folder, answer) for answer in before.answers)
        self._list = replace(before, answers=answers)
        for answer in answers[self._inherited :]:
            self._asked[canonical(answer.request)] = answer

    def _write(self) -> None:
        content = list_document(self._list, UNFINISHED, **{_INHERITED: self._inherited})
        write_atomic(self.folder / COLLECTING, content)

    @property
    def found(self) -> Collected:
        """All that is there so far."""
        return self._list

    @property
    def earlier(self) -> tuple[Answer, ...]:
        """The answers of the earlier collection."""
        return self._list.answers[: self._inherited]

    def answered(self, request: Mapping[str, Any]) -> Answer | None:
        """The answer that this collecting has of a request, from this run or one cut off."""
        return self._asked.get(canonical(request))

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
        answer = Answer(file, request, taken, sha256(body).hexdigest(), parse_body(body))
        write_atomic(self.folder / file, body)
        self._list = replace(self._list, answers=(*self._list.answers, answer))
        self._write()
        self._asked[canonical(request)] = answer
        return answer

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
