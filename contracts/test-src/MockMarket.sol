// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceFeed} from "../examples/engine/IPriceFeed.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A feed whose rounds the tests write
contract MockPriceFeed is IPriceFeed {
    /// @notice A round.
    struct Round {
        int256 answer;
        uint256 startedAt;
        uint256 updatedAt;
    }

    /// @inheritdoc IPriceFeed
    uint8 public immutable decimals;
    /// @notice The latest round.
    uint80 public latest;
    /// @notice Rounds by number, from 1.
    mapping(uint80 number => Round) public rounds;
    /// @notice Whether it answers at all.
    bool public dead;

    /// @notice Sets its decimals.
    /// @param decimals_ They.
    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    /// @notice Writes the next round.
    /// @param answer Price.
    /// @param startedAt Unix seconds.
    /// @param updatedAt Unix seconds.
    function push(int256 answer, uint256 startedAt, uint256 updatedAt) external {
        rounds[++latest] = Round(answer, startedAt, updatedAt);
    }

    /// @notice Sets whether it answers.
    /// @param dead_ Whether it does not.
    function kill(bool dead_) external {
        dead = dead_;
    }

    /// @inheritdoc IPriceFeed
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(latest);
    }

    /// @inheritdoc IPriceFeed
    function getRoundData(uint80 round)
        public
        view
        returns (uint80, int256, uint256, uint256, uint80)
    {
        require(!dead, "dead");
        Round memory each = rounds[round];
        return (round, each.answer, each.startedAt, each.updatedAt, round);
    }
}

/// @title Collateral that can be had for nothing, and that misbehaves when told to
contract MockToken is ERC20 {
    /// @dev See `decimals`.
    uint8 private immutable _decimals;
    /// @notice What it takes of each transfer.
    uint256 public fee;
    /// @notice Whom it calls in each transfer, and how.
    address public hook;
    /// @notice With what.
    bytes public hookData;
    /// @notice Whether the last call of the hook went through.
    bool public hookDone;

    /// @notice Sets its decimals.
    /// @param decimals_ They.
    constructor(uint8 decimals_) ERC20("Mock dollar", "MUSD") {
        _decimals = decimals_;
    }

    /// @notice Makes tokens.
    /// @param account Whose.
    /// @param amount How many.
    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }

    /// @notice Sets how it misbehaves.
    /// @param fee_ What it takes of each transfer.
    /// @param hook_ Whom it calls.
    /// @param data With what.
    function misbehave(uint256 fee_, address hook_, bytes calldata data) external {
        fee = fee_;
        hook = hook_;
        hookData = data;
    }

    /// @inheritdoc ERC20
    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    /// @inheritdoc ERC20
    function _update(address from, address to, uint256 amount) internal override {
        if (hook != address(0)) (hookDone,) = hook.call(hookData);
        super._update(from, to, amount);
        if (fee != 0 && from != address(0) && to != address(0)) super._update(to, address(1), fee);
    }
}

/// @title A wallet whose owner's word is one digest
contract MockWallet {
    /// @notice The digest that it signs.
    bytes32 public signedDigest;

    /// @notice Signs a digest.
    /// @param digest Which.
    function sign(bytes32 digest) external {
        signedDigest = digest;
    }

    /// @notice ERC-1271.
    /// @param digest What is asked.
    /// @return The magic value, or zero.
    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == signedDigest ? this.isValidSignature.selector : bytes4(0);
    }

    /// @notice Calls anything.
    /// @param target Whom.
    /// @param data With what.
    function act(address target, bytes calldata data) external {
        (bool done, bytes memory answer) = target.call(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}
