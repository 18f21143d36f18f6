// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Grant} from "../src/grants/Slots.sol";
import {
    Act,
    Bounds,
    Claim,
    Consent,
    MarketRules,
    Pending,
    Policy,
    Root,
    SignedBy,
    Window
} from "../src/grants/Types.sol";
import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";
import {Claimants} from "./Claimants.sol";
import {Rule} from "./Ghost.sol";

/// @title Who sends again what was public, and who calls whatever there is
abstract contract Strangers is Claimants {
    /// @dev Calls that counted and are sent again after each step: the last ones, and as many others.
    uint256 internal constant AGAIN = 4;

    /// @dev Roots that were submitted, as they were sent.
    bytes[] internal _submitted;

    /// @dev Somebody without a role, a grant or a signature calls a function of the registry.
    function _meddle() internal {
        bytes memory data = _anything();
        bytes4 selector = bytes4(data);
        // The admin may have given it away; then it is not for strangers.
        (bool may,) = authority.canCall(OUTSIDER, address(grants), selector);
        if (may) return;
        if (_rarely(4)) {
            bytes[] memory calls = new bytes[](1);
            calls[0] = data;
            data = abi.encodeCall(grants.multicall, (calls));
        }
        VM.record();
        bool done = _try(OUTSIDER, data);
        (, bytes32[] memory writes) = VM.accesses(address(grants));
        bool nothing = !done || writes.length == 0 || _isForAnybody(selector);
        _expect(Rule.Outside, nothing, "a stranger wrote");
        // A batch of which nothing counts does not revert.
        bool refused = !done || selector == BATCH || _isForAnybody(selector);
        _expect(Rule.Outside, refused, "a stranger was not refused");
        _saw("meddled");
    }

    /// @dev The account's terms are read from random slots.
    function _scramble() internal {
        address account = accounts[_pick(ACCOUNTS)];
        for (uint256 round = 0; round < 4; ++round) {
            VM.record();
            grants.effectiveTerms(account);
            (bytes32[] memory slots,) = VM.accesses(address(grants));
            bytes32[] memory words = new bytes32[](slots.length);
            for (uint256 i = 0; i < slots.length; ++i) {
                words[i] = VM.load(address(grants), slots[i]);
                if (!_rarely(3)) VM.store(address(grants), slots[i], _word());
            }
            bytes memory data = abi.encodeCall(grants.effectiveTerms, (account));
            (bool read,) = address(grants).staticcall(data);
            _expect(Rule.Read, read, "terms that cannot be read");
            for (uint256 i = slots.length; i > 0; --i) {
                VM.store(address(grants), slots[i - 1], words[i - 1]);
            }
        }
        _saw("scrambled");
    }

    /// @dev Sends again what was public.
    function _afterwards() internal override {
        uint256 count = _public.length;
        for (uint256 i = 0; i < AGAIN && i < count; ++i) {
            _again(count - 1 - i);
            if (count > AGAIN) _again(_pick(count));
        }
        if (_submitted.length == 0) return;
        bool done = _try(OUTSIDER, _submitted[_pick(_submitted.length)]);
        _expect(Rule.Replayed, !done, "a root submitted twice");
    }

    /// @dev A stranger sends what counted. What was announced may count once more, where anybody
    /// may finish it; and where a root was ended and signed again, anybody recovers its grants.
    function _again(uint256 index) private {
        Draft memory draft = _public[index].draft;
        (, Pending memory pending) = grants.holderOf(_series(draft.policy), draft.nullifier);
        bool recovers = _mayRecover(draft);
        draft.held = _holds(draft);
        draft.agreed = false;
        (bool done, Act how) = _send(draft, OUTSIDER, _public[index].data);
        if (!done) return;
        bool open = _public[index].how == Act.Announced;
        bool announced = open && how == Act.Announced;
        bool moved = open && how == Act.Moved
            && (!draft.held || (pending.account == draft.account && clock >= pending.readyAt));
        bool recovered = recovers && how == Act.Recovered;
        _expect(Rule.Replayed, announced || moved || recovered, "what counted counted again");
        _saw(recovered ? "recovered by a stranger" : moved ? "finished" : "announced again");
        _judge(draft, how);
    }

    /// @dev Whether the root of the holder's grant has ended, and the grant was not given up.
    function _mayRecover(Draft memory draft) private view returns (bool) {
        (Grant memory grant,) = grants.grantOf(draft.account);
        if (grant.root == 0 || draft.account != _holderOf(draft)) return false;
        return _rootEnded[uint24(grant.root)] || _generationEnded[_generationOf[uint24(grant.root)]];
    }

    function _holderOf(Draft memory draft) private view returns (address) {
        (bool done, bytes memory answer) = address(grants)
            .staticcall(abi.encodeCall(grants.holderOf, (_series(draft.policy), draft.nullifier)));
        return done ? abi.decode(answer, (address)) : address(0);
    }

    /// @dev Roots and generations that the guardian ended; the generation that signed a root.
    mapping(uint24 => bool) internal _rootEnded;
    mapping(uint32 => bool) internal _generationEnded;
    mapping(uint24 => uint32) internal _generationOf;

    // ---- anything -------------------------------------------------------------------------------

    function _isForAnybody(bytes4 selector) private view returns (bool) {
        return selector == grants.poke.selector || selector == grants.beginMarket.selector
            || selector == grants.carryConduct.selector
            || selector == grants.takeBackReports.selector;
    }

    /// @dev A word that is random, large, small or zero.
    function _word() private returns (bytes32) {
        uint256 word = uint256(keccak256(abi.encode(_pick(type(uint256).max))));
        uint256 manner = _pick(6);
        if (manner == 0) return 0;
        if (manner == 1) return bytes32(type(uint256).max);
        if (manner == 2) return bytes32(word & (word >> 3) & (word << 5));
        return bytes32(word);
    }

    /// @dev A call of any function that writes, with arguments that mean something.
    function _anything() private returns (bytes memory) {
        uint256 series = _pick(2);
        bytes32 id = _series(series);
        uint256 nullifier = 11 + _pick(NULLIFIERS);
        uint256 policy = _pick(2 * WINDOWS);
        uint256 window = _newest();
        uint256 which = _pick(33);
        if (which == 0) {
            return abi.encodeCall(
                grants.registerAttestorSet, (keccak256("mine"), _members(1), Bounds(200, CAP))
            );
        }
        if (which == 1) {
            return abi.encodeCall(grants.rotateAttestorSet, (_set, _members(2), new SignedBy[](0)));
        }
        if (which == 2) return abi.encodeCall(grants.registerVerifier, (book, keccak256("book")));
        if (which == 3) {
            return abi.encodeCall(
                grants.registerSeries, (keccak256("mine"), _set, 28, 60, new Window[](0))
            );
        }
        if (which == 4) {
            uint16 day = uint16(clock / 1 days + 3);
            return abi.encodeCall(grants.announceWindow, (id, Window(day, day + 59)));
        }
        if (which == 5) {
            Policy memory made = _policy(policy, 1);
            made.policyId = keccak256("mine");
            return abi.encodeCall(grants.registerPolicy, (made));
        }
        if (which == 6) return abi.encodeCall(grants.unbar, (id, nullifier));
        if (which == 7) return abi.encodeCall(grants.unpause, ());
        if (which == 8) return abi.encodeCall(grants.close, (OUTSIDER, uint32(clock + 31 days)));
        if (which == 9) {
            return abi.encodeCall(
                grants.announceMarket,
                (MarketRules(_default(), _bands(), address(_feed), 1 hours, address(0)))
            );
        }
        if (which == 10) return abi.encodeCall(grants.registerEngine, (OUTSIDER, 1));
        if (which == 11) return abi.encodeCall(grants.endGeneration, (_set, 1));
        if (which == 12) return abi.encodeCall(grants.revokeRoot, (_set, _words[window]));
        if (which == 13) return abi.encodeCall(grants.disableVerifier, (1));
        if (which == 14) return abi.encodeCall(grants.disablePolicy, (_policyId(policy)));
        if (which == 15) return abi.encodeCall(grants.revoke, (id, nullifier));
        if (which == 16) return abi.encodeCall(grants.bar, (id, nullifier));
        if (which == 17) return abi.encodeCall(grants.pause, ());
        if (which == 18) return abi.encodeCall(grants.disableEngine, (ENGINE));
        if (which == 19) {
            Root memory root = _root(window, 0xBAD, 1, uint64(clock + 10 days));
            return abi.encodeCall(grants.submitRoot, (root, _quorum(1, keccak256("forged"))));
        }
        if (which == 20) return abi.encodeCall(grants.setAuthority, (OUTSIDER));
        if (which == 21) return abi.encodeCall(grants.relinquish, ());
        if (which == 22) return abi.encodeCall(grants.downgrade, (0));
        if (which == 23) return abi.encodeCall(grants.contest, (id, nullifier));
        if (which == 24) return abi.encodeCall(grants.retire, (id, nullifier));
        if (which == 25) {
            Consent memory none;
            Claim memory made;
            made.policyId = _policyId(2 * window);
            (made.root, made.nullifier, made.account) = (_words[window], nullifier, OUTSIDER);
            (made.verifier, made.thresholds) = (1, _thresholds(0));
            return abi.encodeCall(grants.onboard, (made, none, none));
        }
        if (which == 26) {
            return abi.encodeCall(
                grants.reportConduct,
                (
                    accounts[_pick(ACCOUNTS)],
                    IEffectiveTerms.ConductLevel(_pick(4)),
                    uint16(9),
                    uint16(9),
                    bytes32(0)
                )
            );
        }
        if (which == 27) return abi.encodeCall(grants.beginMarket, ());
        if (which == 31) return abi.encodeCall(grants.withdrawMarket, ());
        if (which == 32 && _public.length > 0) {
            Counted storage counted = _public[_pick(_public.length)];
            // What anybody may finish or recover is judged where it is sent again.
            if (counted.how != Act.Announced && !_mayRecover(counted.draft)) {
                return _batched(counted.data, 2);
            }
        }
        if (which == 28) return abi.encodeCall(grants.voidReports, (ENGINE));
        if (which == 29) {
            return abi.encodeCall(grants.takeBackReports, (accounts[_pick(ACCOUNTS)]));
        }
        if (which == 30) return abi.encodeCall(grants.poke, ());
        return
            abi.encodeCall(
                grants.carryConduct, (accounts[_pick(ACCOUNTS)], accounts[_pick(ACCOUNTS)])
            );
    }
}
