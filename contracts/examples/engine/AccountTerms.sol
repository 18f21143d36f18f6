// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../../src/registry/IEffectiveTerms.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The terms that an engine trades an account on
/// @notice Opening asks the registry in the same transaction. If the registry does not answer, or not
/// sensibly, opening is at the engine's own default at once; maintenance glides there in a day from
/// what the registry said last, since nobody may be liquidated by an answer that changed in a block.
abstract contract AccountTerms {
    /// @notice Terms of accounts that the registry says nothing of.
    struct Fallback {
        uint16 initialMarginBp;
        uint16 maintenanceMarginBp;
        int24 takerFeeCentiBp;
        int24 makerFeeCentiBp;
        uint16 maxLeverage;
        /// Most open notional of an account without a limit of the registry's, thousands of USD.
        uint32 limit;
    }

    /// @notice What an engine remembers of an account's terms.
    struct Seen {
        uint16 maintenanceMarginBp;
        uint56 subject;
        uint64 failingSince;
    }

    /// @notice Gas that the registry may use to answer.
    uint256 public constant TERMS_GAS = 200_000;
    /// @notice Seconds in which maintenance reaches the default if the registry does not answer.
    uint256 public constant GLIDE = 1 days;
    /// @dev Words of `EffectiveTerms`.
    uint256 private constant WORDS = 9;
    /// @dev 100 %.
    uint16 private constant BASIS_POINTS = 10_000;

    /// @notice Where terms are read and conduct is reported.
    IEffectiveTerms public immutable registry;
    /// @dev See `Fallback`.
    Fallback private _fallback;
    /// @dev What was last seen of each account.
    mapping(address account => Seen) private _seen;

    /// @notice The registry does not answer for an account.
    /// @param account Which.
    /// @param since Its glide to the default starts here; Unix seconds.
    event TermsFailing(address indexed account, uint64 since);

    /// @notice The registry has no code, or the engine's own terms make no sense.
    error BadTerms();
    /// @notice The caller gave so little gas that the registry could not have answered.
    error Starved();

    /// @notice Names the registry and the engine's own terms.
    /// @param registry_ Where terms are read.
    /// @param own Terms if it does not answer.
    constructor(IEffectiveTerms registry_, Fallback memory own) {
        registry = registry_;
        _fallback = own;
        if (address(registry_).code.length == 0 || !_sensible(_ownTerms())) revert BadTerms();
    }

    /// @notice Terms if the registry does not answer.
    /// @return The engine's own.
    function ownTerms() external view returns (Fallback memory) {
        return _fallback;
    }

    /// @notice What the engine remembers of an account's terms.
    /// @param account Which.
    /// @return Maintenance and subject last seen; since when the registry does not answer.
    function seenOf(address account) external view returns (Seen memory) {
        return _seen[account];
    }

    /// @dev Terms to open, increase or withdraw on, read now and remembered.
    function _readTerms(address account)
        internal
        returns (IEffectiveTerms.EffectiveTerms memory terms)
    {
        bool answered;
        (terms, answered) = _ask(account);
        Seen memory seen = _seen[account];
        if (answered) {
            Seen memory fresh = Seen(terms.maintenanceMarginBp, terms.subject, 0);
            if (keccak256(abi.encode(fresh)) != keccak256(abi.encode(seen))) {
                _seen[account] = fresh;
            }
            return terms;
        }
        if (seen.failingSince == 0) {
            seen.failingSince = uint64(block.timestamp);
            _seen[account] = seen;
            emit TermsFailing(account, seen.failingSince);
        }
        terms = _ownTerms();
        terms.subject = seen.subject;
        terms.maintenanceMarginBp = _glided(seen);
    }

    /// @dev Terms as `_readTerms` would give them, nothing remembered.
    function _viewTerms(address account)
        internal
        view
        returns (IEffectiveTerms.EffectiveTerms memory terms)
    {
        bool answered;
        (terms, answered) = _ask(account);
        if (answered) return terms;
        terms = _ownTerms();
        terms.subject = _seen[account].subject;
        terms.maintenanceMarginBp = _glided(_seen[account]);
    }

    /// @dev Whom open notional counts for: the subject, or the account if it never had one.
    function _holder(address account, IEffectiveTerms.EffectiveTerms memory terms)
        internal
        pure
        returns (uint256)
    {
        return terms.subject == 0 ? (1 << 255) | uint256(uint160(account)) : terms.subject;
    }

    /// @dev Most open notional, USD with 18 decimals.
    function _limit(IEffectiveTerms.EffectiveTerms memory terms) internal view returns (uint256) {
        return uint256(terms.limit == 0 ? _fallback.limit : terms.limit) * 1_000e18;
    }

    /// @dev Maintenance while the registry fails: from what was seen to the engine's own in a day.
    function _glided(Seen memory seen) private view returns (uint16) {
        uint256 to = _fallback.maintenanceMarginBp;
        uint256 from = seen.maintenanceMarginBp;
        if (from == 0 || to <= from) return uint16(to);
        if (seen.failingSince == 0) return uint16(from);
        uint256 passed = Math.min(block.timestamp - seen.failingSince, GLIDE);
        return uint16(from + Math.ceilDiv((to - from) * passed, GLIDE));
    }

    /// @dev Asks the registry with bounded gas and takes no more of the answer than it may be.
    /// A caller must not choose the default by starving the call: then nothing happens.
    function _ask(address account)
        private
        view
        returns (IEffectiveTerms.EffectiveTerms memory terms, bool answered)
    {
        if (gasleft() < TERMS_GAS + TERMS_GAS / 32 + 10_000) revert Starved();
        bytes memory data = abi.encodeCall(IEffectiveTerms.effectiveTerms, (account));
        uint256[WORDS] memory words;
        address target = address(registry);
        assembly ("memory-safe") {
            answered := staticcall(TERMS_GAS, target, add(data, 32), mload(data), words, 288)
            answered := and(answered, gt(returndatasize(), 287))
        }
        answered = answered && words[0] < 1 << 16 && words[1] < 1 << 16 && _isFee(int256(words[2]))
            && _isFee(int256(words[3])) && words[4] < 1 << 16 && words[5] < 1 << 32
            && words[6] < 1 << 56 && words[7] <= uint256(IEffectiveTerms.Status.Ended)
            && words[8] < 1 << 64;
        if (!answered) return (terms, false);
        terms = IEffectiveTerms.EffectiveTerms({
            initialMarginBp: uint16(words[0]),
            maintenanceMarginBp: uint16(words[1]),
            takerFeeCentiBp: int24(int256(words[2])),
            makerFeeCentiBp: int24(int256(words[3])),
            maxLeverage: uint16(words[4]),
            limit: uint32(words[5]),
            subject: uint56(words[6]),
            status: IEffectiveTerms.Status(words[7]),
            changesAt: uint64(words[8])
        });
        answered = _sensible(terms);
    }

    /// @dev Whether a number is a fee of at most 1 % either way.
    function _isFee(int256 centiBp) private pure returns (bool) {
        return centiBp >= -10_000 && centiBp <= 10_000;
    }

    /// @dev Whether terms can be traded on at all.
    function _sensible(IEffectiveTerms.EffectiveTerms memory terms) private pure returns (bool) {
        return _isFee(terms.takerFeeCentiBp) && _isFee(terms.makerFeeCentiBp)
            && terms.maintenanceMarginBp > 0 && terms.maintenanceMarginBp <= terms.initialMarginBp
            && terms.initialMarginBp <= BASIS_POINTS && terms.maxLeverage > 0;
    }

    /// @dev The engine's own terms.
    function _ownTerms() private view returns (IEffectiveTerms.EffectiveTerms memory terms) {
        Fallback memory own = _fallback;
        terms.initialMarginBp = own.initialMarginBp;
        terms.maintenanceMarginBp = own.maintenanceMarginBp;
        terms.takerFeeCentiBp = own.takerFeeCentiBp;
        terms.makerFeeCentiBp = own.makerFeeCentiBp;
        terms.maxLeverage = own.maxLeverage;
    }
}
