"""What a shell offers after `tierproof`, asked of bash itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tierproof.conftest import run
from tierproof.commands import COMMANDS
from tierproof.commands.completion import script

Capture = pytest.CaptureFixture[str]


def offered(words: list[str], folder: Path) -> set[str]:
    """What bash completes the last word to."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    (folder / "tierproof.bash").write_text(script("bash"))
    asked = " ".join(f"'{word}'" for word in ["tierproof", *words])
    program = (
        f"source tierproof.bash; COMP_WORDS=({asked}); COMP_CWORD={len(words)}; "
        '_shtab_tierproof; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run([bash, "-c", program], cwd=folder, capture_output=True, text=True)
    return set(done.stdout.split())


def test_bash_completes_commands_options_choices_and_files(tmp_path: Path) -> None:
    pytest.importorskip("shtab")
    (tmp_path / "policy.json").touch()
    assert {name.split()[0] for name in COMMANDS} <= offered([""], tmp_path)
    for name in COMMANDS:
        first, _, second = name.partition(" ")
        if second and first not in COMMANDS:
            assert second in offered([first, ""], tmp_path)
    assert {"--member", "--sign"} <= offered(["attestor", "rotate", "--"], tmp_path)
    assert {"--series", "--length"} <= offered(["windows", "announce", "--"], tmp_path)
    assert offered(["ver"], tmp_path) == {"verify", "verify-disclosure"}
    assert {"--profile", "--policy"} <= offered(["prove", "--p"], tmp_path)
    assert offered(["prove", "--profile", ""], tmp_path) == {"fast", "lean"}
    assert offered(["prove", "--policy", "pol"], tmp_path) == {"policy.json"}
    assert offered(["show", "pol"], tmp_path) == {"policy.json"}
    assert offered(["init", "at"], tmp_path) == {"attestor"}


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_script_alone_is_on_stdout(shell: str, capsys: Capture) -> None:
    pytest.importorskip("shtab")
    assert run("completion", shell) == 0
    captured = capsys.readouterr()
    assert captured.err == "" and "_shtab_tierproof" in captured.out
    assert captured.out.startswith("# AUTO" if shell == "bash" else "#compdef tierproof")


def test_without_shtab(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert run("completion", "bash") == 2
    assert "[unavailable.shtab]" in capsys.readouterr().err
