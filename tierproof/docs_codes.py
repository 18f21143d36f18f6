"""`python -m tierproof.docs_codes` prints the catalogue of codes into docs/reference/codes.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from algebra.codes import CATALOGUE, KINDS, exit_status, http_status
from algebra.files import write_atomic

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "codes.md"
_HEAD = """\
# Codes

Generated from `algebra/codes/` by `python -m tierproof.docs_codes`; do not edit.

Every error has a code that stays, a message that says what and where, and a hint that says what to
do. The first word of the code is its kind. The command shows `error: message [code]` and
`hint: ...` on stderr, with `--json` one document on stdout; the service answers with a problem
document (RFC 9457) of the same code. A function of `import tierproof` raises an exception of
`algebra.errors` with the same code.

| kind | exit status | HTTP | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The text of the page."""
    out = [_HEAD]
    for kind in KINDS.values():
        out.append(f"| `{kind.name}` | {kind.exit_status} | {kind.http} | {kind.meaning} |\n")
    for kind in KINDS.values():
        rows = [row for row in CATALOGUE.values() if row.code.split(".")[0] == kind.name]
        out.append(f"\n## {kind.name}\n\n| code | meaning | what to do | exit | HTTP |\n")
        out.append("|---|---|---|---|---|\n")
        for row in rows:
            hint = row.hint.replace("{help}", "`tierproof COMMAND --help`").replace("|", "\\|")
            code, status = row.code, http_status(row.code)
            if row.code == "http":
                out.append(f"| `http.N` | {row.meaning} | {hint} | | N |\n")
                continue
            out.append(f"| `{code}` | {row.meaning} | {hint} | {exit_status(code)} | {status} |\n")
    return "".join(out)


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 0 written or equal, 1 stale."""
    parser = argparse.ArgumentParser(
        prog="python -m tierproof.docs_codes", description="Print the catalogue of codes."
    )
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    if not parser.parse_args(arguments).check:
        write_atomic(PAGE, page().encode())
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    print("stale: docs/reference/codes.md; run: python -m tierproof.docs_codes", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
