// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";

/// @title What an engine that exists already needs of Tierproof, in thirty lines
/// @notice The engine brings its own books; these lines decide on them. `MarginEngine` does the same
/// with all that is around it: limits, gas that a caller withholds, a registry that answers nonsense.
abstract contract ThirtyLines {
    /// @notice Where terms are read and conduct is reported.
    IEffectiveTerms public immutable registry;
    /// @notice Events reported so far.
    uint256 public events;

    /// @notice Less equity than initial margin.
    error NotEnoughMargin();
    /// @notice Equity is not below maintenance margin.
    error Healthy();

    /// @notice Names the registry.
    /// @param registry_ The registry.
    constructor(IEffectiveTerms registry_) {
        registry = registry_;
    }

    // --8<-- [start:lines]
    /// @dev Equity of an account and notional of its positions at fresh marks: the engine's own.
    function _book(address account) internal view virtual returns (int256 equity, uint256 notional);

    /// @dev After opening, increasing, withdrawing: initial margin as it is in this transaction.
    function _requireInitialMargin(address account) internal view {
        (int256 equity, uint256 notional) = _book(account);
        if (equity * 10_000 < int256(notional * _terms(account).initialMarginBp)) {
            revert NotEnoughMargin();
        }
    }

    /// @dev Before liquidating: maintenance margin, and nothing else.
    function _requireLiquidatable(address account) internal view {
        (int256 equity, uint256 notional) = _book(account);
        if (equity * 10_000 >= int256(notional * _terms(account).maintenanceMarginBp)) {
            revert Healthy();
        }
    }

    /// @dev After liquidating: the registry hears of it, and cannot stop it.
    function _report(address account, bool all, uint16 near, uint16 exposed) internal {
        IEffectiveTerms.ConductLevel level =
            all ? IEffectiveTerms.ConductLevel.Liquidated : IEffectiveTerms.ConductLevel.Partly;
        try registry.reportConduct(account, level, near, exposed, bytes32(++events)) {} catch {}
    }

    /// @dev Terms of now; without an answer the engine's own.
    function _terms(address account)
        internal
        view
        returns (IEffectiveTerms.EffectiveTerms memory terms)
    {
        try registry.effectiveTerms(account) returns (IEffectiveTerms.EffectiveTerms memory now_) {
            return now_;
        } catch {
            (terms.initialMarginBp, terms.maintenanceMarginBp) = (2_500, 1_250);
        }
    }
    // --8<-- [end:lines]
}
