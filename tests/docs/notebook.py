"""
A notebook's code cells, run in order with names in common; nothing of Jupyter is needed.

    python -m tests.docs.notebook FILE             run, and print what they print
    python -m tests.docs.notebook --write FILE     also put it into the notebook
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any


def run_cells(notebook: dict[str, Any]) -> list[str]:
    """What each code cell prints; what it raises leaves as it is."""
    names: dict[str, Any] = {"__name__": "__main__"}
    printed = []
    for cell in code_cells(notebook):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile("".join(cell["source"]), "<cell>", "exec"), names)
        printed.append(out.getvalue())
    return printed


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells that are run."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def shown(cell: dict[str, Any]) -> str:
    """What a cell shows now."""
    return "".join(text for output in cell["outputs"] for text in output["text"])


def show(cell: dict[str, Any], text: str) -> None:
    """Let a cell show a text."""
    lines = text.splitlines(keepends=True)
    output = {"name": "stdout", "output_type": "stream", "text": lines}
    cell["outputs"] = [output] if lines else []


def main() -> int:
    """Run a notebook; see above."""
    write, path = "--write" in sys.argv[1:], Path(sys.argv[-1])
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell, text in zip(code_cells(notebook), run_cells(notebook), strict=True):
        print(text, end="")
        show(cell, text)
    if write:
        path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
