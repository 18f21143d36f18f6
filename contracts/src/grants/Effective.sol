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
library Effective {
    /// @notice The market in one second.
    /// @param time The second.
    /// @param maintenance The default's maintenance margin, basis points.
    /// @param factor The regime's factor of maintenance, 1/10^4.
    /// @param opening The regime's factor of opening, 1/10^4.
    struct Moment {
        uint256 time;
        uint256 maintenance;
        uint256 factor;
        uint256 opening;
    }

    /// @dev The market in a second.
    /// @param market Its slot.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @param time The second.
    /// @return What holds in it.
    function momentOf(Market memory market, uint256 strictest, uint256 time)
        internal
        pure
        returns (Moment memory)
    {
        return Moment(
            time,
            Glide.ramp(market.maintenanceFrom, market.maintenanceTo, market.maintenanceSince, time),
            Regime.maintenanceFactor(market, strictest, time),
            Regime.openingFactor(market, strictest, time)
        );
    }

    /// @dev Where a grant stands.
    /// @param grant Its slot.
    /// @param end First second without it, from all causes.
    /// @param time The second asked for.
    /// @return Its status.
    function statusOf(Grant memory grant, uint256 end, uint256 time)
        internal
        pure
        returns (IEffectiveTerms.Status)
    {
        if (grant.tier == 0) return IEffectiveTerms.Status.None;
        if (time < end) return IEffectiveTerms.Status.Running;
        return
            time < end + Glide.SPAN ? IEffectiveTerms.Status.Ending : IEffectiveTerms.Status.Ended;
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
    /// @param moment The market.
    /// @return Basis points.
    function target(uint256 level, Terms memory tier, Moment memory moment)
        internal
        pure
        returns (uint256)
    {
        if (level == Conduct.LIQUIDATED) return moment.maintenance;
        return Glide.scaled(tier.maintenanceMarginBp, conductFactor(level));
    }

    /// @dev Factor of a level below 3, whose terms are the default's.
    /// @param level 0 to 2.
    /// @return The factor, 1/10^4.
    function conductFactor(uint256 level) internal pure returns (uint256) {
        if (level == Conduct.NEAR) return 12_500;
        return level == Conduct.PARTLY ? 15_000 : Glide.ONE;
    }

    /// @dev Maintenance margin.
    /// @param grant The grant's slot.
    /// @param tier Its tier's terms.
    /// @param moment The market.
    /// @param end First second without the grant, from all causes.
    /// @return Basis points; at most the default's.
    function maintenance(Grant memory grant, Terms memory tier, Moment memory moment, uint256 end)
        internal
        pure
        returns (uint256)
    {
        if (grant.tier == 0 || moment.time >= end + Glide.SPAN) return moment.maintenance;
        uint256 live =
            Math.min(moment.maintenance, Glide.scaled(_own(grant, tier, moment), moment.factor));
        if (moment.time < end) return live;
        uint256 low = Math.min(Math.min(grant.from, tier.maintenanceMarginBp), moment.maintenance);
        return Math.max(live, Glide.ramp(low, moment.maintenance, end, moment.time));
    }

    /// @dev Gives a grant another tier, another conduct or both: its clock goes on, but where its
    /// target rises it starts at what holds now. The maintenance margin of this second does not
    /// rise by it.
    /// @param grant The grant's slot, changed in place; all zero where there was none.
    /// @param tier The tier that it had.
    /// @param next The tier that it has from now on.
    /// @param level Conduct from now on, 0 to 3.
    /// @param until First second at which that no longer holds.
    /// @param moment The market now.
    /// @param end First second without the grant as it was, from all causes.
    function retarget(
        Grant memory grant,
        Terms memory tier,
        Terms memory next,
        uint256 level,
        uint256 until,
        Moment memory moment,
        uint256 end
    ) internal pure {
        uint256 own;
        uint256 had;
        if (grant.tier != 0) {
            own = _own(grant, tier, moment);
            had = target(levelOf(grant, moment.time), tier, moment);
        }
        uint256 held = maintenance(grant, tier, moment, end) * Glide.ONE / moment.factor;
        if (moment.time >= until) level = 0;
        (uint256 from, uint256 since) = Glide.retarget(
            grant.from,
            had,
            grant.since,
            target(level, next, moment),
            Math.max(own, held),
            moment.time
        );
        grant.from = uint16(from);
        grant.since = uint32(since);
        grant.level = uint8(level);
        grant.conductUntil = uint32(level == 0 ? 0 : until);
    }

    /// @dev All terms in a second.
    /// @param grant The grant's slot; all zero where there is none.
    /// @param tier Its tier's terms; not looked at where the default holds alone.
    /// @param market The market's slot.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @param end First second without the grant, from all causes.
    /// @param time The second.
    /// @return terms What holds in it.
    function termsOf(
        Grant memory grant,
        Terms memory tier,
        Market memory market,
        uint256 strictest,
        uint256 end,
        uint256 time
    ) internal pure returns (IEffectiveTerms.EffectiveTerms memory terms) {
        Moment memory moment = momentOf(market, strictest, time);
        terms.status = statusOf(grant, end, time);
        terms.subject = grant.subject;
        terms.maintenanceMarginBp = uint16(maintenance(grant, tier, moment, end));
        terms.changesAt = uint64(_changesAt(grant, tier, market, strictest, moment, end));
        bool running = terms.status == IEffectiveTerms.Status.Running;
        uint256 level = levelOf(grant, time);
        if (running) terms.limit = tier.limit;
        if (running && level != Conduct.LIQUIDATED) {
            uint256 initial = Math.min(
                market.initialMarginBp,
                _product(tier.initialMarginBp, conductFactor(level), moment.opening)
            );
            terms.initialMarginBp = uint16(initial);
            terms.takerFeeCentiBp = tier.takerFeeCentiBp;
            terms.makerFeeCentiBp = tier.makerFeeCentiBp;
            terms.maxLeverage = uint16(Math.min(tier.maxLeverage, Glide.ONE / Math.max(initial, 1)));
        } else {
            terms.initialMarginBp = market.initialMarginBp;
            terms.takerFeeCentiBp = market.takerFeeCentiBp;
            terms.makerFeeCentiBp = market.makerFeeCentiBp;
            terms.maxLeverage = market.maxLeverage;
        }
    }

    /// @dev First second after this one at which the terms may differ; zero if none is known.
    /// @param grant The grant's slot.
    /// @param tier Its tier's terms.
    /// @param market The market's slot.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @param moment The market now.
    /// @param end First second without the grant, from all causes.
    /// @return next The second.
    function _changesAt(
        Grant memory grant,
        Terms memory tier,
        Market memory market,
        uint256 strictest,
        Moment memory moment,
        uint256 end
    ) private pure returns (uint256 next) {
        uint256 time = moment.time;
        bool over = grant.tier == 0 || time >= end + Glide.SPAN;
        if (
            Glide.moving(
                    market.maintenanceFrom, market.maintenanceTo, market.maintenanceSince, time
                ) || (!over && (time >= end || Regime.moving(market, strictest, time)))
        ) return time + 1;
        if (over) return 0;
        uint256 level = levelOf(grant, time);
        if (Glide.moving(grant.from, target(level, tier, moment), grant.since, time)) {
            return time + 1;
        }
        next = end;
        if (level > 0) next = Math.min(next, grant.conductUntil);
        if (time < market.staleAt) return Math.min(next, market.staleAt);
        uint256 held = market.staleAt + Regime.HOLD;
        return time < held ? Math.min(next, held + 1) : next;
    }

    /// @dev The grant's maintenance margin by its clock, before the regime's factor.
    /// @param grant The grant's slot.
    /// @param tier Its tier's terms.
    /// @param moment The market.
    /// @return Basis points.
    function _own(Grant memory grant, Terms memory tier, Moment memory moment)
        private
        pure
        returns (uint256)
    {
        uint256 goal = target(levelOf(grant, moment.time), tier, moment);
        return Glide.ramp(grant.from, goal, grant.since, moment.time);
    }

    /// @dev A margin times two factors, rounded up once.
    /// @param margin Basis points.
    /// @param first A factor, 1/10^4.
    /// @param second Another.
    /// @return Basis points.
    function _product(uint256 margin, uint256 first, uint256 second)
        private
        pure
        returns (uint256)
    {
        return Math.ceilDiv(margin * first * second, Glide.ONE * Glide.ONE);
    }
}
