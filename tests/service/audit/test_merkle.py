"""
The Merkle tree against published vectors (transparency-dev/merkle, testonly/constants.go and
testdata, Apache-2.0: leaves, roots and proofs of RFC 6962), and proofs of every pair of sizes.
"""

from __future__ import annotations

from base64 import b64decode

import pytest

from algebra.errors import Rejected
from service.audit import merkle
from service.audit.merkle import Growing

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c= "
    "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
    (5, 8): "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms= "
    "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA= 037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    (2, 3): "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=",
    (1, 5): "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0= "
    "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
}
CONSISTENCY = {
    (6, 8): "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o= "
    "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA= 037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    (2, 5): "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= "
    "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
    (6, 7): "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o= "
    "sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8= 037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
}


class Tree:
    """Every node and root of a tree of some leaves."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes, growing = {}, Growing()
        self.roots = [growing.root()]
        for place, data in enumerate(leaves):
            self.nodes[0, place] = leaf = merkle.leaf_hash(data)
            self.nodes |= {(level, index): it for level, index, it in growing.append(leaf)}
            self.roots.append(growing.root())

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


PUBLISHED = Tree(LEAVES)
MADE = Tree([bytes([place]) for place in range(33)])


def decoded(proof: str) -> list[bytes]:
    return [b64decode(each) for each in proof.split()]


def test_published_roots() -> None:
    assert [root.hex() for root in PUBLISHED.roots] == ROOTS
    for size, root in enumerate(PUBLISHED.roots):
        assert merkle.root_of(size, PUBLISHED.node) == root


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_published_inclusion(index: int, size: int) -> None:
    proof = decoded(INCLUSION[index, size])
    assert merkle.inclusion_proof(index, size, PUBLISHED.node) == proof
    merkle.verify_inclusion(
        PUBLISHED.node(0, index), index, size, proof, bytes.fromhex(ROOTS[size])
    )


@pytest.mark.parametrize(("old", "size"), CONSISTENCY)
def test_published_consistency(old: int, size: int) -> None:
    proof = decoded(CONSISTENCY[old, size])
    assert merkle.consistency_proof(old, size, PUBLISHED.node) == proof
    merkle.verify_consistency(
        old, size, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[size]), proof
    )


def test_every_proof_holds_and_no_other_does() -> None:
    for size in range(1, 34):
        root = MADE.roots[size]
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, MADE.node)
            assert len(proof) <= (size - 1).bit_length()
            merkle.verify_inclusion(MADE.node(0, index), index, size, proof, root)
            for other in damaged(proof):
                with pytest.raises(Rejected, match="not shown"):
                    merkle.verify_inclusion(MADE.node(0, index), index, size, other, root)
        for old in range(1, size + 1):
            proof = merkle.consistency_proof(old, size, MADE.node)
            merkle.verify_consistency(old, size, MADE.roots[old], root, proof)
            for other in damaged(proof):
                with pytest.raises(Rejected, match="does not begin"):
                    merkle.verify_consistency(old, size, MADE.roots[old], root, other)


def damaged(proof: list[bytes]) -> list[list[bytes]]:
    """Each part changed, left out and twice; one more at either end; one of another length."""
    out = [[*proof, bytes(32)], [bytes(32), *proof], [*proof, b""]]
    for place, part in enumerate(proof):
        before, after = proof[:place], proof[place + 1 :]
        out += [[*before, bytes([part[0] ^ 1]) + part[1:], *after], [*before, *after]]
        out += [[*before, part, part, *after], [*before, part[:-1], *after]]
    return out


def test_a_proof_is_of_its_place_size_and_root_alone() -> None:
    leaf, proof = MADE.node(0, 5), merkle.inclusion_proof(5, 9, MADE.node)
    for index, size, root in ((4, 9, 9), (5, 7, 9), (5, 17, 9), (5, 9, 8), (9, 9, 9), (-1, 9, 9)):
        with pytest.raises(Rejected):
            merkle.verify_inclusion(leaf, index, size, proof, MADE.roots[root])
    with pytest.raises(Rejected):
        merkle.verify_inclusion(MADE.node(0, 4), 5, 9, proof, MADE.roots[9])
    proof = merkle.consistency_proof(5, 9, MADE.node)
    for old, size, first, last in ((6, 9, 5, 9), (5, 17, 5, 9), (5, 9, 6, 9), (5, 9, 5, 8),
                                   (9, 5, 9, 5), (0, 9, 0, 9), (-1, 9, 5, 9)):  # fmt: skip
        with pytest.raises(Rejected):
            merkle.verify_consistency(old, size, MADE.roots[first], MADE.roots[last], proof)


def test_of_an_empty_tree_only_that_it_is_empty() -> None:
    merkle.verify_consistency(0, 0, MADE.roots[0], MADE.roots[0], [])
    for root in (MADE.roots[1], bytes(32)):
        with pytest.raises(Rejected):
            merkle.verify_consistency(0, 0, root, root, [])
    with pytest.raises(Rejected):
        merkle.verify_consistency(0, 1, MADE.roots[0], MADE.roots[1], [])


def test_proofs_of_what_is_not_there_are_not_made() -> None:
    for index, size in ((1, 1), (-1, 3), (0, 0)):
        with pytest.raises(ValueError, match="no such leaf"):
            merkle.inclusion_proof(index, size, MADE.node)
    with pytest.raises(ValueError, match="larger"):
        merkle.consistency_proof(4, 3, MADE.node)


def test_growing_reads_and_makes_few_nodes() -> None:
    """n leaves complete n minus as many subtrees as n has bits; going on reads one a bit."""
    read: list[tuple[int, int]] = []

    def node(level: int, index: int) -> bytes:
        read.append((level, index))
        return MADE.node(level, index)

    growing = Growing.of(27, node)
    assert len(read) == 4 and growing.root() == MADE.roots[27]
    growing.append(MADE.node(0, 27))
    assert growing.root() == MADE.roots[28]
    assert len(MADE.nodes) == 33 + 33 - 2
