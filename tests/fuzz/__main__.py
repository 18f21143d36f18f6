"""
`python -m tests.fuzz`: coverage-guided fuzzing of every parser with atheris, which `make fuzz`
installs.

    python -m tests.fuzz                    every target, 60 seconds each
    python -m tests.fuzz proof key --seconds 600

What it found interesting stays in `build/fuzz/<target>` for the next run. A finding is written
beside it, as `<target>.finding-...` (hangs and lack of memory as `<target>.timeout-...`,
`.oom-...`); once fixed it belongs into `tests/fuzz/corpus/<target>`. Exit 1 if there was one.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
sys.path[:0] = [str(ROOT / path) for path in OPTIONS["tool"]["pytest"]["ini_options"]["pythonpath"]]
PACKAGES = OPTIONS["tool"]["maturin"]["python-packages"]
WORK = ROOT / "build" / "fuzz"
MEMORY_MB, HANG_SECONDS = 4096, 30


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one target in this process; never returns."""
    import atheris

    with atheris.instrument_imports(include=PACKAGES):
        from fuzz.targets import TARGETS
    from fuzz.mutate import MAX_INPUT, mutate
    from fuzz.replay import CORPUS

    target, folder = TARGETS[name], WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    for data in target.seeds():
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)

    def change(data: bytes, longest: int, seed: int) -> bytes:
        """
        libFuzzer's own changes half of the time, ours otherwise; checksums right again every other
        time.
        """
        source = random.Random(seed)
        data = (
            atheris.Mutate(data, longest)
            if source.random() < 0.5
            else mutate(data, target.kind, source)
        )
        return (target.repair(data) if source.random() < 0.5 else data)[:longest]

    def run(data: bytes) -> None:
        try:
            target.run(data)
        except BaseException:  # a panic of the native module is no Exception
            (WORK / f"{name}.finding-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
            raise

    folders = [str(path) for path in (folder, CORPUS / name) if path.is_dir()]
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MAX_INPUT}",
        f"-timeout={HANG_SECONDS}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-artifact_prefix={folder.parent}/{name}.",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup([name, *options, *folders], run, custom_mutator=change)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[1]
    )
    parser.add_argument("names", nargs="*", help="targets; all if none is named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--run", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        fuzz(options.run, options.seconds)

    from fuzz.targets import TARGETS

    unknown = set(options.names) - TARGETS.keys()
    if unknown:
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    failed = []
    for name in options.names or TARGETS:
        command = [
            sys.executable,
            "-m",
            "tests.fuzz",
            "--run",
            name,
            "--seconds",
            str(options.seconds),
        ]
        ended = subprocess.run(
            command, cwd=ROOT, stderr=subprocess.PIPE, text=True, errors="replace", check=False
        )
        executions = [
            line
            for line in ended.stderr.splitlines()
            if line.startswith("stat::number_of_executed_units")
        ]
        print(
            f"{name:16} {'; '.join(executions) or 'no statistics'}  exit {ended.returncode}",
            flush=True,
        )
        if ended.returncode:
            failed.append(name)
            print(ended.stderr[-4000:], file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
