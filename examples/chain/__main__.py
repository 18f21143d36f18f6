"""
Play the story on anvil, by the rules of Prague and again by those of Osaka; write `chain.json` and
`chain.svg`.

    python -m examples.chain [--out FOLDER] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from algebra.errors import TierproofError
from algebra.files import make_folder, write_atomic
from examples.chain.lives import picture
from examples.chain.node import anvil
from examples.chain.people import People
from examples.chain.setting import STARTED, set_up
from examples.chain.stage import Stage
from examples.chain.story import CHAPTERS

HARDFORKS = ("prague", "osaka")
ROWS = {
    "onboard_fast": "onboard, fast verifier",
    "onboard_lean": "onboard, lean verifier",
    "batch8_each": "each of eight in a batch",
    "renew": "renew",
    "move": "move, signed by the holder",
}


def play(people: People, hardfork: str, progress: Callable[[str], None]) -> Stage:
    """The whole story on a fresh anvil; proofs that `people` made before are used again."""
    with anvil("--timestamp", str(STARTED), hardfork=hardfork) as chain:
        story = set_up(chain, people, progress)
        for number, chapter in enumerate(CHAPTERS, 1):
            progress(f"{number}/{len(CHAPTERS)} {chapter.__name__.replace('_', ' ')}")
            chapter(story)
        return story.stage


def main() -> int:
    """Both runs, the files and the table; 0, or 1 or 2 as the errors of the command."""
    parser = argparse.ArgumentParser(prog="python -m examples.chain", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build"), help="default: build")
    parser.add_argument("--json", action="store_true", help="print chain.json and no table")
    arguments = parser.parse_args()
    try:
        stages = run(lambda line: print(line, file=sys.stderr, flush=True))
    except TierproofError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
        return error.exit_status
    document = result(stages)
    make_folder(arguments.out)
    text = json.dumps(document, indent=1) + "\n"
    write_atomic(arguments.out / "chain.json", text.encode())
    write_atomic(arguments.out / "chain.svg", picture(stages[HARDFORKS[0]]).encode())
    if arguments.json:
        print(text, end="")
    else:
        print(table(document, stages))
    return 0


def run(progress: Callable[[str], None]) -> dict[str, Stage]:
    """
    The story by each hardfork's rules.

    Raises
    ------
    AssertionError
        The chain and the model differ, something counted as what it must not, or the hardforks tell
        two stories.
    """
    with tempfile.TemporaryDirectory() as folder:
        people = People.create(Path(folder), progress)
        stages = {}
        for hardfork in HARDFORKS:
            progress(f"-- {hardfork}")
            stages[hardfork] = play(people, hardfork, progress)
    first, second = (stages[hardfork].events for hardfork in HARDFORKS)
    if first != second:
        raise AssertionError("the story differs between hardforks")
    return stages


def result(stages: Mapping[str, Stage]) -> dict[str, Any]:
    """What `chain.json` holds."""
    return {
        "gas": {hardfork: stage.gas for hardfork, stage in stages.items()},
        "events": stages[HARDFORKS[0]].events,
    }


def table(document: Mapping[str, Any], stages: Mapping[str, Stage]) -> str:
    """Gas of each act, and how much was compared."""
    lines = [f"{'gas':28}" + "".join(f"{name:>10}" for name in HARDFORKS)]
    for key, name in ROWS.items():
        lines.append(f"{name:28}" + "".join(f"{document['gas'][h][key]:>10,}" for h in HARDFORKS))
    compared = sum(stage.compared for stage in stages.values())
    lines.append(
        f"{len(document['events'])} events; terms compared with the model {compared:,} times, "
        "none differed"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
