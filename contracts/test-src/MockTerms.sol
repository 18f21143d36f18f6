// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";

/// @title Stand-in registry of the engine's tests: says what it is told to say, or fails
contract MockTerms is IEffectiveTerms {
    /// @notice How it fails.
    enum Manner {
        Answer,
        Revert,
        BurnGas,
        ShortAnswer,
        Garbage,
        LongAnswer
    }

    /// @notice A report as it was taken.
    struct Report {
        address account;
        ConductLevel level;
        uint16 nearDays;
        uint16 exposedDays;
        bytes32 eventId;
    }

    /// @notice It fails.
    error Fails();

    /// @notice How it answers.
    Manner public manner;
    /// @notice How it takes reports: as it is told, or not.
    Manner public reportManner;
    /// @notice All reports taken.
    Report[] public taken;
    /// @dev What it says of each account.
    mapping(address account => EffectiveTerms) private _terms;

    /// @notice Sets how it answers and takes reports.
    /// @param manner_ The one.
    /// @param reportManner_ The other.
    function behave(Manner manner_, Manner reportManner_) external {
        manner = manner_;
        reportManner = reportManner_;
    }

    /// @notice Sets what it says of an account.
    /// @param account Which.
    /// @param terms What.
    function set(address account, EffectiveTerms calldata terms) external {
        _terms[account] = terms;
    }

    /// @notice How many reports were taken.
    /// @return Their number.
    function count() external view returns (uint256) {
        return taken.length;
    }

    /// @inheritdoc IEffectiveTerms
    function effectiveTerms(address account) external view returns (EffectiveTerms memory) {
        _fail(manner);
        return _terms[account];
    }

    /// @inheritdoc IEffectiveTerms
    function reportConduct(
        address account,
        ConductLevel level,
        uint16 nearDays,
        uint16 exposedDays,
        bytes32 eventId
    ) external {
        _fail(reportManner);
        taken.push(Report(account, level, nearDays, exposedDays, eventId));
    }

    /// @dev Fails in a manner; comes back from `Answer` alone.
    function _fail(Manner how) private pure {
        if (how == Manner.Revert) revert Fails();
        if (how == Manner.BurnGas) {
            while (true) {}
        }
        if (how == Manner.ShortAnswer) {
            assembly ("memory-safe") {
                mstore(0, 1)
                return(0, 32)
            }
        }
        if (how == Manner.Garbage) {
            assembly {
                for { let at_ := 0 } lt(at_, 288) { at_ := add(at_, 32) } { mstore(at_, not(0)) }
                return(0, 288)
            }
        }
        if (how == Manner.LongAnswer) {
            assembly {
                return(0, 60000)
            }
        }
    }
}
