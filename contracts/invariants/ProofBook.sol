// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "../src/registry/ITierproofVerifier.sol";

/// @title A verifier that knows which statements were proven, and accepts no other
contract ProofBook is ITierproofVerifier {
    uint256 private constant P =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @notice Whether a statement was proven with these bytes: by keccak256(abi.encode(both)).
    mapping(bytes32 => bool) public proven;

    /// @notice The statement was not proven.
    error NotProven();

    /// @notice Proves a statement.
    /// @param statement Its words.
    /// @param proof The bytes.
    function prove(uint256[11] calldata statement, bytes calldata proof) external {
        proven[keccak256(abi.encode(statement, proof))] = true;
    }

    /// @inheritdoc ITierproofVerifier
    /// @dev Its tau is 1: the equation holds if both points are the same.
    function accumulator(uint256[11] calldata statement, bytes calldata proof)
        external
        view
        returns (uint256[4] memory sum, uint256[4] memory tau, uint256[] memory scalars)
    {
        bool holds = proven[keccak256(abi.encode(statement, proof))];
        sum = [1, holds ? 2 : P - 2, 1, 2];
        tau = [
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x90689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        ];
        scalars = new uint256[](0);
    }

    /// @inheritdoc ITierproofVerifier
    function keyPoints() external pure returns (uint256[2][] memory) {
        return new uint256[2][](0);
    }

    /// @inheritdoc ITierproofVerifier
    function verify(uint256[11] calldata statement, bytes calldata proof) external view {
        if (!proven[keccak256(abi.encode(statement, proof))]) revert NotProven();
    }

    /// @inheritdoc ITierproofVerifier
    function checkStatement(uint256, uint256[5] calldata) external view {}

    /// @inheritdoc ITierproofVerifier
    function keyDigest() external pure returns (bytes32) {
        return keccak256("book");
    }

    /// @inheritdoc ITierproofVerifier
    function srsId() external pure returns (uint256) {
        return 0xCE4E;
    }
}
