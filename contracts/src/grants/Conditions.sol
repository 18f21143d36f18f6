// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../registry/IEffectiveTerms.sol";
import {Effective} from "./Effective.sol";
import {Grants} from "./Grants.sol";
import {Holders} from "./Holders.sol";
import {ITierGrants} from "./ITierGrants.sol";
import {MarketState} from "./MarketState.sol";
import {Reports} from "./Reports.sol";
import {Grant, Market, Terms} from "./Slots.sol";
import {MarketRules} from "./Types.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title What an account may do in a second: its grant, the market and its conduct
abstract contract Conditions is Holders, IEffectiveTerms, IERC165 {
    // ---- governor and guardian ------------------------------------------------------------------

    /// @notice Announces a default, bands and a feed; all of it may begin after the notice. What
    /// waited before is replaced. Governor only.
    /// @param rules All of it; a zero source only while there is no feed.
    function announceMarket(MarketRules calldata rules) external restricted {
        MarketState.announce(_book, rules, strictest, _afterNotice());
    }

    /// @notice Stops what was announced of the market, before it begins. Guardian only.
    function withdrawMarket() external restricted {
        MarketState.withdraw(_book);
    }

    /// @notice Registers who reports conduct after the notice. Governor only.
    /// @param engine A contract; for level 1 also a desk of people.
    /// @param mostLevel Highest level that it may report, 1 to 3.
    /// @return index Its number in records, from 1.
    function registerEngine(address engine, uint8 mostLevel)
        external
        restricted
        returns (uint8 index)
    {
        return Reports.register(_book, engine, mostLevel, _afterNotice());
    }

    /// @notice Voids what an engine reported that was switched off, after the notice. Governor only.
    /// @param engine The address.
    function voidReports(address engine) external restricted {
        Reports.void(_book, engine, _afterNotice());
    }

    /// @notice Switches an engine off: it reports no more; what it reported stays. Said again, it
    /// stops a voiding that waits. Guardian only.
    /// @param engine The address.
    function disableEngine(address engine) external restricted {
        Reports.disable(_book, engine);
    }

    // ---- anybody, and engines -------------------------------------------------------------------

    /// @notice Begins what was announced, after its notice. Anybody may send it.
    function beginMarket() external {
        MarketState.begin(_book);
    }

    /// @notice Reads the feed. Anybody may send it, with gas for the reading.
    function poke() external {
        MarketState.poke(_book, strictest);
    }

    /// @inheritdoc ITierGrants
    function carryConduct(address from, address account) external {
        Reports.carryOver(_book, from, account, strictest);
    }

    /// @inheritdoc ITierGrants
    function takeBackReports(address account) external {
        Reports.takeBack(_book, account, strictest);
    }

    /// @inheritdoc IEffectiveTerms
    function reportConduct(
        address account,
        ConductLevel level,
        uint16 nearDays,
        uint16 exposedDays,
        bytes32 eventId
    ) external {
        Reports.report(_book, account, uint8(level), nearDays, exposedDays, eventId, strictest);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IEffectiveTerms).interfaceId || id == type(ITierGrants).interfaceId
            || id == type(IERC165).interfaceId;
    }

    /// @inheritdoc IEffectiveTerms
    function effectiveTerms(address account) external view returns (EffectiveTerms memory terms) {
        (Grant memory grant, Market memory market) = (_book.grants[account], _book.market);
        Terms memory tier = _book.series.tiers[grant.tier].terms;
        // As `endOf` does, without the market's slot once more.
        uint256 end = market.alarms == 0 ? grant.expiry : Grants.endOf(_book, grant);
        Effective.fill(terms, grant, tier, market, strictest, end, block.timestamp);
    }
}
