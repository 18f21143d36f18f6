// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../../src/registry/IEffectiveTerms.sol";

/// @title What an engine reports of an account
/// @notice Days with exposure, days near the liquidation, and what was done to an account, told to
/// the registry inside the call that does it. A report that fails holds nothing up: it is owed, and
/// anybody may send it again.
abstract contract Conduct {
    /// @notice What is counted of an account.
    struct Record {
        /// Last day that is counted as one with exposure; days since 1970.
        uint32 exposedThrough;
        /// Last day on which the account was near its liquidation.
        uint32 lastNear;
        uint16 nearDays;
        uint16 exposedDays;
        /// Hardest level of a report that failed.
        IEffectiveTerms.ConductLevel owed;
        /// Maintenance margin before reports of this engine raised it, basis points.
        uint16 calmRateBp;
        /// Last day on which they may have; days since 1970.
        uint32 calmThrough;
    }

    /// @notice Gas that the registry may use to take a report.
    uint256 public constant REPORT_GAS = 400_000;
    /// @notice Near its liquidation twice in so many days is more than once.
    uint256 public constant NEAR_AGAIN_DAYS = 7;
    /// @dev Days for which the registry keeps each level; the last one is counted in part.
    uint32 private constant NEAR_DAYS = 7;
    /// @dev See NEAR_DAYS.
    uint32 private constant PARTLY_DAYS = 30;
    /// @dev See NEAR_DAYS.
    uint32 private constant LIQUIDATED_DAYS = 90;

    /// @dev See `Record`.
    mapping(address account => Record) private _records;
    /// @notice Events reported so far; each has its number.
    uint256 public reports;

    /// @notice Something happened to an account, and the registry was told or could not be.
    /// @param account Whose conduct it is.
    /// @param eventId The number that the registry was given.
    /// @param level What happened.
    /// @param nearDays Days near the liquidation so far.
    /// @param exposedDays Days with exposure so far.
    /// @param taken Whether the registry took it.
    event Reported(
        address indexed account,
        bytes32 indexed eventId,
        IEffectiveTerms.ConductLevel level,
        uint16 nearDays,
        uint16 exposedDays,
        bool taken
    );

    /// @notice No report of this account has failed.
    /// @param account Which.
    error NothingOwed(address account);
    /// @notice The caller gave so little gas that the registry could not have taken the report.
    error ReportStarved();

    /// @notice Sends a report again that failed.
    /// @param account Whose.
    function reportAgain(address account) external virtual;

    /// @notice What is counted of an account.
    /// @param account Which.
    /// @return Its days and what is owed.
    function recordOf(address account) external view returns (Record memory) {
        return _records[account];
    }

    /// @dev Where reports go.
    function _registry() internal view virtual returns (IEffectiveTerms);

    /// @dev Counts the days up to today of an account that holds positions, and has held them since
    /// it was counted last unless this is the first.
    function _countExposure(address account, bool alsoBetween) internal {
        Record storage record = _records[account];
        uint32 today = _today();
        uint32 through = record.exposedThrough;
        if (through == today) return;
        record.exposedDays = _sum(record.exposedDays, alsoBetween ? today - through : 1);
        record.exposedThrough = today;
    }

    /// @dev The rate by which an account is near its liquidation: the one from before this engine's
    /// own reports while they last. They raise the rate, and one would bring the next.
    function _calmRate(address account, uint16 rateBp) internal view returns (uint16) {
        Record storage record = _records[account];
        bool raised = _today() <= record.calmThrough && record.calmRateBp < rateBp;
        return raised ? record.calmRateBp : rateBp;
    }

    /// @dev Counts and reports that an account is near its liquidation by a rate, once a day.
    function _reportNear(address account, uint16 rateBp) internal {
        Record storage record = _records[account];
        uint32 today = _today();
        uint32 last = record.lastNear;
        if (last == today) return;
        record.lastNear = today;
        record.nearDays = _sum(record.nearDays, 1);
        bool again = last != 0 && today - last < NEAR_AGAIN_DAYS;
        _keepCalm(record, rateBp, today + (again ? PARTLY_DAYS : NEAR_DAYS));
        _report(
            account, again ? IEffectiveTerms.ConductLevel.Partly : IEffectiveTerms.ConductLevel.Near
        );
    }

    /// @dev Reports that positions of an account were liquidated at a rate, all of them or a part.
    function _reportLiquidated(address account, uint16 rateBp, bool all) internal {
        _keepCalm(_records[account], rateBp, _today() + (all ? LIQUIDATED_DAYS : PARTLY_DAYS));
        _report(
            account,
            all ? IEffectiveTerms.ConductLevel.Liquidated : IEffectiveTerms.ConductLevel.Partly
        );
    }

    /// @dev Keeps the rate from before a report, unless an earlier one lasts still.
    function _keepCalm(Record storage record, uint16 rateBp, uint32 through) private {
        if (_today() > record.calmThrough) record.calmRateBp = rateBp;
        if (through > record.calmThrough) record.calmThrough = through;
    }

    /// @dev Tells the registry. It cannot stop the engine; a caller cannot keep it from hearing.
    function _report(address account, IEffectiveTerms.ConductLevel level) private {
        if (gasleft() < REPORT_GAS + REPORT_GAS / 32 + 60_000) revert ReportStarved();
        Record storage record = _records[account];
        if (record.owed > level) level = record.owed;
        bytes32 eventId = bytes32(++reports);
        bool taken = false;
        try _registry().reportConduct{gas: REPORT_GAS}(
            account, level, record.nearDays, record.exposedDays, eventId
        ) {
            taken = true;
        } catch {}
        IEffectiveTerms.ConductLevel owed = taken ? IEffectiveTerms.ConductLevel.None : level;
        if (record.owed != owed) record.owed = owed;
        emit Reported(account, eventId, level, record.nearDays, record.exposedDays, taken);
    }

    /// @dev Sends what is owed.
    function _reportOwed(address account) internal {
        IEffectiveTerms.ConductLevel owed = _records[account].owed;
        if (owed == IEffectiveTerms.ConductLevel.None) revert NothingOwed(account);
        _report(account, owed);
    }

    /// @dev Days since 1970.
    function _today() private view returns (uint32) {
        return uint32(block.timestamp / 1 days);
    }

    /// @dev A count that stays at its greatest number.
    function _sum(uint16 count, uint32 more) private pure returns (uint16) {
        uint256 total = uint256(count) + more;
        return total > type(uint16).max ? type(uint16).max : uint16(total);
    }
}
