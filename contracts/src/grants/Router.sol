// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "../registry/ITierproofVerifier.sol";
import {IGrantEvents} from "./IGrantEvents.sol";
import {IGrants} from "./IGrants.sol";
import {RouterStore, VerifierState} from "./Types.sol";

/// @title Verifiers, by index and by the digest of their key
/// @notice Policies name verifiers for good; each can be switched off alone. One that was comes
/// back under another index, for other policies, after another notice.
library Router {
    /// @notice Verifiers that a registry ever has, at most: bits of a policy.
    uint256 public constant MAX_VERIFIERS = 96;

    /// @notice Registers a verifier.
    /// @param router All verifiers.
    /// @param target Its contract.
    /// @param keyDigest What the contract must call its key.
    /// @param enabledFrom Second from which it judges.
    /// @param anySetup Whether its setup may be none of the ceremonies: on development chains.
    /// @return index Its place.
    function register(
        RouterStore storage router,
        ITierproofVerifier target,
        bytes32 keyDigest,
        uint32 enabledFrom,
        bool anySetup
    ) external returns (uint8 index) {
        index = router.count;
        if (index == MAX_VERIFIERS) revert IGrants.TooManyVerifiers(MAX_VERIFIERS);
        bytes32 said = target.keyDigest();
        if (said != keyDigest || said == bytes32(0)) {
            revert IGrants.WrongKeyDigest(address(target), said);
        }
        uint256 srsId = target.srsId();
        bool ceremony = isCeremony(router, srsId);
        if (!ceremony && !anySetup) revert IGrants.SetupNotKnown(address(target), srsId);
        router.all[index] = VerifierState(address(target), enabledFrom, 0, keyDigest);
        router.count = index + 1;
        emit IGrantEvents.VerifierRegistered(
            index, address(target), keyDigest, srsId, ceremony, enabledFrom
        );
    }

    /// @notice Switches a verifier off, for good, and ends every grant that it judged.
    /// @param router All verifiers.
    /// @param index Its place.
    function disable(RouterStore storage router, uint8 index) external {
        VerifierState storage state = requireKnown(router, index);
        if (state.disabledAt != 0) revert IGrants.VerifierDisabled(index);
        state.disabledAt = uint32(block.timestamp);
        emit IGrantEvents.VerifierSwitchedOff(index);
    }

    /// @dev A verifier that judges now.
    function requireEnabled(RouterStore storage router, uint8 index)
        internal
        view
        returns (ITierproofVerifier)
    {
        VerifierState storage state = requireKnown(router, index);
        if (state.disabledAt != 0) revert IGrants.VerifierDisabled(index);
        if (block.timestamp < state.enabledFrom) {
            revert IGrants.VerifierPending(index, state.enabledFrom);
        }
        return ITierproofVerifier(state.target);
    }

    /// @dev A verifier that was registered.
    function requireKnown(RouterStore storage router, uint8 index)
        internal
        view
        returns (VerifierState storage state)
    {
        state = router.all[index];
        if (state.target == address(0)) revert IGrants.VerifierUnknown(index);
    }

    /// @dev Whether a setup is one of the ceremonies given to the constructor.
    function isCeremony(RouterStore storage router, uint256 srsId) internal view returns (bool) {
        uint256 count = router.ceremonies.length;
        for (uint256 i = 0; i < count; ++i) {
            if (router.ceremonies[i] == srsId) return true;
        }
        return false;
    }
}
