// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Conduct} from "./Conduct.sol";
import {Grants} from "./Grants.sol";
import {IMarket} from "./IMarket.sol";
import {Signatures} from "./Signatures.sol";
import {ConductRecord, Grant} from "./Slots.sol";
import {Book, Engine} from "./Types.sol";

/// @title Who reports conduct, and what a report does
/// @notice An engine is known by its address, for good. What it reported stays when it is switched
/// off: only time ends a level, unless the governor voids what this engine said.
library Reports {
    /// @notice Registers an engine, or a desk whose word is worth level 1.
    /// @param book All that is kept.
    /// @param engine The address.
    /// @param mostLevel Highest level that it may report.
    /// @param enabledFrom Second from which it reports.
    /// @return index Its number, from 1.
    function register(Book storage book, address engine, uint8 mostLevel, uint32 enabledFrom)
        external
        returns (uint8 index)
    {
        // People may well be a desk; only a contract says what it did itself.
        bool code = engine.code.length > 0 && !Signatures.isDelegation(engine);
        bool worth = mostLevel == Conduct.NEAR || code;
        if (engine == address(0) || mostLevel == 0 || mostLevel > Conduct.LIQUIDATED || !worth) {
            revert IMarket.EngineInvalid(engine, mostLevel);
        }
        if (book.engines[engine].index != 0) revert IMarket.EngineExists(engine);
        if (book.engineCount == type(uint8).max) revert IMarket.TooManyEngines();
        index = ++book.engineCount;
        book.engines[engine] = Engine(index, mostLevel, enabledFrom, 0, 0);
        book.engineAt[index] = engine;
        emit IMarket.EngineRegistered(engine, index, mostLevel, enabledFrom);
    }

    /// @notice Switches an engine off, for good; said again, it stops the voiding of its reports
    /// that waits for its notice.
    /// @param book All that is kept.
    /// @param engine The address.
    function disable(Book storage book, address engine) external {
        Engine storage state = _requireKnown(book, engine);
        if (state.disabledAt == 0) state.disabledAt = uint32(block.timestamp);
        else if (block.timestamp < state.voidedFrom) state.voidedFrom = 0;
        else revert IMarket.EngineDisabled(engine);
        emit IMarket.EngineSwitchedOff(engine);
    }

    /// @notice Voids what an engine reported that was switched off.
    /// @param book All that is kept.
    /// @param engine The address.
    /// @param voidedFrom Second from which it counts no more.
    function void(Book storage book, address engine, uint32 voidedFrom) external {
        Engine storage state = _requireKnown(book, engine);
        if (state.disabledAt == 0) revert IMarket.EngineReports(engine);
        if (state.voidedFrom != 0) revert IMarket.ReportsAreVoided(engine, state.voidedFrom);
        state.voidedFrom = voidedFrom;
        emit IMarket.ReportsVoided(engine, voidedFrom);
    }

    /// @notice Takes the level of an account back that an engine gave whose reports are void.
    /// @param book All that is kept.
    /// @param account The account.
    /// @param strictest Factor of the strictest band, 1/10^4.
    function takeBack(Book storage book, address account, uint256 strictest) external {
        ConductRecord memory record = book.conduct[account];
        if (!_isVoid(book, record)) revert IMarket.NothingVoid(account);
        book.conduct[account] = Conduct.withoutEngine(record);
        _carryOn(book, account, strictest);
        emit IMarket.ReportsTakenBack(account, record.engine);
    }

    /// @notice A report of the caller, who must be an engine.
    /// @param book All that is kept.
    /// @param account Whose conduct it is.
    /// @param level What happened, 0 to 3.
    /// @param nearDays Days near the liquidation.
    /// @param exposedDays Days with exposure.
    /// @param eventId The engine's own number of the event.
    /// @param strictest Factor of the strictest band, 1/10^4.
    function report(
        Book storage book,
        address account,
        uint8 level,
        uint16 nearDays,
        uint16 exposedDays,
        bytes32 eventId,
        uint256 strictest
    ) external {
        Engine memory engine = _requireKnown(book, msg.sender);
        if (engine.disabledAt != 0) revert IMarket.EngineDisabled(msg.sender);
        if (block.timestamp < engine.enabledFrom) {
            revert IMarket.EnginePending(msg.sender, engine.enabledFrom);
        }
        if (level > engine.mostLevel) revert IMarket.LevelTooHigh(level, engine.mostLevel);
        if (level > 0) {
            book.conduct[account] =
                Conduct.reported(book.conduct[account], level, engine.index, block.timestamp);
            _carryOn(book, account, strictest);
        }
        emit IMarket.ConductReported(account, engine.index, level, nearDays, exposedDays, eventId);
    }

    /// @notice Takes what was reported of one account into another's record, if it ever held
    /// the other's subject: a report may come after a move.
    /// @param book All that is kept.
    /// @param from The one.
    /// @param account The other.
    /// @param strictest Factor of the strictest band, 1/10^4.
    function carryOver(Book storage book, address from, address account, uint256 strictest)
        external
    {
        Grant storage grant = book.grants[account];
        if (grant.tier == 0 || !Grants.everHeld(book, from, grant.subject)) {
            revert IMarket.OtherSubject(from, account);
        }
        carry(book, from, account);
        _carryOn(book, account, strictest);
    }

    /// @dev Takes one record into another, but for what is void of it; the grant is not touched.
    function carry(Book storage book, address from, address account) internal {
        ConductRecord memory other = book.conduct[from];
        if (_isVoid(book, other)) other = Conduct.withoutEngine(other);
        if (Conduct.levelAt(other, block.timestamp) == 0) return;
        book.conduct[account] = Conduct.joined(book.conduct[account], other, block.timestamp);
        emit IMarket.ConductCarried(from, account);
    }

    /// @dev A grant that is over keeps its conduct; the next one starts with the record.
    function _carryOn(Book storage book, address account, uint256 strictest) private {
        Grant memory grant = book.grants[account];
        if (block.timestamp >= Grants.endOf(book, grant)) return;
        grant = Grants.retargeted(book, account, grant.tier, strictest);
        book.grants[account] = grant;
        emit IMarket.ConductHolds(account, grant.level, grant.conductUntil, grant.from, grant.since);
    }

    /// @dev Whether the engine that raised a record's level is one whose reports are void.
    function _isVoid(Book storage book, ConductRecord memory record) private view returns (bool) {
        if (record.engine == 0) return false;
        uint32 from = book.engines[book.engineAt[record.engine]].voidedFrom;
        return from != 0 && block.timestamp >= from;
    }

    /// @dev An engine that was registered.
    function _requireKnown(Book storage book, address engine)
        private
        view
        returns (Engine storage state)
    {
        state = book.engines[engine];
        if (state.index == 0) revert IMarket.EngineUnknown(engine);
    }
}
