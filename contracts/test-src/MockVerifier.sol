// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "../src/registry/ITierproofVerifier.sol";

/// @title Stand-in verifier of the tests: accepts one expected statement and proof, or everything
/// @dev Lives outside src: its artifact goes to test-artifacts, which the client never loads.
contract MockVerifier is ITierproofVerifier {
    /// @notice Another call than the expected one.
    /// @param got keccak256(abi.encode(statement, proof)) of the call.
    /// @param expected The one to accept.
    error MockRejected(bytes32 got, bytes32 expected);

    /// @inheritdoc ITierproofVerifier
    uint256 public immutable srsId;
    /// @notice keccak256(abi.encode(statement, proof)) to accept, or zero to accept all.
    bytes32 public immutable expected;

    /// @notice Sets what it answers for ever.
    /// @param srsId_ What srsId() answers.
    /// @param expected_ keccak256(abi.encode(statement, proof)) to accept, or zero to accept all.
    constructor(uint256 srsId_, bytes32 expected_) {
        srsId = srsId_;
        expected = expected_;
    }

    /// @inheritdoc ITierproofVerifier
    function verify(uint256[11] calldata statement, bytes calldata proof) external view {
        if (expected == bytes32(0)) return;
        bytes32 got = keccak256(abi.encode(statement, proof));
        if (got != expected) revert MockRejected(got, expected);
    }

    /// @inheritdoc ITierproofVerifier
    function keyDigest() external pure returns (bytes32) {
        return keccak256("mock");
    }
}

/// @title Verifier that never accepts, in several manners
contract BrokenVerifier is ITierproofVerifier {
    /// @notice How it fails.
    enum Manner {
        RevertEmpty,
        RevertReason,
        BurnGas,
        InvalidOpcode
    }

    /// @notice What `RevertReason` says.
    /// @param words Length of the statement.
    error NeverAccepts(uint256 words);

    /// @notice How this one fails.
    Manner public immutable manner;

    /// @notice Sets how it fails.
    /// @param manner_ The manner.
    constructor(Manner manner_) {
        manner = manner_;
    }

    /// @inheritdoc ITierproofVerifier
    function verify(uint256[11] calldata statement, bytes calldata) external view {
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

    /// @inheritdoc ITierproofVerifier
    function keyDigest() external pure returns (bytes32) {
        return bytes32(0);
    }

    /// @inheritdoc ITierproofVerifier
    function srsId() external pure returns (uint256) {
        return 0;
    }
}
