// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "../src/registry/ITierproofVerifier.sol";

/// @title Stand-in verifier of the tests: accepts one expected statement and proof, or everything
/// @dev Lives outside src: its artifact goes to test-artifacts, which the client never loads.
contract MockVerifier is ITierproofVerifier {
    error MockRejected(bytes32 got, bytes32 expected);

    bool public immutable insecure;
    bytes32 public immutable expected;

    /// @param insecure_ What insecure() answers.
    /// @param expected_ keccak256(abi.encode(statement, proof)) to accept, or zero to accept all.
    constructor(bool insecure_, bytes32 expected_) {
        insecure = insecure_;
        expected = expected_;
    }

    function verify(uint256[9] calldata statement, bytes calldata proof) external view {
        if (expected == bytes32(0)) return;
        bytes32 got = keccak256(abi.encode(statement, proof));
        if (got != expected) revert MockRejected(got, expected);
    }

    function keyDigest() external pure returns (bytes32) {
        return keccak256("mock");
    }

    function srsId() external pure returns (uint256) {
        return 7;
    }
}

/// @title Verifier that never accepts, in several manners
contract BrokenVerifier is ITierproofVerifier {
    enum Manner {
        RevertEmpty,
        RevertReason,
        BurnGas,
        InvalidOpcode
    }

    error NeverAccepts(uint256 words);

    Manner public immutable manner;

    constructor(Manner manner_) {
        manner = manner_;
    }

    function verify(uint256[9] calldata statement, bytes calldata) external view {
        if (manner == Manner.RevertReason) revert NeverAccepts(statement.length);
        if (manner == Manner.BurnGas) {
            while (true) {}
        }
        if (manner == Manner.InvalidOpcode) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }

    function keyDigest() external pure returns (bytes32) {
        return bytes32(0);
    }

    function insecure() external pure returns (bool) {
        return false;
    }

    function srsId() external pure returns (uint256) {
        return 0;
    }
}
