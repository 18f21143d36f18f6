// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Claims} from "./Claims.sol";
import {IGrantEvents} from "./IGrantEvents.sol";
import {IGrants} from "./IGrants.sol";
import {Book, Claim, Equation, Onboarding} from "./Types.sol";
import {Weighted} from "./Weighted.sol";

/// @title Many claims by one pairing
/// @notice Claims count in their order, and each sees what those before it did. One that fails
/// before its equation fails alone; one false equation fails all of them.
library Batch {
    /// @notice Claims of a batch, at most.
    uint256 public constant MAX_CLAIMS = 32;

    /// @notice See `TierGrants.onboardBatch`.
    /// @param book All that is kept.
    /// @param batch Claims with their consents.
    /// @param domain EIP-712 domain of the registry.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @param claims Where the library `Claims` is.
    /// @return counted Bit i is set where claim i counts.
    function onboard(
        Book storage book,
        Onboarding[] calldata batch,
        bytes32 domain,
        uint256 strictest,
        address claims
    ) external returns (uint256 counted) {
        uint256 count = batch.length;
        if (count == 0 || count > MAX_CLAIMS) {
            revert IGrants.BatchSizeOutOfRange(count, MAX_CLAIMS);
        }
        Weighted.Sum memory sum = Weighted.start(count);
        for (uint256 i = 0; i < count; ++i) {
            (bool counts, Equation memory left) =
                _try(book, i, batch[i], domain, strictest, sum.setup, claims);
            if (!counts) continue;
            counted |= 1 << i;
            Weighted.add(sum, left);
        }
        if (counted != 0 && !Weighted.holds(sum)) revert IGrants.BatchNotAccepted();
    }

    /// @dev One claim, with all its effects or none.
    function _try(
        Book storage book,
        uint256 index,
        Onboarding calldata one,
        bytes32 domain,
        uint256 strictest,
        bytes32 setup,
        address claims
    ) private returns (bool counts, Equation memory left) {
        uint256 slot;
        assembly ("memory-safe") {
            slot := book.slot
        }
        bytes memory answer;
        (counts, answer) = claims.delegatecall(
            abi.encodeWithSelector(
                Claims.onboardUnproven.selector,
                slot,
                one.claim,
                one.ofAccount,
                one.ofHolder,
                domain,
                strictest,
                setup
            )
        );
        if (counts) {
            left = abi.decode(answer, (Equation));
        } else {
            Claim calldata claim = one.claim;
            emit IGrantEvents.ClaimFailed(index, claim.account, claim.nullifier, answer);
        }
    }
}
