// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IGrants} from "./IGrants.sol";
import {Signatures} from "./Signatures.sol";
import {Terms} from "./Slots.sol";
import {Consent} from "./Types.sol";

/// @title What an account agrees to
/// @notice A consent names terms and not a tier: a wallet shows them, and one consent serves later
/// windows at the same terms until its deadline. That it is sent again does nothing, because a
/// window counts once unless the account itself sends.
library Consents {
    /// @notice EIP-712 type of what the account signs, and the holder for a move. The account stands
    /// in it because contract wallets of one owner share signatures.
    bytes32 internal constant TYPEHASH = keccak256(
        "Consent(address account,address from,bytes32 series,uint256 nullifier,uint16 initialMarginBp,uint16 maintenanceMarginBp,int24 takerFee,int24 makerFee,uint16 maxLeverage,uint32 limit,uint32 leastLastDay,uint64 deadline)"
    );
    /// @dev A consent's deadline is no further away.
    uint256 internal constant MOST_SECONDS = 100 days;

    /// @notice What a claim is to do, as a consent names it; `from` is the holder, zero at first use.
    struct Subject {
        address account;
        address from;
        bytes32 series;
        uint256 nullifier;
        Terms terms;
        uint16 lastDay;
    }

    /// @dev The consent holds now, for this window, and is signed by `signer`.
    function requireFrom(
        address signer,
        Consent calldata consent,
        Subject memory subject,
        bytes32 domain
    ) internal view {
        if (consent.signature.length == 0) {
            revert IGrants.ConsentMissing(signer);
        }
        uint64 deadline = consent.deadline;
        if (block.timestamp > deadline || deadline > block.timestamp + MOST_SECONDS) {
            revert IGrants.ConsentDeadline(deadline);
        }
        if (subject.lastDay < consent.leastLastDay) {
            revert IGrants.ConsentWindow(consent.leastLastDay, subject.lastDay);
        }
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            domain, hashOf(subject, consent.leastLastDay, deadline)
        );
        if (!Signatures.byAccount(signer, digest, consent.signature)) {
            revert IGrants.SignatureInvalid(signer);
        }
    }

    /// @dev The EIP-712 hash of the structure.
    function hashOf(Subject memory subject, uint32 leastLastDay, uint64 deadline)
        internal
        pure
        returns (bytes32)
    {
        Terms memory terms = subject.terms;
        return keccak256(
            abi.encode(
                TYPEHASH,
                subject.account,
                subject.from,
                subject.series,
                subject.nullifier,
                terms.initialMarginBp,
                terms.maintenanceMarginBp,
                terms.takerFeeCentiBp,
                terms.makerFeeCentiBp,
                terms.maxLeverage,
                terms.limit,
                leastLastDay,
                deadline
            )
        );
    }
}
