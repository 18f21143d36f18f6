// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";
import {MarginEngine} from "./MarginEngine.sol";

/// @title Many accounts in one call, for indexers and risk desks
/// @notice All answers are of one block, which they name. What fails for one account fails alone.
contract GrantReader {
    /// @notice The terms of an account.
    struct Reading {
        address account;
        /// Whether the registry answered; the rest is empty if not.
        bool answered;
        IEffectiveTerms.EffectiveTerms terms;
    }

    /// @notice How an account stands in an engine.
    struct Standing {
        address account;
        /// Whether the engine answered; it does not without a fresh price of all that is held.
        bool answered;
        MarginEngine.Health health;
        /// Whether equity is below maintenance margin.
        bool below;
    }

    /// @notice Terms of many accounts.
    /// @param registry Whose.
    /// @param accounts Which.
    /// @return blockNumber Of which block.
    /// @return readings One an account, in the same order.
    /// @return changesAt First second at which any of them may change by itself; zero if none is known.
    function termsOf(IEffectiveTerms registry, address[] calldata accounts)
        external
        view
        returns (uint256 blockNumber, Reading[] memory readings, uint256 changesAt)
    {
        blockNumber = block.number;
        readings = new Reading[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            readings[i].account = accounts[i];
            try this.read(registry, accounts[i]) returns (
                IEffectiveTerms.EffectiveTerms memory terms
            ) {
                readings[i].answered = true;
                readings[i].terms = terms;
                if (terms.changesAt != 0 && (changesAt == 0 || terms.changesAt < changesAt)) {
                    changesAt = terms.changesAt;
                }
            } catch {}
        }
    }

    /// @notice How many accounts stand in an engine.
    /// @param engine Which.
    /// @param accounts Which.
    /// @return blockNumber Of which block.
    /// @return standings One an account, in the same order.
    function standingsIn(MarginEngine engine, address[] calldata accounts)
        external
        view
        returns (uint256 blockNumber, Standing[] memory standings)
    {
        blockNumber = block.number;
        standings = new Standing[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            standings[i].account = accounts[i];
            try engine.healthOf(accounts[i]) returns (MarginEngine.Health memory health) {
                standings[i].answered = true;
                standings[i].health = health;
                standings[i].below = health.equity < int256(health.maintenanceMargin);
            } catch {}
        }
    }

    /// @notice Terms of one account; a call of its own, so that an answer that is none fails alone.
    /// @param registry Whose.
    /// @param account Which.
    /// @return Its terms.
    function read(IEffectiveTerms registry, address account)
        external
        view
        returns (IEffectiveTerms.EffectiveTerms memory)
    {
        return registry.effectiveTerms{gas: 300_000}(account);
    }
}
