// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";
import {IAllowList, IDataReceiver} from "./derive/IHooks.sol";

/// @title An allow list of granted accounts, for the hooks of Derive v2
/// @notice An account is admitted while its grant runs. Since a venue closes the positions of whom it
/// no longer admits, the end of a grant does not end admission: somebody gives notice, and seven days
/// later it ends, unless the account has a running grant again and is admitted anew. A call of the
/// registry that fails admits nobody and ends nobody's admission.
/// @dev Onboarding may ride in a trade: `acceptData` hands its data to the registry's onboarding, and
/// to nothing else of it. Anybody may write that data; whose consent is needed, the registry asks.
contract TierAllowList is IAllowList, IDataReceiver {
    /// @notice How long admission goes on after notice, in seconds.
    uint256 public constant NOTICE = 7 days;
    /// @dev Admitted, and no notice given.
    uint256 private constant WITHOUT_END = type(uint256).max;

    /// @notice Whose grants count.
    IEffectiveTerms public immutable registry;
    /// @notice Selector of the registry's onboarding.
    bytes4 public immutable onboarding;
    /// @notice First second in which somebody is not admitted; the greatest number if none is known.
    mapping(address user => uint256) public admittedUntil;

    /// @notice An account is admitted.
    /// @param user Which.
    event Admitted(address indexed user);
    /// @notice An account's admission will end.
    /// @param user Which.
    /// @param until First second in which it is not admitted.
    event NoticeGiven(address indexed user, uint256 until);

    /// @notice The account's grant does not run, or for notice: it has not ended, or notice is given.
    /// @param user Which.
    /// @param status Where its grant stands.
    error WrongStatus(address user, IEffectiveTerms.Status status);

    /// @notice Names whose grants count and what of it onboards.
    /// @param registry_ The registry.
    /// @param onboarding_ Selector of its onboarding.
    constructor(IEffectiveTerms registry_, bytes4 onboarding_) {
        registry = registry_;
        onboarding = onboarding_;
    }

    /// @inheritdoc IAllowList
    function canTrade(address user) external view returns (bool) {
        return block.timestamp < admittedUntil[user];
    }

    /// @notice Onboards and admits an account: `data` is `abi.encode(account, arguments)`, the second
    /// the ABI encoding of the arguments of the registry's onboarding. Where somebody was first with
    /// the same claim, the account's grant runs and the trade goes on.
    /// @inheritdoc IDataReceiver
    function acceptData(bytes calldata data) external {
        (address user, bytes memory arguments) = abi.decode(data, (address, bytes));
        (bool done, bytes memory answer) =
            address(registry).call(bytes.concat(onboarding, arguments));
        if (_status(user) == IEffectiveTerms.Status.Running) return _admit(user);
        if (done) return;
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }

    /// @notice Admits an account whose grant runs. Anybody may.
    /// @param user Which.
    function admit(address user) external {
        IEffectiveTerms.Status status = _status(user);
        if (status != IEffectiveTerms.Status.Running) revert WrongStatus(user, status);
        _admit(user);
    }

    /// @notice Says that an account's grant is over, its glide too. Anybody may, once.
    /// @param user Which.
    function giveNotice(address user) external {
        IEffectiveTerms.Status status = _status(user);
        if (status != IEffectiveTerms.Status.Ended || admittedUntil[user] != WITHOUT_END) {
            revert WrongStatus(user, status);
        }
        admittedUntil[user] = block.timestamp + NOTICE;
        emit NoticeGiven(user, block.timestamp + NOTICE);
    }

    /// @dev Admits without end.
    function _admit(address user) private {
        if (admittedUntil[user] == WITHOUT_END) return;
        admittedUntil[user] = WITHOUT_END;
        emit Admitted(user);
    }

    /// @dev Where an account's grant stands now.
    function _status(address user) private view returns (IEffectiveTerms.Status) {
        return registry.effectiveTerms(user).status;
    }
}
