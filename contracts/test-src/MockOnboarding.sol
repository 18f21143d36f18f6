// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockTerms} from "./MockTerms.sol";

/// @title Stand-in registry that onboards: asks the account's word, takes each claim once
contract MockOnboarding is MockTerms {
    /// @notice The claim was used.
    /// @param claim Which.
    error ClaimUsed(uint256 claim);
    /// @notice The account did not consent.
    /// @param account Which.
    error NoConsent(address account);

    /// @notice Claims used.
    mapping(uint256 claim => bool) public used;
    /// @notice Whether something else of the registry was called.
    bool public touched;

    /// @notice Grants.
    /// @param claim A number that counts once.
    /// @param account Whose.
    /// @param consent Its word: the claim's hash with the account.
    /// @param runs Whether the grant runs at once; a move is only announced.
    function onboard(uint256 claim, address account, bytes32 consent, bool runs) external {
        if (used[claim]) revert ClaimUsed(claim);
        if (consent != keccak256(abi.encode(claim, account))) revert NoConsent(account);
        used[claim] = true;
        if (!runs) return;
        EffectiveTerms memory terms;
        terms.status = Status.Running;
        this.set(account, terms);
    }

    /// @notice What an allow list must not be made to call.
    function touch() external {
        touched = true;
    }
}
