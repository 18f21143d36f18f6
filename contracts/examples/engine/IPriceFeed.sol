// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The part of Chainlink's `AggregatorV3Interface` that a margin engine asks
interface IPriceFeed {
    /// @notice Decimals of the answers.
    /// @return Usually 8.
    function decimals() external view returns (uint8);

    /// @notice The latest answer.
    /// @return roundId Its round.
    /// @return answer Price; for the feed of a sequencer 0 where it is up.
    /// @return startedAt Unix seconds; for the feed of a sequencer since when it is so.
    /// @return updatedAt Unix seconds.
    /// @return answeredInRound Not to be used.
    function latestRoundData()
        external
        view
        returns (
            uint80 roundId,
            int256 answer,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredInRound
        );

    /// @notice The answer of one round.
    /// @param round Its number.
    /// @return roundId The round.
    /// @return answer Price.
    /// @return startedAt Unix seconds.
    /// @return updatedAt Unix seconds.
    /// @return answeredInRound Not to be used.
    function getRoundData(uint80 round)
        external
        view
        returns (
            uint80 roundId,
            int256 answer,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredInRound
        );
}
