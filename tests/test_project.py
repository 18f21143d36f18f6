"""
What the project says of itself is so: README commands, lock, versions, nothing of one machine.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from support import changelog

from tierproof import __version__
from tierproof.commands import COMMANDS

ROOT = Path(__file__).resolve().parent.parent


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))


@pytest.mark.parametrize("file", ["README.md", ".ci/run"])
def test_every_make_command_exists(file: str) -> None:
    named = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / file).read_text()))
    assert named and named <= targets()
    assert "test" in named


def test_make_help_lists_the_targets_of_the_readme() -> None:
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("setup", "demo", "test", "bench", "lint", "contracts"):
        assert re.search(rf"^  {target} ", shown, re.M)


def test_every_target_sets_up_first() -> None:
    """On a fresh clone `make test` and `make demo` must do all themselves."""
    text = (ROOT / "Makefile").read_text()
    for target in ("demo", "test", "bench", "lint", "contracts"):
        assert re.search(rf"^{target}: setup ", text, re.M), target


def test_commands_of_the_interfaces_document_exist() -> None:
    text = (ROOT / "docs" / "reference" / "interfaces.md").read_text()
    for name in COMMANDS:
        assert f"`tierproof {name}`" in text, name


@pytest.mark.parametrize("lock", ["requirements.lock", "tests/compare/requirements.lock"])
def test_lock_pins_by_hash_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text and not re.search(r"^--", text, re.M)
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip(), flags=re.I)
    assert len(blocks) > 30
    for block in blocks:
        assert re.match(r"[A-Za-z0-9._-]+==[^\s;]+", block), block[:60]
        assert "--hash=sha256:" in block, block[:60]


def pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", path.read_text(), re.M))


def test_libraries_to_compare_with_change_no_other() -> None:
    """They are installed into the same environment: what both locks have is of one version."""
    ours, theirs = (
        {normal(name): version for name, version in pins(ROOT / path).items()}
        for path in ("requirements.lock", "tests/compare/requirements.lock")
    )
    assert {"empyrical-reloaded", "quantstats", "scipy"} <= set(theirs) - set(ours)
    shared = set(ours) & set(theirs)
    assert "numpy" in shared
    assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}


def test_lock_holds_every_direct_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    listed = [*project["dependencies"], *(line for extra in extras for line in extra)]
    wanted = [line for line in listed if not line.startswith("tierproof[")]
    pinned = {
        normal(name)
        for name in re.findall(
            r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.M
        )
    }
    for requirement in wanted:
        assert re.search(r">=", requirement), f"{requirement} has no lower bound"
        assert normal(re.match(r"[A-Za-z0-9._-]+", requirement)[0]) in pinned, requirement  # type: ignore[index]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_one_version() -> None:
    cargo = tomllib.loads((ROOT / "algebra" / "native" / "Cargo.toml").read_text())
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__
    assert cargo["package"]["version"] == __version__


def test_the_changelog_ends_in_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert changelog.disagreement(text, __version__) is None
    assert changelog.project_version() == __version__


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("## Unreleased\n- a\n\n## 0.2.0 - 2026-12-01\n- b\n\n## 0.1.0 - 2026-11-01\n", None),
        ("## 0.2.0 - 2026-12-01\n", None),
        ("## Unreleased\n", None),
        ("## 0.1.0 - 2026-11-01\n", "the newest release is 0.1.0, the project's version 0.2.0"),
        ("## 0.2.0 - 2026-12-01\n## Unreleased\n", "what is unreleased stands below a release"),
        (
            "## 0.1.0 - 2026-11-01\n## 0.2.0 - 2026-12-01\n",
            "the releases are not newest first, each once",
        ),
        ("", "no release, and nothing unreleased"),
    ],
)
def test_a_changelog_that_disagrees_is_seen(text: str, wrong: str | None) -> None:
    assert changelog.disagreement(text, "0.2.0") == wrong


def test_a_heading_that_is_no_version_is_seen() -> None:
    with pytest.raises(ValueError, match=r"want ## 1\.2\.3"):
        changelog.sections("## 0.2\n")


def test_nothing_names_one_machine() -> None:
    """No absolute path of a workplace or home, and no package host, in any committed text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    private = re.compile(
        rb"(?<![\w.])/(?:work|root|home|Users)/[A-Za-z]|://[^\s\"']*(?:pypi|npmjs|crates\.io|pythonhosted)"
    )
    found = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        # Cargo.lock: the source id of every crate is a fixed name, whatever host serves it.
        if name and path.is_file() and path != Path(__file__) and path.name != "Cargo.lock":
            found += [f"{name}: {match[0]!r}" for match in private.finditer(path.read_bytes())]
    assert found == []
