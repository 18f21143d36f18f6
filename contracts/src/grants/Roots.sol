// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Attestors} from "./Attestors.sol";
import {Days} from "./Days.sol";
import {IGrantEvents} from "./IGrantEvents.sol";
import {IGrants} from "./IGrants.sol";
import {AttestorStore, Root, RootState, RootStore, SignedBy} from "./Types.sol";

/// @title Roots that attestors signed
/// @notice One live root a set and window, so that no institution chooses between two; extended,
/// never shortened, so that who submits an older signature takes nothing away.
library Roots {
    /// @notice EIP-712 type of what attestors sign.
    bytes32 public constant ROOT_TYPEHASH = keccak256(
        "Root(uint256 root,bytes32 attestorSet,uint32 generation,uint32 firstDay,uint32 lastDay,uint64 validUntil,uint256 feed,bytes32 rules)"
    );
    /// @notice Order of the BN254 scalar field: every public word is below it.
    uint256 public constant FIELD_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @notice A root is relied on for as many days after its window, at most.
    uint256 public constant MAX_VALIDITY_DAYS = 120;

    /// @notice Records a root with a quorum of the running generation, or extends the same one.
    /// @param roots All roots.
    /// @param sets All attestor sets.
    /// @param signed The root and what is said of it.
    /// @param signatures By the running generation, ascending by signer.
    /// @param domain EIP-712 domain of the registry.
    function submit(
        RootStore storage roots,
        AttestorStore storage sets,
        Root calldata signed,
        SignedBy[] calldata signatures,
        bytes32 domain
    ) external {
        uint32 generation = Attestors.requireRunning(sets, signed.attestorSet, signed.generation);
        _check(signed);
        if (roots.revoked[signed.attestorSet][signed.root]) {
            revert IGrants.RootIsRevoked(signed.attestorSet, signed.root);
        }
        Attestors.requireQuorum(sets, generation, digest(signed, domain), signatures);
        uint24 serial = roots.serialOf[signed.attestorSet][signed.root];
        if (endOf(roots, sets, serial) == 0 && serial != 0) {
            _extend(roots.all[serial], signed, serial);
        } else {
            _keep(roots, sets, signed, generation);
        }
    }

    /// @notice Forbids a root for ever, also one not yet submitted, and ends every grant on it.
    /// @param roots All roots.
    /// @param sets All attestor sets.
    /// @param attestorSet The set.
    /// @param root Its root.
    function revoke(
        RootStore storage roots,
        AttestorStore storage sets,
        bytes32 attestorSet,
        uint256 root
    ) external {
        Attestors.requireSet(sets, attestorSet);
        _requireWord(root);
        if (roots.revoked[attestorSet][root]) revert IGrants.RootIsRevoked(attestorSet, root);
        roots.revoked[attestorSet][root] = true;
        uint24 serial = roots.serialOf[attestorSet][root];
        if (serial != 0) roots.all[serial].endedAt = uint32(block.timestamp);
        emit IGrantEvents.RootRevoked(attestorSet, root);
    }

    /// @dev Serial of a root of a set and window that has not ended, of which there is one at most,
    /// and is still valid.
    function requireLive(
        RootStore storage roots,
        AttestorStore storage sets,
        bytes32 attestorSet,
        uint32 window,
        uint256 root
    ) internal view returns (uint24 serial) {
        serial = roots.serialOf[attestorSet][root];
        RootState storage state = roots.all[serial];
        if (serial == 0 || Days.window(state.firstDay, state.lastDay) != window) {
            revert IGrants.RootUnknown(attestorSet, root);
        }
        if (endOf(roots, sets, serial) != 0) revert IGrants.RootHasEnded(attestorSet, root);
        if (block.timestamp > state.validUntil) {
            revert IGrants.RootExpired(root, state.validUntil);
        }
    }

    /// @dev Second at which a root ended, by its own or its generation's end, the earlier; zero if
    /// neither did.
    function endOf(RootStore storage roots, AttestorStore storage sets, uint24 serial)
        internal
        view
        returns (uint32)
    {
        uint32 own = roots.all[serial].endedAt;
        uint32 signers = sets.generations[roots.all[serial].generation].endedAt;
        return own == 0 || (signers != 0 && signers < own) ? signers : own;
    }

    /// @dev The EIP-712 digest of a root.
    function digest(Root calldata signed, bytes32 domain) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(
            domain,
            keccak256(
                abi.encode(
                    ROOT_TYPEHASH,
                    signed.root,
                    signed.attestorSet,
                    signed.generation,
                    signed.firstDay,
                    signed.lastDay,
                    signed.validUntil,
                    signed.feed,
                    signed.rules
                )
            )
        );
    }

    /// @dev What must hold of a root whoever signed it.
    function _check(Root calldata signed) private view {
        _requireWord(signed.root);
        Days.requireWindow(signed.firstDay, signed.lastDay);
        if (signed.feed == 0 || signed.feed >= FIELD_ORDER) {
            revert IGrants.FeedOutOfRange(signed.feed);
        }
        if (signed.rules == bytes32(0)) revert IGrants.RulesMissing();
        uint256 over = Days.endOf(signed.lastDay);
        if (block.timestamp < over) revert IGrants.WindowNotOver(over);
        if (block.timestamp > signed.validUntil) {
            revert IGrants.RootExpired(signed.root, signed.validUntil);
        }
        uint256 latest = over + MAX_VALIDITY_DAYS * 1 days;
        if (signed.validUntil > latest) {
            revert IGrants.ValidUntilTooLate(signed.validUntil, latest);
        }
    }

    /// @dev The same root, valid for longer; its grants and its generation stay.
    function _extend(RootState storage state, Root calldata signed, uint24 serial) private {
        if (
            state.firstDay != signed.firstDay || state.lastDay != signed.lastDay
                || state.feed != signed.feed || state.rules != signed.rules
        ) revert IGrants.RootExists(signed.attestorSet, signed.root);
        if (signed.validUntil <= state.validUntil) {
            revert IGrants.RootNotExtended(signed.root, state.validUntil);
        }
        state.validUntil = uint32(signed.validUntil);
        emit IGrantEvents.RootExtended(
            signed.attestorSet, signed.root, state.validUntil, signed.generation, serial
        );
    }

    /// @dev A root of its own, in a window that has no other.
    function _keep(
        RootStore storage roots,
        AttestorStore storage sets,
        Root calldata signed,
        uint32 generation
    ) private {
        bytes32 attestorSet = signed.attestorSet;
        uint32 window = Days.window(signed.firstDay, signed.lastDay);
        uint24 other = roots.ofWindow[attestorSet][window];
        if (other != 0 && endOf(roots, sets, other) == 0) {
            revert IGrants.WindowTaken(attestorSet, roots.all[other].root);
        }
        uint24 serial = ++roots.count;
        roots.serialOf[attestorSet][signed.root] = serial;
        roots.ofWindow[attestorSet][window] = serial;
        roots.all[serial] = RootState({
            root: signed.root,
            firstDay: uint16(signed.firstDay),
            lastDay: uint16(signed.lastDay),
            validUntil: uint32(signed.validUntil),
            endedAt: 0,
            generation: generation,
            grants: 0,
            cap: sets.sets[attestorSet].cap,
            feed: signed.feed,
            rules: signed.rules
        });
        emit IGrantEvents.RootSubmitted(
            attestorSet,
            signed.root,
            signed.generation,
            signed.firstDay,
            signed.lastDay,
            signed.validUntil,
            signed.feed,
            signed.rules,
            serial
        );
    }

    /// @dev A public word in its one form, and not the zero of a forgotten value.
    function _requireWord(uint256 root) private pure {
        if (root == 0 || root >= FIELD_ORDER) revert IGrants.RootOutOfRange(root);
    }
}
