"""
What the attestors' job keeps and verifies: the attested window, the time, and the basis that is
committed with.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount

from algebra.errors import Malformed, Refused, Unavailable
from algebra.native_backend import native
from attestor.binding import BindingRegistry
from attestor.venues import sample
from prover.keys import HEAD_BYTES, bases_name
from prover.point_file import map_file, write_sealed
from tests.tierproof.conftest import SIZE, Desk
from tierproof.attesting import read_key, run_job
from tierproof.keys_folder import KeysFolder

LAST_DAY = sample.FIRST_DAY + sample.DAYS - 1
OVER = (LAST_DAY + 1) * 86_400
BINDINGS = "bindings.json"


@pytest.fixture
def job(desk: Desk, tmp_path: Path) -> Path:
    """The desk's job in a folder of its own, no window attested yet."""
    shutil.copytree(desk.folder / "statements", tmp_path / "statements")
    bindings = json.loads((desk.folder / BINDINGS).read_text()) | {"windows": []}
    (tmp_path / BINDINGS).write_text(json.dumps(bindings))
    return Path(shutil.copy(desk.job, tmp_path / "job.json"))


def signers(desk: Desk) -> list[LocalAccount]:
    return [read_key(desk.folder / f"attestor-{index}.key") for index in (0, 2)]


def test_an_attested_window_is_kept_between_runs(
    desk: Desk, job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, out, bindings = KeysFolder(desk.keys, native()), job.parent / "out", job.parent / BINDINGS
    before = bindings.read_bytes()
    with pytest.raises(Refused) as caught:
        run_job(job, signers(desk), keys, out, now=OVER - 1)
    assert caught.value.code == "refused.window"
    with monkeypatch.context() as patch:
        patch.setattr(BindingRegistry, "save", _cannot_save)
        with pytest.raises(Unavailable):
            run_job(job, signers(desk), keys, out, now=OVER)
    assert not out.exists() and bindings.read_bytes() == before

    done = run_job(job, signers(desk), keys, out, now=OVER)
    assert done.root_file.exists() and len(done.files) == 3
    kept, tag = BindingRegistry.load(bindings), done.attestations[0].leaf.owner_tag
    wallets = kept.wallets_of(tag, done.attestations[0].leaf.venue, sample.FIRST_DAY, LAST_DAY)
    assert len(wallets) == done.attestations[0].leaf.wallets
    for day in (sample.FIRST_DAY + 1, LAST_DAY):
        with pytest.raises(Refused, match="inside a window"):
            kept.unbind(min(wallets), day, sample.FIRST_DAY)
    kept.unbind(min(wallets), LAST_DAY + 1, LAST_DAY + 1)


def _cannot_save(*_: object) -> None:
    raise Unavailable("unavailable.file", "no space")


def test_nothing_is_signed_with_a_forged_basis(desk: Desk, job: Path) -> None:
    algebra = native()
    folder = Path(shutil.copytree(desk.keys, job.parent / "keys"))
    keys, out = KeysFolder(folder, algebra), job.parent / "out"
    path, points = (
        folder / bases_name(keys.setup, SIZE, 1),
        algebra.points_to_limbs(keys.log_basis(SIZE)).copy(),
    )
    points[17] = points[18]
    write_sealed(
        path,
        bytes(map_file(path)[:HEAD_BYTES]),
        [algebra.points_from_limbs(points, check=True)],
        algebra,
    )
    before = (job.parent / BINDINGS).read_bytes()
    with pytest.raises(Malformed, match=path.name) as caught:
        run_job(job, signers(desk), keys, out, now=OVER)
    assert caught.value.code == "malformed.bases"
    assert not out.exists() and (job.parent / BINDINGS).read_bytes() == before
