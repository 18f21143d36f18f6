// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Act} from "../src/grants/Types.sol";
import {Stage} from "./Stage.sol";

/// @dev What is watched while it happens; the rest is read off the state (Invariants.t.sol).
enum Rule {
    // Every grant has a quorum's root, a proof of its own statement and its account's word.
    Backed,
    // What was public and counted does nothing when a stranger sends it again.
    Replayed,
    // A running grant moves by its holder's word, or 72 hours after an announcement.
    Moved,
    // Maintenance margin never rises but by its clocks.
    Glides,
    // Nothing loosens before its notice.
    Noticed,
    // A stranger changes nothing but what is for anybody, and nothing else that he calls succeeds.
    Outside,
    // Terms can be read, whatever is kept.
    Read,
    // A root backs at most as many nullifiers as its set's cap, each of them counted.
    Capped
}

/// @title What must be remembered of a life so that its rules can be judged
abstract contract Ghost is Stage {
    /// @dev Basis points by which maintenance may rise in one block of 12 seconds: 2,500 at most by
    /// each of the default's, the grant's and the regime's clock, which doubles, in 86,400 seconds,
    /// and each rounds up.
    uint256 internal constant RISE = 4;
    uint256 internal constant BLOCK = 12;

    /// @notice What broke a rule first; empty if nothing did.
    mapping(Rule => string) public broken;
    /// @notice How often something was reached.
    mapping(string => uint256) public seen;
    /// @notice All that may be seen.
    string[] public things;

    /// @dev Nullifiers that ever counted on a root, by its serial.
    mapping(uint24 => uint256) private _backed;
    mapping(uint24 => mapping(bytes32 => bool)) private _counted;
    /// @notice Second until which an account has reports of a level.
    mapping(address => mapping(uint256 => uint256)) public until;

    /// @dev When something that loosens was said last; zero for never.
    mapping(bytes32 => uint256) internal _said;
    /// @dev Second from which claims and roots count again.
    uint256 internal _openFrom;

    uint256[ACCOUNTS + 1] private _margins;
    uint256 private _entropy;
    uint256 internal _steps;

    /// @dev Around each act: the clock, the choices, and what nobody may gain or lose by it.
    modifier step(uint256 seed) {
        VM.warp(clock);
        _entropy = uint256(keccak256(abi.encode(seed, ++_steps)));
        _look();
        _;
        _afterwards();
        _compare(0, "in the same second");
    }

    /// @dev What a stranger does after each act.
    function _afterwards() internal virtual;

    // ---- judging --------------------------------------------------------------------------------

    function _expect(Rule rule, bool holds, string memory what) internal {
        if (!holds && bytes(broken[rule]).length == 0) broken[rule] = what;
    }

    function _saw(string memory what) internal {
        if (seen[what]++ == 0) things.push(what);
    }

    /// @notice How many things were seen.
    /// @return Their number.
    function thingCount() external view returns (uint256) {
        return things.length;
    }

    /// @dev Some number below `n`.
    function _pick(uint256 n) internal returns (uint256) {
        _entropy = uint256(keccak256(abi.encode(_entropy)));
        return _entropy % n;
    }

    /// @dev Once in `n` times.
    function _rarely(uint256 n) internal returns (bool) {
        return _pick(n) == 0;
    }

    // ---- maintenance ----------------------------------------------------------------------------

    /// @dev Notes the maintenance margin of everybody.
    function _look() internal {
        for (uint256 i = 0; i <= ACCOUNTS; ++i) {
            _margins[i] = grants.effectiveTerms(accounts[i]).maintenanceMarginBp;
        }
    }

    /// @dev Nobody's has risen by more since `_look`.
    function _compare(uint256 rise, string memory when) internal {
        for (uint256 i = 0; i <= ACCOUNTS; ++i) {
            uint256 now_ = grants.effectiveTerms(accounts[i]).maintenanceMarginBp;
            _expect(Rule.Glides, now_ <= _margins[i] + rise, when);
        }
    }

    /// @dev One block later at some second.
    function _acrossBlock(uint256 second) internal {
        VM.warp(second);
        _look();
        VM.warp(second + BLOCK);
        _compare(RISE, "in one block");
    }

    // ---- conduct --------------------------------------------------------------------------------

    /// @dev An account was reported.
    function _reported(address account, uint256 level) internal {
        uint256 period = level == 1 ? 7 days : level == 2 ? 30 days : 90 days;
        if (level > 0) _prolong(account, level, clock + period);
    }

    /// @dev Reports of one account count for another too.
    function _carried(address from, address account) internal {
        for (uint256 level = 1; level <= 3; ++level) {
            _prolong(account, level, until[from][level]);
        }
    }

    /// @notice The level that nobody may have shed.
    /// @param account Whose.
    /// @return level 0 to 3.
    function levelOf(address account) external view returns (uint256 level) {
        for (uint256 i = 1; i <= 3; ++i) {
            if (clock < until[account][i]) level = i;
        }
    }

    function _prolong(address account, uint256 level, uint256 end) private {
        if (until[account][level] < end) until[account][level] = end;
    }

    // ---- notice ---------------------------------------------------------------------------------

    function _say(string memory what, bytes32 which) internal {
        _said[keccak256(abi.encode(what, which))] = clock;
    }

    /// @dev What was said has had its notice.
    function _expectNotice(string memory what, bytes32 which) internal {
        _expect(Rule.Noticed, !_waits(what, which), what);
    }

    /// @dev Whether what was said waits for its notice; what the stage began with was said long ago.
    function _waits(string memory what, bytes32 which) internal view returns (bool) {
        uint256 said = _said[keccak256(abi.encode(what, which))];
        return said != 0 && clock < said + NOTICE;
    }

    // ---- limits ---------------------------------------------------------------------------------

    /// @dev A nullifier counted on a root.
    function _countOn(uint24 root, bytes32 series, uint256 nullifier, uint24 counted) internal {
        bytes32 subject = keccak256(abi.encode(series, nullifier));
        if (_counted[root][subject]) return;
        _counted[root][subject] = true;
        ++_backed[root];
        _expect(Rule.Capped, _backed[root] <= CAP, "more nullifiers than the cap");
        _expect(Rule.Capped, _backed[root] <= counted, "a nullifier that is not counted");
    }

    /// @dev The name of an act.
    function _nameOf(Act act) internal pure returns (string memory) {
        if (act == Act.First) return "first";
        if (act == Act.Renewed) return "renewed";
        if (act == Act.Recovered) return "recovered";
        return act == Act.Moved ? "moved" : "announced";
    }
}
