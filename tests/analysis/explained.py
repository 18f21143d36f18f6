"""Findings of an analyser beside the reasons why they stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def compared(found: Iterable[tuple[str, str]], explained: Iterable[Mapping[str, Any]]) -> list[str]:
    """
    What is wrong: findings without a reason, reasons without a finding.

    Parameters
    ----------
    found : (detector, what it says)
    explained : each with a detector (`check`), why its findings stay (`why`), and these (`found`);
        one that ends in * stands for all that begin so
    """
    seen = set(found)
    known = {(each["check"], text) for each in explained for text in each["found"]}
    used = {entry for entry in known for each in seen if _is(each, entry)}
    new = {each for each in seen if not any(_is(each, entry) for entry in known)}
    return [f"new: {check}: {text}" for check, text in sorted(new)] + [
        f"gone: {check}: {text}" for check, text in sorted(known - used)
    ]


def _is(finding: tuple[str, str], entry: tuple[str, str]) -> bool:
    (check, text), (known, begins) = finding, entry
    if check != known:
        return False
    return text.startswith(begins[:-1]) if begins.endswith("*") else text == begins
