"""
The tests of the registry of grants against the registry with one check taken out: one of them must
fail, or nothing stops the cheat that the check is there for.

One session of pytest on contracts with a switch at every check. With all switches off each test
runs once; the balances that it asks for say which checks it reaches. Then each check is off in
turn, and the tests that reach it run until one fails: first those that saw its error.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attacks.kit_prover.grants import switched_checks
from support.switched import PLACE, SOURCES, Edit, place

from contracts.build.artifact import Artifact

Report = Callable[[str, str], None]
"""(id of the check, the test that fails without it; empty if none does)."""


class TakenOut:
    """A plugin of pytest; `known` are checks that need not be tried again."""

    def __init__(self, sites: Sequence[Edit], known: set[str], report: Report) -> None:
        self.sites, self.known, self.report = sites, known, report
        self.off: int | None = None
        self.reached: dict[int, list[str]] = defaultdict(list)
        self.errors: dict[str, set[str]] = defaultdict(set)
        self.test, self.failed = "", False
        self.broken: list[str] = []

    # -- the contracts -----------------------------------------------------------------------------
    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Tests find the switched contracts, and what they do there is watched."""
        from grants import grants_world, machine

        artifacts = switched_checks()
        monkeypatch.setattr(grants_world, "load_artifact", _reader(artifacts))
        run, reverted = machine.Machine._run, machine.Machine._reverted
        plugin = self

        def switched_run(self: Any, *arguments: Any) -> bytes:
            for number in {plugin.off, getattr(self, "off", None)} - {None}:
                self.state.set_balance(place(number), int(number == plugin.off))
            self.off = plugin.off
            ask = self.state.get_balance
            self.state.get_balance = lambda account: plugin.asked(account, ask)
            try:
                return run(self, *arguments)
            finally:
                del self.state.get_balance

        def noted(self: Any, *arguments: Any) -> Any:
            error = reverted(self, *arguments)
            plugin.errors[plugin.test].add(error.name)
            return error

        monkeypatch.setattr(machine.Machine, "_run", switched_run)
        monkeypatch.setattr(machine.Machine, "_reverted", noted)

    def asked(self, account: bytes, ask: Callable[[bytes], int]) -> int:
        """A balance; if it is a switch, the test reaches that check."""
        number = int.from_bytes(account) - PLACE
        if self.off is None and 0 <= number < len(self.sites):
            names = self.reached[number]
            if not names or names[-1] != self.test:
                names.append(self.test)
        return ask(account)

    # -- pytest's hooks ----------------------------------------------------------------------------
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        by_id = {item.nodeid: item for item in session.items}
        for item in session.items:
            if self._fails(item):
                self.broken.append(item.nodeid)
        for number, site in enumerate(self.sites):
            if site.id in self.known:
                continue
            self.off = number
            names = sorted(self.reached[number], key=lambda name: self._order(name, site))
            caught = next((name for name in names if self._fails(by_id[name])), "")
            self.off = None
            self.report(site.id, caught)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        """Failures are what is wanted: they are not printed."""
        return "", "", ""

    def _fails(self, item: pytest.Item) -> bool:
        self.test, self.failed = item.nodeid, False
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return self.failed

    def _order(self, name: str, site: Edit) -> tuple[bool, str]:
        """Tests that saw an error which stands near the check come first."""
        return refusal(site) not in self.errors[name], name


def refusal(site: Edit) -> str:
    """The error that stands next after a check."""
    if site.old == "restricted":
        return "AccessManagedUnauthorized"
    text = (SOURCES / site.file).read_text(encoding="utf-8")
    found = re.compile(r"\brevert (?:\w+\.)?(\w+)\(").search(text, site.start)
    return found[1] if found else ""


def _reader(artifacts: dict[str, Artifact]) -> Callable[[str], Artifact]:
    from contracts.build.artifact import load_artifact

    return lambda name: artifacts.get(name) or load_artifact(name)


OPTIONS = ("-o", "addopts=", "-m", "not slow", "--import-mode=importlib", "-p", "no:terminal",
           "-p", "no:cacheprovider")  # fmt: skip
FILES = (
    "attestors", "batch", "boundaries", "claims", "conditions", "consents", "governed",
    "interfaces", "moves", "provable", "role_matrix", "roots", "voided", "ways_round", "withdrawn",
)  # fmt: skip
"""Files of tests that speak to the registry itself, each test for some rules alone."""


def run(sites: Sequence[Edit], known: set[str], report: Report) -> list[str]:
    """
    Tries every check that is not known; tests that fail with all checks in place are answered: on
    such a tree the rest says nothing.
    """
    plugin = TakenOut(sites, known, report)
    names = [f"tests/contracts/grants/test_{name}.py" for name in FILES]
    with pytest.MonkeyPatch.context() as monkeypatch:
        plugin.install(monkeypatch)
        status = pytest.main([*OPTIONS, *names], plugins=[plugin])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest did not run the tests: {status!r}")
    return plugin.broken
