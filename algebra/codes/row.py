"""One row of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """
    Attributes
    ----------
    code : stable, `kind.what`
    meaning : one sentence: what is so
    hint : what to do; `{help}` stands for the help of the command that ran
    http : status over HTTP, None for the kind's
    exit_status : status of the command, None for the kind's
    """

    code: str
    meaning: str
    hint: str
    http: int | None = None
    exit_status: int | None = None
