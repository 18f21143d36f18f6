// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConductRecord, Grant, Terms} from "../src/grants/Slots.sol";
import {TierGrants} from "../src/grants/TierGrants.sol";
import {Holder} from "../src/grants/Types.sol";
import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";
import {Rule} from "./Ghost.sol";
import {Life} from "./Life.sol";
import {Vm} from "./Vm.sol";

/// @title What holds after every step of every life
contract Invariants {
    /// @dev Forge's own address.
    Vm private constant VM = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    address private constant NOBODY = address(0x0bD);
    uint256 private constant ACCOUNTS = 5;

    Life private _life;
    TierGrants private _grants;

    /// @notice Begins a life.
    function setUp() public {
        _life = new Life();
        _grants = _life.grants();
    }

    /// @notice Whose functions forge calls.
    /// @return targets The life.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_life);
    }

    /// @notice Leaves a note of what was reached.
    function afterInvariant() public {
        for (uint256 i = 0; i < _life.thingCount(); ++i) {
            string memory thing = _life.things(i);
            string memory count = VM.toString(_life.seen(thing));
            VM.writeLine("../build/forge/seen.txt", string.concat(count, " ", thing));
        }
    }

    // ---- what is read off the state -------------------------------------------------------------

    /// @notice A running grant's nullifier is held by its account: so no nullifier has two.
    function invariant_grant_and_holder_name_each_other() public {
        VM.warp(_life.clock());
        uint256 running = 0;
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            (Grant memory grant, uint32 end) = _grants.grantOf(_life.accounts(i));
            if (_life.clock() < end) {
                ++running;
                require(_holds(_life.accounts(i), grant), "a grant without its nullifier");
            }
        }
        require(running < ACCOUNTS, "the outsider has a grant");
    }

    /// @notice Terms are nowhere better than the tier's and nowhere worse than the default's.
    function invariant_terms_lie_between_tier_and_default() public {
        VM.warp(_life.clock());
        IEffectiveTerms.EffectiveTerms memory none = _grants.effectiveTerms(NOBODY);
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            (Grant memory grant,) = _grants.grantOf(_life.accounts(i));
            IEffectiveTerms.EffectiveTerms memory got = _grants.effectiveTerms(_life.accounts(i));
            require(_noWorse(got, none), "worse than the default");
            if (got.status == IEffectiveTerms.Status.Running) {
                Terms memory tier = _grants.tierOf(grant.tier).terms;
                require(_noBetter(got, tier), "better than the tier");
                uint256 least = tier.maintenanceMarginBp;
                if (_life.clock() < uint256(grant.since) + 1 days && grant.from < least) {
                    least = grant.from;
                }
                require(got.maintenanceMarginBp >= least, "maintenance better than the tier");
            } else {
                require(got.initialMarginBp == none.initialMarginBp, "terms without a grant");
                require(got.limit == 0, "a limit without a grant");
            }
        }
    }

    /// @notice While a report of a level counts, records and terms have that level or a higher one.
    function invariant_conduct_is_not_shed() public {
        VM.warp(_life.clock());
        uint256 initial = _grants.effectiveTerms(NOBODY).initialMarginBp;
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            address account = _life.accounts(i);
            uint256 level = _life.levelOf(account);
            ConductRecord memory record = _grants.conductOf(account);
            require(level == 0 || _life.clock() < record.until, "a record that ended early");
            require(level == 0 || record.level >= level, "a level that fell");
            IEffectiveTerms.EffectiveTerms memory got = _grants.effectiveTerms(account);
            if (got.status == IEffectiveTerms.Status.Running && level > 0) {
                (Grant memory grant,) = _grants.grantOf(account);
                uint256 own = _grants.tierOf(grant.tier).terms.initialMarginBp;
                uint256 least = level == 3 ? initial : (own * (4 + level) + 3) / 4;
                if (least > initial) least = initial;
                require(got.initialMarginBp >= least, "terms without their conduct");
            }
        }
    }

    // ---- what was watched -----------------------------------------------------------------------

    /// @notice See Rule.Backed.
    function invariant_grants_have_quorum_proof_and_consent() public view {
        _holdsRule(Rule.Backed);
    }

    /// @notice See Rule.Replayed.
    function invariant_nothing_counts_twice() public view {
        _holdsRule(Rule.Replayed);
    }

    /// @notice See Rule.Moved.
    function invariant_running_grants_move_by_word_or_wait() public view {
        _holdsRule(Rule.Moved);
    }

    /// @notice See Rule.Glides.
    function invariant_maintenance_rises_by_its_clocks_alone() public view {
        _holdsRule(Rule.Glides);
    }

    /// @notice See Rule.Noticed.
    function invariant_nothing_loosens_before_its_notice() public view {
        _holdsRule(Rule.Noticed);
    }

    /// @notice See Rule.Outside.
    function invariant_strangers_change_what_is_for_anybody() public view {
        _holdsRule(Rule.Outside);
    }

    /// @notice See Rule.Read.
    function invariant_terms_can_always_be_read() public view {
        _holdsRule(Rule.Read);
    }

    /// @notice See Rule.Capped.
    function invariant_roots_back_no_more_than_their_cap() public view {
        _holdsRule(Rule.Capped);
    }

    // ---- inside ---------------------------------------------------------------------------------

    /// @dev Nothing broke it.
    function _holdsRule(Rule rule) private view {
        string memory what = _life.broken(rule);
        require(bytes(what).length == 0, what);
    }

    /// @dev Whether a nullifier of some series is this grant's and this account's.
    function _holds(address account, Grant memory grant) private view returns (bool) {
        for (uint256 series = 0; series < 2; ++series) {
            bytes32 id = keccak256(abi.encode("series", series));
            for (uint256 nullifier = 11; nullifier < 14; ++nullifier) {
                if (_grants.subjectOf(_grants.scopeOf(id), nullifier) == grant.subject) {
                    (Holder memory holder,) = _grants.holderOf(id, nullifier);
                    return holder.account == account && !holder.retired;
                }
            }
        }
        return false;
    }

    function _noWorse(
        IEffectiveTerms.EffectiveTerms memory got,
        IEffectiveTerms.EffectiveTerms memory none
    ) private pure returns (bool) {
        return got.initialMarginBp <= none.initialMarginBp
            && got.maintenanceMarginBp <= none.maintenanceMarginBp
            && got.takerFeeCentiBp <= none.takerFeeCentiBp
            && got.makerFeeCentiBp <= none.makerFeeCentiBp && got.maxLeverage >= none.maxLeverage;
    }

    function _noBetter(IEffectiveTerms.EffectiveTerms memory got, Terms memory tier)
        private
        pure
        returns (bool)
    {
        return got.initialMarginBp >= tier.initialMarginBp
            && got.takerFeeCentiBp >= tier.takerFeeCentiBp
            && got.makerFeeCentiBp >= tier.makerFeeCentiBp && got.maxLeverage <= tier.maxLeverage
            && got.limit <= tier.limit;
    }
}
