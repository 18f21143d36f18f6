// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a verifier of credentials reverts with
/// @notice A claim reverts with its verifier's own error. These stand in the registry's ABI too, so
/// that a client that has no other reads them by name.
interface IVerifierErrors {
    /// @notice The proof has not the one length that proofs of the circuit have.
    error BadLength();

    /// @notice The statement breaks a rule of those that the verifier's source lists.
    /// @param rule Its number.
    error BadStatement(uint256 rule);

    /// @notice A number of the proof is not below the order of the field.
    error BadScalar();

    /// @notice A point of the proof is not on the curve, or is infinity.
    error BadPoint();

    /// @notice A challenge hit a pole; happens to no prover.
    error BadChallenge();

    /// @notice A precompile is missing or failed, as it does when gas runs short.
    error PrecompileFailed();

    /// @notice The equation does not hold: the proof does not show the statement.
    error NotAccepted();
}
