// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "../src/registry/ITierproofVerifier.sol";

/// @title Stand-in verifier of the tests: accepts one expected statement and proof, or everything
/// @notice A proof that begins with `ff` or `fe` is false; the errors of two such, one of each kind,
/// cancel where their equations are added as they are.
/// @dev Lives outside src: its artifact goes to test-artifacts, which the client never loads. Its
/// tau is 1, so that an equation holds if both points are the same; that of setup 7 is -1.
contract MockVerifier is ITierproofVerifier {
    uint256 private constant P =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @notice The proof is false.
    error NotAccepted();

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
        _requireExpected(statement, proof);
        if (_falsehood(proof) != 0) revert NotAccepted();
    }

    /// @inheritdoc ITierproofVerifier
    function accumulator(uint256[11] calldata statement, bytes calldata proof)
        external
        view
        returns (uint256[4] memory sum, uint256[4] memory tau, uint256[] memory scalars)
    {
        _requireExpected(statement, proof);
        uint8 falsehood = _falsehood(proof);
        bool other = srsId == 7;
        sum = [1, falsehood == 1 ? P - 2 : 2, 1, (falsehood == 2) != other ? P - 2 : 2];
        tau = [
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x90689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        ];
        if (other) (tau[2], tau[3]) = (P - tau[2], P - tau[3]);
        scalars = new uint256[](0);
    }

    /// @inheritdoc ITierproofVerifier
    function keyPoints() external pure returns (uint256[2][] memory) {
        return new uint256[2][](0);
    }

    /// @inheritdoc ITierproofVerifier
    function checkStatement(uint256, uint256[5] calldata) external view {}

    /// @inheritdoc ITierproofVerifier
    function keyDigest() external pure returns (bytes32) {
        return keccak256("mock");
    }

    /// @dev Refuses another call than the expected one.
    function _requireExpected(uint256[11] calldata statement, bytes calldata proof) private view {
        if (expected == bytes32(0)) return;
        bytes32 got = keccak256(abi.encode(statement, proof));
        if (got != expected) revert MockRejected(got, expected);
    }

    /// @dev 0 for a true proof, or which of both kinds of false ones.
    function _falsehood(bytes calldata proof) private pure returns (uint8) {
        if (proof.length == 0 || proof[0] < 0xfe) return 0;
        return proof[0] == 0xff ? 1 : 2;
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
        _fail(statement.length);
    }

    /// @inheritdoc ITierproofVerifier
    function accumulator(uint256[11] calldata statement, bytes calldata)
        external
        view
        returns (uint256[4] memory, uint256[4] memory, uint256[] memory)
    {
        _fail(statement.length);
    }

    /// @inheritdoc ITierproofVerifier
    function keyPoints() external view returns (uint256[2][] memory) {
        _fail(0);
    }

    /// @inheritdoc ITierproofVerifier
    function checkStatement(uint256, uint256[5] calldata thresholds) external view {
        _fail(thresholds.length);
    }

    /// @inheritdoc ITierproofVerifier
    function keyDigest() external pure returns (bytes32) {
        return bytes32(0);
    }

    /// @inheritdoc ITierproofVerifier
    function srsId() external pure returns (uint256) {
        return 0;
    }

    /// @dev Fails in its manner.
    function _fail(uint256 length) private view {
        if (manner == Manner.RevertReason) revert NeverAccepts(length);
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
}
