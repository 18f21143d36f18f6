// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestors} from "../src/grants/Attestors.sol";
import {Terms} from "../src/grants/Slots.sol";
import {MarketRules, Members, Root, SignedBy, Window} from "../src/grants/Types.sol";
import {Rule} from "./Ghost.sol";
import {Strangers} from "./Strangers.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title Attestors, governor, guardian, and an admin who gives roles to anybody
abstract contract Officers is Strangers {
    uint256 private _wordCount = 1_000;
    /// @dev The engine that came last, of those that come and go.
    uint256 internal _newestEngine;
    /// @dev Policies that the guardian switched off and that are not registered anew.
    mapping(uint256 => bool) private _isOff;

    /// @dev Attestors sign the root of a window that is over, or somebody forges one.
    function _submit() internal {
        (, uint32 running) = grants.attestorSetOf(_set);
        if (_generationEnded[running]) return _rotate(GOVERNOR);
        uint256 newest = _newest();
        uint256 back = _rarely(2) ? _pick(3) : 0;
        uint256 window = back > newest ? 0 : newest - back;
        if (_rarely(8)) running += 1;
        uint256 word = _words[window];
        if (word == 0 || _rarely(3)) word = ++_wordCount;
        uint256 over = (uint256(_lastDay(window)) + 1) * 1 days;
        uint64 validUntil = uint64(over + (20 + _pick(101)) * 1 days);
        Root memory root = _root(window, word, running, validUntil);
        SignedBy[] memory signed = _quorum(running, grants.rootDigest(root));
        bool good = !_rarely(6);
        if (!good) _spoil(signed);
        bytes memory data = abi.encodeCall(grants.submitRoot, (root, signed));
        if (!_try(OUTSIDER, data)) return;
        _saw(word == _words[window] ? "extended" : "submitted");
        _expect(Rule.Backed, good, "a root by no quorum");
        _expect(Rule.Noticed, clock >= _openFrom, "a root in a pause");
        _expectNotice("generation", bytes32(uint256(running)));
        if (good) _signed[window][word] = true;
        _words[window] = word;
        (, uint24 serial,) = grants.rootOf(_set, word);
        if (_generationOf[serial] == 0) _generationOf[serial] = running;
        _submitted.push(data);
    }

    /// @dev The governor, or somebody else, loosens.
    function _govern() internal {
        address who = _rarely(8) ? _anybody() : GOVERNOR;
        uint256 what = _pick(16);
        if (what < 2) return _rotate(who);
        if (what < 5) {
            uint256 index = 2 * _newest() + _pick(2);
            return _publish(who, _isOff[index] ? index : index ^ 1);
        }
        if (what < 6) return _verifier(who);
        if (what < 9) {
            (uint256 series, uint256 nullifier) = (_pick(2), 11 + _pick(NULLIFIERS));
            bytes memory data = abi.encodeCall(grants.unbar, (_series(series), nullifier));
            if (_try(who, data)) _barredUntil[_key(series, nullifier)] = clock + NOTICE;
        } else if (what < 11) {
            if (!_try(who, abi.encodeCall(grants.unpause, ()))) return;
            if (clock + NOTICE < _openFrom) _openFrom = clock + NOTICE;
            _saw("unpaused");
        } else if (what < 13) {
            Terms memory terms = _default();
            uint256 which = _pick(3);
            terms.initialMarginBp = [1_500, 3_000, 5_000][which];
            terms.maintenanceMarginBp = [900, 2_000, 2_500][which];
            MarketRules memory rules =
                MarketRules(terms, _bands(), address(_feed), 2 hours, address(0));
            if (!_try(who, abi.encodeCall(grants.announceMarket, (rules)))) return;
            _say("market", 0);
        } else if (what < 15) {
            _engines(who);
        } else {
            uint16 day = uint16((clock + _pick(5 days)) / 1 days);
            bytes memory data =
                abi.encodeCall(grants.announceWindow, (_series(_pick(2)), Window(day, day + 59)));
            bool noticed = uint256(day) * 1 days >= clock + NOTICE;
            if (_try(who, data)) _expect(Rule.Noticed, noticed, "a window that had begun");
        }
    }

    /// @dev The guardian, or somebody else, tightens.
    function _guard() internal {
        address who = _rarely(8) ? _anybody() : GUARDIAN;
        uint256 what = _pick(24);
        (uint256 series, uint256 nullifier) = (_pick(2), 11 + _pick(NULLIFIERS));
        bytes32 key = _key(series, nullifier);
        if (what < 6) {
            uint256 word = _words[_newest()];
            (, uint24 serial,) = grants.rootOf(_set, word);
            if (!_try(who, abi.encodeCall(grants.revokeRoot, (_set, word)))) return;
            _rootEnded[serial] = true;
            _saw("root revoked");
        } else if (what < 9) {
            (, uint32 running) = grants.attestorSetOf(_set);
            uint32 number = _rarely(4) ? running + 1 : running;
            if (!_try(who, abi.encodeCall(grants.endGeneration, (_set, number)))) return;
            if (number == running) _generationEnded[number] = true;
            _saw("generation ended");
        } else if (what < 12) {
            bytes memory data = abi.encodeCall(grants.revoke, (_series(series), nullifier));
            if (_try(who, data)) _saw("grant revoked");
        } else if (what < 14) {
            bytes memory data = abi.encodeCall(grants.bar, (_series(series), nullifier));
            if (_try(who, data)) _barredUntil[key] = type(uint256).max;
        } else if (what < 17) {
            uint256 index = 2 * _newest() + series;
            if (!_try(who, abi.encodeCall(grants.disablePolicy, (_policyId(index))))) return;
            _isOff[index] = true;
            _saw("policy disabled");
            if (_rarely(2)) _publish(GOVERNOR, index);
        } else if (what < 19) {
            if (_try(who, abi.encodeCall(grants.pause, ()))) _openFrom = clock + 7 days;
        } else if (what < 20) {
            _try(who, abi.encodeCall(grants.disableVerifier, (uint8(_rarely(2) ? 0 : 2))));
        } else if (what < 21) {
            _try(who, abi.encodeCall(grants.disableEngine, (_engine(_newestEngine))));
        } else if (_steps > 350 && _rarely(3)) {
            VM.prank(GOVERNOR);
            bytes memory data = abi.encodeCall(grants.close, (address(0), uint32(clock + 30 days)));
            (bool done,) = address(grants).call(data);
            if (done) _saw("closed");
        }
    }

    /// @dev The admin gives and takes roles as no admin should.
    function _appoint() internal {
        uint256 what = _pick(8);
        uint64 role = uint64(1 + _pick(2));
        uint256 which = _pick(64);
        address member = _anybody();
        bytes4[] memory one = new bytes4[](1);
        bytes4[] memory all = which & 1 == 0 ? _governed() : _guarded();
        one[0] = all[(which >> 1) % all.length];
        bool reopens = authority.isTargetClosed(address(grants));
        VM.prank(ADMIN);
        if (reopens) {
            authority.setTargetClosed(address(grants), false);
        } else if (what == 0) {
            authority.grantRole(LOOSEN, GOVERNOR, 0);
        } else if (what == 1) {
            authority.grantRole(TIGHTEN, GUARDIAN, 0);
        } else if (what == 2) {
            authority.setTargetClosed(address(grants), which % 4 == 0);
        } else if (what < 5) {
            authority.grantRole(role, member, uint32(which % 4 == 0 ? 1 days : 0));
        } else if (what == 5) {
            authority.revokeRole(role, _engine(which));
        } else if (what == 6) {
            if (which % 8 == 7) role = type(uint64).max;
            authority.setTargetFunctionRole(address(grants), one, role);
        } else {
            (bool done,) = address(authority)
                .call(abi.encodeCall(IAccessManager.updateAuthority, (address(grants), OUTSIDER)));
            _expect(Rule.Noticed, !done, "another authority");
        }
        _saw("appointed");
    }

    // ---- the governor's longer calls ------------------------------------------------------------

    /// @dev The next generation takes over, signed by the running one.
    function _rotate(address who) private {
        (, uint32 running) = grants.attestorSetOf(_set);
        (uint32 number, Members memory members) = (running + 1, _members(running + 1));
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version)"),
                    keccak256("Tierproof Attestors"),
                    keccak256("1")
                )
            ),
            keccak256(
                abi.encode(
                    Attestors.GENERATION_TYPEHASH,
                    _set,
                    number,
                    keccak256(abi.encodePacked(members.addresses)),
                    members.threshold
                )
            )
        );
        SignedBy[] memory signed = _quorum(running, digest);
        bool good = !_rarely(4);
        if (!good) _spoil(signed);
        if (!_try(who, abi.encodeCall(grants.rotateAttestorSet, (_set, members, signed)))) return;
        _expect(Rule.Backed, good, "a generation without a handover");
        _say("generation", bytes32(uint256(number)));
        _generationEnded[number] = false;
        _saw("rotated");
    }

    /// @dev A policy that was disabled comes back, judged by another verifier.
    function _publish(address who, uint256 index) private {
        if (index >= 2 * WINDOWS) return;
        uint8 verifier = uint8(_pick(_verifiers));
        bytes memory data = abi.encodeCall(grants.registerPolicy, (_policy(index, verifier)));
        if (!_try(who, data)) return;
        _say("policy", _policyId(index));
        (_isOff[index], _anew) = (false, index);
        _saw("policy anew");
    }

    /// @dev An engine begins, or what it reported is void once it was switched off.
    function _engines(address who) internal {
        address engine = _engine(_newestEngine);
        if (grants.engineOf(engine).index == 0) {
            if (!_try(who, abi.encodeCall(grants.registerEngine, (engine, 3)))) return;
            _say("engine", bytes32(uint256(uint160(engine))));
        } else if (_try(who, abi.encodeCall(grants.voidReports, (engine)))) {
            _say("void", bytes32(uint256(grants.engineOf(engine).index)));
            ++_newestEngine;
        }
    }

    function _verifier(address who) private {
        bytes memory data = abi.encodeCall(grants.registerVerifier, (book, keccak256("book")));
        if (_verifiers == 6 || !_try(who, data)) return;
        _say("verifier", bytes32(uint256(_verifiers++)));
    }

    /// @dev One signature too few, one twice, or one of nobody.
    function _spoil(SignedBy[] memory signed) private {
        uint256 how = _pick(3);
        if (how == 0) {
            assembly ("memory-safe") {
                mstore(signed, 1)
            }
        } else if (how == 1) {
            signed[1] = signed[0];
        } else {
            signed[1] = SignedBy(signed[1].signer, _sign(0xBAD, keccak256("nothing")));
        }
    }

    /// @dev An account, the outsider, an officer, or the first engine of those that come and go.
    function _anybody() internal returns (address) {
        uint256 who = _pick(8);
        if (who < 3) return accounts[who];
        if (who == 3) return OUTSIDER;
        if (who == 4) return ADMIN;
        return who == 5 ? GOVERNOR : who == 6 ? GUARDIAN : _engine(0);
    }
}
