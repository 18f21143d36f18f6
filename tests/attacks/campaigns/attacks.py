"""
Every attack of `docs/explanation/attacks.md`, by its id: the test files named there, slow tests
too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from attacks.campaigns import Progress, Result

NAME = "attacks"
ROOT = Path(__file__).resolve().parent.parent.parent.parent
TABLE = ROOT / "docs" / "explanation" / "attacks.md"
ROW = re.compile(r"^\| ([A-Z]\d+) \| [^|]+ \| (.+) \|$", re.MULTILINE)


def table() -> dict[str, list[str]]:
    """
    Test files of each id, below `tests/`; ValueError for an id that stands twice or has no file.
    """
    out: dict[str, list[str]] = {}
    for name, files in ROW.findall(TABLE.read_text(encoding="utf-8")):
        if name in out or not re.fullmatch(r"`[\w/]+\.py`(, `[\w/]+\.py`)*", files):
            raise ValueError(f"docs/explanation/attacks.md: row {name}")
        out[name] = re.findall(r"`([^`]+)`", files)
    return out


def outcome_of(file: str, folder: Path) -> dict[str, int]:
    """
    Tests of a file that passed, failed, were skipped; all zero but `failed` if it could not run.
    """
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
    ]
    done = subprocess.run(
        [*command, f"tests/{file}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if not report.is_file():
        return {"passed": 0, "failed": 1, "skipped": 0}
    suite = next(ElementTree.parse(report).getroot().iter("testsuite"))
    tests, skipped = int(suite.attrib["tests"]), int(suite.attrib["skipped"])
    failed = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    if done.returncode and not failed:
        failed = 1
    return {"passed": tests - failed - skipped, "failed": failed, "skipped": skipped}


def run(progress: Progress, state: Path) -> Result:
    """One process a file; what a file gave is kept, unless it failed."""
    known, kept = table(), state / "files.json"
    results: dict[str, dict[str, int]] = json.loads(kept.read_text()) if kept.is_file() else {}
    files = sorted({file for named in known.values() for file in named})
    for number, file in enumerate(files, 1):
        if results.get(file, {}).get("failed", 1):
            results[file] = outcome_of(file, state)
            kept.write_text(json.dumps(results))
        progress(f"{number} of {len(files)}: {file} {results[file]}")
    missed = [
        name
        for name, named in known.items()
        if any(results[f]["failed"] or not results[f]["passed"] for f in named)
    ]
    return {
        "tried": len(known),
        "caught": len(known) - len(missed),
        "free": 0,
        "details": {
            "tests": sum(r["passed"] for r in results.values()),
            "files": results,
            "not caught": missed,
        },
    }
