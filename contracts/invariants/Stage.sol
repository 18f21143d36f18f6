// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Authority} from "../src/grants/Authority.sol";
import {Terms} from "../src/grants/Slots.sol";
import {TierGrants} from "../src/grants/TierGrants.sol";
import {
    Bounds,
    MarketRules,
    Members,
    Policy,
    Root,
    SignedBy,
    Tier,
    Window
} from "../src/grants/Types.sol";
import {MockFeed} from "../test-src/MockFeed.sol";
import {ProofBook} from "./ProofBook.sol";
import {Vm} from "./Vm.sol";

/// @title A registry with its roles, attestors, series, policies and market, in force
/// @dev The second is `clock`, never `block.timestamp`, which the compiler takes for a constant.
abstract contract Stage {
    /// @dev Forge's own address.
    Vm internal constant VM = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    /// @dev Whoever has no role, no grant and no signature of anybody.
    address internal constant OUTSIDER = address(0x0Dd);
    address internal constant ADMIN = address(0xAd);
    address internal constant GOVERNOR = address(0x60);
    address internal constant GUARDIAN = address(0x61);
    address internal constant ENGINE = address(0xE6);
    address internal constant DESK = address(0xDE);
    uint64 internal constant LOOSEN = 1;
    uint64 internal constant TIGHTEN = 2;
    uint32 internal constant NOTICE = 48 hours;
    uint256 internal constant FEED_WORD = 77;
    /// @dev The first window, of 60 days; one ends every 15 days.
    uint16 internal constant FIRST = 20_000;
    uint16 internal constant LAST = 20_059;
    uint256 internal constant STRIDE = 15;
    uint256 internal constant WINDOWS = 24;
    /// @dev Fewer than there are nullifiers in both series.
    uint24 internal constant CAP = 4;
    uint256 internal constant NULLIFIERS = 3;
    uint256 internal constant ACCOUNTS = 4;
    uint256 internal constant TIERS = 3;

    /// @notice The registry.
    TierGrants public grants;
    /// @notice Who may what.
    Authority public authority;
    /// @notice Both verifiers.
    ProofBook public book;
    /// @notice The second that it is.
    uint256 public clock;
    /// @notice Accounts of institutions by their keys 0xACC0 + index, and the outsider.
    address[ACCOUNTS + 1] public accounts;
    /// @dev The feed of volatility.
    MockFeed internal _feed;
    bytes32 internal _set;
    uint256[4] internal _keys;
    address[4] internal _signers;

    /// @dev Everything is registered, its notice is over, and so is the first window.
    function _build() internal {
        _chooseKeys();
        _etchLibraries();
        clock = uint256(LAST - 10) * 1 days;
        VM.warp(clock);
        authority = Authority(_deploy("Authority", abi.encode(ADMIN)));
        book = new ProofBook();
        _feed = new MockFeed(2);
        uint256[] memory ceremonies = new uint256[](1);
        ceremonies[0] = book.srsId();
        grants = TierGrants(
            _deploy(
                "TierGrants",
                abi.encode(address(authority), NOTICE, ceremonies, _default(), _bands())
            )
        );
        _giveRoles();
        VM.etch(ENGINE, hex"00");
        for (uint256 i = 0; i < 32; ++i) {
            VM.etch(_engine(i), hex"00");
        }
        VM.prank(GOVERNOR);
        _set = grants.registerAttestorSet(keccak256("set"), _members(1), Bounds(200, CAP));
        for (uint256 i = 0; i < 2; ++i) {
            VM.prank(GOVERNOR);
            grants.registerVerifier(book, keccak256("book"));
        }
        for (uint256 i = 0; i < 2; ++i) {
            _registerSeries(i);
        }
        for (uint256 i = 0; i < 2 * WINDOWS; ++i) {
            VM.prank(GOVERNOR);
            grants.registerPolicy(_policy(i, 0));
        }
        VM.prank(GOVERNOR);
        grants.registerEngine(ENGINE, 3);
        VM.prank(GOVERNOR);
        grants.registerEngine(DESK, 1);
        VM.prank(GOVERNOR);
        grants.announceMarket(
            MarketRules(_default(), _bands(), address(_feed), 2 hours, address(0))
        );
        clock = uint256(LAST + 1) * 1 days;
        VM.warp(clock);
        _feed.set(MockFeed.Manner.Honest, 2_000, clock, clock);
        grants.beginMarket();
        grants.poke();
    }

    /// @dev Puts the registry's libraries where its code looks for them.
    function _etchLibraries() private {
        string[8] memory names =
            ["Attestors", "Roots", "Router", "Series", "Claims", "Batch", "Reports", "MarketState"];
        for (uint160 i = 0; i < names.length; ++i) {
            VM.etch(address(0x11B0 + i), _code(names[i]));
        }
    }

    /// @dev Deploys the bytes that were compiled before, for what is deployed is tested.
    function _deploy(string memory name, bytes memory arguments) private returns (address place) {
        bytes memory code = bytes.concat(_code(name), arguments);
        assembly ("memory-safe") {
            place := create(0, add(code, 32), mload(code))
        }
        require(place != address(0), name);
    }

    /// @dev Bytes that `python -m tests.invariants` has written: creation code, of libraries the code.
    function _code(string memory name) private view returns (bytes memory) {
        string memory folder = VM.envOr("TIERPROOF_CODE", string("../build/forge/code"));
        return VM.readFileBinary(string.concat(folder, "/", name));
    }

    /// @dev Gives each officer its functions.
    function _giveRoles() private {
        bytes4[] memory all = _governed();
        VM.prank(ADMIN);
        authority.setTargetFunctionRole(address(grants), all, LOOSEN);
        all = _guarded();
        VM.prank(ADMIN);
        authority.setTargetFunctionRole(address(grants), all, TIGHTEN);
        VM.prank(ADMIN);
        authority.grantRole(LOOSEN, GOVERNOR, 0);
        VM.prank(ADMIN);
        authority.grantRole(TIGHTEN, GUARDIAN, 0);
    }

    /// @dev A series with its whole calendar.
    function _registerSeries(uint256 index) private {
        Window[] memory windows = new Window[](WINDOWS);
        for (uint256 i = 0; i < WINDOWS; ++i) {
            windows[i] = Window(_firstDay(i), _lastDay(i));
        }
        VM.prank(GOVERNOR);
        grants.registerSeries(_series(index), _set, 28, 60, windows);
    }

    // ---- names ----------------------------------------------------------------------------------

    function _governed() internal view returns (bytes4[] memory all) {
        all = new bytes4[](12);
        all[0] = grants.registerAttestorSet.selector;
        all[1] = grants.rotateAttestorSet.selector;
        all[2] = grants.registerVerifier.selector;
        all[3] = grants.registerSeries.selector;
        all[4] = grants.announceWindow.selector;
        all[5] = grants.registerPolicy.selector;
        all[6] = grants.unbar.selector;
        all[7] = grants.unpause.selector;
        all[8] = grants.close.selector;
        all[9] = grants.announceMarket.selector;
        all[10] = grants.registerEngine.selector;
        all[11] = grants.voidReports.selector;
    }

    function _guarded() internal view returns (bytes4[] memory all) {
        all = new bytes4[](9);
        all[0] = grants.endGeneration.selector;
        all[1] = grants.revokeRoot.selector;
        all[2] = grants.disableVerifier.selector;
        all[3] = grants.disablePolicy.selector;
        all[4] = grants.revoke.selector;
        all[5] = grants.bar.selector;
        all[6] = grants.pause.selector;
        all[7] = grants.disableEngine.selector;
        all[8] = grants.withdrawMarket.selector;
    }

    function _firstDay(uint256 window) internal pure returns (uint16) {
        return uint16(FIRST + STRIDE * window);
    }

    function _lastDay(uint256 window) internal pure returns (uint16) {
        return uint16(LAST + STRIDE * window);
    }

    function _series(uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encode("series", index & 1));
    }

    /// @dev Engines that come and go.
    function _engine(uint256 index) internal pure returns (address) {
        return address(uint160(0xE000 + index % 32));
    }

    /// @dev Policy `index` is of series `index & 1` and window `index >> 1`.
    function _policyId(uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encode("policy", index));
    }

    // ---- documents ------------------------------------------------------------------------------

    function _default() internal pure returns (Terms memory) {
        return Terms(5_000, 2_500, 10_000, 10_000, 2, 0, 0);
    }

    /// @dev As `support.effective.BANDS`.
    function _bands() internal pure returns (uint256) {
        uint256 calm = uint256(10_000) << 48;
        uint256 rough = 6_000 | (5_000 << 24) | (uint256(13_000) << 48);
        uint256 wild = 9_000 | (7_500 << 24) | (uint256(20_000) << 48);
        return calm | (rough << 64) | (wild << 128);
    }

    function _terms(uint256 tier) internal pure returns (Terms memory) {
        if (tier == 0) return Terms(1_000, 500, 450, 150, 10, 1_000, 30);
        if (tier == 1) return Terms(500, 300, 300, 50, 20, 5_000, 30);
        return Terms(400, 200, 200, -50, 25, 9_000, 60);
    }

    function _thresholds(uint256 tier) internal pure returns (uint256[5] memory) {
        return [tier + 3, 0, 0, 0, 1 << 120];
    }

    /// @dev Judged by the two first verifiers, or by the second and another one.
    function _policy(uint256 index, uint8 verifier) internal pure returns (Policy memory policy) {
        policy.policyId = _policyId(index);
        policy.series = _series(index);
        policy.firstDay = _firstDay(index >> 1);
        policy.lastDay = _lastDay(index >> 1);
        policy.verifiers = new uint8[](2);
        (policy.verifiers[0], policy.verifiers[1]) = (1, verifier);
        policy.tiers = new Tier[](TIERS);
        for (uint256 i = 0; i < TIERS; ++i) {
            policy.tiers[i] = Tier(_thresholds(i), _terms(i));
        }
    }

    // ---- attestors ------------------------------------------------------------------------------

    /// @dev Keys of all attestors, ascending by address.
    function _chooseKeys() private {
        for (uint256 i = 0; i < 4; ++i) {
            _keys[i] = 0xA77E + i;
            for (uint256 j = i; j > 0 && VM.addr(_keys[j - 1]) > VM.addr(_keys[j]); --j) {
                (_keys[j - 1], _keys[j]) = (_keys[j], _keys[j - 1]);
            }
        }
        for (uint256 i = 0; i < 4; ++i) {
            _signers[i] = VM.addr(_keys[i]);
        }
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            accounts[i] = VM.addr(0xACC0 + i);
        }
        accounts[ACCOUNTS] = OUTSIDER;
    }

    /// @dev Three of the four, two of whom must sign: the first ones in odd generations.
    function _members(uint32 generation) internal view returns (Members memory members) {
        members.addresses = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            members.addresses[i] = _signers[i + (generation + 1) % 2];
        }
        members.threshold = 2;
    }

    /// @dev Signatures of two members of a generation.
    function _quorum(uint32 generation, bytes32 digest) internal view returns (SignedBy[] memory) {
        SignedBy[] memory signed = new SignedBy[](2);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 which = i + (generation + 1) % 2;
            signed[i] = SignedBy(_signers[which], _sign(_keys[which], digest));
        }
        return signed;
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev What attestors say of a window.
    function _root(uint256 window, uint256 word, uint32 generation, uint64 validUntil)
        internal
        view
        returns (Root memory)
    {
        return Root(
            word,
            _set,
            generation,
            _firstDay(window),
            _lastDay(window),
            validUntil,
            FEED_WORD,
            bytes32(uint256(10))
        );
    }
}
