// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The collateral: accounts' cash, the insurance fund, and a deficit that nobody covers yet
/// @notice At each moment `held + deficit` is the sum of all accounts' cash and of the fund (plus what
/// is rounded away when options settle). Bad debt is the fund's; what it cannot pay is the deficit,
/// and while there is one each withdrawal is paid the same part of its amount, early or late.
/// @dev One token counts as one USD. A token that takes a fee on transfer is refused.
abstract contract Treasury {
    using SafeERC20 for IERC20Metadata;

    /// @notice The collateral.
    IERC20Metadata public immutable token;
    /// @dev What one unit of the token is in USD with 36 decimals.
    int256 internal immutable _unit;

    /// @notice Cash of each account in units of the token; negative where positions were bought.
    mapping(address account => int256) public cashOf;
    /// @notice What the engine holds, in units of the token.
    uint256 public held;
    /// @notice The insurance fund, in units of the token; part of what is held.
    uint256 public fund;
    /// @notice Bad debt that the fund could not pay, in units of the token.
    uint256 public deficit;

    /// @notice An account put in collateral.
    /// @param account Whose.
    /// @param amount Units of the token.
    event Deposited(address indexed account, uint256 amount);
    /// @notice An account took out collateral.
    /// @param account Whose.
    /// @param amount Units of the token that its cash fell by.
    /// @param paid Units of the token that it got; less while there is a deficit.
    event Withdrawn(address indexed account, uint256 amount, uint256 paid);
    /// @notice The insurance fund got something.
    /// @param amount Units of the token, a deficit's part included.
    event FundRaised(uint256 amount);
    /// @notice An account ended with a debt.
    /// @param account Whose.
    /// @param debt Units of the token.
    /// @param covered What of it the fund paid; the rest is the deficit's.
    event BadDebt(address indexed account, uint256 debt, uint256 covered);

    /// @notice The token did not bring what was asked, or has more than 18 decimals.
    error TokenUnsuitable();
    /// @notice A deficit lets less be paid than the account wants at least.
    /// @param paid What would be paid.
    error PaidTooLittle(uint256 paid);

    /// @notice Names the collateral.
    /// @param token_ An ERC-20 with at most 18 decimals, one USD each.
    constructor(IERC20Metadata token_) {
        uint8 decimals = token_.decimals();
        if (decimals > 18) revert TokenUnsuitable();
        token = token_;
        _unit = int256(10 ** (36 - decimals));
    }

    /// @dev Takes tokens in.
    function _take(uint256 amount) internal {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        if (token.balanceOf(address(this)) != before + amount) revert TokenUnsuitable();
        held += amount;
    }

    /// @dev Pays a withdrawal to the sender, whose cash has fallen by `amount` already.
    function _pay(uint256 amount, uint256 least) internal {
        uint256 paid = deficit == 0 ? amount : Math.mulDiv(amount, held, held + deficit);
        if (paid < least || paid > held) revert PaidTooLittle(Math.min(paid, held));
        deficit -= amount - paid;
        held -= paid;
        emit Withdrawn(msg.sender, amount, paid);
        token.safeTransfer(msg.sender, paid);
    }

    /// @dev Adds to the fund; a deficit is paid first.
    function _raiseFund(uint256 amount) internal {
        if (amount == 0) return;
        uint256 repaid = Math.min(amount, deficit);
        deficit -= repaid;
        fund += amount - repaid;
        emit FundRaised(amount);
    }

    /// @dev Moves USD with 36 decimals from one account to another; negative: back. Who pays rounds
    /// up, who gets rounds down, the difference is the fund's.
    function _move(address from, address to, int256 amount) internal {
        if (amount < 0) return _move(to, from, -amount);
        int256 paid = _tokensUp(amount);
        int256 got = amount / _unit;
        cashOf[from] -= paid;
        cashOf[to] += got;
        _raiseFund(uint256(paid - got));
    }

    /// @dev Writes off the debt of an account without positions.
    function _writeOff(address account) internal {
        if (cashOf[account] >= 0) return;
        uint256 debt = uint256(-cashOf[account]);
        uint256 covered = Math.min(debt, fund);
        cashOf[account] = 0;
        fund -= covered;
        deficit += debt - covered;
        emit BadDebt(account, debt, covered);
    }

    /// @dev USD with 36 decimals in units of the token, rounded to the greater number.
    function _tokensUp(int256 amount) internal view returns (int256) {
        return _ceilDiv(amount, _unit);
    }

    /// @dev USD with 36 decimals in units of the token, rounded to the lesser number.
    function _tokensDown(int256 amount) internal view returns (int256) {
        return -_ceilDiv(-amount, _unit);
    }

    /// @dev A quotient rounded to the greater number; the divisor is positive.
    function _ceilDiv(int256 amount, int256 divisor) internal pure returns (int256) {
        return amount > 0 ? (amount + divisor - 1) / divisor : amount / divisor;
    }
}
