"""
Python verifiers with a check taken out.

`Family.checks` lists, from the source itself, every check that a family of modules makes: each
condition that leads to a `raise` (every part of an `or`, every link of a range by itself), each
`except` that turns an error into ours, each call made only to check, each limit of a request's
fields. A mutant is the source with some of these replaced; `Family.flawed` runs it in modules of
its own.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from algebra.errors import TierproofError
from service.api import webhooks
from service.api.app import RESOURCES

ROOT = Path(__file__).resolve().parent.parent.parent.parent
CALLED_TO_CHECK = re.compile(r"_?(require|check|verify)|(quorum|keys|constant|header)$")
"""Names of functions that return nothing of use: the call itself is the check."""
LIMITS_OFF = dict.fromkeys(("pattern", "max_length", "ge", "le", "lt"), "None") | {
    "strict": "False",
    "extra": "'ignore'",
}
"""Limits of pydantic's `Field` and `ConfigDict`, and the value that is no limit."""


@dataclass(frozen=True)
class Edit:
    """`old` at `start` of a module's source becomes `new`."""

    id: str
    module: str
    start: int
    old: str
    new: str


def source(module: str) -> str:
    return (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


def edit(identity: str, module: str, old: str, new: str) -> Edit:
    """A change of a text that occurs once; ValueError when the source has moved on."""
    text = source(module)
    if text.count(old) != 1:
        raise ValueError(f"mutant {identity}: {text.count(old)} places in {module} read {old!r}")
    return Edit(identity, module, text.index(old), old, new)


# -- every check of the source ---------------------------------------------------------------------
def module_checks(module: str) -> Iterator[Edit]:
    """All checks of a module, in the order of the source."""
    text = source(module)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    raw = text.encode()

    def replaced(node: ast.AST, scope: str, new: str, name: str = "") -> Edit:
        start = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        old = raw[start:end].decode()
        place = f"{module}.{scope}" if scope else module
        return Edit(
            f"{place}: {name or on_one_line(old)}", module, len(raw[:start].decode()), old, new
        )

    def walk(node: ast.AST, scope: str) -> Iterator[Edit]:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = f"{scope}.{child.name}" if scope else child.name
            elif isinstance(child, ast.If) and any(isinstance(s, ast.Raise) for s in child.body):
                for part, new, name in refusing(child.test):
                    yield replaced(part, scope, new, name)
            elif isinstance(child, ast.ExceptHandler):
                for statement in child.body:
                    if isinstance(statement, ast.Raise) and statement.exc:
                        yield replaced(
                            statement,
                            scope,
                            "raise",
                            f"except {ast.unparse(child.type or ast.Name('all'))}",
                        )
            elif isinstance(child, ast.Expr) and called_to_check(child.value):
                yield replaced(child, scope, "pass", called_to_check(child.value))
            elif isinstance(child, ast.Assign | ast.AnnAssign):
                for value, new, name in limits(child):
                    yield replaced(value, scope, new, name)
            yield from walk(child, inner)

    yield from walk(ast.parse(text), "")


def on_one_line(text: str) -> str:
    """A piece of source, however the formatter breaks it."""
    return re.sub(r"(?<=[(\[]) |,? (?=[)\]])", "", " ".join(text.split()))


Part = tuple[ast.expr, str, str]
"""
Part of a condition, what it becomes when it is taken out, and its name where that is not its text.
"""


def refusing(test: ast.expr) -> Iterator[Part]:
    """The parts of a condition that lead to a refusal by themselves."""
    if isinstance(test, ast.BoolOp):
        ored = [value for value in test.values if isinstance(value, ast.BoolOp)]
        if isinstance(test.op, ast.Or) or ored:
            for value in test.values if isinstance(test.op, ast.Or) else ored:
                yield from refusing(value)
            return
    elif (
        isinstance(test, ast.Call)
        and ast.unparse(test.func) == "any"
        and isinstance(test.args[0], ast.GeneratorExp)
    ):
        yield from refusing(test.args[0].elt)
        return
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        wanted = test.operand
        if isinstance(wanted, ast.BoolOp) or (
            isinstance(wanted, ast.Compare) and len(wanted.ops) > 1
        ):
            yield from required(wanted)
            return
    elif (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Tuple)
        and isinstance(test.comparators[0], ast.Tuple)
    ):
        sides = zip(test.left.elts, test.comparators[0].elts, strict=True)
        pairs = [f"{ast.unparse(one)} != {ast.unparse(other)}" for one, other in sides]
        for i, name in enumerate(pairs):
            yield test, f"({' or '.join(pairs[:i] + pairs[i + 1 :])})", name
        return
    yield test, "False", ""


