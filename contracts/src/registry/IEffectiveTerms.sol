// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a margin engine reads of an account, and what it reports of it
/// @notice The whole seam between the life of grants and those who trade on them: an engine needs
/// nothing else of Tierproof.
interface IEffectiveTerms {
    /// @notice Where the account's grant stands.
    enum Status {
        /// It never had one: the default's terms.
        None,
        /// Its terms hold.
        Running,
        /// It is over; opening is at the default's terms, maintenance glides towards them.
        Ending,
        /// It is over and the glide too: the default's terms.
        Ended
    }

    /// @notice Terms as they hold in this second.
    struct EffectiveTerms {
        /// Margin to open, to increase or to withdraw, basis points of notional.
        uint16 initialMarginBp;
        /// Margin below which an engine may liquidate, basis points of notional.
        uint16 maintenanceMarginBp;
        /// Taker fee, hundredths of a basis point of notional.
        int24 takerFeeCentiBp;
        /// Maker fee, hundredths of a basis point; negative is a rebate.
        int24 makerFeeCentiBp;
        /// Greatest leverage when opening, whole multiples of equity.
        uint16 maxLeverage;
        /// Most open notional of all accounts of this subject together, thousands of USD; zero where
        /// the default gives no limit.
        uint32 limit;
        /// Who stands behind the grant, in 56 bits of a hash; zero for an account that never had one.
        uint56 subject;
        /// Where the grant stands.
        Status status;
        /// First second after this one at which anything above may change although nobody sends a
        /// transaction; zero if no such second is known. During a glide it is the next second.
        uint64 changesAt;
    }

    /// @notice What happened to an account, from mild to hard.
    enum ConductLevel {
        /// Nothing.
        None,
        /// It came near its liquidation.
        Near,
        /// Near it twice in seven days, or liquidated in part.
        Partly,
        /// Liquidated.
        Liquidated
    }

    /// @notice Terms of an account now: its grant's, the default's, or what glides between them.
    /// @dev Never reverts, whatever the account.
    /// @param account Any address.
    /// @return Its terms.
    function effectiveTerms(address account) external view returns (EffectiveTerms memory);

    /// @notice An engine tells what it did to an account, inside the call that does it.
    /// @param account Whose conduct it is.
    /// @param level What happened; from an engine's own state, never from a caller's argument.
    /// @param nearDays Days near the liquidation, by the engine's count; for those who watch.
    /// @param exposedDays Days with exposure, likewise.
    /// @param eventId The engine's own number of the event; proves nothing.
    function reportConduct(
        address account,
        ConductLevel level,
        uint16 nearDays,
        uint16 exposedDays,
        bytes32 eventId
    ) external;
}
