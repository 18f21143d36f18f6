"""
What is known of a setup by its tau: the known ceremonies, and the tau that everybody knows
(docs/explanation/protocol.md 4.2, docs/decisions/0016).

A setup's status is read off its srs id, which is a digest of [tau]_1 and [tau]_2, and never off a
mark in a file: `ceremony NAME` for one of the table, `development` for the tau of
`unsafe_dev_setup`, `unknown ceremony` for every other. Of an unknown tau nobody can tell whether a
hundred people made it or one, who kept it: it is refused wherever `development` is.

Correctness: an id in a key or a file is a number that anybody can write. Where [tau]_2 stands
beside it, both must be of one entry of the table or neither of any (`require_own_id`); a proof
is checked with [tau]_2, so no tau but its own takes a ceremony's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from algebra import twist
from algebra.errors import Malformed, Refused
from algebra.interface import PointG2
from algebra.keccak import keccak
from history.v2.leaf_words import SRS_ID_BITS

SRS_DOMAIN = b"tierproof/srs"
DEVELOPMENT, UNKNOWN, CEREMONY = "development", "unknown ceremony", "ceremony"


@dataclass(frozen=True, slots=True)
class KnownTau:
    """
    One tau, by its points.

    Attributes
    ----------
    name : of the ceremony; empty for the tau that everybody knows
    tau_g1 : [tau]_1
    tau_g2 : [tau]_2
    """

    name: str
    tau_g1: tuple[int, int]
    tau_g2: PointG2

    @property
    def srs_id(self) -> int:
        """200 bits, as `srs_id` of the points."""
        return srs_id(b"".join(c.to_bytes(32, "big") for c in self.tau_g1), self.tau_g2)

    @property
    def status(self) -> str:
        """`ceremony NAME` or `development`."""
        return f"{CEREMONY} {self.name}" if self.name else DEVELOPMENT


KNOWN = (
    # prover.setup.unsafe_dev_setup with its own seed.
    KnownTau(
        "",
        (
            0x0601CDBE82DF6F8EB39EE6CA717293C65244AC320A29378C2958FE2E1F62769F,
            0x026F88310B481C0193C27DAC9F19FE008B8278119A6CBA560E856D7AB984AC38,
        ),
        (
            (
                0x106E1803CD3EEEB0B99E26F82986E4A6B92953B642D97979E7397D70A81ACB21,
                0x2509BF488272A06A5943C0E6469A5D7C4767D32FC59DD59E36318ECDBD401C66,
            ),
            (
                0x0869E906CCD038E9345DD7F04B8F824DA2424AA19D2A13468D77A4073A2E32D2,
                0x28341F58486D4EE8D136F59703BAB724B1D6EF999F0101443FEE368F2F7CFEDE,
            ),
        ),
    ),
    # powersOfTau28_hez_final and its cuts hez_final_NN: 54 contributions to the Perpetual Powers of
    # Tau and a beacon. Read from hez_final_11, whose digest snarkjs publishes.
    KnownTau(
        "hez_final",
        (
            0x2DD3FD59098A5B4B4A616568BB6BA1A1E4C40E4B0DF9AE94E37944D55AB651CF,
            0x25680C3525BA04435A9034D6E69C96DE5133EDFE37C226D3E31B60EFF6B34EF0,
        ),
        (
            (
                0x30441FD1B5D3370482C42152A8899027716989A6996C2535BC9F7FEE8AAEF79E,
                0x26186A2D65EE4D2F9C9A5B91F86597D35F192CD120CAF7E935D8443D1938E23D,
            ),
            (
                0x054793348F12C0CF5622C340573CB277586319DE359AB9389778F689786B1E48,
                0x1970EA81DD6992ADFBC571EFFB03503ADBBB6A857F578403C6C40E22D65B3C02,
            ),
        ),
    ),
    # Perpetual Powers of Tau, challenge 0085: 84 contributions, no beacon. EigenDA's points; the
    # first four are those of the challenge file, which names the digest of response 0084.
    KnownTau(
        "PPoT 0085",
        (
            0x0BFC87ECBDCDC23EF5481BB179AAADA7F42C22D2DFD52B4655A18C2879C54EEA,
            0x1CBB5FCA42814F560026C7D8854B946E6FA2D25BB2C6430981CA27A974D7D385,
        ),
        (
            (
                0x2AE0C8C3A090F7200FF398EE9845BBAE8F8C1445AE7B632212775F60A0E21600,
                0x172AA93C41F16E1E04D62AC976A5D945F4BE0ACAB990C6DC19AC4A7CF68BF77B,
            ),
            (
                0x1459FE6CC8A1222FD4290864FF9E47D4B8CF7A403593C7107C39538DDEFD857E,
                0x1754A9FC3B7E4DA9197C283C7401773208190C5555CAF254E644E99C29366704,
            ),
        ),
    ),
    # Ignition (Aztec): 176 contributions. Both points are constants of AztecProtocol/aztec-packages
    # @01fcd4c6, barretenberg/cpp/src/barretenberg/srs/factories/bn254_crs_data.hpp.
    KnownTau(
        "Ignition",
        (
            0x2D360628289FF943FF6BD1A87BBE4E62ABE7FB61BA83EFFD266F22BDCF31E6F9,
            0x26B92A79E563C3F48252CCE7FEECA2F0F8D33DCB4EF7B0643BF07BD405700AAA,
        ),
        (
            (
                0x0118C4D5B837BCC2BC89B5B398B5974E9F5944073B32078B7E231FEC938883B0,
                0x260E01B251F6F1C7E7FF4E580791DEE8EA51D87A358E038B4EFE30FAC09383C1,
            ),
            (
                0x22FEBDA3C0C0632A56475B4214E5615E11E6DD3F96E6CEA2854A87D4DACC5E55,
                0x04FC6369F7110FE3D25156C1BB9A72859CF2A04641F99BA4EE413C80DA6A5FE4,
            ),
        ),
    ),
)
"""In the order in which a registry is told of them, after the first."""


def srs_id(tau_g1: bytes, tau_g2: PointG2) -> int:
    """keccak256("tierproof/srs" + [tau]_1 (64 bytes) + [tau]_2 (128 bytes)) >> 56; 200 bits."""
    digest = keccak(SRS_DOMAIN + tau_g1 + twist.to_bytes(tau_g2))
    return int.from_bytes(digest, "big") >> (256 - SRS_ID_BITS)


@cache
def known() -> Mapping[int, KnownTau]:
    """The table by srs id."""
    return MappingProxyType({entry.srs_id: entry for entry in KNOWN})


@cache
def ceremony_ids() -> tuple[int, ...]:
    """Srs ids of the known ceremonies."""
    return tuple(identity for identity, entry in known().items() if entry.name)


def setup_status(identity: int) -> str:
    """`ceremony NAME`, `development` or `unknown ceremony`, by a setup's srs id."""
    return known()[identity].status if identity in known() else UNKNOWN


