"""
`python -m tests.attacks`: run every campaign, two at a time, and write `build/attack.json`.

What is finished stays in `build/attack` until all is; an interrupted run goes on from there, unless
a source changed. Exit 0 if every cheat was stopped, 1 if one was not or a campaign failed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
sys.path[:0] = [str(ROOT / path) for path in OPTIONS["tool"]["pytest"]["ini_options"]["pythonpath"]]

from attacks.campaigns import Result, campaigns, holds  # noqa: E402  (the paths above)

STATE, REPORT = ROOT / "build" / "attack", ROOT / "build" / "attack.json"
SOURCES = ("*.py", "*.rs", "*.sol", "*.js", "*.json", "*.toml", "*.lock", "*.md")
FOLDERS = (*OPTIONS["tool"]["maturin"]["python-packages"], "docs", "tests")
SKIPPED = {"node_modules", "target", "__pycache__"}
POLL_SECONDS = 0.5


def tree_digest() -> str:
    """Of every source that a campaign can depend on."""
    digest = hashlib.sha256()
    files = [
        path for folder in FOLDERS for pattern in SOURCES for path in (ROOT / folder).rglob(pattern)
    ]
    for path in sorted(files):
        if not SKIPPED.intersection(path.parts):
            digest.update(
                f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode() + path.read_bytes()
            )
    return digest.hexdigest()


def result_path(name: str) -> Path:
    return STATE / f"{name}.json"


def run_one(name: str) -> int:
    """Run a campaign in this process and keep its result."""
    campaign = next(c for c in campaigns() if name == c.NAME)
    folder = STATE / name
    folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    result = campaign.run(
        lambda line: print(f"{name}: {line}", file=sys.stderr, flush=True), folder
    )
    result["seconds"] = round(time.monotonic() - start, 1)
    scratch = result_path(name).with_suffix(".part")
    scratch.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    scratch.rename(result_path(name))
    return 0 if holds(result) else 1


def run_all(names: list[str], jobs: int) -> list[str]:
    """
    Run each in a process of its own, `jobs` at a time; the names of those that ended without a
    result.
    """
    waiting, running, failed = list(names), {}, []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                name = waiting.pop(0)
                running[name] = subprocess.Popen(
                    [sys.executable, "-m", "tests.attacks", "--run", name], cwd=ROOT
                )
            time.sleep(POLL_SECONDS)
            for name, process in list(running.items()):
                if process.poll() is not None:
                    del running[name]
                    if not result_path(name).is_file():
                        failed.append(name)
    finally:
        for process in running.values():
            process.terminate()
    return failed


def table(results: dict[str, Result]) -> str:
    """The summary for a person; the share is of what is a cheat."""
    lines = [f"{'campaign':16}{'tried':>9}{'free':>8}{'caught':>9}{'share':>9}{'seconds':>9}"]
    for name, result in results.items():
        tried, free, caught = (result[key] for key in ("tried", "free", "caught"))
        share = f"{100 * caught / max(tried - free, 1):.1f} %"
        mark = "" if holds(result) else "  NOT ALL CAUGHT"
        lines.append(
            f"{name:16}{tried:9,}{free:8,}{caught:9,}{share:>9}{result['seconds']:9,.0f}{mark}"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.attacks", description=(__doc__ or "").splitlines()[1]
    )
    parser.add_argument("names", nargs="*", help="campaigns to run; all if none is named")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--fresh", action="store_true", help="forget what an interrupted run left")
    parser.add_argument("--run", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return run_one(options.run)

    known = [campaign.NAME for campaign in campaigns()]
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"no campaign {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    wanted, digest, stamp = options.names or known, tree_digest(), STATE / "tree"
    if options.fresh or not stamp.is_file() or stamp.read_text() != digest:
        shutil.rmtree(STATE, ignore_errors=True)
        STATE.mkdir(parents=True)
        stamp.write_text(digest)
    failed = run_all([name for name in wanted if not result_path(name).is_file()], options.jobs)
    results = {
        name: json.loads(result_path(name).read_text()) for name in wanted if name not in failed
    }
    print(table(results))
    for name in failed:
        print(f"{name}: failed, see above; the next run goes on from here")
    if failed:
        return 1
    if wanted == known:
        REPORT.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        print(f"written: {REPORT.relative_to(ROOT)}")
        shutil.rmtree(STATE)
    return 0 if all(holds(result) for result in results.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
