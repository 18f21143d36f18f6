"""
The pictures of docs/explanation/grants.md: who sends what when a grant begins and when it moves.

    python -m tests.docs.grant_picture [--check]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from html import escape

from tests.docs.shell import ROOT

FOLDER = ROOT / "docs" / "img"
COLUMN, MARGIN, TOP, ROW, BOX = 230, 100, 12, 44, 150
STYLE = """\
    .box { fill: #eef3f6; stroke: #4a6572; stroke-width: 1.5; }
    .head { fill: #1c2b33; font-weight: 600; font-size: 16px; }
    .text { fill: #33444d; }
    .life { stroke: #90a9b7; stroke-dasharray: 4 5; }
    .arrow { stroke: #4a6572; stroke-width: 2; fill: none; marker-end: url(#tip); }
    .tip { fill: #4a6572; }
    .note { fill: #e4f2ef; stroke: #00796b; }
    @media (prefers-color-scheme: dark) {
      .box { fill: #22303a; stroke: #90a9b7; }
      .head { fill: #f1f5f7; }
      .text { fill: #d3dde2; }
      .arrow { stroke: #90a9b7; }
      .tip { fill: #90a9b7; }
      .note { fill: #17352f; stroke: #4db6ac; }
    }"""


@dataclass(frozen=True, slots=True)
class Step:
    """One tells another something, or, where both are the same, does something itself."""

    sender: str
    receiver: str
    text: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """Who takes part, from left to right, and what happens from top to bottom."""

    name: str
    title: str
    description: str
    actors: tuple[str, ...]
    steps: tuple[Step, ...]


ONBOARD = Sequence(
    "onboard",
    "How a grant begins and ends",
    "Attestors sign a root, which anybody submits. The account consents to the terms, anybody "
    "sends the claim with its proof; the registry checks what it rests on and the consent, the "
    "verifier the proof. At the expiry opening is at the default's terms at once, maintenance "
    "glides for a day.",
    ("Attestors", "Account", "Anybody", "Registry", "Verifier"),
    (
        Step("Attestors", "Anybody", "root, signed by a quorum"),
        Step("Anybody", "Registry", "submitRoot"),
        Step("Account", "Anybody", "consent to these terms"),
        Step("Anybody", "Registry", "onboard: claim, consent"),
        Step("Registry", "Registry", "in force? consents? who holds it?"),
        Step("Registry", "Verifier", "verify: words, proof"),
        Step("Registry", "Registry", "Granted: it runs"),
        Step("Registry", "Registry", "expiry: opening at default's"),
        Step("Registry", "Registry", "24 h: maintenance glides there"),
        Step("Account", "Registry", "onboard: a later window"),
    ),
)
MOVE = Sequence(
    "move",
    "How a grant moves, and how its holder stops that",
    "Without the holder's signature a claim for a new account is announced. The holder may contest "
    "within 72 hours: then no unsigned move counts on a window that ends as early. Else the claim "
    "counts when it is sent again, the old account's grant ends and its conduct goes along.",
    ("Holder", "New account", "Anybody", "Registry"),
    (
        Step("New account", "Anybody", "consent to these terms"),
        Step("Anybody", "Registry", "onboard: holder did not sign"),
        Step("Registry", "Registry", "MoveAnnounced: ready in 72 h"),
        Step("Holder", "Registry", "contest, within 72 h"),
        Step("Registry", "Registry", "contested: no such move counts"),
        Step("Anybody", "Registry", "uncontested: sent again"),
        Step("Registry", "Registry", "the old grant ends, it glides"),
        Step("Registry", "Registry", "worse conduct of both goes along"),
        Step("Registry", "New account", "Granted"),
    ),
)


def drawn(sequence: Sequence) -> str:
    """The SVG."""
    places = {actor: MARGIN + i * COLUMN for i, actor in enumerate(sequence.actors)}
    width = 2 * MARGIN + (len(places) - 1) * COLUMN + 60
    height = TOP + 60 + ROW * len(sequence.steps) + 12
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="14">',
        f'  <title id="title">{escape(sequence.title)}</title>',
        f'  <desc id="desc">{escape(sequence.description)}</desc>',
        "  <!-- Written by python -m tests.docs.grant_picture. DO NOT EDIT. -->",
        f"  <style>\n{STYLE}\n  </style>",
        '  <defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
        'markerHeight="8" orient="auto-start-reverse"><path class="tip" d="M0 0 10 5 0 10z"/>'
        "</marker></defs>",
    ]
    for actor, place in places.items():
        out.append(
            f'  <rect class="box" x="{place - BOX // 2}" y="{TOP}" width="{BOX}" height="40" '
            'rx="8"/>'
            f'<text class="head" x="{place}" y="{TOP + 26}" text-anchor="middle">{actor}</text>'
            f'<path class="life" d="M{place} {TOP + 40}V{height - 8}"/>'
        )
    for i, step in enumerate(sequence.steps):
        out.append(_step(places[step.sender], places[step.receiver], TOP + 80 + ROW * i, step.text))
    return "\n".join([*out, "</svg>", ""])


def _step(start: int, end: int, y: int, text: str) -> str:
    label = escape(text)
    if start == end:
        wide = 8 * len(text) + 20
        return (
            f'  <rect class="note" x="{start - wide // 2}" y="{y - 20}" width="{wide}" '
            'height="28" rx="6"/>'
            f'<text class="text" x="{start}" y="{y}" text-anchor="middle">{label}</text>'
        )
    stop = end - 4 if end > start else end + 4
    middle = (end - COLUMN // 2) if end > start else (end + COLUMN // 2)
    return (
        f'  <path class="arrow" d="M{start} {y}H{stop}"/>'
        f'<text class="text" x="{middle}" y="{y - 7}" text-anchor="middle">{label}</text>'
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the pictures; with --check: exit status 1 if one is stale."""
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    stale = 0
    for sequence in (ONBOARD, MOVE):
        path, text = FOLDER / f"{sequence.name}.svg", drawn(sequence)
        if check:
            stale += not path.is_file() or path.read_text(encoding="utf-8") != text
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
