"""
The kept corpus, and a few random inputs for every parser; `make fuzz` and the campaign `fuzz` go on
from here.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fuzz.mutate import MAX_INPUT, mutate
from fuzz.replay import CORPUS, Finding, attempt, kept, run_target
from fuzz.targets import TARGETS, Target

RUNS = {"ptau": 8, "native_pairing": 4, "proof": 20, "service": 40}
MAX_KEPT_BYTES = 8_192


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_accepted(name: str) -> None:
    """Mutations of what is refused at the first byte would show nothing."""
    assert attempt(name, TARGETS[name].seeds()[0]) == "accepted"


def test_every_statement_that_begins_is_accepted() -> None:
    name = "statement_csv"
    assert [attempt(name, seed) for seed in TARGETS[name].seeds()] == ["accepted"] * 2


@pytest.mark.parametrize("name", TARGETS)
def test_corpus_and_random_inputs(name: str) -> None:
    outcomes = run_target(name, RUNS.get(name, 60), seed=1)
    assert outcomes.total() >= RUNS.get(name, 60)


def test_the_corpus_belongs_to_targets_and_is_small() -> None:
    assert {path.name for path in CORPUS.iterdir()} <= set(TARGETS)
    files = [path for name in TARGETS for path in kept(name)]
    assert files and max(path.stat().st_size for path in files) <= MAX_KEPT_BYTES


REGRESSIONS = {
    # the native pairing took G2's (0, 0) for infinity: such a key proves all
    "key/tau-at-infinity.json": "malformed.key",
    "key/size-without-end.json": "malformed.key",  # OverflowError
    "key/size-as-text.json": "malformed.key",  # a second spelling of one key
    "key/endless-name.json": "malformed.key",  # repeated whole in the error
    "artifact/bytecode-no-text.json": "malformed.artifact",  # TypeError
    "artifact/immutable-without-end.json": "malformed.artifact",  # OverflowError
    "policy/endless-key.json": "malformed.policy.key",  # repeated whole in the error
    "job/zero-in-a-path.json": "malformed.job",  # ValueError of the operating system's call
    "root/half-surrogate.json": "malformed.root",  # an error that could not be printed
    "keystore/dear-derivation.json": "malformed.keystore",  # a gigabyte and half a minute of scrypt
    "journal/revocation-taken-out.jsonl": "malformed.journal",  # the line after it shows it
}
"""Found once, with what they must come to."""


@pytest.mark.parametrize(("file", "outcome"), REGRESSIONS.items())
def test_regressions(file: str, outcome: str) -> None:
    assert attempt(file.split("/")[0], (CORPUS / file).read_bytes()) == outcome


@pytest.mark.parametrize(
    "fault",
    [
        MemoryError("x"),
        RecursionError("x"),
        KeyError("x"),
        OverflowError("x"),
        UnicodeDecodeError("utf-8", b"", 0, 1, "x"),
    ],
)
def test_an_undocumented_error_is_a_finding(
    fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(data: bytes) -> object:
        raise fault

    monkeypatch.setitem(
        TARGETS, "faulty", Target(parse, TARGETS["key"].errors, "bytes", lambda: [b"seed"])
    )
    with pytest.raises(Finding, match=type(fault).__name__) as found:
        run_target("faulty", 1, seed=1)
    assert found.value.data == b"seed"


def test_endless_memory_and_time_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    def take(data: bytes) -> object:
        return bytearray(1 << 40)

    def loop(data: bytes) -> object:
        while True:
            pass

    for parse, fault in ((take, "MemoryError"), (loop, "Hang")):
        monkeypatch.setattr("fuzz.replay.MAX_CPU_SECONDS", 0.2)
        monkeypatch.setitem(TARGETS, "faulty", Target(parse, (), "bytes", lambda: [b""]))
        with pytest.raises(Finding, match=fault):
            attempt("faulty", b"")


@pytest.mark.parametrize("kind", ["bytes", "json", "csv"])
def test_mutations_repeat_and_differ(kind: str) -> None:
    data = (
        b'{"a": [1, "0x00"], "b": {"c": null}}\nx,y,z\n'[:36]
        if kind == "json"
        else b"time,user\n1,2\n3,4\n"
    )
    made = [
        [mutate(data, kind, source) for _ in range(50)]
        for source in (random.Random(7), random.Random(7))
    ]
    assert made[0] == made[1] and len(set(made[0])) > 25
    assert all(len(item) <= MAX_INPUT for item in made[0])


def test_repaired_inputs_get_past_the_checksum(tmp_path: Path) -> None:
    """Else nothing behind the digest of a setup or a key would ever be reached."""
    for name, part, refused in (
        ("setup", slice(60, 90), "malformed.setup.digest"),
        ("key", None, "malformed.key"),
    ):
        target = TARGETS[name]
        data = target.seeds()[0]
        if part is None:
            changed = data.replace(b'"srs_id": "26', b'"srs_id": "27')
            assert changed != data and attempt(name, changed) == refused
            assert attempt(name, target.repair(changed)) == "malformed.srs_id"
        else:
            changed = data[: part.start] + bytes(part.stop - part.start) + data[part.stop :]
            assert attempt(name, changed) == refused
            assert attempt(name, target.repair(changed)) not in (refused, "accepted")
