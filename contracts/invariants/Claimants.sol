// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGrants} from "../src/grants/IGrants.sol";
import {ITierGrants} from "../src/grants/ITierGrants.sol";
import {Grant, Terms} from "../src/grants/Slots.sol";
import {Act, Claim, Consent, Holder, Onboarding, Pending, RootState} from "../src/grants/Types.sol";
import {Ghost, Rule} from "./Ghost.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title Institutions and thieves: claims, with and without proofs and signatures
abstract contract Claimants is Ghost {
    /// @dev A claim as it is made up, and what is true of it.
    struct Draft {
        uint256 policy;
        uint256 tier;
        uint8 verifier;
        uint256 nullifier;
        address account;
        // Who holds the nullifier, and by a running grant.
        address holder;
        bool held;
        address sender;
        // The holder does not sign it.
        bool isUnsigned;
        // The account sent or signed this; so did the holder.
        bool consented;
        bool agreed;
    }

    /// @dev A call that counted, and how.
    struct Counted {
        bytes data;
        Draft draft;
        Act how;
    }

    /// @dev The function of batches.
    bytes4 internal constant BATCH = ITierGrants.onboardBatch.selector;

    /// @dev Everything that counted, in public.
    Counted[] internal _public;
    /// @dev Last word of a window's root; the windows' words that a quorum signed.
    mapping(uint256 => uint256) internal _words;
    mapping(uint256 => mapping(uint256 => bool)) internal _signed;
    /// @dev A move of a nullifier to an account on a window counts from this second; and up to
    /// which last day it was contested.
    mapping(bytes32 => mapping(address => mapping(uint16 => uint256))) private _readyAt;
    mapping(bytes32 => uint256) internal _contestedTo;
    mapping(bytes32 => uint256) internal _barredUntil;
    /// @dev Verifiers that there are.
    uint8 internal _verifiers = 2;
    /// @dev The move that was announced last.
    Draft private _announced;
    /// @dev The move that was contested last, and until when somebody insists on it.
    Draft private _contested;
    uint256 private _insistUntil;
    /// @dev The policy that was registered anew last.
    uint256 internal _anew;

    /// @dev Somebody claims something for somebody.
    function _claim() internal {
        Draft memory draft = _draft();
        Claim memory made = _made(draft);
        uint256[11] memory statement = _statement(draft);
        if (!_rarely(8)) book.prove(statement, made.proof);
        (Consent memory ofAccount, bool signed) = _consent(draft, draft.account);
        draft.consented = draft.sender == draft.account || signed;
        Consent memory ofHolder;
        if (draft.holder != address(0) && !draft.isUnsigned && _rarely(2)) {
            (ofHolder, draft.agreed) = _consent(draft, draft.holder);
        }
        draft.agreed = draft.agreed || draft.sender == draft.holder;
        bytes memory data = abi.encodeCall(grants.onboard, (made, ofAccount, ofHolder));
        (bool done, Act how) = _send(draft, draft.sender, data);
        if (!done) return;
        _judge(draft, how);
        _public.push();
        Counted storage counted = _public[_public.length - 1];
        (counted.data, counted.draft, counted.how) = (data, draft, how);
    }

    /// @dev An account acts for itself.
    function _act() internal {
        address account = accounts[_pick(ACCOUNTS)];
        (uint256 series, uint256 nullifier) = (_pick(2), 11 + _pick(NULLIFIERS));
        if (_rarely(4)) (series, nullifier) = (_announced.policy & 1, _announced.nullifier);
        (Holder memory holder, Pending memory pending) = grants.holderOf(_series(series), nullifier);
        uint256 what = _pick(12);
        if (what < 3) {
            if (_try(account, abi.encodeCall(grants.relinquish, ()))) _saw("relinquished");
        } else if (what < 6) {
            bytes memory data = abi.encodeCall(grants.downgrade, (uint8(_pick(TIERS))));
            if (_try(account, data)) _saw("downgraded");
        } else if (what < 11) {
            bytes memory data = abi.encodeCall(grants.contest, (_series(series), nullifier));
            if (_try(holder.account, data)) {
                _saw("contested");
                _contestedTo[_key(series, nullifier)] = pending.lastDay;
                _contested.policy = 2 * ((pending.lastDay - LAST) / STRIDE) + series;
                (_contested.nullifier, _contested.account) = (nullifier, pending.account);
                _insistUntil = clock + 3 days;
            }
        } else if (_rarely(4)) {
            bytes memory data = abi.encodeCall(grants.retire, (_series(series), nullifier));
            if (_try(holder.account, data)) _saw("retired");
        }
    }

    // ---- how a claim is judged ------------------------------------------------------------------

    /// @dev A claim counted: it may have.
    function _judge(Draft memory draft, Act how) internal {
        _saw(_nameOf(how));
        bytes32 key = _key(draft.policy, draft.nullifier);
        uint256 window = draft.policy >> 1;
        uint16 lastDay = _lastDay(window);
        bytes memory proof = _proof(draft);
        bool proven = book.proven(keccak256(abi.encode(_statement(draft), proof)));
        _expect(Rule.Backed, proven, "a claim without a proof");
        _expect(Rule.Backed, _signed[window][_words[window]], "a root without a quorum");
        _expect(Rule.Backed, draft.consented, "a grant without its account's word");
        _expect(Rule.Noticed, clock >= _openFrom, "a claim in a pause");
        _expect(Rule.Noticed, clock >= _barredUntil[key], "a barred nullifier");
        _expectNotice("policy", _policyId(draft.policy));
        _expectNotice("verifier", bytes32(uint256(draft.verifier)));
        if (how == Act.Announced) {
            _expect(Rule.Moved, lastDay > _contestedTo[key], "a contested move announced again");
            _readyAt[key][draft.account][lastDay] = clock + 72 hours;
            _announced = draft;
            return;
        }
        if (how == Act.Moved && draft.held && !draft.agreed) {
            uint256 readyAt = _readyAt[key][draft.account][lastDay];
            _expect(Rule.Moved, readyAt != 0 && clock >= readyAt, "an unsigned move too soon");
            _expect(Rule.Moved, lastDay > _contestedTo[key], "a contested move");
            _saw("moved unsigned");
        }
        if (how == Act.Moved) _carried(draft.holder, draft.account);
        (RootState memory state, uint24 root,) = grants.rootOf(_set, _words[window]);
        _countOn(root, _series(draft.policy), draft.nullifier, state.grants);
    }

    // ---- what is claimed ------------------------------------------------------------------------

    /// @dev Mostly what may count: the last windows, the holder's account.
    function _draft() private returns (Draft memory draft) {
        uint256 newest = _newest();
        uint256 back = _pick(5) < 3 ? 0 : _pick(3);
        draft.policy = 2 * (newest - (back > newest ? newest : back)) + _pick(2);
        draft.nullifier = 11 + _pick(NULLIFIERS);
        draft.tier = _pick(TIERS);
        draft.verifier = _rarely(4) ? uint8(_pick(_verifiers)) : 1;
        draft.account = accounts[_pick(ACCOUNTS)];
        bool isEarly = _waits("policy", _policyId(_anew)) && _rarely(2);
        if (isEarly) draft.policy = _anew;
        else if (clock < _insistUntil && _rarely(2)) _insist(draft, _contested);
        else if (_announced.account != address(0) && _rarely(8)) _insist(draft, _announced);
        else draft.isUnsigned = _rarely(6);
        (Holder memory holder,) = grants.holderOf(_series(draft.policy), draft.nullifier);
        draft.holder = holder.account;
        bool isHeld = draft.holder != address(0);
        if (isHeld && !draft.isUnsigned && _rarely(2)) draft.account = draft.holder;
        draft.held = _holds(draft);
        uint256 who = isEarly || (draft.isUnsigned && !_rarely(4)) ? 0 : _pick(4);
        draft.sender = who == 0 ? draft.account : OUTSIDER;
        if (who == 1 && isHeld && !draft.isUnsigned) draft.sender = draft.holder;
    }

    /// @dev Makes a claim a move of before, on its window; the holder still does not sign it.
    function _insist(Draft memory draft, Draft storage move) private view {
        (draft.policy, draft.nullifier) = (move.policy, move.nullifier);
        (draft.account, draft.isUnsigned) = (move.account, true);
    }

    /// @dev Whether the holder has a running grant of the nullifier.
    function _holds(Draft memory draft) internal view returns (bool) {
        (Grant memory grant, uint32 end) = grants.grantOf(draft.holder);
        uint256 scope = grants.scopeOf(_series(draft.policy));
        return clock < end && grant.subject == grants.subjectOf(scope, draft.nullifier);
    }

    /// @dev The last window that is over.
    function _newest() internal view returns (uint256 window) {
        window = (clock / 1 days - LAST - 1) / STRIDE;
        if (window >= WINDOWS) window = WINDOWS - 1;
    }

    function _made(Draft memory draft) private view returns (Claim memory) {
        return Claim(
            _policyId(draft.policy),
            uint8(draft.tier),
            draft.verifier,
            _words[draft.policy >> 1],
            draft.nullifier,
            draft.account,
            _thresholds(draft.tier),
            _proof(draft)
        );
    }

    function _proof(Draft memory draft) private pure returns (bytes memory) {
        return abi.encode(draft.account, draft.tier);
    }

    /// @dev The public words, written from what was registered and signed.
    function _statement(Draft memory draft) internal view returns (uint256[11] memory words) {
        uint256 window = draft.policy >> 1;
        words[0] = _words[window];
        words[1] = draft.nullifier;
        bytes memory scope = abi.encode(uint256(31_337), address(grants), _series(draft.policy));
        words[2] = uint256(keccak256(scope)) >> 8;
        words[3] = uint160(draft.account);
        words[4] = uint256(_firstDay(window)) | (uint256(_lastDay(window)) << 24);
        for (uint256 i = 0; i < 5; ++i) {
            words[5 + i] = _thresholds(draft.tier)[i];
        }
        words[10] = FEED_WORD;
    }

    /// @dev A signature of `signer`, now and then a bad one, and whether it is good.
    function _consent(Draft memory draft, address signer)
        private
        returns (Consent memory consent, bool good)
    {
        if (signer == draft.sender && _rarely(2)) return (consent, false);
        uint256 key = _keyOf(signer);
        uint256 flaw = _pick(16);
        if (flaw == 0) return (consent, false);
        if (flaw == 1) key = 0xBAD;
        consent.deadline = uint64(flaw == 2 ? clock - 1 : clock + 20 days);
        if (flaw == 3) consent.leastLastDay = uint32(_lastDay(draft.policy >> 1)) + 1;
        address from = flaw == 4 ? OUTSIDER : draft.holder;
        Terms memory terms = _terms(flaw == 5 ? (draft.tier + 1) % TIERS : draft.tier);
        bytes32 hash =
            keccak256(bytes.concat(_consentHead(draft, from), _consentTail(terms, consent)));
        bytes32 digest = MessageHashUtils.toTypedDataHash(_domain(), hash);
        consent.signature = _sign(key, digest);
        return (consent, flaw > 5);
    }

    /// @dev The first words of what is signed, written from the type and not from the contract.
    function _consentHead(Draft memory draft, address from) private pure returns (bytes memory) {
        return abi.encode(
            keccak256(
                "Consent(address account,address from,bytes32 series,uint256 nullifier,uint16 initialMarginBp,uint16 maintenanceMarginBp,int24 takerFee,int24 makerFee,uint16 maxLeverage,uint32 limit,uint32 leastLastDay,uint64 deadline)"
            ),
            draft.account,
            from,
            _series(draft.policy),
            draft.nullifier
        );
    }

    function _consentTail(Terms memory terms, Consent memory consent)
        private
        pure
        returns (bytes memory)
    {
        return abi.encode(
            terms.initialMarginBp,
            terms.maintenanceMarginBp,
            terms.takerFeeCentiBp,
            terms.makerFeeCentiBp,
            terms.maxLeverage,
            terms.limit,
            consent.leastLastDay,
            consent.deadline
        );
    }

    function _keyOf(address account) private view returns (uint256) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            if (accounts[i] == account) return 0xACC0 + i;
        }
        return 0xBAD;
    }

    function _domain() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Tierproof"),
                keccak256("2"),
                uint256(31_337),
                address(grants)
            )
        );
    }

    // ---- calls ----------------------------------------------------------------------------------

    /// @dev One identity in one series.
    function _key(uint256 series, uint256 nullifier) internal pure returns (bytes32) {
        return keccak256(abi.encode(_series(series), nullifier));
    }

    /// @dev A claim by itself, or now and then as a batch; how it counted, if it did.
    function _send(Draft memory draft, address sender, bytes memory data)
        internal
        returns (bool done, Act how)
    {
        bool batched = _rarely(4);
        how = batched ? _likely(draft, sender) : Act.First;
        VM.prank(sender);
        bytes memory answer;
        (done, answer) = address(grants).call(batched ? _batched(data, 1 + draft.tier % 2) : data);
        if (!done) {
            if (bytes4(answer) == IGrants.PolicyPending.selector) _saw("policy waited");
            if (bytes4(answer) == IGrants.MoveIsContested.selector) _saw("contest upheld");
            return (false, how);
        }
        if (!batched) return (true, abi.decode(answer, (Act)));
        (, Pending memory pending) = grants.holderOf(_series(draft.policy), draft.nullifier);
        uint256 counted = abi.decode(answer, (uint256));
        _expect(Rule.Replayed, counted < 2 || sender == draft.account, "a claim twice in a batch");
        if (pending.account == draft.account && pending.readyAt == clock + 72 hours) {
            how = Act.Announced;
        }
        if (counted != 0) _saw("batched");
        return (counted & 1 == 1, how);
    }

    /// @dev How a claim counts that is not announced.
    function _likely(Draft memory draft, address sender) private view returns (Act) {
        (Holder memory holder,) = grants.holderOf(_series(draft.policy), draft.nullifier);
        if (holder.account == address(0)) return Act.First;
        if (holder.account != draft.account) return Act.Moved;
        bool newer = _lastDay(draft.policy >> 1) > holder.asOf;
        return newer || sender == draft.account ? Act.Renewed : Act.Recovered;
    }

    /// @dev The same claim as a batch, once or twice.
    function _batched(bytes memory data, uint256 times) internal pure returns (bytes memory) {
        bytes memory arguments = new bytes(data.length - 4);
        for (uint256 i = 0; i < arguments.length; i += 32) {
            assembly ("memory-safe") {
                mstore(add(add(arguments, 32), i), mload(add(add(data, 36), i)))
            }
        }
        Onboarding[] memory batch = new Onboarding[](times);
        for (uint256 i = 0; i < times; ++i) {
            (batch[i].claim, batch[i].ofAccount, batch[i].ofHolder) =
                abi.decode(arguments, (Claim, Consent, Consent));
        }
        return abi.encodeWithSelector(BATCH, batch);
    }

    function _try(address sender, bytes memory data) internal returns (bool done) {
        VM.prank(sender);
        (done,) = address(grants).call(data);
    }
}
