"""What an import loads, by count and by name, each in a process of its own."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.project import ROOT

import tierproof
from algebra.extras import EXTRAS
from tests.tierproof.conftest import ACCOUNT, CHAIN_ID, REGISTRY, Desk
from tierproof import api

FACE, HELP, VERIFIER, COMMAND = 80, 175, 350, 380
"""
Modules in `sys.modules`: after `import tierproof`, `tierproof --help`, `tierproof.verify`, and the
command `verify`, which parses a command line besides.
"""
HEAVY = frozenset(library for extra in EXTRAS.values() for library in extra)

VERIFY = f"""
import json, sys
from pathlib import Path
import tierproof
folder, keys, policy, root, credential = map(Path, sys.argv[1:])
algebra = tierproof.fast_algebra()
accepted = tierproof.verify(
    tierproof.CredentialFile.load(credential),
    policy=tierproof.Policy.load(policy),
    key=tierproof.load_key(keys, algebra),
    root=tierproof.RootFile.load(root),
    place=tierproof.Place({CHAIN_ID}, "{REGISTRY}"),
    algebra=algebra,
    now=1_700_000_000,
    allow_setup="development",
)
assert accepted["account"] == "{ACCOUNT}"
print(json.dumps(sorted(sys.modules)))
"""


def process(text: str, *arguments: object) -> str:
    """What a fresh interpreter prints, this tree's code first on its path."""
    command = [sys.executable, "-c", text, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded(text: str, *arguments: object) -> set[str]:
    return set(json.loads(process(text, *arguments).splitlines()[-1]))


def heavy(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules} & HEAVY


def test_importing_the_package_loads_nothing() -> None:
    modules = loaded("import json, sys, tierproof; print(json.dumps(sorted(sys.modules)))")
    assert len(modules) <= FACE and not heavy(modules) and "numpy" not in modules


def test_verifying_loads_no_library_of_an_extra(desk: Desk) -> None:
    modules = loaded(VERIFY, desk.folder, desk.key, desk.policy, desk.root, desk.credential)
    assert heavy(modules) == set()
    roots = {module.split(".")[0] for module in modules}
    assert not roots & {"prover", "service", "contracts"}
    assert "Crypto" not in roots  # the native module has a Keccak
    assert len(modules) <= VERIFIER


def test_the_count_sees_a_heavy_library() -> None:
    """The tests above can fail."""
    modules = loaded("import json, sys, web3; print(json.dumps(sorted(sys.modules)))")
    assert "web3" in heavy(modules) and len(modules) > VERIFIER


def test_names_are_where_the_table_says() -> None:
    """The table for the program and the imports for type checkers are one list."""
    tree = ast.parse(Path(str(api.__file__)).read_text(encoding="utf-8"))
    (checking,) = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in checking.body if isinstance(node, ast.ImportFrom)]
    stated = {
        str(alias.asname): (str(node.module), alias.name)
        for node in imports
        for alias in node.names
    }
    for node in checking.body:  # a name that is another in its module: name = _imported
        if isinstance(node, ast.Assign):
            stated[ast.unparse(node.targets[0])] = stated.pop(ast.unparse(node.value))
    table = {
        name: (module, api.ELSEWHERE.get(name, name))
        for module, names in api.MODULES.items()
        for name in names
    }
    assert stated == table
    assert dir(api) == sorted(table) and set(table) < set(dir(tierproof))
    for name, (module, there) in table.items():
        assert getattr(tierproof, name) is getattr(sys.modules[module], there)


STATE = """
import json, locale, logging, os, signal, sys, threading, warnings
import numpy
def state():
    return {
        "recursion": sys.getrecursionlimit(),
        "digits": sys.get_int_max_str_digits(),
        "switch": sys.getswitchinterval(),
        "hooks": [str(sys.excepthook), str(threading.excepthook), str(sys.displayhook)],
        "signals": [str(signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGTERM)],
        "log": [logging.root.level, len(logging.root.handlers), logging.root.manager.disable],
        "locale": locale.setlocale(locale.LC_ALL),
        "environment": dict(os.environ),
        "numpy": numpy.geterr(),
        "path": sys.path,
    }
before = json.dumps(state())
import tierproof
for name in dir(tierproof):
    getattr(tierproof, name)
tierproof.independent_algebra()
from contracts.client.chain import Chain
Chain.embedded()
assert "eth" in sys.modules and "py_ecc" in sys.modules
after = json.dumps(state())
print(json.dumps([before, after]))
"""


