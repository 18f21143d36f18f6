// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Defaults} from "./Defaults.sol";
import {Effective} from "./Effective.sol";
import {Glide} from "./Glide.sol";
import {IMarket} from "./IMarket.sol";
import {Oracle} from "./Oracle.sol";
import {Regime} from "./Regime.sol";
import {Feed, Market, Terms} from "./Slots.sol";
import {Announced, Book, MarketRules} from "./Types.sol";

/// @title The default, the bands and the feed, announced and begun; and the feed's readings
library MarketState {
    /// @notice Announces a default, bands and a feed, in place of any that still wait.
    /// @param book All that is kept.
    /// @param rules All of it.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @param beginsAt First second at which it may begin.
    function announce(
        Book storage book,
        MarketRules calldata rules,
        uint256 strictest,
        uint32 beginsAt
    ) external {
        Defaults.requireRules(book.series, rules.terms, rules.bands, strictest);
        Feed memory feed;
        if (rules.source != address(0)) {
            feed = Oracle.chosen(rules.source, rules.heartbeat, feed);
        } else if (book.feed.source != address(0)) {
            revert IMarket.FeedMissing();
        }
        book.next = Announced(rules.terms, rules.bands, feed, rules.sequencer, beginsAt);
        emit IMarket.MarketAnnounced(rules, feed.decimals, beginsAt);
    }

    /// @dev Forgets what was announced and did not begin.
    /// @param book All that is kept.
    function withdraw(Book storage book) internal {
        if (book.next.beginsAt == 0) revert IMarket.NothingAnnounced();
        book.next.beginsAt = 0;
        emit IMarket.MarketWithdrawn();
    }

    /// @notice Makes what was announced hold: the default's opening margin at once, its maintenance
    /// margin by its clock, bands and feed from the next poke on.
    /// @param book All that is kept.
    function begin(Book storage book) external {
        Announced memory next = book.next;
        if (next.beginsAt == 0) revert IMarket.NothingAnnounced();
        if (block.timestamp < next.beginsAt) revert IMarket.MarketPending(next.beginsAt);
        book.next.beginsAt = 0;
        (next.feed.band, next.feed.seenAt) = (book.feed.band, book.feed.seenAt);
        (book.bands, book.feed, book.sequencer) = (next.bands, next.feed, next.sequencer);
        Market memory market = book.market;
        _retarget(market, next.terms);
        book.market = market;
        emit IMarket.MarketBegan(market.maintenanceFrom, market.maintenanceSince);
    }

    /// @notice Reads the feed.
    /// @param book All that is kept.
    /// @param strictest Factor of the strictest band, 1/10^4.
    function poke(Book storage book, uint256 strictest) external {
        (Market memory market, Feed memory feed) = (book.market, book.feed);
        if (feed.source == address(0)) revert IMarket.FeedMissing();
        (bool usable, uint256 volatility, uint256 updatedAt) = Oracle.read(feed, block.timestamp);
        bool up = Oracle.sequencerUp(book.sequencer, block.timestamp);
        Regime.poke(
            market, feed, book.bands, strictest, usable, volatility, updatedAt, up, block.timestamp
        );
        (book.market, book.feed) = (market, feed);
        emit IMarket.Poked(
            usable,
            feed.band,
            feed.seenAt,
            market.factorFrom,
            market.factorTo,
            market.factorSince,
            market.staleAt
        );
    }

    /// @dev Another default from now on.
    /// @param market The market's slot, changed in place.
    /// @param terms The default's terms.
    function _retarget(Market memory market, Terms memory terms) private view {
        uint256 held = Effective.defaultMaintenance(market, block.timestamp);
        (uint256 from, uint256 since) = Glide.retarget(
            market.maintenanceFrom,
            market.maintenanceTo,
            market.maintenanceSince,
            terms.maintenanceMarginBp,
            held,
            block.timestamp
        );
        (market.maintenanceFrom, market.maintenanceSince) = (uint16(from), uint32(since));
        market.maintenanceTo = terms.maintenanceMarginBp;
        market.initialMarginBp = terms.initialMarginBp;
        market.takerFeeCentiBp = terms.takerFeeCentiBp;
        market.makerFeeCentiBp = terms.makerFeeCentiBp;
        market.maxLeverage = terms.maxLeverage;
    }
}
