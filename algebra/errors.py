"""
Every error that leaves the project, in one tree.

    TierproofError
    |- Malformed      bytes, files or numbers that are not what they claim    exit 2
    |- Rejected       a well-formed proof or request that does not hold       exit 1
    |- Refused        a job that cannot be done as asked (capacity, ...)      exit 2
    |  `- TierNotMet                                                          exit 1
    `- Unavailable    something outside is missing (node, compiler, ...)      exit 2

Each carries a stable `code` such as `malformed.length` and typed `fields`.
"""

from __future__ import annotations


class TierproofError(Exception):
    """Base of all; `code` is stable, `fields` are for machines, `str` is for people."""

    exit_status = 2

    def __init__(self, code: str, message: str, **fields: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.message, self.fields))


def _rebuild(
    kind: type[TierproofError], code: str, message: str, fields: dict[str, object]
) -> TierproofError:
    return kind(code, message, **fields)


class Malformed(TierproofError):
    """Not what it claims to be: length, encoding, range, curve, syntax."""


class Rejected(TierproofError):
    """Well formed and false."""

    exit_status = 1


class Refused(TierproofError):
    """Cannot be done as asked; nothing was written."""


class TierNotMet(Refused):
    """
    The history does not meet the tier; `fields` name the threshold and the gap, for the owner's
    eyes only.
    """

    exit_status = 1


class Unavailable(TierproofError):
    """Something outside this process is missing."""