def required(wanted: ast.expr) -> Iterator[Part]:
    """The parts of a condition without which something is refused."""
    if isinstance(wanted, ast.BoolOp) and isinstance(wanted.op, ast.And):
        for value in wanted.values:
            yield from required(value)
    elif isinstance(wanted, ast.Compare) and len(wanted.ops) > 1:
        terms = [wanted.left, *wanted.comparators]
        pairs = [
            ast.unparse(ast.Compare(terms[i], [op], [terms[i + 1]]))
            for i, op in enumerate(wanted.ops)
        ]
        for i, name in enumerate(pairs):
            yield wanted, f"({' and '.join(pairs[:i] + pairs[i + 1 :])})", name
    else:
        yield wanted, "True", ""


def called_to_check(value: ast.expr) -> str:
    """Name of a check that is a call; empty if it is none."""
    call = value.value if isinstance(value, ast.Await) else value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
        return ""
    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
    if not CALLED_TO_CHECK.match(name):
        return ""
    what = call.args[-1] if call.args else None
    return (
        f"{name} {ast.unparse(what)}"
        if isinstance(what, ast.Constant | ast.JoinedStr)
        else ast.unparse(call)
    )


def limits(assigned: ast.Assign | ast.AnnAssign) -> Iterator[Part]:
    """The limits that pydantic puts on a field, and those of a row of `policies.rules`."""
    target = assigned.targets[0] if isinstance(assigned, ast.Assign) else assigned.target
    for node in ast.walk(assigned):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Field", "ConfigDict"):
            for given in node.keywords:
                if given.arg in LIMITS_OFF:
                    yield given.value, LIMITS_OFF[given.arg], f"{ast.unparse(target)} {given.arg}"
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Rule":
            row = f"{ast.unparse(target)} {ast.literal_eval(node.args[0])}"
            for given in node.keywords:
                if given.arg in ("least", "greatest"):
                    yield given.value, "None", f"{row} {given.arg}"


# -- flawed verifiers ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Verifier:
    """
    The modules of one verifier by the last part of their names; `derive` if the circuit's rules are
    of the mutant too.
    """

    modules: dict[str, ModuleType]
    derive: Any = None

    def __getattr__(self, name: str) -> ModuleType:
        return self.modules[name]


@dataclass(frozen=True)
class Family:
    """
    Modules that are mutated together.

    Parameters
    ----------
    modules : imported anew for each mutant, in this order.
    elsewhere : beginnings of ids of checks that are no verifier's.
    rules : beginning of the ids of checks in a module that is imported anew only if it is changed.
    """

    modules: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    rules: str = ""

    @cache  # noqa: B019  (three families, for as long as the process lives)
    def checks(self) -> tuple[Edit, ...]:
        """All checks, in the order of the source."""
        found = [check for name in self.modules for check in module_checks(name)]
        if self.rules:
            found += [
                check
                for check in module_checks(self.rules.rpartition(".")[0])
                if check.id.startswith(self.rules)
            ]
        twice = {check.id for check in found if sum(other.id == check.id for other in found) > 1}
        if twice:
            raise ValueError(f"checks that cannot be told apart: {sorted(twice)}")
        return tuple(check for check in found if not check.id.startswith(self.elsewhere or ("-",)))

    def sound(self) -> Verifier:
        """The true one."""
        return Verifier(
            {name.rpartition(".")[2]: importlib.import_module(name) for name in self.modules}
        )

    def flawed(self, *edits: Edit) -> Verifier:
        """The verifier with these changes, apart from the true one."""
        texts = texts_of(edits)
        names = [*self.modules, *sorted(set(texts) - set(self.modules))]
        kept = {name: importlib.import_module(name) for name in names}
        finder = _Finder(texts)
        for name in names:
            del sys.modules[name]
        sys.meta_path.insert(0, finder)
        try:
            modules = {name: importlib.import_module(name) for name in names}
        finally:
            sys.meta_path.remove(finder)
            sys.modules.update(kept)
            for name, module in kept.items():  # a package also holds its modules as attributes
                package, _, attribute = name.rpartition(".")
                setattr(sys.modules[package], attribute, module)
        derive = modules[DERIVE].derive if DERIVE in texts else None
        return Verifier(
            {name.rpartition(".")[2]: module for name, module in modules.items()}, derive
        )


