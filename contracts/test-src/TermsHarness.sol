// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Conduct} from "../src/grants/Conduct.sol";
import {Effective} from "../src/grants/Effective.sol";
import {Glide} from "../src/grants/Glide.sol";
import {Oracle} from "../src/grants/Oracle.sol";
import {Regime} from "../src/grants/Regime.sol";
import {ConductRecord, Feed, Grant, Market, Terms} from "../src/grants/Slots.sol";
import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";

/// @title Effective terms over storage of their own, without the life of a grant
/// @dev For tests: anybody may write everything. The registry itself keeps the same slots.
contract TermsHarness is IEffectiveTerms {
    /// @notice A grant, its tier and the market in a second.
    struct State {
        /// The grant.
        Grant grant;
        /// Its tier.
        Terms tier;
        /// The market.
        Market market;
        /// First second without the grant.
        uint256 end;
        /// The second.
        uint256 time;
    }

    /// @notice Factor of the strictest band, 1/10^4.
    uint256 public immutable strictest;
    /// @notice The market's slot.
    Market public market;
    /// @notice The feed's slot.
    Feed public feed;
    /// @notice The bands.
    uint256 public bands;
    /// @notice The sequencer's feed.
    address public sequencer;
    /// @notice Grants.
    mapping(address account => Grant grant) public grants;
    /// @notice Tiers by serial.
    mapping(uint24 serial => Terms tier) public tiers;
    /// @notice Ends of roots by serial; zero while they count.
    mapping(uint32 serial => uint32 endedAt) public rootEnds;
    /// @notice What was reported.
    mapping(address account => ConductRecord record) public conduct;

    /// @notice These are no bands.
    /// @param bands The word.
    error BandsInvalid(uint256 bands);

    /// @notice Starts with a default, a calm market and no feed.
    /// @param bands_ The bands.
    /// @param strictest_ Factor of the strictest one.
    /// @param start The market, of which the factor and the end of the feed are not looked at.
    constructor(uint256 bands_, uint256 strictest_, Market memory start) {
        if (!Regime.valid(bands_, strictest_)) revert BandsInvalid(bands_);
        (bands, strictest, market) = (bands_, strictest_, start);
        market.factorTo = uint16(Glide.ONE);
        market.staleAt = type(uint32).max;
    }

    /// @notice Makes a tier.
    /// @param serial Its serial.
    /// @param tier Its terms.
    function setTier(uint24 serial, Terms calldata tier) external {
        tiers[serial] = tier;
    }

    /// @notice Changes the default: opening at once, maintenance by its clock.
    /// @param terms What the default is from now on.
    function setDefault(Terms calldata terms) external {
        Market memory next = market;
        uint256 held = Effective.defaultMaintenance(next, block.timestamp);
        (uint256 from, uint256 since) = Glide.retarget(
            next.maintenanceFrom,
            next.maintenanceTo,
            next.maintenanceSince,
            terms.maintenanceMarginBp,
            held,
            block.timestamp
        );
        next.maintenanceFrom = uint16(from);
        next.maintenanceTo = terms.maintenanceMarginBp;
        next.maintenanceSince = uint32(since);
        next.initialMarginBp = terms.initialMarginBp;
        next.takerFeeCentiBp = terms.takerFeeCentiBp;
        next.makerFeeCentiBp = terms.makerFeeCentiBp;
        next.maxLeverage = terms.maxLeverage;
        market = next;
    }

    /// @notice Gives an account a tier: its first grant, a renewal, an upgrade or a downgrade.
    /// @param account The account.
    /// @param serial The tier.
    /// @param root The root.
    /// @param expiry First second without it.
    function give(address account, uint24 serial, uint32 root, uint32 expiry) external {
        Grant memory grant = grants[account];
        ConductRecord memory record = conduct[account];
        _retarget(grant, tiers[serial], record);
        (grant.tier, grant.root, grant.expiry, grant.subject) = (serial, root, expiry, 1);
        grants[account] = grant;
    }

    /// @notice Ends a grant now.
    /// @param account The account.
    function end(address account) external {
        if (grants[account].expiry > block.timestamp) {
            grants[account].expiry = uint32(block.timestamp);
        }
    }

    /// @notice Ends all grants of a root now.
    /// @param root The root.
    function endRoot(uint32 root) external {
        (rootEnds[root], market.alarms) = (uint32(block.timestamp), market.alarms + 1);
    }

    /// @notice Takes another account's record into one.
    /// @param from The other account.
    /// @param account The account.
    function carry(address from, address account) external {
        _keep(account, Conduct.joined(conduct[account], conduct[from], block.timestamp));
    }

    /// @notice Chooses a feed, and a sequencer's.
    /// @param source The feed.
    /// @param heartbeat Seconds after which its answers no longer count.
    /// @param sequencer_ The sequencer's feed, or zero.
    function setFeed(address source, uint256 heartbeat, address sequencer_) external {
        feed = Oracle.chosen(source, heartbeat, feed);
        sequencer = sequencer_;
    }

    /// @notice Chooses bands.
    /// @param bands_ The bands.
    function setBands(uint256 bands_) external {
        if (!Regime.valid(bands_, strictest)) revert BandsInvalid(bands_);
        bands = bands_;
    }

    /// @notice Reads the feed.
    function poke() external {
        (Market memory next, Feed memory last) = (market, feed);
        (bool usable, uint256 volatility, uint256 updatedAt) = Oracle.read(last, block.timestamp);
        bool up = Oracle.sequencerUp(sequencer, block.timestamp);
        Regime.poke(
            next, last, bands, strictest, usable, volatility, updatedAt, up, block.timestamp
        );
        (market, feed) = (next, last);
    }

    /// @inheritdoc IEffectiveTerms
    function reportConduct(address account, ConductLevel level, uint16, uint16, bytes32 eventId)
        external
    {
        uint8 engine = uint8(uint256(eventId));
        _keep(account, Conduct.reported(conduct[account], uint8(level), engine, block.timestamp));
    }

    /// @notice Takes back what an engine said of an account.
    /// @param account The account.
    /// @param engine The engine.
    function takeBack(address account, uint8 engine) external {
        ConductRecord memory record = conduct[account];
        if (record.engine == engine) _keep(account, Conduct.withoutEngine(record));
    }

    /// @notice Terms and records of accounts, with the second in which they were looked up.
    /// @param accounts The accounts.
    /// @return terms Terms of each.
    /// @return records Record of each.
    /// @return time The second.
    function look(address[] calldata accounts)
        external
        view
        returns (EffectiveTerms[] memory terms, ConductRecord[] memory records, uint256 time)
    {
        terms = new EffectiveTerms[](accounts.length);
        records = new ConductRecord[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            terms[i] = this.effectiveTerms(accounts[i]);
            records[i] = conduct[accounts[i]];
        }
        time = block.timestamp;
    }

    /// @inheritdoc IEffectiveTerms
    function effectiveTerms(address account) external view returns (EffectiveTerms memory terms) {
        (Grant memory grant, Market memory now_) = (grants[account], market);
        uint256 over = _endOf(grant, now_);
        Effective.fill(terms, grant, tiers[grant.tier], now_, strictest, over, block.timestamp);
    }

    /// @notice Terms of many states.
    /// @param states The states.
    /// @return terms Terms of each.
    function termsOf(State[] calldata states)
        external
        view
        returns (EffectiveTerms[] memory terms)
    {
        terms = new EffectiveTerms[](states.length);
        for (uint256 i; i < states.length; ++i) {
            State calldata s = states[i];
            Effective.fill(terms[i], s.grant, s.tier, s.market, strictest, s.end, s.time);
        }
    }

    /// @notice Grants of many states after they get another tier or conduct.
    /// @param states The states.
    /// @param next The tier of each from now on.
    /// @param levels Conduct of each from now on.
    /// @param untils First second at which that no longer holds.
    /// @return grants_ The grants.
    function retargeted(
        State[] calldata states,
        Terms[] calldata next,
        uint256[] calldata levels,
        uint256[] calldata untils
    ) external view returns (Grant[] memory grants_) {
        grants_ = new Grant[](states.length);
        for (uint256 i; i < states.length; ++i) {
            State memory s = states[i];
            Effective.retarget(
                s.grant, s.tier, next[i], levels[i], untils[i], s.market, strictest, s.end, s.time
            );
            grants_[i] = s.grant;
        }
    }

    /// @notice Markets and feeds of many states after a reading.
    /// @param markets The markets.
    /// @param feeds The feeds.
    /// @param words Bands of each.
    /// @param readings Of each: usable, volatility, when it was made, sequencer, now.
    /// @return The markets.
    /// @return The feeds.
    function poked(
        Market[] memory markets,
        Feed[] memory feeds,
        uint256[] calldata words,
        uint256[5][] calldata readings
    ) external view returns (Market[] memory, Feed[] memory) {
        for (uint256 i; i < markets.length; ++i) {
            uint256[5] calldata r = readings[i];
            Regime.poke(
                markets[i], feeds[i], words[i], strictest, r[0] == 1, r[1], r[2], r[3] == 1, r[4]
            );
        }
        return (markets, feeds);
    }

    /// @notice Whether words are bands.
    /// @param words The words.
    /// @param greatest Factor of the strictest band of each.
    /// @return found Of each whether it is.
    function valid(uint256[] calldata words, uint256[] calldata greatest)
        external
        pure
        returns (bool[] memory found)
    {
        found = new bool[](words.length);
        for (uint256 i; i < words.length; ++i) {
            found[i] = Regime.valid(words[i], greatest[i]);
        }
    }

    /// @dev A grant that is over keeps its conduct; the next one starts with the record.
    /// @param account The account.
    /// @param record Its record from now on.
    function _keep(address account, ConductRecord memory record) private {
        conduct[account] = record;
        Grant memory grant = grants[account];
        if (block.timestamp >= _endOf(grant, market)) return;
        _retarget(grant, tiers[grant.tier], record);
        grants[account] = grant;
    }

    /// @dev Gives a grant a tier and the record's conduct.
    /// @param grant The grant, changed in place.
    /// @param next The tier.
    /// @param record The record.
    function _retarget(Grant memory grant, Terms memory next, ConductRecord memory record)
        private
        view
    {
        Market memory now_ = market;
        Effective.retarget(
            grant,
            tiers[grant.tier],
            next,
            record.level,
            record.until,
            now_,
            strictest,
            _endOf(grant, now_),
            block.timestamp
        );
    }

    /// @dev First second without a grant.
    /// @param grant The grant.
    /// @param now_ The market.
    /// @return over The second.
    function _endOf(Grant memory grant, Market memory now_) private view returns (uint256 over) {
        over = grant.expiry;
        if (now_.alarms == 0) return over;
        uint256 ended = rootEnds[grant.root];
        if (ended != 0 && ended < over) over = ended;
    }
}
