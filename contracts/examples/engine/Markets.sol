// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceFeed} from "./IPriceFeed.sol";
import {Kind, Leg, PortfolioMargin} from "./PortfolioMargin.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title What can be traded and what it is worth
/// @notice Underlyings with a feed each; perpetuals at its price, European options at a feed of their
/// own until they expire. Nothing of a market changes once it is added, and none is taken away.
/// @dev A contract of its own: an engine with it inside would be larger than a chain takes.
contract Markets is Ownable2Step {
    /// @notice A feed and how old its answer may be.
    struct Feed {
        IPriceFeed source;
        uint32 heartbeat;
        uint8 decimals;
    }

    /// @notice What perpetuals and options are on.
    struct Underlying {
        Feed feed;
        /// Notional in USD at which the add-on for size doubles the margin.
        uint64 depth;
    }

    /// @notice A perpetual or an option.
    struct Instrument {
        uint32 underlying;
        Kind kind;
        uint64 expiry;
        uint128 strike;
        Feed mark;
        /// Price of the underlying at expiry plus one, once it is fixed; zero before.
        uint128 settlement;
    }

    /// @notice Largest price, strike and size: USD, or units, with 18 decimals.
    uint256 public constant LARGEST = 1 << 96;

    /// @dev Underlyings by number.
    Underlying[] private _underlyings;
    /// @dev Instruments by number.
    Instrument[] private _instruments;

    /// @notice An underlying was added.
    /// @param underlying Its number.
    /// @param feed Where its price comes from.
    /// @param heartbeat Greatest age of an answer, in seconds.
    /// @param depth Notional in USD at which the add-on for size doubles the margin.
    event UnderlyingAdded(
        uint256 indexed underlying, IPriceFeed feed, uint32 heartbeat, uint64 depth
    );
    /// @notice An instrument was added.
    /// @param instrument Its number.
    /// @param underlying The underlying's.
    /// @param kind Perpetual, call or put.
    /// @param strike USD with 18 decimals; zero of a perpetual.
    /// @param expiry Unix seconds; zero of a perpetual.
    event InstrumentAdded(
        uint256 indexed instrument,
        uint256 indexed underlying,
        Kind kind,
        uint128 strike,
        uint64 expiry
    );
    /// @notice An option has its price of settlement.
    /// @param instrument Its number.
    /// @param price Of the underlying, USD with 18 decimals.
    event SettlementFixed(uint256 indexed instrument, uint256 price);

    /// @notice No market of that number.
    /// @param number What was asked.
    error UnknownMarket(uint256 number);
    /// @notice A market cannot have that value.
    /// @param name Which.
    error BadMarket(string name);
    /// @notice The feed's answer is absent, absurd, of the future or too old.
    /// @param feed Which.
    error NoPrice(IPriceFeed feed);
    /// @notice The option has expired and its price of settlement is not fixed.
    /// @param instrument Its number.
    error Unsettled(uint256 instrument);
    /// @notice The option has expired, or for settling: has not.
    /// @param instrument Its number.
    error WrongTime(uint256 instrument);
    /// @notice Not the feed's first round at or after expiry.
    /// @param round What was given.
    error WrongRound(uint80 round);

    /// @notice Names who adds markets.
    /// @param owner_ The owner.
    constructor(address owner_) Ownable(owner_) {}

    /// @notice Adds an underlying.
    /// @param feed Its price in USD.
    /// @param heartbeat Greatest age of an answer, in seconds; 1 to 2 days.
    /// @param depth Notional in USD at which the add-on for size doubles the margin.
    function addUnderlying(IPriceFeed feed, uint32 heartbeat, uint64 depth) external onlyOwner {
        if (depth == 0) revert BadMarket("depth");
        emit UnderlyingAdded(_underlyings.length, feed, heartbeat, depth);
        _underlyings.push(Underlying(_feed(feed, heartbeat), depth));
    }

    /// @notice Adds a perpetual.
    /// @param underlying What it is on.
    function addPerpetual(uint32 underlying) external onlyOwner {
        _add(Instrument(underlying, Kind.Perpetual, 0, 0, _underlying(underlying).feed, 0));
    }

    /// @notice Adds a European option, settled in cash.
    /// @param underlying What it is on.
    /// @param kind Call or put.
    /// @param strike USD with 18 decimals.
    /// @param expiry Unix seconds.
    /// @param mark Feed of its premium in USD.
    /// @param heartbeat Greatest age of the premium, in seconds; 1 to 2 days.
    function addOption(
        uint32 underlying,
        Kind kind,
        uint128 strike,
        uint64 expiry,
        IPriceFeed mark,
        uint32 heartbeat
    ) external onlyOwner {
        if (kind == Kind.Perpetual) revert BadMarket("kind");
        if (strike == 0 || strike >= LARGEST) revert BadMarket("strike");
        if (expiry <= block.timestamp) revert BadMarket("expiry");
        _underlying(underlying);
        _add(Instrument(underlying, kind, expiry, strike, _feed(mark, heartbeat), 0));
    }

    /// @notice Fixes the price at which an expired option settles: the first that its underlying's
    /// feed gave at or after expiry. Anybody may; the round proves itself.
    /// @param instrument The option.
    /// @param round The first round at or after expiry; the one before it is asked too.
    function fixSettlement(uint256 instrument, uint80 round) external {
        Instrument storage option = _instrument(instrument);
        if (option.kind == Kind.Perpetual || block.timestamp < option.expiry) {
            revert WrongTime(instrument);
        }
        if (option.settlement != 0) revert WrongTime(instrument);
        Feed memory feed = _underlying(option.underlying).feed;
        (, int256 answer,, uint256 updatedAt,) = feed.source.getRoundData(round);
        (,,, uint256 before,) = feed.source.getRoundData(round - 1);
        if (
            updatedAt < option.expiry || updatedAt > block.timestamp || before == 0
                || before >= option.expiry
        ) {
            revert WrongRound(round);
        }
        uint256 price = _scaled(feed, answer);
        option.settlement = SafeCast.toUint128(price + 1);
        emit SettlementFixed(instrument, price);
    }

    /// @notice An underlying.
    /// @param number Its number.
    /// @return What stands of it.
    function underlyingOf(uint256 number) external view returns (Underlying memory) {
        return _underlying(number);
    }

    /// @notice An instrument.
    /// @param number Its number.
    /// @return What stands of it.
    function instrumentOf(uint256 number) external view returns (Instrument memory) {
        return _instrument(number);
    }

    /// @notice Positions with the prices of now.
    /// @param numbers Of the instruments.
    /// @param sizes Units with 18 decimals, negative where short; may be zero.
    /// @return priced In the same order.
    function legs(uint32[] calldata numbers, int256[] calldata sizes)
        external
        view
        returns (Leg[] memory priced)
    {
        priced = new Leg[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) {
            priced[i] = _leg(numbers[i], sizes[i]);
        }
    }

    /// @notice One instrument with the prices of now, as a position without size.
    /// @param number Of the instrument.
    /// @return Its kind, underlying, mark and spot.
    function quote(uint256 number) external view returns (Leg memory) {
        return _leg(number, 0);
    }

    /// @dev An underlying that was added.
    function _underlying(uint256 number) private view returns (Underlying storage) {
        if (number >= _underlyings.length) revert UnknownMarket(number);
        return _underlyings[number];
    }

    /// @dev An instrument that was added.
    function _instrument(uint256 number) private view returns (Instrument storage) {
        if (number >= _instruments.length) revert UnknownMarket(number);
        return _instruments[number];
    }

    /// @dev A position with the prices of now; `size` may be zero.
    function _leg(uint256 number, int256 size) private view returns (Leg memory leg) {
        Instrument memory instrument = _instrument(number);
        Underlying memory underlying = _underlyings[instrument.underlying];
        leg.underlying = instrument.underlying;
        leg.kind = instrument.kind;
        leg.strike = instrument.strike;
        leg.size = size;
        leg.depth = uint256(underlying.depth) * 1e36;
        if (instrument.kind != Kind.Perpetual && block.timestamp >= instrument.expiry) {
            if (instrument.settlement == 0) revert Unsettled(number);
            leg.settled = true;
            leg.mark = PortfolioMargin.intrinsic(leg.kind, leg.strike, instrument.settlement - 1);
            return leg;
        }
        leg.spot = _price(underlying.feed);
        leg.mark = instrument.kind == Kind.Perpetual
            ? leg.spot
            : PortfolioMargin.bounded(leg.kind, leg.strike, leg.spot, _price(instrument.mark));
    }

    /// @dev Keeps an instrument and says so.
    function _add(Instrument memory instrument) private {
        emit InstrumentAdded(
            _instruments.length,
            instrument.underlying,
            instrument.kind,
            instrument.strike,
            instrument.expiry
        );
        _instruments.push(instrument);
    }

    /// @dev A feed whose decimals are asked once.
    function _feed(IPriceFeed source, uint32 heartbeat) private view returns (Feed memory) {
        if (heartbeat == 0 || heartbeat > 2 days) revert BadMarket("heartbeat");
        uint8 decimals = source.decimals();
        if (decimals > 18) revert BadMarket("decimals");
        return Feed(source, heartbeat, decimals);
    }

    /// @dev The latest price of a feed, USD with 18 decimals.
    function _price(Feed memory feed) private view returns (uint256) {
        (, int256 answer,, uint256 updatedAt,) = feed.source.latestRoundData();
        if (updatedAt > block.timestamp || block.timestamp - updatedAt > feed.heartbeat) {
            revert NoPrice(feed.source);
        }
        return _scaled(feed, answer);
    }

    /// @dev An answer in USD with 18 decimals.
    function _scaled(Feed memory feed, int256 answer) private pure returns (uint256 price) {
        if (answer <= 0 || answer >= int256(LARGEST)) revert NoPrice(feed.source);
        price = uint256(answer) * 10 ** (18 - feed.decimals);
        if (price >= LARGEST) revert NoPrice(feed.source);
    }
}