DERIVE = "circuits.credential.v2.statement"
"""
Its `derive` holds the rules of the credential's statement; the rest of that module builds the
circuit.
"""
VERIFIER = Family(
    (
        "policies.abi",
        "policies.place",
        *(
            f"verifier.{name}"
            for name in ("proof", "key", "loader", "algorithm", "statement", "verify", "batch")
        ),
    ),
    rules=f"{DERIVE}.derive",
)
"""The verifier of one proof, and of many."""
OF_THE_EVM = ("TRUST", "SERIES", "POLICY", "WORD", "TERM", "FEE", "SUBMISSION")
"""Tables whose rows tests/contracts/test_rules_on_evm.py takes out one by one."""
SERVICE = Family(
    (
        *(
            f"policies.{name}"
            for name in ("address", "rules", "rule_files", "attestor_set", "signed_root", "place")
        ),
        "policies.grant_consent",
        *(f"attestor.{name}" for name in ("signatures", "generations", "quorum", "root_file")),
        "policies.credential_file",
        "verifier.statement",
        *(
            f"service.store.{name}"
            for name in (
                *("url", "database", "schema", "policies", "keys", "roots", "credentials", "store"),
            )
        ),
        "service.registration",
        "service.api.problem",
        *(f"service.verification.{name}" for name in ("verdicts", "line", "pool")),
        *(f"service.api.{name}" for name in ("request", "body", "service")),
        *(f"service.api.{name}" for name in ("answers", "pages", "errors")),
        *(each.__name__ for each in RESOURCES if each is not webhooks),
        *(f"service.api.{name}" for name in ("headers", "openapi", "app")),
        "tierproof.documents",
        "tierproof.disclosure",
        "tierproof.verification",
        "attestor.grant_consent_file",
        *(f"contracts.client.{name}" for name in ("registered", "order")),
        "tierproof.onchain",
        "tierproof.serving",
    ),
    elsewhere=(
        "attestor.quorum.sign_",
        "attestor.generations.sign_",
        "attestor.generations.rotated",
        "tierproof.disclosure.chosen_rows",
        "verifier.statement.",
        "policies.place.",
        "contracts.client.order.Order.",
        *(f"policies.rules: {part}_RULES" for part in OF_THE_EVM),
    ),
)
"""
What takes a credential in, above that: the service, and the verification of credential and root
files. What else a deployment asks for is in tests/contracts/test_plan.py.
"""


AUDIT = Family(
    (
        "algebra.ed25519",
        *(
            f"service.audit.{name}"
            for name in (
                *("merkle", "note", "entries", "checkpoint", "snapshot", "verification"),
                *("log", "stored", "signing", "anchoring", "database"),
            )
        ),
        "tierproof.audit_file",
    ),
    elsewhere=("service.audit.merkle.inclusion_proof", "service.audit.merkle.consistency_proof"),
)
"""
What finds a change of the audit log. Whoever asks a tree for a proof of what it does not hold makes
a mistake of his own.
"""

OPERATIONS = Family(("service.operations.restored",))
"""What keeps a database that was put back from accepting what it has forgotten."""


ACCESS = Family(
    (
        *(f"service.api.{name}" for name in ("problem", "errors", "access")),
        *(f"service.access.{name}" for name in ("keys", "keyring", "rates", "door", "host")),
        "service.access.idempotency",
    ),
    elsewhere=("service.api.problem", "service.api.errors"),
)
"""What stands at the door of the service: who may ask, and how often the same is done."""


WEBHOOKS = Family(
    (
        *(
            f"service.webhooks.{name}"
            for name in (
                *("signature", "addresses", "target", "sealing", "sender", "outbox"),
                *("endpoints", "running"),
            )
        ),
        "tierproof.webhooks",
    ),
    elsewhere=("service.webhooks.sender.CheckedBackend._addresses: except",),
)
"""
What a receiver takes, and whom a service tells. A name without addresses is a failed try, whichever
error says so. The form of requests to it is checked in
tests/service/webhooks/test_routes.py.
"""


FOLLOWER = Family(
    tuple(f"service.follower.{name}" for name in ("node", "follower", "state")),
    elsewhere=("service.follower.node.Asking._final: first == last",),
)
"""
What keeps the chain follower from taking blocks that do not belong together, and the service from
deciding on what is old. Without the check that is elsewhere a node would be asked for ever.
"""


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports some modules from the given text."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return importlib.machinery.ModuleSpec(name, self) if name in self.texts else None

    def exec_module(self, module: ModuleType) -> None:
        exec(
            compile(self.texts[module.__name__], f"<mutant of {module.__name__}>", "exec"),
            module.__dict__,
        )


def texts_of(edits: Sequence[Edit]) -> dict[str, str]:
    """Changed sources by module."""
    out: dict[str, str] = {}
    for change in sorted(edits, key=lambda e: -e.start):
        text = out.get(change.module, source(change.module))
        if text[change.start : change.start + len(change.old)] != change.old:
            raise ValueError(f"mutant {change.id}: another change has moved its place")
        out[change.module] = (
            text[: change.start] + change.new + text[change.start + len(change.old) :]
        )
    return out


def sound() -> Verifier:
    """The true verifier of proofs."""
    return VERIFIER.sound()


Attempt = Callable[[Verifier], None]
"""Hands a forgery to a verifier; returns if it is accepted."""


def outcome(attempt: Attempt, verifier: Verifier) -> str:
    """
    `accepted`, the code of the error, or `crash` and the name of an exception that is not ours.
    """
    try:
        attempt(verifier)
    except TierproofError as error:
        return error.code
    except Exception as error:  # what a sound verifier never lets out
        return f"crash {type(error).__name__}"
    return "accepted"
