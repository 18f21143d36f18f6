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

    /// @notice All of `verify` but its last equation, which is left to the caller: no acceptance.
    /// Reverts where `verify` does before it. Equations of many proofs are checked as one, by weights
    /// that nobody knew when the proofs were made.
    /// @param statement As for `verify`.
    /// @param proof As for `verify`.
    /// @return sum Two points of G1, L' and W'; W' is not infinity. L is L' and the key's points by
    /// `scalars`, which all proofs of a key share: many are added by one multiplication each.
    /// @return tau [tau]_2 of the key, imaginary parts first, as the pairing precompile reads it. The
    /// proof shows the statement if e(L, [1]_2) = e(W', [tau]_2).
    /// @return scalars One for each of `keyPoints`, not reduced.
    function accumulator(uint256[11] calldata statement, bytes calldata proof)
        external
        view
        returns (uint256[4] memory sum, uint256[4] memory tau, uint256[] memory scalars);

    /// @notice The key's points in the sum of every proof. Ask before weights are drawn.
    /// @return In the order of their scalars.
    function keyPoints() external view returns (uint256[2][] memory);

    /// @notice Reverts as `verify` does if a claim of a tier with these words could never hold,
    /// whoever makes it: the rules of the statement that speak of window and thresholds alone.
    /// @param window First day + 2^24 the last day.
    /// @param thresholds t0, t1, t2, t3, t4.
    function checkStatement(uint256 window, uint256[5] calldata thresholds) external view;

    /// @notice Digest of the verifying key this code was generated from.
    /// @return 32 bytes.
    function keyDigest() external view returns (bytes32);

    /// @notice The 200-bit identifier of the powers of tau behind the key.
    /// @return Below 2^200.
    function srsId() external view returns (uint256);
}
