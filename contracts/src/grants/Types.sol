// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConductRecord, Feed, Grant, Market, Terms} from "./Slots.sol";

// Slots and arguments of the grants. Seconds are Unix seconds in 32 bits (to 2106), days are days
// since 1970-01-01 UTC in 16 bits (to 2149), margins are basis points of notional, fees hundredths
// of a basis point. A serial counts from 1, so that zero is nothing; an end of zero is no end.

/// @dev What a member of an attestor set signs with.
enum Kind {
    // No member.
    None,
    // A plain key: ECDSA alone counts, also when its address has code.
    Key,
    // A contract: ERC-1271.
    Contract
}

/// @dev One slot of an attestor set. Its id is that of its first members for ever.
struct AttestorSet {
    // Number of the last generation, from 1; it may still wait for its notice.
    uint32 latest;
    // No tier of its series has a lower initial margin.
    uint16 leastInitialMarginBp;
    // Nullifiers that one root may back.
    uint24 cap;
}

/// @dev One slot of a generation of a set.
struct Generation {
    uint8 threshold;
    uint8 members;
    uint32 enabledFrom;
    uint32 endedAt;
}

/// @dev All attestor sets.
struct AttestorStore {
    mapping(bytes32 attestorSet => AttestorSet) sets;
    mapping(bytes32 attestorSet => mapping(uint32 number => uint32 serial)) serials;
    mapping(uint32 serial => Generation) generations;
    mapping(uint32 serial => mapping(address member => Kind)) kinds;
    uint32 count;
}

/// @dev Bounds of what a set may vouch for, fixed at its registration.
struct Bounds {
    uint16 leastInitialMarginBp;
    uint24 cap;
}

/// @dev Members of a generation: ascending addresses; bit i of `contracts` says that member i is a
/// contract.
struct Members {
    address[] addresses;
    uint256 contracts;
    uint256 threshold;
}

/// @dev A signature and whose it is.
struct SignedBy {
    address signer;
    bytes signature;
}

/// @dev What attestors sign (EIP-712): that `root` is the tree of all their logs of the window, both
/// days included, made by `rules`, and may be relied on up to and including `validUntil`.
struct Root {
    uint256 root;
    bytes32 attestorSet;
    uint32 generation;
    uint32 firstDay;
    uint32 lastDay;
    uint64 validUntil;
    uint256 feed;
    bytes32 rules;
}

/// @dev Slots of a root that was submitted; `generation` is the serial of the one that signed, `cap`
/// is its set's.
struct RootState {
    uint256 root;
    uint16 firstDay;
    uint16 lastDay;
    uint32 validUntil;
    uint32 endedAt;
    uint32 generation;
    uint24 grants;
    uint24 cap;
    uint256 feed;
    bytes32 rules;
}

/// @dev All roots. A window is its first day + 2^16 its last.
struct RootStore {
    mapping(uint24 serial => RootState) all;
    mapping(bytes32 attestorSet => mapping(uint256 root => uint24 serial)) serialOf;
    mapping(bytes32 attestorSet => mapping(uint32 window => uint24 serial)) ofWindow;
    mapping(bytes32 attestorSet => mapping(uint256 root => bool)) revoked;
    uint24 count;
}

/// @dev Two slots of a verifier.
struct VerifierState {
    address target;
    uint32 enabledFrom;
    uint32 disabledAt;
    bytes32 keyDigest;
}

/// @dev All verifiers, by index from 0, and the setups that they may rest on.
struct RouterStore {
    mapping(uint8 index => VerifierState) all;
    uint8 count;
    uint256[] ceremonies;
}

/// @dev What one institution may hold one grant of: a protocol's programme.
struct SeriesState {
    bytes32 attestorSet;
    uint16 leastDays;
    uint16 maxAgeDays;
}

/// @dev A tier as it is registered: threshold words as the circuit reads them, and its terms.
struct Tier {
    uint256[5] thresholds;
    Terms terms;
}

/// @dev A policy as it is registered; its verifiers by index.
struct Policy {
    bytes32 policyId;
    bytes32 series;
    uint16 firstDay;
    uint16 lastDay;
    uint8[] verifiers;
    Tier[] tiers;
}

/// @dev Two slots of a policy; its tiers have consecutive serials, its verifiers are bits, its
/// greatest age is its series'.
struct PolicyState {
    bytes32 series;
    uint16 firstDay;
    uint16 lastDay;
    uint32 enabledFrom;
    uint32 disabledAt;
    uint24 firstTier;
    uint8 tiers;
    uint96 verifiers;
    uint16 maxAgeDays;
}

/// @dev Two slots of a tier; `endedAt` is the second at which its policy was disabled.
struct TierState {
    Terms terms;
    uint32 policy;
    uint32 endedAt;
    bytes32 thresholdsHash;
}

