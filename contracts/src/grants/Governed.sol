// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {ITierproofVerifier} from "../registry/ITierproofVerifier.sol";
import {Attestors} from "./Attestors.sol";
import {Defaults} from "./Defaults.sol";
import {Grants} from "./Grants.sol";
import {IGrants} from "./IGrants.sol";
import {IMarket} from "./IMarket.sol";
import {Regime} from "./Regime.sol";
import {Roots} from "./Roots.sol";
import {Router} from "./Router.sol";
import {Series} from "./Series.sol";
import {Terms} from "./Slots.sol";
import {Book, Bounds, Members, Policy, Root, SignedBy, Window} from "./Types.sol";

/// @title What governor, guardian and attestors do
/// @notice The authority (an AccessManager, fixed) says who may call what; when it takes effect is
/// said here and by nobody else: what loosens waits for the notice, what tightens holds at once.
abstract contract Governed is IGrants, IMarket, AccessManaged, EIP712, Multicall {
    /// @notice Seconds of notice, at least, but on development chains.
    uint32 internal constant LEAST_NOTICE = 48 hours;
    /// @notice A pause ends by itself after this many seconds, and none begins for as many more.
    uint32 internal constant PAUSE_SECONDS = 7 days;
    /// @notice After a pause there is none for so long.
    uint32 internal constant PAUSE_FREE_SECONDS = 21 days;
    /// @notice A registry closes at least so long after it was said.
    uint32 internal constant CLOSE_SECONDS = 30 days;

    /// @notice Seconds from a call that loosens to its effect.
    uint32 public immutable notice;

    /// @notice Factor of the strictest band of the market's regime, 1/10^4, for good.
    uint256 public immutable strictest;

    /// @dev All that is kept.
    Book internal _book;

    /// @notice Nothing is known yet, and only the authority's members can make it known.
    /// @param authority_ Says who may call what, for ever.
    /// @param notice_ Seconds of notice, at least LEAST_NOTICE but on development chains.
    /// @param ceremonies Srs ids of the known ceremonies; nobody can add one.
    /// @param terms The default's terms, without a limit and a validity.
    /// @param bands Bands of the market's regime; without a feed the lowest one holds.
    constructor(
        address authority_,
        uint32 notice_,
        uint256[] memory ceremonies,
        Terms memory terms,
        uint256 bands
    ) AccessManaged(authority_) EIP712("Tierproof", "2") {
        if (notice_ < LEAST_NOTICE && !isDevelopmentChain()) {
            revert NoticeTooShort(notice_, LEAST_NOTICE);
        }
        notice = notice_;
        _book.router.ceremonies = ceremonies;
        emit Opened(notice_, ceremonies);
        strictest = Regime.factor(bands, Regime.last(bands));
        Defaults.start(_book, terms, bands, strictest);
    }

    /// @notice Refuses while a pause of the guardian runs, and once the registry is closed.
    modifier whenOpen() {
        uint32 until = _book.switches.pausedUntil;
        if (block.timestamp < until) revert RegistryPaused(until);
        if (_book.switches.closedAt != 0) revert RegistryClosed(_book.switches.closedAt);
        _;
    }

    // ---- loosens: after the notice --------------------------------------------------------------

    /// @notice Registers a set of attestors with its first generation. Governor only.
    /// @param salt keccak256 of the set's name.
    /// @param members Its first generation, more than half of which, two at least, must sign.
    /// @param bounds What the set may vouch for, for good.
    /// @return attestorSet keccak256(abi.encode(salt, members, threshold)).
    function registerAttestorSet(bytes32 salt, Members calldata members, Bounds calldata bounds)
        external
        restricted
        returns (bytes32 attestorSet)
    {
        return
            Attestors.register(_book.sets, salt, members, bounds, _afterNotice(), _leastThreshold());
    }

    /// @notice Starts the next generation of a set, to which a quorum of the last one handed over.
    /// Governor only. Roots and grants of earlier generations stay, until the guardian ends these.
    /// @param attestorSet The set.
    /// @param members The next generation.
    /// @param signatures Of the EIP-712 structure `Generation`, domain "Tierproof Attestors" version
    /// "1" without chain, ascending by signer.
    function rotateAttestorSet(
        bytes32 attestorSet,
        Members calldata members,
        SignedBy[] calldata signatures
    ) external restricted {
        Attestors.rotate(
            _book.sets, attestorSet, members, signatures, _afterNotice(), _leastThreshold()
        );
    }

    /// @notice Registers a verifier. Governor only. Its setup is one of the ceremonies given to the
    /// constructor, but on development chains, whatever it says of itself.
    /// @param target Its contract.
    /// @param keyDigest What the contract must call its key.
    /// @return index Its place, by which policies and claims name it.
    function registerVerifier(ITierproofVerifier target, bytes32 keyDigest)
        external
        restricted
        returns (uint8 index)
    {
        return Router.register(
            _book.router, target, keyDigest, _afterNotice(), isDevelopmentChain()
        );
    }

    /// @notice Registers a series. Governor only.
    /// @param series Its identifier.
    /// @param attestorSet The set whose roots it trusts, for good.
    /// @param leastDays Days of a window, at least.
    /// @param maxAgeDays Days after its window at which a grant ends at the latest.
    /// @param windows What its calendar starts with, over or not.
    function registerSeries(
        bytes32 series,
        bytes32 attestorSet,
        uint16 leastDays,
        uint16 maxAgeDays,
        Window[] calldata windows
    ) external restricted {
        Series.register(
            _book.series, _book.sets, series, attestorSet, leastDays, maxAgeDays, windows
        );
    }

    /// @notice Publishes a window of a series; it begins after the notice. Governor only.
    /// @param series The series.
    /// @param window The window.
    function announceWindow(bytes32 series, Window calldata window) external restricted {
        Series.announce(_book.series, series, window, _afterNotice());
    }

    /// @notice Registers a policy with its tiers. Governor only. Nothing of it changes later.
    /// @param policy The policy; its window stands in the calendar of its series.
    function registerPolicy(Policy calldata policy) external restricted {
        Series.addPolicy(_book, policy, _afterNotice());
    }

    /// @notice Ends a pause after the notice, if it does not end before. Governor only.
    function unpause() external restricted {
        uint32 until = _afterNotice();
        if (until < _book.switches.pausedUntil) _book.switches.pausedUntil = until;
        emit Unpaused(msg.sender, _book.switches.pausedUntil);
    }

    /// @notice Closes the registry: no new grant from now on, and all end at `end`. Governor only;
    /// once.
    /// @param successor Where grants are given instead; zero for nowhere.
    /// @param end Second at which all grants end, at least CLOSE_SECONDS ahead.
    function close(address successor, uint32 end) external restricted {
        if (_book.switches.closedAt != 0) revert RegistryClosed(_book.switches.closedAt);
        uint256 earliest = block.timestamp + CLOSE_SECONDS;
        if (end < earliest) revert CloseTooSoon(earliest);
        _book.switches.closedAt = end;
        Grants.alarm(_book);
        emit Closed(successor, end);
    }

    // ---- tightens: at once ----------------------------------------------------------------------

    /// @notice Ends a generation of a set: it submits no root, its roots back no grant, and every
    /// grant on them has ended. Guardian only; not undone by anybody. The next generation may sign
    /// the same roots again. One that had not begun is withdrawn.
    /// @param attestorSet The set.
    /// @param generation Its number.
    function endGeneration(bytes32 attestorSet, uint32 generation) external restricted {
        Attestors.end(_book.sets, attestorSet, generation);
        Grants.alarm(_book);
    }

    /// @notice Forbids a root, also one not yet submitted, and ends every grant on it. Guardian
    /// only; not undone by anybody.
    /// @param attestorSet The set.
    /// @param root Its root.
    function revokeRoot(bytes32 attestorSet, uint256 root) external restricted {
        Roots.revoke(_book.roots, _book.sets, attestorSet, root);
        Grants.alarm(_book);
    }

    /// @notice Switches a verifier off and ends every grant that it judged. Guardian only; it may be
    /// registered anew, under another index.
    /// @param index Its place.
    function disableVerifier(uint8 index) external restricted {
        Router.disable(_book.router, index);
        Grants.alarm(_book);
    }

    /// @notice Switches a policy off and ends every grant of its tiers. Guardian only; the same
    /// document may be registered anew, and is granted by new claims.
    /// @param policyId The policy.
    function disablePolicy(bytes32 policyId) external restricted {
        Series.disablePolicy(_book.series, policyId);
        Grants.alarm(_book);
    }

    /// @notice Stops roots and grants for seven days, and not again for 21. Guardian only. What is
    /// granted is not touched, and not prolonged.
    function pause() external restricted {
        if (block.timestamp < _book.switches.pauseFreeFrom) {
            revert PauseTooSoon(_book.switches.pauseFreeFrom);
        }
        uint32 until = uint32(block.timestamp) + PAUSE_SECONDS;
        _book.switches.pausedUntil = until;
        _book.switches.pauseFreeFrom = until + PAUSE_FREE_SECONDS;
        emit Paused(msg.sender, until);
    }

    // ---- anybody --------------------------------------------------------------------------------

    /// @notice Records a root signed by a quorum of its set's running generation, or extends it: the
    /// same root with a later `validUntil`. Anybody may send it.
    /// @param signed The root and what is said of it.
    /// @param signatures Of the EIP-712 structure `Root`, ascending by signer.
    function submitRoot(Root calldata signed, SignedBy[] calldata signatures) external whenOpen {
        Roots.submit(_book.roots, _book.sets, signed, signatures, _domainSeparatorV4());
    }

    /// @notice Reverts: who says who may do what is fixed.
    function setAuthority(address) public pure override {
        revert AuthorityIsFixed();
    }

    /// @notice Whether any setup, any notice and a quorum of one are taken here: 31337 (anvil),
    /// 1337, 131277322940537 (eth-tester).
    /// @return True on such a chain.
    function isDevelopmentChain() public view returns (bool) {
        return block.chainid == 31337 || block.chainid == 1337 || block.chainid == 131277322940537;
    }

    /// @dev Second at which what is said now takes effect.
    function _afterNotice() internal view returns (uint32) {
        return uint32(block.timestamp) + notice;
    }

    /// @dev Fewer signatures are no quorum.
    function _leastThreshold() private view returns (uint256) {
        return isDevelopmentChain() ? 1 : 2;
    }
}
