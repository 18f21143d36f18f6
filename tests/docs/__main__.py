"""
Run the commands of the docs and write what they print into the pages.

    python -m tests.docs [--check] [PAGE...]

A page that shows something else gets all outputs of this one run, so that its digests belong
together. With --check nothing is written: exit status 1 says which pages show something else.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.docs.page import read_page
from tests.docs.run import pages, run_page, stale


def main() -> int:
    """Regenerate or check; see above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE")
    options = parser.parse_args()
    differing = 0
    for path in options.pages or pages():
        page = read_page(path)
        with tempfile.TemporaryDirectory() as folder:
            outputs = run_page(page, Path(folder))
        changed = stale(page, outputs)
        differing += bool(changed)
        print(f"{path}: {f'{len(changed)} outputs differ' if changed else 'current'}")
        if changed and not options.check:
            path.write_text(page.with_outputs(outputs), encoding="utf-8")
    return 1 if options.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