/// @dev All series with their calendars, policies and tiers, the lowest fees of all tiers, and the
/// worst of each of their terms.
struct SeriesStore {
    mapping(bytes32 series => SeriesState) series;
    // One more than the first day of the window that ends on a day; zero if none does.
    mapping(bytes32 series => mapping(uint16 lastDay => uint32)) calendar;
    mapping(bytes32 policyId => uint32 serial) policyOf;
    mapping(uint32 serial => PolicyState) policies;
    mapping(uint24 serial => TierState) tiers;
    uint32 policyCount;
    uint24 tierCount;
    int24 lowestTakerFee;
    int24 lowestMakerFee;
    Terms worst;
}

/// @dev A window of days, both included.
struct Window {
    uint16 firstDay;
    uint16 lastDay;
}

/// @dev One slot of a nullifier in a scope. `asOf` never falls: no older window counts. Nothing
/// counts before `freeFromDay`, and nothing ever once it is retired; `root` is the one that counted
/// last.
struct Holder {
    address account;
    uint16 asOf;
    uint32 movedAt;
    uint16 freeFromDay;
    bool retired;
    uint24 root;
}

/// @dev A move that was announced, by its window's last day. No unsigned move counts on a window
/// that ends by `contestedDay`, whatever else is announced later.
struct Pending {
    address account;
    uint32 readyAt;
    uint16 lastDay;
    uint16 contestedDay;
}

/// @dev What stops everything: one slot.
struct Switches {
    uint32 pausedUntil;
    uint32 pauseFreeFrom;
    uint32 closedAt;
}

/// @dev A tier that an account claims: the root and the nullifier are public words of the proof.
struct Claim {
    bytes32 policyId;
    uint8 tier;
    uint8 verifier;
    uint256 root;
    uint256 nullifier;
    address account;
    uint256[5] thresholds;
    bytes proof;
}

/// @dev What somebody signed of a claim (EIP-712 `Consent`); the rest of it is the claim's.
struct Consent {
    uint32 leastLastDay;
    uint64 deadline;
    bytes signature;
}

/// @dev A claim of a batch, with what `onboard` takes beside it.
struct Onboarding {
    Claim claim;
    Consent ofAccount;
    Consent ofHolder;
}

/// @dev What is left of a proof whose equation nobody asked for yet: e(L, [1]_2) = e(W', [tau]_2);
/// `sum` is L' and W', L is L' and the verifier's points by `scalars`, `statement` the hash of the
/// public words.
struct Equation {
    address verifier;
    uint256[4] sum;
    uint256[4] tau;
    uint256[] scalars;
    bytes32 statement;
}

/// @dev How a claim counted.
enum Act {
    First,
    Renewed,
    Recovered,
    Moved,
    Announced
}

/// @dev Why a grant ended by an act.
enum Why {
    Moved,
    Replaced,
    Relinquished,
    Retired,
    Revoked
}

/// @dev The default, the bands and the feed, as they are announced. A zero source is no feed.
struct MarketRules {
    Terms terms;
    uint256 bands;
    address source;
    uint24 heartbeat;
    address sequencer;
}

/// @dev What was announced and waits for its notice; `beginsAt` is zero where nothing waits.
struct Announced {
    Terms terms;
    uint256 bands;
    Feed feed;
    address sequencer;
    uint32 beginsAt;
}

/// @dev One slot of who reports conduct: an engine, or a desk of people whose word is worth
/// `mostLevel` at most. From `voidedFrom` on, unless that is zero, what it reported is taken back.
struct Engine {
    uint8 index;
    uint8 mostLevel;
    uint32 enabledFrom;
    uint32 disabledAt;
    uint32 voidedFrom;
}

/// @dev All that the registry keeps, in one place that libraries are handed.
struct Book {
    // Sets, generations and their members.
    AttestorStore sets;
    RootStore roots;
    RouterStore router;
    SeriesStore series;
    Switches switches;
    // The default and the regime: what effective terms read besides grant and tier.
    Market market;
    Feed feed;
    uint256 bands;
    address sequencer;
    Announced next;
    // The last grant of each account.
    mapping(address account => Grant) grants;
    // What engines reported of each account; it stays when grants end.
    mapping(address account => ConductRecord) conduct;
    // Whether an account held a subject's grant that another one's replaced: its conduct may be
    // carried to the holder.
    mapping(address account => mapping(uint56 subject => bool)) held;
    mapping(address engine => Engine) engines;
    mapping(uint8 index => address engine) engineAt;
    uint8 engineCount;
    // Who holds each nullifier.
    mapping(uint256 scope => mapping(uint256 nullifier => Holder)) holders;
    // The move of a nullifier that was announced last.
    mapping(uint256 scope => mapping(uint256 nullifier => Pending)) pending;
}
