// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Conduct} from "./Conduct.sol";
import {Grants} from "./Grants.sol";
import {IMarket} from "./IMarket.sol";
import {ConductRecord, Grant} from "./Slots.sol";
import {Book, Engine} from "./Types.sol";

/// @title Who reports conduct, and what a report does
/// @notice An engine is known by its address, for good. What it reported stays when it is switched
/// off: only time ends a level.
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
        bool worth = mostLevel == Conduct.NEAR || engine.code.length > 0;
        if (engine == address(0) || mostLevel == 0 || mostLevel > Conduct.LIQUIDATED || !worth) {
            revert IMarket.EngineInvalid(engine, mostLevel);
        }
        if (book.engines[engine].index != 0) revert IMarket.EngineExists(engine);
        if (book.engineCount == type(uint8).max) revert IMarket.TooManyEngines();
        index = ++book.engineCount;
        book.engines[engine] = Engine(index, mostLevel, enabledFrom, 0);
        emit IMarket.EngineRegistered(engine, index, mostLevel, enabledFrom);
    }

    /// @notice Switches an engine off, for good.
    /// @param book All that is kept.
    /// @param engine The address.
    function disable(Book storage book, address engine) external {
        Engine storage state = _requireKnown(book, engine);
        state.disabledAt = uint32(block.timestamp);
        emit IMarket.EngineSwitchedOff(engine);
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
        if (block.timestamp < engine.enabledFrom) {
            revert IMarket.EnginePending(msg.sender, engine.enabledFrom);
        }
        if (level > engine.mostLevel) revert IMarket.LevelTooHigh(level, engine.mostLevel);
        ConductRecord memory record = book.conduct[account];
        Conduct.report(record, level, nearDays, exposedDays, 0, engine.index, block.timestamp);
        book.conduct[account] = record;
        _carryOn(book, account, strictest);
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
        if (grant.tier == 0 || !book.held[from][grant.subject]) {
            revert IMarket.OtherSubject(from, account);
        }
        carry(book, from, account);
        _carryOn(book, account, strictest);
    }

    /// @dev Takes one record into another; the grant is not touched.
    function carry(Book storage book, address from, address account) internal {
        ConductRecord memory other = book.conduct[from];
        if (other.begun == 0) return;
        ConductRecord memory record = book.conduct[account];
        Conduct.join(record, other, block.timestamp);
        book.conduct[account] = record;
        emit IMarket.ConductCarried(from, account);
    }

    /// @dev A grant that is over keeps its conduct; the next one starts with the record.
    function _carryOn(Book storage book, address account, uint256 strictest) private {
        Grant memory grant = book.grants[account];
        if (block.timestamp >= Grants.endOf(book, grant)) return;
        book.grants[account] = Grants.retargeted(book, account, grant.tier, strictest);
    }

    /// @dev An engine that was registered and not switched off.
    function _requireKnown(Book storage book, address engine)
        private
        view
        returns (Engine storage state)
    {
        state = book.engines[engine];
        if (state.index == 0) revert IMarket.EngineUnknown(engine);
        if (state.disabledAt != 0) revert IMarket.EngineDisabled(engine);
    }
}
