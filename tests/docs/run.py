"""Run a page as its reader would, from an empty folder."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

from tests.docs.interpreter import Interpreter
from tests.docs.page import Page, read_page
from tests.docs.shell import ROOT, Ports, Shell
from tests.docs.volatile import comparable

PAGES = (Path("README.md"), Path("examples/README.md"), Path("docs"))
"""Where pages are, from the root of the checkout."""

AT_HAND = ("docs", "examples", "policies")
"""Folders of the checkout that a page may read; its own folder is empty but for them."""


def pages() -> list[Path]:
    """Every page with something to run."""
    found: list[Path] = []
    for place in PAGES:
        files = sorted((ROOT / place).rglob("*.md")) if place.suffix == "" else [ROOT / place]
        found += [file for file in files if read_page(file).runs]
    return found


def run_page(page: Page, folder: Path) -> dict[int, str]:
    """
    Write its files and run its commands in `folder`.

    Returns
    -------
    By line of the block that shows it, each output.
    """
    for name in AT_HAND:
        (folder / name).symlink_to(ROOT / name)
    outputs: dict[int, str] = {}
    ports = Ports()
    with Shell(folder, ports) as shell, Interpreter(ports) as python:
        for step in page.steps:
            block, here = step.block, shell.where()
            if block.title is not None:
                (here / block.title).write_text(block.text, encoding="utf-8")
                continue
            printed = (
                shell.run(block.text) if block.language == "bash" else python.run(block.text, here)
            )
            if step.output is not None:
                outputs[step.output.line] = printed
    return outputs


def stale(page: Page, outputs: dict[int, str]) -> dict[int, str]:
    """The outputs of a run that the page does not show, whatever may differ left aside."""
    shown = {step.output.line: step.output.text for step in page.steps if step.output is not None}
    seen = str.rstrip if page.exact else comparable
    return {line: text for line, text in outputs.items() if seen(text) != seen(shown[line])}


def assert_current(path: Path, folder: Path) -> None:
    """Run a page, for a test; AssertionError with the lines that differ from what it shows."""
    page = read_page(path)
    shown = {step.output.line: step.output.text for step in page.steps if step.output is not None}
    differing = [
        "\n".join(unified_diff(shown[line].splitlines(), text.splitlines(), f"line {line}", "run"))
        for line, text in stale(page, run_page(page, folder)).items()
    ]
    if differing:
        raise AssertionError("\n".join([f"{path.name}: run make docs-run", *differing]))
