// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

/// @notice What is traded: the underlying for ever, or a European option on it.
enum Kind {
    Perpetual,
    Call,
    Put
}

/// @notice One position of a book with the prices it is measured by.
/// @dev Prices are USD with 18 decimals, sizes units of the underlying with 18; their products are
/// USD with 36, in which all margin is compared, so that nothing is rounded on the way.
struct Leg {
    uint32 underlying;
    Kind kind;
    /// An expired option with a price of settlement: it is worth its mark and needs no margin.
    bool settled;
    uint256 strike;
    int256 size;
    uint256 mark;
    uint256 spot;
    /// Notional in USD (36 decimals) at which the add-on for size doubles the margin.
    uint256 depth;
}

/// @title Portfolio margin by one rate
/// @notice The rate is the move of an underlying that a book has to stand, up or down. The margin is
/// the worst loss of all its positions in that underlying together, anywhere within the move; plus a
/// quarter of the rate on each short option, since its time value may rise although nothing moves;
/// and the more, the larger the book is against the underlying's depth. Underlyings do not offset.
/// @dev A larger rate never gives a smaller margin: the worst loss is over an interval, not its ends.
library PortfolioMargin {
    /// @dev 100 %.
    uint256 private constant BASIS_POINTS = 10_000;
    /// @dev The part of the rate that each short option needs besides the move.
    uint256 private constant SHORT_PART = 4;

    /// @dev What a book is worth besides its cash; USD with 36 decimals.
    function worth(Leg[] memory legs) internal pure returns (int256 total) {
        for (uint256 i = 0; i < legs.length; ++i) {
            total += legs[i].size * int256(legs[i].mark);
        }
    }

    /// @dev Notional of all positions at spot; USD with 36 decimals.
    function gross(Leg[] memory legs) internal pure returns (uint256 total) {
        for (uint256 i = 0; i < legs.length; ++i) {
            if (!legs[i].settled) total += SignedMath.abs(legs[i].size) * legs[i].spot;
        }
    }

    /// @dev Margin of a book at a rate in basis points (at most 10,000); USD with 36 decimals, up.
    function requirement(Leg[] memory legs, uint256 rateBp) internal pure returns (uint256 total) {
        for (uint256 i = 0; i < legs.length; ++i) {
            if (_firstOfItsUnderlying(legs, i)) total += _ofUnderlying(legs, legs[i], rateBp);
        }
    }

    /// @dev Least value of an option at a price of the underlying: what it pays if it expires there.
    function intrinsic(Kind kind, uint256 strike, uint256 price) internal pure returns (uint256) {
        return
            kind == Kind.Call
                ? Math.saturatingSub(price, strike)
                : Math.saturatingSub(strike, price);
    }

    /// @dev The mark of an option within what no price can leave without a free lunch.
    function bounded(Kind kind, uint256 strike, uint256 spot, uint256 mark)
        internal
        pure
        returns (uint256)
    {
        uint256 most = kind == Kind.Call ? spot : Math.max(strike, intrinsic(kind, strike, spot));
        return Math.min(Math.max(mark, intrinsic(kind, strike, spot)), most);
    }

    /// @dev Whether no earlier position that needs margin has the same underlying.
    function _firstOfItsUnderlying(Leg[] memory legs, uint256 index) private pure returns (bool) {
        if (legs[index].settled) return false;
        for (uint256 i = 0; i < index; ++i) {
            if (!legs[i].settled && legs[i].underlying == legs[index].underlying) return false;
        }
        return true;
    }

    /// @dev Margin of the positions in the underlying of `head`.
    function _ofUnderlying(Leg[] memory legs, Leg memory head, uint256 rateBp)
        private
        pure
        returns (uint256)
    {
        uint256 spot = head.spot;
        uint256 low = spot * (BASIS_POINTS - rateBp) / BASIS_POINTS;
        uint256 high = Math.ceilDiv(spot * (BASIS_POINTS + rateBp), BASIS_POINTS);
        // The loss is linear between strikes, so it is greatest at an end of the move or at a strike.
        int256 worst =
            SignedMath.max(_loss(legs, head.underlying, low), _loss(legs, head.underlying, high));
        uint256 units = 0;
        uint256 shorts = 0;
        for (uint256 i = 0; i < legs.length; ++i) {
            Leg memory leg = legs[i];
            if (leg.settled || leg.underlying != head.underlying) continue;
            units += SignedMath.abs(leg.size);
            if (leg.kind == Kind.Perpetual) continue;
            if (leg.size < 0) shorts += SignedMath.abs(leg.size);
            if (leg.strike > low && leg.strike < high) {
                worst = SignedMath.max(worst, _loss(legs, head.underlying, leg.strike));
            }
        }
        uint256 base =
            uint256(worst) + Math.ceilDiv(shorts * spot * rateBp, SHORT_PART * BASIS_POINTS);
        return Math.mulDiv(base, head.depth + units * spot, head.depth, Math.Rounding.Ceil);
    }

    /// @dev What the positions in an underlying lose if it goes to `price`. A long option falls to
    /// what it would pay there: nothing is lent on time value. A short one keeps its time value.
    function _loss(Leg[] memory legs, uint32 underlying, uint256 price)
        private
        pure
        returns (int256 total)
    {
        for (uint256 i = 0; i < legs.length; ++i) {
            Leg memory leg = legs[i];
            if (leg.settled || leg.underlying != underlying) continue;
            if (leg.kind == Kind.Perpetual) {
                total += leg.size * (int256(leg.spot) - int256(price));
                continue;
            }
            uint256 now_ = leg.size > 0 ? leg.mark : intrinsic(leg.kind, leg.strike, leg.spot);
            total += leg.size * (int256(now_) - int256(intrinsic(leg.kind, leg.strike, price)));
        }
    }
}
