// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A feed of the form of Chainlink's, that says what it is told to, or misbehaves
contract MockFeed {
    /// @notice How it answers.
    enum Manner {
        Honest,
        Reverts,
        BurnsGas,
        AnswersShort,
        AnswersLong
    }

    /// @notice Decimals of its answers.
    uint256 public decimals;
    /// @notice How it answers.
    Manner public manner;
    /// @notice What it answers.
    int256 public answer;
    /// @notice When the round began.
    uint256 public startedAt;
    /// @notice When the answer was made.
    uint256 public updatedAt;

    /// @notice What `Reverts` says.
    error Silent();

    /// @notice Starts without an answer.
    /// @param decimals_ Decimals of its answers.
    constructor(uint256 decimals_) {
        decimals = decimals_;
    }

    /// @notice Sets what it answers.
    /// @param manner_ How.
    /// @param answer_ What.
    /// @param startedAt_ When the round began.
    /// @param updatedAt_ When the answer was made.
    function set(Manner manner_, int256 answer_, uint256 startedAt_, uint256 updatedAt_) external {
        (manner, answer, startedAt, updatedAt) = (manner_, answer_, startedAt_, updatedAt_);
    }

    /// @notice The last round.
    /// @return The round's number.
    /// @return The answer.
    /// @return When the round began.
    /// @return When the answer was made.
    /// @return The round's number again.
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        if (manner == Manner.Reverts) revert Silent();
        if (manner == Manner.BurnsGas) {
            while (true) {}
        }
        uint256[5] memory words = [1, uint256(answer), startedAt, updatedAt, 1];
        uint256 length = manner == Manner.AnswersShort ? 159 : 160;
        if (manner == Manner.AnswersLong) length = 100_000;
        assembly ("memory-safe") {
            return(words, length)
        }
    }
}
