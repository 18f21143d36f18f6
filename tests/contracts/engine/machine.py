"""
An EVM (py-evm, Prague rules) without blocks: calls go straight to its state, at any second.

A transaction of a chain costs a block each time; thousands of steps of an engine do not need them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth.constants import CREATE_CONTRACT_ADDRESS
from eth.vm.message import Message
from eth_abi.abi import decode, encode
from eth_tester import PyEVMBackend
from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak

from contracts.build.artifact import FOLDER, Artifact, read_artifact
from contracts.client.revert import error_type, rejected

GAS = 8_000_000
START = 1_800_000_000
"""A second in 2027."""
CHAIN_ID = 131277322940537


class Reverted(Exception):
    """A call that failed; `error` names the custom error, `arguments` are its own."""

    def __init__(self, error: str, arguments: dict[str, Any]) -> None:
        super().__init__(f"{error} {arguments}")
        self.error, self.arguments = error, arguments


@cache
def example(name: str, folder: str = "example-artifacts") -> Artifact:
    """A compiled contract of contracts/examples, or of another folder."""
    return read_artifact(FOLDER / folder / f"{name}.json")


@cache
def _errors() -> tuple[dict[str, Any], ...]:
    return tuple(
        entry
        for folder in ("example-artifacts", "test-artifacts")
        for path in sorted((FOLDER / folder).glob("*.json"))
        for entry in read_artifact(path).abi
        if entry["type"] == "error"
    )


def person(name: str) -> str:
    """An address without a key."""
    return str(to_checksum_address(keccak(text=name)[12:]))


READER = person("reader")


class Machine:
    """State and clock."""

    def __init__(self) -> None:
        self._backend = PyEVMBackend()
        self.state = self._backend.chain.get_vm().state
        self.now = START
        self.gas_used = 0
        """Gas of the last call, without the transaction's own 21,000 and its data; no refunds."""
        self._nonce = 0

    def run(
        self, sender: str, to: str | None, data: bytes, gas: int = GAS, fail: bool = True
    ) -> bytes:
        """One call as a transaction of its own."""
        self.state.execution_context._timestamp = self.now
        origin = to_canonical_address(sender)
        create = to is None
        if create:
            self._nonce += 1
        target = to_canonical_address(to) if to else keccak(text=f"contract {self._nonce}")[12:]
        message = Message(
            gas=gas,
            to=CREATE_CONTRACT_ADDRESS if create else target,
            sender=origin,
            value=0,
            data=b"" if create else data,
            code=data if create else self.state.get_code(target),
            create_address=target if create else None,
        )
        context = self.state.get_transaction_context_class()(gas_price=0, origin=origin)
        self.state.lock_changes()
        self.state.clear_transient_storage()
        self.state.mark_address_warm(target)
        apply = (
            self.state.computation_class.apply_create_message
            if create
            else self.state.computation_class.apply_message
        )
        done = apply(self.state, message, context)
        self.gas_used = gas - done.get_gas_remaining()
        if done.is_error:
            said = rejected(bytes(done.output), _errors()).fields
            raise Reverted(str(said["error"]), dict(said["arguments"]))
        return bytes(target) if create else bytes(done.output)

    def deploy(self, artifact: Artifact, *arguments: Any, sender: str) -> Contract:
        """Put a contract up."""
        kinds = next(
            (
                [error_type(each) for each in entry["inputs"]]
                for entry in artifact.abi
                if entry["type"] == "constructor"
            ),
            [],
        )
        code = bytes.fromhex(artifact.bytecode[2:]) + encode(kinds, arguments)
        place = self.run(sender, None, code, gas=30_000_000)
        return Contract(self, artifact, str(to_checksum_address(place)))

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Whatever happens inside has not happened afterwards."""
        root, now = self.state.make_state_root(), self.now
        self.state.persist()
        try:
            yield
        finally:
            database = self._backend.chain.chaindb.db
            self.state = type(self.state)(database, self.state.execution_context, root)
            self.now = now


@dataclass(frozen=True)
class Contract:
    """A contract of the machine; `contract(sender).name(...)` calls it."""

    machine: Machine
    artifact: Artifact
    address: str

    def call(self, name: str, *arguments: Any, sender: str, gas: int = GAS) -> Any:
        """What the function returns; one value bare, several as a tuple."""
        entry = self._entry(name)
        answer = self.machine.run(sender, self.address, self.data(name, *arguments), gas)
        kinds = [error_type(each) for each in entry["outputs"]]
        values = decode(kinds, answer)
        return values[0] if len(values) == 1 else values

    def data(self, name: str, *arguments: Any) -> bytes:
        """The bytes of a call."""
        kinds = [error_type(each) for each in self._entry(name)["inputs"]]
        return bytes(keccak(text=f"{name}({','.join(kinds)})")[:4]) + encode(kinds, arguments)

    def _entry(self, name: str) -> dict[str, Any]:
        return _functions(self.artifact.name)[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments, sender=READER, gas=GAS: self.call(
            name, *arguments, sender=sender, gas=gas
        )


@cache
def _functions(name: str) -> dict[str, dict[str, Any]]:
    for folder in ("example-artifacts", "test-artifacts"):
        path = FOLDER / folder / f"{name}.json"
        if path.exists():
            abi = read_artifact(path).abi
            return {entry["name"]: entry for entry in abi if entry["type"] == "function"}
    raise KeyError(name)
