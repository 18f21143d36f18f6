// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ThirtyLines} from "../examples/ThirtyLines.sol";
import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";

/// @title The thirty lines on a book that the tests write
contract ThirtyLinesEngine is ThirtyLines {
    /// @notice Equity of everybody.
    int256 public equity;
    /// @notice Notional of everybody.
    uint256 public notional;

    /// @notice Names the registry.
    /// @param registry_ The registry.
    constructor(IEffectiveTerms registry_) ThirtyLines(registry_) {}

    /// @notice Opens a position.
    /// @param equity_ Equity then.
    /// @param notional_ Notional then.
    function open(int256 equity_, uint256 notional_) external {
        (equity, notional) = (equity_, notional_);
        _requireInitialMargin(msg.sender);
    }

    /// @notice Liquidates.
    /// @param account Whom.
    /// @param all Whether whole.
    function liquidate(address account, bool all) external {
        _requireLiquidatable(account);
        if (all) notional = 0;
        _report(account, all, 1, 2);
    }

    /// @notice Sets equity.
    /// @param equity_ What it is.
    function fall(int256 equity_) external {
        equity = equity_;
    }

    /// @inheritdoc ThirtyLines
    function _book(address) internal view override returns (int256, uint256) {
        return (equity, notional);
    }
}
