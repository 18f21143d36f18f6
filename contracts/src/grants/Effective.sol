// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../registry/IEffectiveTerms.sol";
import {Conduct} from "./Conduct.sol";
import {Glide} from "./Glide.sol";
import {Regime} from "./Regime.sol";
import {Grant, Market, Terms} from "./Slots.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Terms as they hold in a second, of a grant, its tier and the market
/// @dev Opening (initial margin, fees, leverage, limit) changes at once. Maintenance never jumps
/// up, whatever the cause: each cause has its own clock (Glide), and the end of a grant a glide of
/// its own. `policies.effective` is the same text in Python.
///
/// With G = Glide.SPAN, all of them at the same second t:
///
///     D = the default's maintenance margin, by its clock       F = the regime's factor, by its
///     T = M x conduct, rounded up (M: the tier's); D at level 3
///     A = the grant's margin, by its clock: ramp(from, T, since)
///     live = min(D, A F, rounded up)
///     maintenance = live                                       before the end
///                   max(live, ramp(min(from, M, D), D, end))   from it on
///     initial     = min(default's, I x conduct x F's target, rounded up once)
///
/// Nothing overflows: a slot's field has at most 32 bits, and no sum or product here more than
/// three of them.
library Effective {
    /// @dev The default's maintenance margin, by its clock.
    /// @param market The market's slot.
    /// @param time The second asked for.
    /// @return Basis points.
    function defaultMaintenance(Market memory market, uint256 time)
        internal
        pure
        returns (uint256)
    {
        return Glide.ramp(
            market.maintenanceFrom, market.maintenanceTo, market.maintenanceSince, time
        );
    }

    /// @dev Whether a grant has a say: it runs, or its end still glides.
    /// @param grant Its slot.
    /// @param end First second without it, from all causes.
    /// @param time The second asked for.
    /// @return Whether it has; else the default holds alone.
    function lasts(Grant memory grant, uint256 end, uint256 time) internal pure returns (bool) {
        unchecked {
            return grant.tier != 0 && time < end + Glide.SPAN;
        }
    }

    /// @dev Conduct that a grant carries.
    /// @param grant Its slot.
    /// @param time The second asked for.
    /// @return 0 to 3.
    function levelOf(Grant memory grant, uint256 time) internal pure returns (uint256) {
        return time < grant.conductUntil ? grant.level : 0;
    }

    /// @dev Maintenance margin that a grant glides to, before the regime's factor.
    /// @param level Conduct, 0 to 3.
    /// @param tier The tier's terms.
    /// @param base The default's maintenance margin now.
    /// @return Basis points.
    function target(uint256 level, Terms memory tier, uint256 base)
        internal
        pure
        returns (uint256)
    {
        if (level == 0) return tier.maintenanceMarginBp;
        if (level == Conduct.LIQUIDATED) return base;
        return Glide.scaled(tier.maintenanceMarginBp, conductFactor(level));
    }

    /// @dev Factor of a level below 3, whose terms are the default's.
    /// @param level 0 to 2.
    /// @return The factor, 1/10^4.
    function conductFactor(uint256 level) internal pure returns (uint256) {
        unchecked {
            return Glide.ONE + 2_500 * level;
        }
    }

    /// @dev Maintenance margin.
    /// @param grant The grant's slot.
    /// @param tier Its tier's terms.
    /// @param market The market's slot.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @param end First second without the grant, from all causes.
    /// @param time The second asked for.
    /// @return Basis points; at most the default's.
    function maintenance(
        Grant memory grant,
        Terms memory tier,
        Market memory market,
        uint256 strictest,
        uint256 end,
        uint256 time
    ) internal pure returns (uint256) {
        uint256 base = defaultMaintenance(market, time);
        if (!lasts(grant, end, time)) return base;
        uint256 goal = target(levelOf(grant, time), tier, base);
        uint256 own = Glide.ramp(grant.from, goal, grant.since, time);
        uint256 factor = Regime.maintenanceFactor(market, strictest, time);
        return _maintenance(grant, tier, base, own, factor, end, time);
    }

    /// @dev Gives a grant another tier, another conduct or both: its clock goes on, but where its
    /// target rises it starts at what holds now. The maintenance margin of this second does not
    /// rise by it.
    /// @param grant The grant's slot, changed in place; all zero where there was none.
    /// @param tier The tier that it had.
    /// @param next The tier that it has from now on.
    /// @param level Conduct from now on, 0 to 3.
    /// @param until First second at which that no longer holds.
    /// @param market The market's slot.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @param end First second without the grant as it was, from all causes.
    /// @param time Now.
    function retarget(
        Grant memory grant,
        Terms memory tier,
        Terms memory next,
        uint256 level,
        uint256 until,
        Market memory market,
        uint256 strictest,
        uint256 end,
        uint256 time
    ) internal pure {
        uint256 base = defaultMaintenance(market, time);
        uint256 goal = grant.tier == 0 ? 0 : target(levelOf(grant, time), tier, base);
        uint256 held = maintenance(grant, tier, market, strictest, end, time) * Glide.ONE
            / Regime.maintenanceFactor(market, strictest, time);
        held = Math.max(held, Glide.ramp(grant.from, goal, grant.since, time));
        if (time >= until) (level, until) = (0, 0);
        (uint256 from, uint256 since) =
            Glide.retarget(grant.from, goal, grant.since, target(level, next, base), held, time);
        (grant.from, grant.since) = (uint16(from), uint32(since));
        (grant.level, grant.conductUntil) = (uint8(level), uint32(level == 0 ? 0 : until));
    }

    /// @dev All terms in a second.
    /// @param terms What holds in it; comes all zero, and is filled in.
    /// @param grant The grant's slot; all zero where there is none.
    /// @param tier Its tier's terms; not looked at unless the grant lasts.
    /// @param market The market's slot.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @param end First second without the grant, from all causes.
    /// @param time The second.
    function fill(
        IEffectiveTerms.EffectiveTerms memory terms,
        Grant memory grant,
        Terms memory tier,
        Market memory market,
        uint256 strictest,
        uint256 end,
        uint256 time
    ) internal pure {
        uint256 base = defaultMaintenance(market, time);
        bool moving = base < market.maintenanceTo;
        terms.subject = grant.subject;
        if (!lasts(grant, end, time)) {
            _fillDefault(terms, market);
            terms.maintenanceMarginBp = uint16(base);
            if (grant.tier != 0) terms.status = IEffectiveTerms.Status.Ended;
            unchecked {
                if (moving) terms.changesAt = uint64(time + 1);
            }
            return;
        }
        uint256 level = levelOf(grant, time);
        uint256 goal = target(level, tier, base);
        uint256 own = Glide.ramp(grant.from, goal, grant.since, time);
        uint256 factor = Regime.maintenanceFactor(market, strictest, time);
        terms.maintenanceMarginBp = uint16(_maintenance(grant, tier, base, own, factor, end, time));
        moving =
            moving || time >= end || own < goal || factor < Regime.goal(market, strictest, time);
        unchecked {
            terms.changesAt = uint64(moving ? time + 1 : _event(grant, market, level, end, time));
        }
        if (time >= end) {
            terms.status = IEffectiveTerms.Status.Ending;
            _fillDefault(terms, market);
            return;
        }
        terms.status = IEffectiveTerms.Status.Running;
        terms.limit = tier.limit;
        if (level == Conduct.LIQUIDATED) {
            _fillDefault(terms, market);
            return;
        }
        unchecked {
            factor = conductFactor(level) * Regime.openingFactor(market, strictest, time);
            uint256 unit = Glide.ONE * Glide.ONE;
            uint256 initial = (tier.initialMarginBp * factor + unit - 1) / unit;
            if (initial > market.initialMarginBp) initial = market.initialMarginBp;
            uint256 leverage = tier.maxLeverage;
            if (leverage * initial > Glide.ONE) leverage = Glide.ONE / initial;
            (terms.initialMarginBp, terms.maxLeverage) = (uint16(initial), uint16(leverage));
        }
        terms.takerFeeCentiBp = tier.takerFeeCentiBp;
        terms.makerFeeCentiBp = tier.makerFeeCentiBp;
    }

    /// @dev The default's terms of opening.
    /// @param terms Filled in.
    /// @param market The market's slot.
    function _fillDefault(IEffectiveTerms.EffectiveTerms memory terms, Market memory market)
        private
        pure
    {
        terms.initialMarginBp = market.initialMarginBp;
        terms.takerFeeCentiBp = market.takerFeeCentiBp;
        terms.makerFeeCentiBp = market.makerFeeCentiBp;
        terms.maxLeverage = market.maxLeverage;
    }

    /// @dev First second after this one at which something happens to a running grant by itself,
    /// while all of its clocks rest.
    /// @param grant The grant's slot.
    /// @param market The market's slot.
    /// @param level Conduct that it carries.
    /// @param end First second without the grant, from all causes.
    /// @param time Now.
    /// @return next The second.
    function _event(
        Grant memory grant,
        Market memory market,
        uint256 level,
        uint256 end,
        uint256 time
    ) private pure returns (uint256 next) {
        next = end;
        if (level > 0 && grant.conductUntil < next) next = grant.conductUntil;
        uint256 stale = market.staleAt;
        unchecked {
            if (time >= stale) stale = time < stale + Regime.HOLD ? stale + Regime.HOLD + 1 : next;
        }
        if (stale < next) next = stale;
    }

    /// @dev Maintenance margin of a grant that lasts.
    /// @param grant The grant's slot.
    /// @param tier Its tier's terms.
    /// @param base The default's maintenance margin now.
    /// @param own The grant's margin by its clock, before the regime's factor.
    /// @param factor The regime's factor now.
    /// @param end First second without the grant, from all causes.
    /// @param time The second asked for.
    /// @return live Basis points; at most the default's.
    function _maintenance(
        Grant memory grant,
        Terms memory tier,
        uint256 base,
        uint256 own,
        uint256 factor,
        uint256 end,
        uint256 time
    ) private pure returns (uint256 live) {
        live = Glide.scaled(own, factor);
        if (live > base) live = base;
        if (time < end) return live;
        uint256 low = grant.from;
        if (tier.maintenanceMarginBp < low) low = tier.maintenanceMarginBp;
        if (base < low) low = base;
        low = Glide.ramp(low, base, end, time);
        if (low > live) live = low;
    }
}
