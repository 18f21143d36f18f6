"""
A page of the docs as what a reader copies: files to write, commands to run, outputs that follow.

    ```bash             run in the page's folder, in order, in one shell
    ```python           run with names of its own
    ```json title="a"   written to the file a, whatever the language
    ```text             directly after a block that is run: what it printed

A block after the comment `<!-- not run: why -->` is left alone. A page with the comment
`<!-- exact -->` prints the same in every run, digests and all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`]*)$")
_TITLE = re.compile(r'title="([^"]+)"')
_NOT_RUN = re.compile(r"<!-- not run: \S.* -->")
RUN = ("bash", "python")


@dataclass(frozen=True, slots=True)
class Block:
    """
    A fenced block.

    Attributes
    ----------
    line : number of its opening fence, from 1
    first, last : its text is lines[first:last] of the page
    title : the file that it is written to, or None
    run : whether the commands in it are run
    """

    line: int
    first: int
    last: int
    indent: int
    language: str
    title: str | None
    run: bool
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A block to write or to run, and the block that shows what it prints, if there is one."""

    block: Block
    output: Block | None


@dataclass(frozen=True, slots=True)
class Page:
    """A Markdown file and its steps."""

    path: Path
    lines: list[str]
    steps: list[Step]

    @property
    def exact(self) -> bool:
        """Whether no rule of `tests.docs.volatile` applies to it."""
        return "<!-- exact -->" in self.lines

    @property
    def runs(self) -> bool:
        """Whether it has anything to run."""
        return any(step.block.run for step in self.steps)

    def with_outputs(self, outputs: dict[int, str]) -> str:
        """The page's text with other outputs, by line of the output's fence."""
        lines = list(self.lines)
        for step in reversed(self.steps):
            block = step.output
            if block is not None and block.line in outputs:
                indent = " " * block.indent
                new = [(indent + line).rstrip() for line in outputs[block.line].splitlines()]
                lines[block.first : block.last] = new
        return "\n".join(lines) + "\n"


def read_page(path: Path) -> Page:
    """Parse a page; ValueError for a fence that is left open or an output that follows nothing."""
    blocks = fences(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    steps: list[Step] = []
    for index, block in enumerate(blocks):
        if block.run or block.title is not None:
            after = blocks[index + 1] if index + 1 < len(blocks) else None
            shows = block.run and after is not None and after.language == "text"
            if shows and "".join(lines[block.last + 1 : after.line - 1]).strip():  # type: ignore[union-attr]
                shows = False  # words between: a text of its own
            steps.append(Step(block, after if shows else None))
    return Page(path, lines, steps)


def fences(path: Path) -> list[Block]:
    """Every fenced block of a page, run or not; ValueError as `read_page`."""
    return list(_blocks(path, path.read_text(encoding="utf-8").splitlines()))


def _blocks(path: Path, lines: list[str]) -> Iterator[Block]:
    opened: tuple[int, int, str] | None = None
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            opened = number, len(fence["indent"]), fence["info"].strip()
            continue
        start, indent, info = opened
        opened = None
        title = _TITLE.search(info)
        language = info.split(" ")[0]
        before = "".join(lines[max(0, start - 2) : start])
        run = language in RUN and title is None and _NOT_RUN.search(before) is None
        text = "\n".join(each[indent:] for each in lines[start + 1 : number]) + "\n"
        name = None if title is None else title[1]
        yield Block(start + 1, start + 1, number, indent, language, name, run, text)
    if opened is not None:
        raise ValueError(f"{path.name}: the fence of line {opened[0] + 1} is left open")
