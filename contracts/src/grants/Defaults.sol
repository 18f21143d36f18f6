// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Glide} from "./Glide.sol";
import {IMarket} from "./IMarket.sol";
import {Regime} from "./Regime.sol";
import {Series} from "./Series.sol";
import {Market, Terms} from "./Slots.sol";
import {Book, MarketRules, SeriesStore} from "./Types.sol";

/// @title What the default's terms may be
/// @dev The default is nowhere better than any tier that was ever registered: else who is granted
/// one would lose by it, and an end would be a way to better terms. It has no limit and no validity.
library Defaults {
    /// @dev Greatest maintenance margin of a default, and so of a tier, basis points of notional.
    uint256 internal constant MOST_MAINTENANCE_MARGIN_BP = 2_500;

    /// @dev The first default, a calm market and no feed.
    /// @param book All that is kept.
    /// @param terms The default's terms.
    /// @param bands The bands.
    /// @param strictest Factor of the strictest one, 1/10^4.
    function start(Book storage book, Terms memory terms, uint256 bands, uint256 strictest)
        internal
    {
        requireRules(book.series, terms, bands, strictest);
        book.bands = bands;
        book.market = Market({
            initialMarginBp: terms.initialMarginBp,
            maintenanceFrom: terms.maintenanceMarginBp,
            maintenanceTo: terms.maintenanceMarginBp,
            maintenanceSince: 0,
            takerFeeCentiBp: terms.takerFeeCentiBp,
            makerFeeCentiBp: terms.makerFeeCentiBp,
            maxLeverage: terms.maxLeverage,
            factorFrom: uint16(Glide.ONE),
            factorTo: uint16(Glide.ONE),
            factorSince: 0,
            staleAt: type(uint32).max,
            alarms: 0
        });
        MarketRules memory rules = MarketRules(terms, bands, address(0), 0, address(0));
        emit IMarket.MarketAnnounced(rules, 0, uint32(block.timestamp));
        emit IMarket.MarketBegan(terms.maintenanceMarginBp, 0);
    }

    /// @dev These may be the default's terms and the bands.
    /// @param all All tiers.
    /// @param terms The default's terms.
    /// @param bands The bands.
    /// @param strictest Factor of the strictest one, 1/10^4.
    function requireRules(
        SeriesStore storage all,
        Terms memory terms,
        uint256 bands,
        uint256 strictest
    ) internal view {
        if (!_sensible(terms)) revert IMarket.DefaultInvalid();
        if (all.tierCount != 0 && !Series.nowhereBetter(all.worst, terms)) {
            revert IMarket.DefaultBetterThanTiers();
        }
        if (!Regime.valid(bands, strictest)) revert IMarket.BandsInvalid(bands);
    }

    /// @dev Neither the default nor the one that was announced is better than a tier.
    /// @param book All that is kept.
    /// @param terms The tier's terms.
    /// @param index Index of the tier in its policy.
    function requireWorse(Book storage book, Terms memory terms, uint8 index) internal view {
        if (
            !Series.nowhereBetter(terms, termsOf(book.market))
                || (book.next.beginsAt != 0 && !Series.nowhereBetter(terms, book.next.terms))
        ) revert IMarket.TierWorseThanDefault(index);
    }

    /// @dev Takes a tier into the worst of all tiers' terms.
    /// @param all All tiers, this one not yet counted.
    /// @param terms Its terms.
    function keepWorst(SeriesStore storage all, Terms memory terms) internal {
        Terms memory worst = all.tierCount == 0 ? terms : all.worst;
        if (terms.initialMarginBp > worst.initialMarginBp) {
            worst.initialMarginBp = terms.initialMarginBp;
        }
        if (terms.maintenanceMarginBp > worst.maintenanceMarginBp) {
            worst.maintenanceMarginBp = terms.maintenanceMarginBp;
        }
        if (terms.takerFeeCentiBp > worst.takerFeeCentiBp) {
            worst.takerFeeCentiBp = terms.takerFeeCentiBp;
        }
        if (terms.makerFeeCentiBp > worst.makerFeeCentiBp) {
            worst.makerFeeCentiBp = terms.makerFeeCentiBp;
        }
        if (terms.maxLeverage < worst.maxLeverage) worst.maxLeverage = terms.maxLeverage;
        all.worst = worst;
    }

    /// @dev The default's terms, its maintenance margin as it glides to.
    /// @param market The market's slot.
    /// @return terms Without a limit and a validity.
    function termsOf(Market memory market) internal pure returns (Terms memory terms) {
        terms.initialMarginBp = market.initialMarginBp;
        terms.maintenanceMarginBp = market.maintenanceTo;
        terms.takerFeeCentiBp = market.takerFeeCentiBp;
        terms.makerFeeCentiBp = market.makerFeeCentiBp;
        terms.maxLeverage = market.maxLeverage;
    }

    /// @dev Margins, leverage and fees within their bounds and each other.
    /// @param terms The terms.
    /// @return Whether they are.
    function _sensible(Terms memory terms) private pure returns (bool) {
        return terms.maintenanceMarginBp <= MOST_MAINTENANCE_MARGIN_BP && terms.limit == 0
            && terms.validityDays == 0 && int256(terms.takerFeeCentiBp) + terms.makerFeeCentiBp >= 0
            && Series.within(terms);
    }
}
