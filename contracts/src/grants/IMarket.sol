// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketRules} from "./Types.sol";

/// @title What the registry says and refuses of the market and of conduct
interface IMarket {
    /// @notice Another default, bands or feed hold after the notice, once somebody begins them.
    /// @param rules All of it.
    /// @param decimals Decimals of the feed's answers.
    /// @param beginsAt First second at which it may begin.
    event MarketAnnounced(MarketRules rules, uint8 decimals, uint32 beginsAt);

    /// @notice What was announced last will not begin.
    event MarketWithdrawn();

    /// @notice What was announced last holds.
    /// @param maintenanceFrom Where the default's maintenance margin glides from, basis points.
    /// @param maintenanceSince Since when.
    event MarketBegan(uint16 maintenanceFrom, uint32 maintenanceSince);

    /// @notice The feed was read.
    /// @param usable Whether its answer counted.
    /// @param band Band that holds.
    /// @param seenAt When its upper line was last seen, or the band changed.
    /// @param factorFrom What the regime's factor glides from, 1/10^4.
    /// @param factor What it glides to: the band's.
    /// @param factorSince Since when.
    /// @param staleAt First second at which the feed no longer counts.
    event Poked(
        bool usable,
        uint8 band,
        uint32 seenAt,
        uint16 factorFrom,
        uint16 factor,
        uint32 factorSince,
        uint32 staleAt
    );

    /// @notice An engine reports from `enabledFrom` on.
    /// @param engine The contract.
    /// @param index Its number in records of conduct.
    /// @param mostLevel Highest level that it may report.
    /// @param enabledFrom First second at which it counts.
    event EngineRegistered(
        address indexed engine, uint8 index, uint8 mostLevel, uint32 enabledFrom
    );

    /// @notice An engine reports no more, and what it reported stays; again for the same engine, a
    /// voiding of its reports that waited is off.
    /// @param engine The contract.
    event EngineSwitchedOff(address indexed engine);

    /// @notice What an engine reported counts no more, wherever anybody takes it back.
    /// @param engine The contract.
    /// @param from First second at which it does not.
    event ReportsVoided(address indexed engine, uint32 from);

    /// @notice An account's record is without the word of the engine that raised its level.
    /// @param account The account.
    /// @param engine Number of the engine.
    event ReportsTakenBack(address indexed account, uint8 indexed engine);

    /// @notice An engine told what it did to an account.
    /// @param account Whose conduct it is.
    /// @param engine Number of the engine.
    /// @param level What happened, 0 to 3.
    /// @param nearDays Days near the liquidation, of the engine's count.
    /// @param exposedDays Days with exposure, of the engine's count.
    /// @param eventId The engine's own number of the event.
    event ConductReported(
        address indexed account,
        uint8 indexed engine,
        uint8 level,
        uint16 nearDays,
        uint16 exposedDays,
        bytes32 eventId
    );

    /// @notice What was reported of one account counts for another too.
    /// @param from The one.
    /// @param account The other.
    event ConductCarried(address indexed from, address indexed account);

    /// @notice A running grant has the conduct of its account's record from now on.
    /// @param account The account.
    /// @param level Conduct that it carries, 0 to 3.
    /// @param until First second at which it does not.
    /// @param rampFrom Maintenance margin, before the regime's factor, that it glides from.
    /// @param rampSince Second at which that glide began.
    event ConductHolds(
        address indexed account, uint8 level, uint32 until, uint16 rampFrom, uint32 rampSince
    );

    /// @notice A default has a limit, a validity, a maintenance margin above 25 %, or breaks a floor.
    error DefaultInvalid();

    /// @notice A default is better than some tier, in some number.
    error DefaultBetterThanTiers();

    /// @notice A tier is worse than the default or the one announced, in some number.
    /// @param tier Index of the tier in the policy.
    error TierWorseThanDefault(uint8 tier);

    /// @notice These are no bands, or the strictest one's factor is another.
    /// @param bands The word.
    error BandsInvalid(uint256 bands);

    /// @notice Nothing is announced that could begin.
    error NothingAnnounced();

    /// @notice What was announced may not begin yet.
    /// @param beginsAt First second at which it may.
    error MarketPending(uint32 beginsAt);

    /// @notice A feed may be replaced, and not taken away.
    error FeedMissing();

    /// @notice An engine has code, no key's delegation, and reports a level from 1 to 3.
    /// @param engine The address.
    /// @param mostLevel The level.
    error EngineInvalid(address engine, uint8 mostLevel);

    /// @notice The engine is known already; also one that was switched off stays so.
    /// @param engine The contract.
    error EngineExists(address engine);

    /// @notice Nobody registered this engine.
    /// @param engine The caller.
    error EngineUnknown(address engine);

    /// @notice The engine does not report yet.
    /// @param engine The caller.
    /// @param enabledFrom First second at which it does.
    error EnginePending(address engine, uint32 enabledFrom);

    /// @notice The engine was switched off.
    /// @param engine The contract.
    error EngineDisabled(address engine);

    /// @notice The engine still reports: it is switched off first.
    /// @param engine The contract.
    error EngineReports(address engine);

    /// @notice The engine's reports are void, or about to be.
    /// @param engine The contract.
    /// @param from First second at which they are.
    error ReportsAreVoided(address engine, uint32 from);

    /// @notice No engine whose reports are void raised the account's level.
    /// @param account The account.
    error NothingVoid(address account);

    /// @notice A registry has 255 engines at most.
    error TooManyEngines();

    /// @notice The engine's word is not worth as much.
    /// @param level What it reports.
    /// @param mostLevel Highest level that it may report.
    error LevelTooHigh(uint8 level, uint8 mostLevel);

    /// @notice The one never held the subject of the other's last grant.
    /// @param from The one.
    /// @param account The other.
    error OtherSubject(address from, address account);
}
