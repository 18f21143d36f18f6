"""A secret is read from a file that only its owner reads, as ssh reads a key."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from algebra.errors import Malformed, Refused, Unavailable
from algebra.private_file import read_private
from tests.tierproof.conftest import Desk, run, write_private
from tierproof.attesting import read_key

KEY = "0x" + "11" * 32
posix = pytest.mark.skipif(os.name != "posix", reason="no modes here")


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o601, 0o777])
def test_a_file_that_others_can_reach_is_refused_and_the_command_helps(
    tmp_path: Path, mode: int
) -> None:
    path = write_private(tmp_path / "an attestor's.key", KEY)
    path.chmod(mode)
    with pytest.raises(Refused, match=f"mode {mode:03o} ") as caught:
        read_key(path)
    assert caught.value.code == "refused.open_key_file" and KEY[2:] not in caught.value.message
    assert read_key(path, allow_open=True).address
    command = caught.value.message.split("run: ")[1].split(" (or")[0]
    assert shlex.split(command) == ["chmod", "600", str(path)]
    subprocess.run(["/bin/sh", "-c", command], check=True)
    assert read_key(path).address


@posix
def test_what_has_no_mode_of_its_own_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe, such as `--key-file <(pass show key)`; a file of another user, who minds its mode."""
    read, write = os.pipe()
    os.write(write, KEY.encode())
    os.close(write)
    assert read_private(Path(f"/dev/fd/{read}")) == KEY
    os.close(read)
    path = write_private(tmp_path / "k", KEY)
    path.chmod(0o644)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert read_private(path) == KEY


def test_a_key_as_editors_write_it(tmp_path: Path) -> None:
    for content in (KEY, KEY + "\r\n", "\ufeff" + KEY, KEY.upper(), KEY[2:]):
        path = write_private(tmp_path / "k", content)
        assert bytes(read_key(path).key) == bytes.fromhex(KEY[2:])
    path.write_bytes(KEY.encode("utf-16"))
    with pytest.raises(Malformed, match="text in UTF-16"):
        read_key(path)
    for missing, code in (
        (tmp_path / "none", "unavailable.file"),
        (tmp_path, "unavailable.not_a_file"),
        (tmp_path / "zero\0", "unavailable.file"),
    ):
        with pytest.raises(Unavailable) as caught:
            read_key(missing)
        assert caught.value.code == code


@posix
def test_the_commands_refuse_and_can_be_told_otherwise(
    week: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passphrase = write_private(tmp_path / "passphrase", "a passphrase for tests\n")
    passphrase.chmod(0o644)
    asked = ["identity", "--vault", week.vault, "--venue", "x", "--passphrase-file", passphrase]
    assert run(*asked) == 2
    said = capsys.readouterr().err
    assert "[refused.open_key_file]" in said and f"chmod 600 {passphrase}" in said
    assert run(*asked, "--allow-open-key-file") == 0
    passphrase.chmod(0o600)
    assert run(*asked) == 0
    key = write_private(tmp_path / "k", KEY)
    key.chmod(0o644)
    job = ["attest", week.job, "--key-file", key, "--keys", week.keys, "--out", tmp_path / "o"]
    assert run(*job) == 2
    assert "[refused.open_key_file]" in capsys.readouterr().err
    assert run(*job, "--allow-open-key-file") == 2
    assert "[refused.quorum]" in capsys.readouterr().err
