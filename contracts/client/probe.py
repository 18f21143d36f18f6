"""
What a chain must be able to do for the contracts to run on it, tried for nothing: each trait is a
program of a few bytes that the node runs as the making of a contract and throws away.
"""

from __future__ import annotations

from dataclasses import dataclass

from algebra.errors import Refused, TierproofError
from contracts.client.chain import Chain

_WORD = 32
_G1 = (1, 2)
_G1_DOUBLED_X = 0x030644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD3
_P = 21888242871839275222246405745257275088696311157297823662689037894645226208583
_G2 = (
    11559732032986387107991004021392285783925812861821192530917403151452391805634,
    10857046999023057135944570762232829481370756359578518086990519993285655852781,
    4082367875863433681332203403145435568316851327593401208105741076214120093531,
    8495653923123431417604973247489272438418190587263600148770280649306958101930,
)
"""Generator of G2 as the precompile reads it: the imaginary part of each coordinate first."""


@dataclass(frozen=True)
class Trait:
    """
    Attributes
    ----------
    name : what a chain lacks without it
    program : creation code, which uses nothing newer than what it tries
    answer : what it returns where the chain has it
    """

    name: str
    program: bytes
    answer: bytes

    def stands(self, chain: Chain) -> bool:
        """Whether this chain has it."""
        try:
            return chain.run(self.program) == self.answer
        except TierproofError as error:
            if error.code == "unavailable.node" and not chain.answers():
                raise
            return False


def lacking(chain: Chain, size: int) -> list[str]:
    """
    What the contracts need and a chain does not have; `size` bytes is the largest of them.

    Raises
    ------
    Refused
        `refused.chain`: its node runs no program at all.
    Unavailable
        `unavailable.node`.
    """
    if not PLAIN.stands(chain):
        raise Refused(
            "refused.chain", f"chain {chain.chain_id}: its node runs no code to make a contract"
        )
    return [trait.name for trait in (*TRAITS, holds(size)) if not trait.stands(chain)]


def require(chain: Chain, size: int) -> None:
    """Refused (`refused.chain`) where a chain lacks something; nothing is sent."""
    if missing := lacking(chain, size):
        raise Refused(
            "refused.chain",
            f"chain {chain.chain_id} lacks {', '.join(missing)}: nothing was sent",
            lacks=missing,
        )


def holds(size: int) -> Trait:
    """The trait of a chain that takes contracts of so many bytes: code of zeros is made."""
    program = b"\x61" + size.to_bytes(2, "big") + bytes.fromhex("6000f3")
    return Trait(f"contracts of {size} bytes", program, bytes(size))


def _words(*values: int) -> bytes:
    return b"".join(value.to_bytes(_WORD, "big") for value in values)


def _one(program: str) -> bytes:
    """A program that puts 1 into the word at 0, and the return of that word."""
    return bytes.fromhex(program + "60206000f3")


def _precompile(name: str, address: int, data: bytes, answer: bytes) -> Trait:
    """
    Call a precompile with `data`; the program returns the first word of what it says, and whether
    it took the call. The data stands behind the program.
    """
    end = len(data).to_bytes(2, "big").hex()
    flag = (len(data) + _WORD).to_bytes(2, "big").hex()
    head = 36
    program = bytes.fromhex(
        f"61{end}61{head:04x}600039"  # codecopy(0, head, len)
        f"602061{end}61{end}600060{address:02x}5afa"  # staticcall(gas, address, 0, len, len, 32)
        f"61{flag}52"  # mstore(len + 32, success)
        f"604061{end}f3"  # return(len, 64)
    )
    if len(program) > head:
        raise AssertionError("the data must stand behind the program")
    program = program.ljust(head, b"\0")
    return Trait(f"precompile {name} ({address:#04x})", program + data, answer + _words(1))


PLAIN = Trait("contracts", _one("6001600052"), _words(1))
"""PUSH1, MSTORE, RETURN: what every EVM has."""

TRAITS = (
    Trait("CHAINID (Istanbul)", _one("4615156000" + "52"), _words(1)),
    Trait("PUSH0 (Shanghai)", _one("60015f52"), _words(1)),
    Trait(
        "MCOPY (Cancun)",
        bytes.fromhex("6001600052" + "602060006020" + "5e" + "60206020f3"),
        _words(1),
    ),
    _precompile(
        "ecrecover",
        1,
        # Of the key 1 over the digest 1: tests/contracts/test_probe.py makes it anew.
        _words(
            1,
            28,
            0x6673FFAD2147741F04772B6F921F0BA6AF0C1E77FC439E65C36DEDF4092E8898,
            0x4C1A971652E0ADA880120EF8025E709FFF2080C4A39AAE068D12EED009B68C89,
        ),
        _words(0x7E5F4552091A69125D5DFCB7B8C2659029395BDF),
    ),
    _precompile("modexp", 5, _words(32, 32, 32, 3, 2, 5), _words(4)),
    _precompile("ecAdd of BN254", 6, _words(*_G1, *_G1), _words(_G1_DOUBLED_X)),
    _precompile("ecMul of BN254", 7, _words(*_G1, 2), _words(_G1_DOUBLED_X)),
    _precompile("ecPairing of BN254", 8, _words(*_G1, *_G2, _G1[0], _P - _G1[1], *_G2), _words(1)),
)
"""What the registry and the verifiers use that some chain lacks."""
