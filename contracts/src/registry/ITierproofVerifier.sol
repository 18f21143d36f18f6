// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Verifier of Tierproof credentials, one per circuit and size class
/// @notice Implementations are generated and immutable: no owner, no storage, no setter.
interface ITierproofVerifier {
    /// @notice Checks a proof of a statement. Returns nothing when it accepts and reverts in every
    /// other case: a proof that does not hold, one that is malformed, a precompile that fails or is
    /// missing, too little gas.
    /// @param statement The public words in protocol order: root, nullifier, scope, account,
    /// window, t0, t1, t2, t3, t4, feed.
    /// @param proof The proof bytes, exactly as the prover wrote them.
    function verify(uint256[11] calldata statement, bytes calldata proof) external view;

    /// @notice Digest of the verifying key this code was generated from.
    /// @return 32 bytes.
    function keyDigest() external view returns (bytes32);

    /// @notice The 200-bit identifier of the powers of tau behind the key.
    /// @return Below 2^200.
    function srsId() external view returns (uint256);
}