def test_importing_changes_nothing_of_the_process() -> None:
    """
    py-evm and py_ecc raise the recursion limit to 100,000 when they are imported: a document of
    nested brackets then kills a process whose parser trusts it.
    """
    before, after = json.loads(process(STATE).splitlines()[-1])
    assert json.loads(after) == json.loads(before)


WITHOUT = """
import json, sys
for library in sys.argv[1:]:
    sys.modules[library] = None
import tierproof
from algebra.errors import Unavailable
out = {}
for name in dir(tierproof):
    try:
        getattr(tierproof, name)
    except Unavailable as error:
        assert error.code == "unavailable.extra", error.code
        assert f"tierproof[{error.fields['extra']}]" in str(error), error
        out[name] = error.fields["extra"]
try:
    tierproof.independent_algebra()
except Unavailable as error:
    out["independent_algebra()"] = error.fields["extra"]
print(json.dumps(out))
"""
NEEDS = {
    "prove": {"Identity", "create_vault", "open_vault"},
    "attest": {"draft_job", "read_key", "run_job"},
    "chain": {*api.MODULES["tierproof.onchain"]},
    "client": {*api.MODULES["tierproof.client.transport"]},
    "service": {*api.MODULES["tierproof.serving"]},
    "picture": {"draw"},
    "reference": {"independent_algebra()"},
}
"""Names that the base install has not, by the extra that brings them."""


def missing(*libraries: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(process(WITHOUT, *libraries).splitlines()[-1])
    return found


def test_the_base_install_names_the_extra_of_each_name() -> None:
    assert missing(*HEAVY) == {name: extra for extra in NEEDS for name in NEEDS[extra]}


@pytest.mark.parametrize(
    ("extra", "library"),
    [
        ("prove", "argon2"),
        pytest.param("picture", "matplotlib", marks=pytest.mark.slow),
        pytest.param("service", "uvicorn", marks=pytest.mark.slow),
    ],
)
def test_a_missing_extra_takes_its_own_names_alone(extra: str, library: str) -> None:
    assert library in EXTRAS[extra]
    assert missing(library) == dict.fromkeys(NEEDS[extra], extra)


RUN = """
import json, sys
from tierproof.cli import main
status = main(sys.argv[1:])
print(json.dumps([status, *sorted(sys.modules)]))
"""


def command(*arguments: object) -> tuple[int, set[str]]:
    """Exit status of a command, and what it loaded."""
    status, *modules = json.loads(process(RUN, *arguments).splitlines()[-1])
    return int(status), set(modules)


def verifying(desk: Desk) -> list[object]:
    files = [desk.credential, "--key", desk.key, "--policy", desk.policy, "--root", desk.root]
    return ["verify", *files, *desk.place(), "--allow-setup", "development"]


def test_the_command_verifies_without_a_library_of_an_extra(desk: Desk) -> None:
    status, modules = command(*verifying(desk))
    assert status == 0 and heavy(modules) == set() and len(modules) <= COMMAND


def test_the_independent_verifier_loads_no_native_code(desk: Desk) -> None:
    status, modules = command(*verifying(desk), "--independent")
    assert status == 0 and "algebra._native" not in modules and "Crypto.Hash.keccak" in modules


def test_other_commands_load_what_they_need(desk: Desk) -> None:
    status, modules = command("--help")
    assert status == 0 and len(modules) <= HELP and "numpy" not in modules
    for arguments in (
        ["inspect", desk.credential, "--key", desk.key, "--policy", desk.policy],
        ["estimate", desk.attestation, "--policy", desk.policy, "--keys", desk.keys],
        ["disclose", desk.attestation, "--row", 0, "--keys", desk.keys],
    ):
        status, modules = command(*arguments)
        assert status == 0 and heavy(modules) == set(), arguments
