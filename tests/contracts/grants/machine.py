"""
The EVM itself (py-evm, Prague rules) without blocks: any sender, any second, a call a message.

A call is a message of a transaction that costs nothing: a revert undoes it, success stays. So a
test stands at the second that it means, and thousands of calls take seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eth.vm.message import Message
from eth_abi.abi import decode, encode
from eth_tester import PyEVMBackend  # type: ignore[import-untyped]
from eth_utils.crypto import keccak

from algebra.native_backend import native
from contracts.build.artifact import Artifact
from contracts.build.link import require_linked
from contracts.client.precompiles import with_kernels

GAS = 30_000_000
DEPLOYER = keccak(text="deployer")[12:]


class Reverted(Exception):
    """A call that reverted: the error's name and its arguments."""

    def __init__(self, name: str, arguments: tuple[Any, ...]) -> None:
        super().__init__(f"{name}{arguments}")
        self.name, self.arguments = name, arguments


def kinds(entries: list[dict[str, Any]]) -> list[str]:
    """ABI types of a list of parameters, structs as tuples."""
    return [_kind(entry) for entry in entries]


def _kind(entry: dict[str, Any]) -> str:
    if not entry["type"].startswith("tuple"):
        return str(entry["type"])
    parts = ",".join(kinds(entry["components"]))
    return f"({parts}){entry['type'].removeprefix('tuple')}"


def selector(entry: dict[str, Any]) -> bytes:
    """First four bytes of the hash of the signature."""
    return bytes(keccak(text=f"{entry['name']}({','.join(kinds(entry['inputs']))})")[:4])


class Machine:
    """Contracts by name; `now` is the second of the next call."""

    def __init__(self, chain_id: int = 31_337) -> None:
        parameters = PyEVMBackend.generate_genesis_params({"gas_limit": 60_000_000})
        self.state: Any = PyEVMBackend(genesis_parameters=parameters).chain.get_vm().state
        self.state.execution_context._chain_id = chain_id
        # the curve's precompiles by the native kernels: py_ecc takes longer than all else
        self.computation: Any = with_kernels(native()).get_state_class().computation_class
        self.errors: dict[bytes, dict[str, Any]] = {}
        self._nonce = 0
        self.gas_used = 0
        self.logs: list[Any] = []
        self.history: list[tuple[int, Any]] = []
        """Second and raw entry of every log so far."""

    @property
    def chain_id(self) -> int:
        return int(self.state.execution_context.chain_id)

    @property
    def now(self) -> int:
        return int(self.state.execution_context._timestamp)

    @now.setter
    def now(self, second: int) -> None:
        self.state.execution_context._timestamp = second

    def deploy(self, artifact: Artifact, *arguments: Any) -> bytes:
        """Put a contract on chain; its address."""
        require_linked(artifact)
        constructor = next((e for e in artifact.abi if e["type"] == "constructor"), {"inputs": []})
        code = bytes.fromhex(artifact.bytecode[2:])
        code += encode(kinds(constructor["inputs"]), arguments)
        self._nonce += 1
        place = keccak(DEPLOYER + self._nonce.to_bytes(8))[12:]
        self.know(artifact)
        message = Message(GAS, b"", DEPLOYER, 0, b"", code, create_address=place)
        self._run("apply_create_message", message, DEPLOYER)
        return bytes(place)

    def know(self, artifact: Artifact) -> None:
        """Errors of its ABI are read by name from now on."""
        self.errors |= {selector(e): e for e in artifact.abi if e["type"] == "error"}

    def call(self, sender: bytes, to: bytes, data: bytes, gas: int = GAS) -> bytes:
        """One call; Reverted if it reverts."""
        message = Message(
            gas, to, sender, 0, data, self.state.get_code(to), should_transfer_value=False
        )
        return self._run("apply_message", message, sender)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens inside is undone at its end, time too."""
        snapshot, second, said = self.state.snapshot(), self.now, len(self.history)
        try:
            yield
        finally:
            self.state.revert(snapshot)
            self.now = second
            del self.history[said:]

    def _run(self, method: str, message: Message, origin: bytes) -> bytes:
        context = self.state.transaction_context_class(gas_price=0, origin=origin)
        done = getattr(self.computation, method)(self.state, message, context)
        self.gas_used = int(done.get_gas_used())
        if done.is_error:
            raise self._reverted(bytes(done.output), done.error)
        self.logs = done.get_raw_log_entries()
        self.history += [(self.now, entry) for entry in self.logs]
        return bytes(done.output)

    def error_of(self, data: bytes) -> str:
        """Name of the error in what a call reverted with."""
        return self._reverted(data, Exception()).name

    def _reverted(self, data: bytes, error: Exception) -> Reverted:
        entry = self.errors.get(data[:4])
        if entry is None:
            return Reverted(type(error).__name__, (data,))
        return Reverted(entry["name"], tuple(decode(kinds(entry["inputs"]), data[4:])))


class Contract:
    """A deployed contract: `at(sender).function(arguments)` calls, and reads what it returns."""

    def __init__(self, machine: Machine, artifact: Artifact, place: bytes) -> None:
        self.machine, self.place = machine, place
        self.functions = {e["name"]: e for e in artifact.abi if e["type"] == "function"}
        self.events = {
            bytes(keccak(text=f"{e['name']}({','.join(kinds(e['inputs']))})")): e
            for e in artifact.abi
            if e["type"] == "event"
        }

    def call(self, sender: bytes, name: str, *arguments: Any) -> Any:
        """What the function returns: one value, or a tuple of them."""
        entry = self.functions[name]
        output = self.machine.call(sender, self.place, self.data(name, *arguments))
        values = decode(kinds(entry["outputs"]), output)
        return values[0] if len(values) == 1 else values

    def data_selector(self, name: str) -> bytes:
        """Four bytes of a function."""
        return selector(self.functions[name])

    def data(self, name: str, *arguments: Any) -> bytes:
        """The bytes of a call."""
        entry = self.functions[name]
        return selector(entry) + encode(kinds(entry["inputs"]), arguments)

    @property
    def event_names(self) -> set[str]:
        """All that it may say."""
        return {entry["name"] for entry in self.events.values()}

    def said(self) -> list[str]:
        """Names of this contract's events in the last call."""
        return [name for name, _ in self.told()]

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """The same with the arguments of each."""
        return [said for entry in self.machine.logs if (said := self._decoded(entry)) is not None]

    def told_so_far(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Second, name and arguments of all its events so far, in order."""
        for second, entry in self.machine.history:
            if (said := self._decoded(entry)) is not None:
                yield second, *said

    def _decoded(self, raw: Any) -> tuple[str, dict[str, Any]] | None:
        """Name and arguments of a log of this contract; none of another's."""
        _, place, topics, data = raw
        entry = self.events.get(topics[0].to_bytes(32))
        if place != self.place or entry is None:
            return None
        indexed = [given for given in entry["inputs"] if given["indexed"]]
        plain = [given for given in entry["inputs"] if not given["indexed"]]
        words = b"".join(topic.to_bytes(32) for topic in topics[1:])
        values = (*decode(kinds(indexed), words), *decode(kinds(plain), data))
        names = (given["name"] for given in (*indexed, *plain))
        return str(entry["name"]), dict(zip(names, values, strict=True))
