"""What differs from one run to the next, and so is not compared: one rule a line."""

from __future__ import annotations

import re

RULES: tuple[tuple[str, str], ...] = (
    (r"0x[0-9a-fA-F]{16,}", "0x-digits"),  # digests, tags, roots, addresses of this run
    (r"\b[0-9a-f]{40}\b", "digits"),  # in names of files
    (r"\d+\.\d+ s\b", "0.0 s"),
    (r"(\b(?:proves?|verif\w+|seconds)\b.*: )\d+\.\d+$", r"\g<1>0.0"),
    (r"(\bgas\b[ _a-z]*: )[\d,]+", r"\g<1>0"),  # a proof's zero bytes are cheaper
    (r"(\b(?:memory|available|needed)\b.*: ).*", r"\g<1>0"),
    (r"(\b(?:expiry|valid[_ ]until|expires)\b.*: ).*", r"\g<1>0"),
    (r"(\b(?:changes[_ ]at|end)\b\"?: )\d{10}\b", r"\g<1>0"),
    (r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ?", "time"),
)
"""(pattern, replacement), applied in order to every line."""

PROGRESS = re.compile(r"^\[ *\d+\.\d+ s\] ")
"""Progress goes to stderr with the time that has passed; outputs in the docs leave it out."""


def comparable(text: str) -> str:
    """An output with all that may differ replaced."""
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text.rstrip()


def without_progress(text: str) -> str:
    """An output as the docs show it."""
    return "\n".join(line for line in text.splitlines() if not PROGRESS.match(line))
