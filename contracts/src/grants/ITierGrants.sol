// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Grant} from "./Slots.sol";
import {Act, Claim, Consent, Holder, Onboarding, Pending} from "./Types.sol";

/// @title What accounts, and who acts for them, call on the registry of grants
/// @notice Its identifier is what the registry says of itself (ERC-165), beside `IEffectiveTerms`.
interface ITierGrants {
    /// @notice Claims a tier for an account by a proof. Anybody may send it, with what the account
    /// signed; a move needs the holder's signature too, or is announced by this and counts when
    /// sent again 72 hours later, if the holder does not contest. To an account that held the
    /// nullifier before, a signature does not do: he sends himself, or it is announced.
    /// @dev Scope and window are computed here and never taken from the caller. Reverts with the
    /// verifier's own error if the proof is not accepted.
    /// @param claim The tier, what it rests on and the proof.
    /// @param ofAccount The account's consent; empty if the account itself sends.
    /// @param ofHolder The holder's consent to a move; empty if he sends or does not agree.
    /// @return act How it counted.
    function onboard(Claim calldata claim, Consent calldata ofAccount, Consent calldata ofHolder)
        external
        returns (Act act);

    /// @notice Claims as `onboard` takes them, in their order, by one pairing: a later one sees the
    /// effects of earlier ones. What fails before that (consent, window, root, limit, a malformed
    /// proof) fails alone, with `ClaimFailed` and no other effect; one false proof fails all.
    /// Anybody may send it, and tries it first.
    /// @dev All keys are of one setup. Nothing is remembered of a failed claim: it may have run out
    /// of gas.
    /// @param batch 1 to 32 claims, each with its consents.
    /// @return counted Bit i is set where claim i counts.
    function onboardBatch(Onboarding[] calldata batch) external returns (uint256 counted);

    /// @notice Ends the grant of the caller.
    function relinquish() external;

    /// @notice Takes a tier of the same policy that is nowhere better than the caller's.
    /// @param tier Index of the tier.
    function downgrade(uint8 tier) external;

    /// @notice Stops an announced move of a nullifier that the caller holds by a running grant: no
    /// unsigned move counts on a window that ends as early.
    /// @param series The series.
    /// @param nullifier The nullifier.
    function contest(bytes32 series, uint256 nullifier) external;

    /// @notice Gives up a nullifier that the caller holds, for good, with its grant.
    /// @param series The series.
    /// @param nullifier The nullifier.
    function retire(bytes32 series, uint256 nullifier) external;

    /// @notice Takes what was reported of one account into another's record, if it ever held
    /// the subject of the other's last grant. Anybody may send it.
    /// @param from The one.
    /// @param account The other.
    function carryConduct(address from, address account) external;

    /// @notice Takes back the level of an account that an engine raised whose reports are void; what
    /// other engines said of it stays. Anybody may send it.
    /// @param account The account.
    function takeBackReports(address account) external;

    /// @notice The last grant of an account, also if it has ended; all zero if none.
    /// @param account The account.
    /// @return grant What is kept of it.
    /// @return end First second at which it does not run, by the earliest end of all that it rests on.
    function grantOf(address account) external view returns (Grant memory grant, uint32 end);

    /// @notice Who holds a nullifier of a series, and its move that was announced last.
    /// @param series The series.
    /// @param nullifier The nullifier.
    /// @return holder All zero if nobody ever did.
    /// @return pending Without an account if none is announced.
    function holderOf(bytes32 series, uint256 nullifier)
        external
        view
        returns (Holder memory holder, Pending memory pending);

    /// @notice The scope of a series: one of its nullifiers is one identity, and nothing else of
    /// another series.
    /// @param series The series.
    /// @return uint256(keccak256(abi.encode(chainId, registry, series))) >> 8.
    function scopeOf(bytes32 series) external view returns (uint256);

    /// @notice Who stands behind a grant.
    /// @param scope Of `scopeOf`.
    /// @param nullifier The nullifier.
    /// @return The last 56 bits of keccak256(abi.encode(scope, nullifier)).
    function subjectOf(uint256 scope, uint256 nullifier) external pure returns (uint56);
}
