// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "../registry/ITierproofVerifier.sol";
import {Attestors} from "./Attestors.sol";
import {Days} from "./Days.sol";
import {Defaults} from "./Defaults.sol";
import {IGrantEvents} from "./IGrantEvents.sol";
import {IGrants} from "./IGrants.sol";
import {Router} from "./Router.sol";
import {Terms} from "./Slots.sol";
import {
    AttestorSet,
    AttestorStore,
    Book,
    Policy,
    PolicyState,
    RouterStore,
    SeriesState,
    SeriesStore,
    Tier,
    TierState,
    VerifierState,
    Window
} from "./Types.sol";

/// @title Series, their calendars, their policies and tiers
/// @notice A series is what one institution may hold one grant of. Its set of attestors, its least
/// window and its maximum age stay; its windows are published before they begin; its policies
/// follow each other. Every bound of what governors may grant is a constant here.
library Series {
    /// @notice Days after a window for which a grant may rest on it, at least.
    uint256 public constant LEAST_MAX_AGE_DAYS = 7;
    /// @notice The same, at most.
    uint256 public constant MOST_MAX_AGE_DAYS = 120;
    /// @notice Tiers of a policy, at most.
    uint256 public constant MAX_TIERS = 16;
    /// @notice 21 limbs of 12 bits a threshold word.
    uint256 public constant THRESHOLD_WORD_LIMIT = 1 << 252;
    /// @notice Floor of initial margins, basis points of notional.
    uint256 public constant LEAST_INITIAL_MARGIN_BP = 200;
    /// @notice Floor of maintenance margins, basis points of notional.
    uint256 public constant LEAST_MAINTENANCE_MARGIN_BP = 100;
    /// @notice Maintenance margin, percent of the initial margin, at most.
    uint256 public constant MOST_MAINTENANCE_PERCENT = 80;
    /// @notice Whole multiples of equity, at most.
    uint256 public constant MOST_LEVERAGE = 50;
    /// @notice 100 % of notional.
    uint256 public constant BASIS_POINTS = 10_000;
    /// @notice Fees and rebates, hundredths of a basis point, at most: 1 %.
    int256 public constant MOST_FEE = 10_000;
    /// @notice Days of a grant, at most.
    uint256 public constant MOST_VALIDITY_DAYS = 90;

    /// @notice Registers a series with the windows that it starts with, over or not.
    /// @param all All series.
    /// @param sets All attestor sets.
    /// @param id The series.
    /// @param attestorSet The set whose roots it trusts, for good.
    /// @param leastDays Days of a window, at least.
    /// @param maxAgeDays Days after its window at which a grant ends at the latest.
    /// @param windows What its calendar starts with.
    function register(
        SeriesStore storage all,
        AttestorStore storage sets,
        bytes32 id,
        bytes32 attestorSet,
        uint16 leastDays,
        uint16 maxAgeDays,
        Window[] calldata windows
    ) external {
        if (id == bytes32(0)) revert IGrants.SeriesZero();
        if (all.series[id].attestorSet != bytes32(0)) revert IGrants.SeriesExists(id);
        Attestors.requireSet(sets, attestorSet);
        if (leastDays < Days.LEAST_DAYS || leastDays > Days.MOST_DAYS) {
            revert IGrants.LeastDaysOutOfRange(leastDays);
        }
        if (maxAgeDays < LEAST_MAX_AGE_DAYS || maxAgeDays > MOST_MAX_AGE_DAYS) {
            revert IGrants.MaxAgeOutOfRange(maxAgeDays);
        }
        all.series[id] = SeriesState(attestorSet, leastDays, maxAgeDays);
        emit IGrantEvents.SeriesRegistered(id, attestorSet, leastDays, maxAgeDays);
        for (uint256 i = 0; i < windows.length; ++i) {
            _publish(all, id, windows[i], true);
        }
    }

    /// @notice Publishes a window before it begins, so that nobody chooses it by what it holds.
    /// @param all All series.
    /// @param id The series.
    /// @param window The window.
    /// @param earliest Second before which it may not begin.
    function announce(SeriesStore storage all, bytes32 id, Window calldata window, uint256 earliest)
        external
    {
        requireSeries(all, id);
        uint256 begins = uint256(window.firstDay) * 1 days;
        if (begins < earliest) revert IGrants.WindowBegunTooSoon(begins, earliest);
        _publish(all, id, window, false);
    }

    /// @notice Registers a policy of a series, with its tiers.
    /// @param book All that is kept.
    /// @param policy The policy.
    /// @param enabledFrom Second from which it grants.
    function addPolicy(Book storage book, Policy calldata policy, uint32 enabledFrom) external {
        SeriesStore storage all = book.series;
        bytes32 id = policy.policyId;
        if (id == bytes32(0)) revert IGrants.PolicyIdZero();
        uint32 former = all.policyOf[id];
        if (former != 0 && all.policies[former].disabledAt == 0) revert IGrants.PolicyExists(id);
        SeriesState storage series = requireSeries(all, policy.series);
        if (!isPublished(all, policy.series, policy.firstDay, policy.lastDay)) {
            revert IGrants.WindowNotPublished(policy.firstDay, policy.lastDay);
        }
        uint256 count = policy.tiers.length;
        if (count == 0 || count > MAX_TIERS) {
            revert IGrants.TierCountOutOfRange(count, MAX_TIERS);
        }
        uint32 serial = ++all.policyCount;
        all.policyOf[id] = serial;
        all.policies[serial] = PolicyState({
            series: policy.series,
            firstDay: policy.firstDay,
            lastDay: policy.lastDay,
            enabledFrom: enabledFrom,
            disabledAt: 0,
            firstTier: all.tierCount + 1,
            tiers: uint8(count),
            verifiers: _verifiers(book.router, policy.verifiers),
            maxAgeDays: series.maxAgeDays
        });
        emit IGrantEvents.PolicyRegistered(
            id,
            policy.series,
            serial,
            policy.firstDay,
            policy.lastDay,
            policy.verifiers,
            enabledFrom
        );
        AttestorSet storage set = book.sets.sets[series.attestorSet];
        for (uint256 i = 0; i < count; ++i) {
            _requireProvable(book.router, policy, uint8(i));
            _addTier(book, id, serial, uint8(i), policy.tiers[i], set.leastInitialMarginBp);
        }
    }

    /// @notice Switches a policy off and ends every grant of its tiers. The same document may be
    /// registered anew, and granted anew.
    /// @param all All series.
    /// @param id The policy.
    function disablePolicy(SeriesStore storage all, bytes32 id) external {
        PolicyState storage policy = requirePolicy(all, id);
        if (policy.disabledAt != 0) revert IGrants.PolicyDisabled(id);
        policy.disabledAt = uint32(block.timestamp);
        for (uint24 i = 0; i < policy.tiers; ++i) {
            all.tiers[policy.firstTier + i].endedAt = uint32(block.timestamp);
        }
        emit IGrantEvents.PolicySwitchedOff(id);
    }

    /// @dev A registered series.
    function requireSeries(SeriesStore storage all, bytes32 id)
        internal
        view
        returns (SeriesState storage series)
    {
        series = all.series[id];
        if (series.attestorSet == bytes32(0)) revert IGrants.SeriesUnknown(id);
    }

    /// @dev A registered policy, the last one under its id.
    function requirePolicy(SeriesStore storage all, bytes32 id)
        internal
        view
        returns (PolicyState storage policy)
    {
        uint32 serial = all.policyOf[id];
        if (serial == 0) revert IGrants.PolicyUnknown(id);
        policy = all.policies[serial];
    }

    /// @dev A policy that grants now.
    function requireEnabled(SeriesStore storage all, bytes32 id)
        internal
        view
        returns (PolicyState storage policy)
    {
        policy = requirePolicy(all, id);
        if (policy.disabledAt != 0) revert IGrants.PolicyDisabled(id);
        if (block.timestamp < policy.enabledFrom) {
            revert IGrants.PolicyPending(id, policy.enabledFrom);
        }
    }

    /// @dev Serial of a tier of a policy.
    function requireTier(PolicyState storage policy, uint8 index) internal view returns (uint24) {
        if (index >= policy.tiers) revert IGrants.TierUnknown(index);
        return policy.firstTier + index;
    }

    /// @dev Whether no number of `b` is better for the account than that of `a`.
    function nowhereBetter(Terms memory a, Terms memory b) internal pure returns (bool) {
        return b.initialMarginBp >= a.initialMarginBp
            && b.maintenanceMarginBp >= a.maintenanceMarginBp
            && b.takerFeeCentiBp >= a.takerFeeCentiBp && b.makerFeeCentiBp >= a.makerFeeCentiBp
            && b.maxLeverage <= a.maxLeverage && b.limit <= a.limit;
    }

    /// @dev Whether a window stands in a calendar.
    function isPublished(SeriesStore storage all, bytes32 id, uint16 firstDay, uint16 lastDay)
        internal
        view
        returns (bool)
    {
        return all.calendar[id][lastDay] == uint32(firstDay) + 1;
    }

    /// @dev Writes a window into a calendar, which has one that ends on a day: an account could
    /// else have two roots count it in turn for ever, and use up what they may back.
    function _publish(SeriesStore storage all, bytes32 id, Window calldata window, bool atStart)
        private
    {
        uint256 firstDay = window.firstDay;
        uint256 lastDay = window.lastDay;
        Days.requireWindow(firstDay, lastDay);
        uint256 length = lastDay - firstDay + 1;
        if (length < all.series[id].leastDays) {
            revert IGrants.WindowTooShort(length, all.series[id].leastDays);
        }
        uint32 former = all.calendar[id][window.lastDay];
        if (former != 0 && former != firstDay + 1) {
            revert IGrants.LastDayTaken(uint16(former - 1), window.lastDay);
        }
        all.calendar[id][window.lastDay] = uint32(firstDay + 1);
        emit IGrantEvents.WindowAnnounced(id, window.firstDay, window.lastDay, atStart);
    }

    /// @dev Bits of verifiers that are registered and not switched off.
    function _verifiers(RouterStore storage router, uint8[] calldata indices)
        private
        view
        returns (uint96 bits)
    {
        if (indices.length == 0) revert IGrants.PolicyWithoutVerifier();
        for (uint256 i = 0; i < indices.length; ++i) {
            VerifierState storage state = Router.requireKnown(router, indices[i]);
            if (state.disabledAt != 0) revert IGrants.VerifierDisabled(indices[i]);
            bits |= uint96(1) << indices[i];
        }
    }

    /// @dev Every verifier of the policy could accept a claim of the tier.
    function _requireProvable(RouterStore storage router, Policy calldata policy, uint8 index)
        private
        view
    {
        uint256 window = Days.statementWord(policy.firstDay, policy.lastDay);
        uint256[5] calldata thresholds = policy.tiers[index].thresholds;
        for (uint256 i = 0; i < policy.verifiers.length; ++i) {
            uint8 verifier = policy.verifiers[i];
            address target = router.all[verifier].target;
            try ITierproofVerifier(target).checkStatement(window, thresholds) {}
            catch (bytes memory why) {
                revert IGrants.TierUnprovable(index, verifier, why);
            }
        }
    }

    /// @dev Checks and keeps one tier.
    function _addTier(
        Book storage book,
        bytes32 policyId,
        uint32 policy,
        uint8 index,
        Tier calldata tier,
        uint16 leastInitialMarginBp
    ) private {
        uint256 any = 0;
        for (uint256 i = 0; i < 5; ++i) {
            if (tier.thresholds[i] >= THRESHOLD_WORD_LIMIT) {
                revert IGrants.ThresholdsInvalid(index);
            }
            any |= tier.thresholds[i];
        }
        // All zero asks nothing of anybody: a forgotten value, not a tier.
        if (any == 0) revert IGrants.ThresholdsInvalid(index);
        Terms calldata terms = tier.terms;
        if (!_sensible(terms)) revert IGrants.TermsInvalid(index);
        if (terms.initialMarginBp < leastInitialMarginBp) {
            revert IGrants.BelowSetsMargin(index, leastInitialMarginBp);
        }
        Defaults.requireWorse(book, terms, index);
        SeriesStore storage all = book.series;
        _lowerFees(all, terms, index);
        Defaults.keepWorst(all, terms);
        uint24 serial = ++all.tierCount;
        all.tiers[serial] = TierState(terms, policy, 0, keccak256(abi.encode(tier.thresholds)));
        emit IGrantEvents.TierRegistered(policyId, index, serial, tier.thresholds, terms);
    }

    /// @dev No rebate of any tier, of whatever policy, is above a taker fee of another: trading
    /// with oneself would pay. A tier counts for good.
    function _lowerFees(SeriesStore storage all, Terms calldata terms, uint8 index) private {
        int24 taker = all.lowestTakerFee;
        int24 maker = all.lowestMakerFee;
        if (all.tierCount == 0 || terms.takerFeeCentiBp < taker) taker = terms.takerFeeCentiBp;
        if (all.tierCount == 0 || terms.makerFeeCentiBp < maker) maker = terms.makerFeeCentiBp;
        if (int256(taker) + maker < 0) revert IGrants.RebateAboveFee(index, taker, maker);
        all.lowestTakerFee = taker;
        all.lowestMakerFee = maker;
    }

    /// @dev A tier's terms within their bounds and each other.
    function _sensible(Terms memory terms) private pure returns (bool) {
        return within(terms) && terms.limit > 0 && terms.validityDays > 0
            && terms.validityDays <= MOST_VALIDITY_DAYS;
    }

    /// @dev Margins, leverage and fees of a tier or a default within their floors and each other.
    function within(Terms memory terms) internal pure returns (bool) {
        uint256 initial = terms.initialMarginBp;
        uint256 maintenance = terms.maintenanceMarginBp;
        return initial >= LEAST_INITIAL_MARGIN_BP && maintenance >= LEAST_MAINTENANCE_MARGIN_BP
            && maintenance * 100 <= initial * MOST_MAINTENANCE_PERCENT && terms.maxLeverage > 0
            && terms.maxLeverage <= MOST_LEVERAGE && initial * terms.maxLeverage <= BASIS_POINTS
            && _fee(terms.takerFeeCentiBp) && _fee(terms.makerFeeCentiBp);
    }

    /// @dev Whether a fee or rebate is within MOST_FEE.
    function _fee(int256 fee) private pure returns (bool) {
        return fee >= -MOST_FEE && fee <= MOST_FEE;
    }
}
