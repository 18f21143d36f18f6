"""
The wheel, installed with one extra at a time into an environment that has nothing else, and used
from an empty folder.

The libraries of an extra are linked from the environment of the tests: what the wheel's metadata
asks for, and what that asks for, and no more. So nothing is fetched, and what an extra forgets is
missing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support.project import PACKAGES, ROOT

from algebra.extras import EXTRAS

pytestmark = pytest.mark.slow

VERIFIER = """
import tierproof
from contracts.build.artifact import load_artifact
tierproof.verify, tierproof.inspect, tierproof.estimate, tierproof.CredentialFile
assert tierproof.fast_algebra().name == "native"
assert len(tierproof.example("standard").policy_id) == 32
assert load_artifact("TierGrants").deployed_size > 0
"""
USES = {
    "": VERIFIER,
    "reference": "import tierproof; assert tierproof.independent_algebra().name == 'reference'",
    "prove": """
import pathlib, tierproof
vault = pathlib.Path("vault")
made = tierproof.create_vault(vault, "a passphrase for tests")
assert made.owner_tag(1) == tierproof.open_vault(vault, "a passphrase for tests").owner_tag(1)
""",
    "attest": """
import tierproof
from attestor.venues import sample
tierproof.run_job, tierproof.read_key
assert len(sample.unsafe_attestors(2)) == 2
""",
    "chain": """
import tierproof
from algebra.errors import Unavailable
tierproof.onboard, tierproof.terms
try:
    tierproof.connect("http://127.0.0.1:1", None)
except Unavailable as error:
    assert error.code == "unavailable.node", error.code
""",
    "evm": """
from contracts.client.chain import Chain
chain = Chain.embedded()
assert len(chain.accounts()) == 10 and chain.is_development
""",
    "service": "import tierproof; tierproof.serve, tierproof.service_app, tierproof.register",
    "client": """
import tierproof
from algebra.errors import Unavailable
from tierproof.client.plan import Retries
with tierproof.Client("http://127.0.0.1:1/v1", retries=Retries(attempts=1)) as client:
    try:
        client.health()
    except Unavailable as error:
        assert error.code == "unavailable.service", error.code
""",
    "telemetry": "import opentelemetry.sdk",
    "picture": "import tierproof; tierproof.draw",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as a release is; the native module comes from the cache of the set-up."""
    out = tmp_path_factory.mktemp("wheel")
    maturin = shutil.which("maturin", path=str(Path(sys.executable).parent))
    assert maturin is not None
    command = [maturin, "build", "--release", "--locked", "--quiet", "--out", str(out)]
    command += ["--interpreter", sys.executable]  # as the set-up does, so nothing is built anew
    subprocess.run(command, cwd=ROOT, check=True)
    (built,) = out.glob("*.whl")
    return built


def requirements(wheel: Path) -> list[Requirement]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    return [Requirement(line) for line in metadata.get_all("Requires-Dist") or []]


def closure(wanted: list[Requirement], extra: str) -> dict[str, Distribution]:
    """The distributions that requirements ask for, of this environment."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [(requirement, frozenset({extra})) for requirement in wanted]
    while todo:
        requirement, extras = todo.pop()
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": name}) for name in extras | {""}):
            continue
        asked = (requirement.name, frozenset(requirement.extras))
        if asked in seen or requirement.name == "tierproof":
            continue
        seen.add(asked)
        found[requirement.name] = distribution(requirement.name)
        parts = found[requirement.name].requires or []
        todo += [(Requirement(part), frozenset(requirement.extras)) for part in parts]
    return found


def environment(folder: Path, wheel: Path, extra: str) -> Path:
    """The interpreter of an environment with the wheel and what one extra brings."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.check_output([python, "-c", asked], text=True).strip())
    for found in closure(requirements(wheel), extra).values():
        for top in {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}:
            link = site / top
            if not link.exists():
                link.symlink_to(Path(str(found.locate_file(top))))
    install = ["-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index"]
    subprocess.run([sys.executable, *install, "--quiet", str(wheel)], check=True)
    return python


@pytest.mark.parametrize("extra", sorted(USES))
def test_an_extra_alone_is_enough_for_what_it_is_for(
    tmp_path: Path, wheel: Path, extra: str
) -> None:
    python, empty = environment(tmp_path / "env", wheel, extra), tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run([python, "-c", USES[extra]], cwd=empty, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    listing = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    others = [names[0] for other, names in EXTRAS.items() if other != extra]
    shown = subprocess.check_output([python, "-c", listing, *others], cwd=empty, text=True)
    assert extra not in ("", "prove", "picture") or shown.strip() == "[]"


def test_the_command_of_the_base(tmp_path: Path, wheel: Path) -> None:
    python, empty = environment(tmp_path / "env", wheel, ""), tmp_path / "empty"
    empty.mkdir()
    command = python.with_name("tierproof")
    setup = ["setup", "--unsafe-development", "--keys", "keys"]
    subprocess.run([command, *setup], cwd=empty, check=True, capture_output=True)
    subprocess.run(
        [command, "inspect", "--key", "keys/key-8192.json"],
        cwd=empty,
        check=True,
        capture_output=True,
    )
    for line, extra in (
        ("identity --vault v --venue x --create", "prove"),
        ("terms 0x1 --rpc http://127.0.0.1:1 --deployment d", "chain"),
        ("serve", "service"),
        ("demo", ""),
    ):
        done = subprocess.run(
            [command, *line.split()], cwd=empty, capture_output=True, text=True, env={"PATH": ""}
        )
        assert done.returncode == 2 and "[unavailable.extra]" in done.stderr, done.stderr
        assert f"tierproof[{extra}" in done.stderr


def test_the_wheel_holds_the_data_and_no_sources_of_the_build(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    for folder, ending in (
        ("policies/examples", "json"),
        ("contracts/artifacts", "json"),
        ("contracts/src", "sol"),
    ):
        there = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob(f"*.{ending}")}
        assert there and there <= names
    unwanted = ("algebra/native/", "contracts/node_modules/", "contracts/test-", "tests/", "docs/")
    assert [name for name in names if name.startswith(unwanted)] == []


def test_extras_are_one_list() -> None:
    """pyproject.toml, the lock's command and `algebra.extras` name the same."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    assert set(optional) - {"all", "dev"} == set(EXTRAS)
    assert set(optional["chain"]) <= set(optional["evm"])
    (everything,) = map(Requirement, optional["all"])
    assert everything.name == "tierproof" and everything.extras == set(EXTRAS)
    makefile = (ROOT / "Makefile").read_text()
    (line,) = [line for line in makefile.splitlines() if line.startswith("EXTRAS := ")]
    assert set(line.split()[2:]) == set(EXTRAS)
