// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A grant, one slot an account. Seconds have 32 bits (to 2106).
/// @dev Expiry needs no transaction, and no slot is ever deleted.
/// @param expiry First second without the terms.
/// @param since When the grant's clock was last set.
/// @param from Maintenance margin at which it was set, basis points, before the regime's factor.
/// @param conductUntil First second at which `level` no longer holds.
/// @param level Conduct that the terms carry, 0 to 3: a copy of what `ConductRecord` says.
/// @param tier Serial of the tier, from 1; zero for an account that never had a grant.
/// @param root Serial of the root that it rests on.
/// @param verifier Index of the verifier that accepted its proof.
/// @param subject Who stands behind it, 56 bits of a hash.
struct Grant {
    uint32 expiry;
    uint32 since;
    uint16 from;
    uint32 conductUntil;
    uint8 level;
    uint24 tier;
    uint32 root;
    uint8 verifier;
    uint56 subject;
}

/// @notice Terms of a tier, one slot. Margins are basis points of notional.
/// @param initialMarginBp Margin to open.
/// @param maintenanceMarginBp Margin below which an engine may liquidate.
/// @param takerFeeCentiBp Taker fee, hundredths of a basis point.
/// @param makerFeeCentiBp Maker fee, hundredths of a basis point; negative is a rebate.
/// @param maxLeverage Greatest leverage when opening.
/// @param limit Most open notional of a subject, thousands of USD.
/// @param validityDays Days from the grant to its expiry.
struct Terms {
    uint16 initialMarginBp;
    uint16 maintenanceMarginBp;
    int24 takerFeeCentiBp;
    int24 makerFeeCentiBp;
    uint16 maxLeverage;
    uint32 limit;
    uint8 validityDays;
}

/// @notice The default's terms and the market's regime, one slot.
/// @param initialMarginBp The default's margin to open.
/// @param maintenanceFrom The default's maintenance margin when its clock was last set.
/// @param maintenanceTo What it glides to.
/// @param maintenanceSince When its clock was last set.
/// @param takerFeeCentiBp The default's taker fee, hundredths of a basis point.
/// @param makerFeeCentiBp The default's maker fee.
/// @param maxLeverage The default's greatest leverage.
/// @param factorFrom The regime's factor when its clock was last set, 1/10^4.
/// @param factorTo The band's factor, which it glides to.
/// @param factorSince When its clock was last set.
/// @param staleAt First second at which the feed no longer counts, unless somebody pokes before.
/// @param alarms How many roots, generations, verifiers and policies have ended: while it is zero
/// a grant ends at its expiry and nothing else needs to be read.
struct Market {
    uint16 initialMarginBp;
    uint16 maintenanceFrom;
    uint16 maintenanceTo;
    uint32 maintenanceSince;
    int24 takerFeeCentiBp;
    int24 makerFeeCentiBp;
    uint16 maxLeverage;
    uint16 factorFrom;
    uint16 factorTo;
    uint32 factorSince;
    uint32 staleAt;
    uint16 alarms;
}

/// @notice Where the regime's factor comes from, one slot; only `poke` reads it.
/// @param source A price feed's contract with the market's volatility in points.
/// @param decimals Decimals of its answers, read once.
/// @param heartbeat Seconds after which an answer no longer counts.
/// @param band Which band holds, 0 to 3.
/// @param seenAt When a poke last saw the upper line of that band, or the band changed.
struct Feed {
    address source;
    uint8 decimals;
    uint24 heartbeat;
    uint8 band;
    uint32 seenAt;
}

/// @notice What engines reported of an account, one slot; whatever becomes of its grants it stays.
/// @param level Conduct, 0 to 3, until `until`.
/// @param until First second at which it no longer holds.
/// @param engine Index of the engine that raised the level; zero if several did.
/// @param restLevel The level without that engine's word, until `restUntil`.
/// @param restUntil First second at which that no longer holds.
struct ConductRecord {
    uint8 level;
    uint32 until;
    uint8 engine;
    uint8 restLevel;
    uint32 restUntil;
}