def require_own_id(identity: int, tau_g2: PointG2) -> None:
    """
    Refuse a known id beside the [tau]_2 of another tau, and the other way round.

    Raises
    ------
    Malformed
        `malformed.srs_id`.
    """
    by_point = next((entry for entry in KNOWN if entry.tau_g2 == tau_g2), None)
    if known().get(identity) is not by_point:
        raise Malformed(
            "malformed.srs_id",
            f"srs id: 0x{identity:050x} ({setup_status(identity)}) is not that of the key's "
            f"[tau]_2 ({by_point.status if by_point else UNKNOWN}); take the key from who made it",
        )


def why_not(identity: int, allow_setup: str | None = None) -> str | None:
    """
    Why a setup is not taken in earnest, for the caller to raise; None if it is.

    Parameters
    ----------
    identity : srs id
    allow_setup : what is taken beside the known ceremonies: `development`, or the srs id of one
        setup, 0x and 50 digits

    Raises
    ------
    Refused
        `usage.allow_setup`: neither of the two.
    """
    allowed = None if allow_setup is None else allowed_id(allow_setup)
    if identity in ceremony_ids() or identity == allowed:
        return None
    if setup_status(identity) == DEVELOPMENT:
        return f"{DEVELOPMENT}: everybody knows its secret"
    return f"{UNKNOWN} 0x{identity:050x}: nobody can tell who knows its secret"


def allowed_id(text: str) -> int:
    """The srs id that `allow_setup` names; Refused (`usage.allow_setup`)."""
    if text == DEVELOPMENT:
        return next(entry.srs_id for entry in KNOWN if not entry.name)
    if not re.fullmatch(r"0x[0-9a-f]{50}", text):
        raise Refused(
            "usage.allow_setup",
            f"allow setup: '{text[:60]}' is neither '{DEVELOPMENT}' nor an srs id, 0x and 50 "
            "lower-case hexadecimal digits",
        )
    return int(text, 16)
