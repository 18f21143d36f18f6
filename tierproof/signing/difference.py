"""One place where two drafts, logs or statements differ."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where, and what each side says there, in words."""

    where: str
    one: str
    other: str

    def text(self, one: str, other: str) -> str:
        """In a sentence, the sides by these names."""
        return f"{self.where}: {one}: {self.one}; {other}: {self.other}"


def unlike(where: str, one: str, other: str) -> list[Difference]:
    """None where both sides say the same."""
    return [] if one == other else [Difference(where, one, other)]
