"""
The docs show what happens: every command and every line of Python on a page is run, and what it
prints is what the page shows. `make docs-run` writes the outputs anew.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import notebook, reference, site
from tests.docs.page import fences, read_page
from tests.docs.run import assert_current, pages, run_page, stale
from tests.docs.shell import ROOT, CommandFailed, Ports, Shell
from tests.docs.volatile import comparable
from tierproof.api import ELSEWHERE, MODULES
from tierproof.cli import named
from tierproof.commands.parser import build_parser

TUTORIAL = "docs/tutorial.md"  # has a file of its own: test_tutorial.py
PAGES = [path.relative_to(ROOT).as_posix() for path in pages()]


@pytest.mark.evm
@pytest.mark.parametrize("name", [name for name in PAGES if name != TUTORIAL])
def test_outputs_are_those_of_a_run(name: str, tmp_path: Path) -> None:
    assert_current(ROOT / name, tmp_path)


def test_the_pages_that_must_run_do() -> None:
    assert {"README.md", TUTORIAL, "examples/README.md"} <= set(PAGES)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every `tierproof ...` of a bash block, run or not, as (page and command, arguments)."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for block in fences(path):
            if block.language != "bash":
                continue
            for line in block.text.replace("\\\n", " ").splitlines():
                for found in re.finditer(r"(?:^|[(&|] *)tierproof ([^|&;>)#]*)", line):
                    arguments = shlex.split(found[1])
                    yield f"{path.name}: {' '.join(arguments)}", arguments


COMMANDS = dict(commands())


@pytest.mark.parametrize("said", COMMANDS)
def test_commands_on_the_pages_exist(said: str) -> None:
    """Also those that are not run: each is read by the real parser."""
    arguments = ["5" if word in ("$public",) else word for word in COMMANDS[said]]
    words = named([word for word in arguments if word != "5"])
    build_parser().parse_args(words)


def test_the_services_page_is_current() -> None:
    for path, text in reference.generated().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make docs-run"


def test_the_reference_has_every_public_name() -> None:
    page = (ROOT / "docs" / "reference" / "python" / "tierproof.md").read_text(encoding="utf-8")
    for module, names in MODULES.items():
        options = page.partition(f"::: {module}\n")[2].splitlines()[0]
        shown = re.search(r"members: \[(.*)\]", options)
        assert shown is not None, module
        assert shown[1].split(", ") == [ELSEWHERE.get(name, name) for name in names]


# -- the runner itself can fail --------------------------------------------------------------------
def page_of(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_another_output_is_seen_and_written(tmp_path: Path) -> None:
    text = "a\n\n```bash\necho 1; echo 2\n```\n\n```text\n1\n3\n```\n"
    page = read_page(page_of(tmp_path, text))
    (folder := tmp_path / "run").mkdir()
    changed = stale(page, run_page(page, folder))
    assert changed == {7: "1\n2"}
    assert page.with_outputs(changed) == text.replace("3", "2")


def test_a_page_that_differs_says_where(tmp_path: Path) -> None:
    path = page_of(tmp_path, "```bash\necho 1; echo 2\n```\n\n```text\n1\n3\n```\n")
    (folder := tmp_path / "run").mkdir()
    with pytest.raises(AssertionError, match="-3\n\\+2"):
        assert_current(path, folder)


@pytest.mark.parametrize(
    "block",
    ["```bash\nfalse\ntrue\n```\n", "```python\n1 / 0\n```\n", "```bash\nexit 3\n```\n"],
)
def test_a_command_that_fails_fails_the_page(block: str, tmp_path: Path) -> None:
    page = read_page(page_of(tmp_path, block))
    (folder := tmp_path / "run").mkdir()
    with pytest.raises(CommandFailed):
        run_page(page, folder)


def test_a_block_may_say_what_to_do_with_a_failure(tmp_path: Path) -> None:
    with Shell(tmp_path, Ports()) as shell:
        assert shell.run('false || echo "exit status $?"') == "exit status 1"


def test_what_is_not_run_says_why(tmp_path: Path) -> None:
    text = "<!-- not run: {} -->\n```bash\nfalse\n```\n"
    assert not read_page(page_of(tmp_path, text.format("a reason"))).runs
    assert read_page(page_of(tmp_path, text.format(""))).runs


def test_files_are_written_and_state_is_kept(tmp_path: Path) -> None:
    text = '```json title="a/b.json"\n{}\n```\n```bash\ncd a; x=1\n```\n'
    text += "```bash\ncat b.json; echo $x\n```\n```text\n```\n"
    page = read_page(page_of(tmp_path, text))
    (folder := tmp_path / "run" / "a").mkdir(parents=True)
    assert list(run_page(page, folder.parent).values()) == ["{}\n1"]


def test_only_what_may_differ_is_left_aside() -> None:
    assert comparable("root: 0x" + "ab" * 32) == comparable("root: 0x" + "cd" * 32)
    assert comparable("gas used: 445380") == comparable("gas used: 445112")
    assert comparable('  "valid_until": 1827532800,') == comparable('  "valid_until": 1827619200,')
    for one, other in (
        ("tier: prime", "tier: member"),
        ("outcome: accepted", "outcome: rejected"),
        ("proof bytes: 3040", "proof bytes: 2720"),
        ("records: 27", "records: 28"),
        ("exit status 1", "exit status 2"),
        ("M13 fills: 9, at least 5 asked", "M13 fills: 8, at least 5 asked"),
    ):
        assert comparable(one) != comparable(other)


def test_a_fence_that_is_left_open_is_seen(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="left open"):
        read_page(page_of(tmp_path, "```bash\ntrue\n"))


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.ipynb")), ids=lambda p: p.name)
def test_a_notebook_shows_what_its_cells_print(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    shown = [notebook.shown(cell) for cell in notebook.code_cells(document)]
    assert shown == notebook.run_cells(document) and any(shown)


PATHS = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:md|toml|json|py))`")
NOT_HERE = re.compile(r"NAME|vN|^build/|^(?:admin|vault|picture)|^keys/|^statements/|^attested/")
"""Names that stand for others, and what a run or a person makes."""


def named_paths(path: Path) -> set[str]:
    """Paths of the checkout that a page names in backticks."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    return {name for name in PATHS.findall(text) if "/" in name and not NOT_HERE.search(name)}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/guides/reviewer.md"])
def test_files_that_a_page_sends_to_exist(name: str) -> None:
    named = named_paths(ROOT / name)
    assert named and [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ("<p>words</p><ul><li>- one</li></ul>", None),
        ('<p><a href="https://example.org">elsewhere</a></p>', None),
        ('<script src="https://example.org/a.js"></script>', "<script> https://example.org/a.js"),
        ('<link rel="stylesheet" href="//example.org/a.css">', "<link> //example.org/a.css"),
        ("<p>Words\n- one\n- two</p>", "in a paragraph: '- one"),
        ("<p>Words\n| a | b |</p>", "in a paragraph: '| a | b |'"),
        ('<p>--8<-- "a.py"</p>'.replace("<--", "&lt;--"), "in a paragraph: '--8<--"),
    ],
)
def test_the_site_check_sees_what_is_wrong_with_a_page(
    html: str, wrong: str | None, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text(html)
    found = list(site.faults(tmp_path))
    assert found == [] if wrong is None else found[0].startswith(f"page.html: {wrong}")
