// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";
import {MockFeed} from "../test-src/MockFeed.sol";
import {Rule} from "./Ghost.sol";
import {Officers} from "./Officers.sol";

/// @title A life of the registry: its public functions are the acts
contract Life is Officers {
    /// @notice Builds the stage, under the mutant that the environment names.
    constructor() {
        // Who has a balance is a switch of the mutants' source; nobody asks the zero address.
        VM.deal(address(uint160(VM.envOr("TIERPROOF_SWITCH", uint256(0)))), 1);
        _build();
    }

    /// @notice One step.
    /// @param seed All choices of it.
    function live(uint256 seed) external step(seed) {
        uint256 what = _pick(100);
        if (what < 36) return _claim();
        if (what < 46) return _act();
        if (what < 58) return _submit();
        if (what < 76) return _pass();
        if (what < 80) return _poke();
        if (what < 86) return _report();
        if (what < 91) return _govern();
        if (what < 94) return _guard();
        if (what < 95) return _appoint();
        if (what < 98) return _meddle();
        _scramble();
    }

    /// @dev Time passes.
    function _pass() internal {
        uint256 to = clock + [uint256(BLOCK), 7 hours, 20 hours, 60 hours, 5 days][_pick(5)];
        for (uint256 i = 0; i <= ACCOUNTS; ++i) {
            uint256 changes = grants.effectiveTerms(accounts[i]).changesAt;
            if (changes > clock && changes + BLOCK <= to) _acrossBlock(changes - 1);
            VM.warp(clock);
        }
        _acrossBlock(clock);
        _acrossBlock(to - BLOCK);
        clock = to;
        _look();
    }

    /// @dev Volatility changes or the feed dies, and somebody pokes.
    function _poke() internal {
        uint256 what = _pick(8);
        int256 volatility = int256(1_000 + _pick(11_000));
        MockFeed.Manner manner = what == 0 ? MockFeed.Manner.Reverts : MockFeed.Manner.Honest;
        _feed.set(manner, volatility, clock, what == 1 ? clock - 3 hours : clock);
        if (_try(OUTSIDER, abi.encodeCall(grants.poke, ()))) _saw("poked");
        if (!_try(OUTSIDER, abi.encodeCall(grants.beginMarket, ()))) return;
        _expectNotice("market", 0);
        _saw("market begun");
    }

    /// @dev An engine, a desk or nobody reports an account; or reports are carried along.
    function _report() internal {
        address account = accounts[_pick(ACCOUNTS)];
        if (_rarely(4)) {
            address from = accounts[_pick(ACCOUNTS)];
            if (!_try(OUTSIDER, abi.encodeCall(grants.carryConduct, (from, account)))) return;
            _carried(from, account);
            _saw("carried");
            return;
        }
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            _takeBack(accounts[i]);
        }
        if (_rarely(8)) return _reportByNobody(account);
        uint256 who = _pick(6);
        address engine = who < 2 ? ENGINE : who < 3 ? DESK : _engine(_newestEngine);
        uint256 level = who < 3 ? _pick(_rarely(4) ? 4 : 3) : 2 + _pick(2);
        if (!_try(engine, _reportOf(account, level))) return _engines(GOVERNOR);
        _expectNotice("engine", bytes32(uint256(uint160(engine))));
        // What engines say that come and go may be void.
        if (engine == ENGINE || engine == DESK) _reported(account, level);
        else if (level > 0) _try(GUARDIAN, abi.encodeCall(grants.disableEngine, (engine)));
        _saw("reported");
    }

    /// @dev Whoever is no engine reports something, or nothing.
    function _reportByNobody(address account) private {
        address who = _anybody();
        if (grants.engineOf(who).index != 0) return;
        bool done = _try(who, _reportOf(account, _pick(4)));
        _expect(Rule.Outside, !done, "a report by no engine");
        _saw("reported by nobody");
    }

    function _reportOf(address account, uint256 level) private returns (bytes memory) {
        return abi.encodeCall(
            grants.reportConduct,
            (account, IEffectiveTerms.ConductLevel(level), uint16(_pick(3)), uint16(5), bytes32(0))
        );
    }

    /// @dev Anybody takes void reports back.
    function _takeBack(address account) private {
        bytes32 engine = bytes32(uint256(grants.conductOf(account).engine));
        if (!_try(OUTSIDER, abi.encodeCall(grants.takeBackReports, (account)))) return;
        _expect(Rule.Noticed, _said[keccak256(abi.encode("void", engine))] != 0, "nothing void");
        _expectNotice("void", engine);
        _saw("taken back");
    }
}
