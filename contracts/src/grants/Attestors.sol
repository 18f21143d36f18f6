// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IGrantEvents} from "./IGrantEvents.sol";
import {IGrants} from "./IGrants.sol";
import {Signatures} from "./Signatures.sol";
import {AttestorSet, AttestorStore, Bounds, Generation, Kind, Members, SignedBy} from "./Types.sol";

/// @title Sets of attestors: an id for life, members by generation
/// @notice The id names the first members; each generation hands over to the next, under the
/// governor's notice. A key that is lost is replaced without a new binding of anybody.
library Attestors {
    /// @notice EIP-712 type of what a quorum of a generation signs so that the next one takes over.
    bytes32 public constant GENERATION_TYPEHASH = keccak256(
        "Generation(bytes32 attestorSet,uint32 generation,address[] members,uint256 threshold)"
    );
    /// @dev EIP-712 domain of handovers: it names no chain, for a set is the same everywhere.
    bytes32 private constant DOMAIN = keccak256(
        abi.encode(
            keccak256("EIP712Domain(string name,string version)"),
            keccak256("Tierproof Attestors"),
            keccak256("1")
        )
    );
    /// @notice Members of a generation, at most.
    uint256 public constant MAX_MEMBERS = 32;

    /// @notice Registers a set with its first generation.
    /// @param all All sets.
    /// @param salt keccak256 of the set's name.
    /// @param members The first generation.
    /// @param bounds What the set may vouch for.
    /// @param enabledFrom Second from which it signs.
    /// @param leastThreshold Fewer signatures are no quorum here.
    /// @return attestorSet keccak256(abi.encode(salt, members, threshold)).
    function register(
        AttestorStore storage all,
        bytes32 salt,
        Members calldata members,
        Bounds calldata bounds,
        uint32 enabledFrom,
        uint256 leastThreshold
    ) external returns (bytes32 attestorSet) {
        attestorSet = keccak256(abi.encode(salt, members.addresses, members.threshold));
        AttestorSet storage set = all.sets[attestorSet];
        if (set.latest != 0) revert IGrants.AttestorSetExists(attestorSet);
        if (bounds.cap == 0) revert IGrants.CapZero();
        set.leastInitialMarginBp = bounds.leastInitialMarginBp;
        set.cap = bounds.cap;
        emit IGrantEvents.AttestorSetRegistered(
            attestorSet, bounds.leastInitialMarginBp, bounds.cap
        );
        _start(all, attestorSet, 1, members, enabledFrom, leastThreshold);
    }

    /// @notice Starts the next generation, to which the one before handed over.
    /// @dev A generation that was ended can still hand over: others may have its keys, but its
    /// members have them too, and the governor sends what is theirs.
    /// @param all All sets.
    /// @param attestorSet The set.
    /// @param members The next generation.
    /// @param signatures Of the handover, by a quorum of the one before.
    /// @param enabledFrom Second from which it signs instead.
    /// @param leastThreshold Fewer signatures are no quorum here.
    function rotate(
        AttestorStore storage all,
        bytes32 attestorSet,
        Members calldata members,
        SignedBy[] calldata signatures,
        uint32 enabledFrom,
        uint256 leastThreshold
    ) external {
        uint32 number = requireSet(all, attestorSet).latest;
        uint32 serial = all.serials[attestorSet][number];
        uint32 waitsUntil = all.generations[serial].enabledFrom;
        if (block.timestamp < waitsUntil) {
            revert IGrants.GenerationPending(attestorSet, number, waitsUntil);
        }
        bytes32 handover = keccak256(
            abi.encode(
                GENERATION_TYPEHASH,
                attestorSet,
                number + 1,
                keccak256(abi.encodePacked(members.addresses)),
                members.threshold
            )
        );
        requireQuorum(all, serial, MessageHashUtils.toTypedDataHash(DOMAIN, handover), signatures);
        _start(all, attestorSet, number + 1, members, enabledFrom, leastThreshold);
    }

    /// @notice Ends a generation: it signs nothing, and every grant on its roots has ended. One
    /// that did not begin yet is withdrawn, and the one before signs on.
    /// @param all All sets.
    /// @param attestorSet The set.
    /// @param number The generation.
    function end(AttestorStore storage all, bytes32 attestorSet, uint32 number) external {
        uint32 serial = all.serials[attestorSet][number];
        if (serial == 0) revert IGrants.GenerationUnknown(attestorSet, number);
        Generation storage generation = all.generations[serial];
        if (generation.endedAt != 0) revert IGrants.GenerationIsEnded(attestorSet, number);
        generation.endedAt = uint32(block.timestamp);
        bool withdrawn = block.timestamp < generation.enabledFrom;
        if (withdrawn && number > 1) all.sets[attestorSet].latest = number - 1;
        emit IGrantEvents.GenerationEnded(attestorSet, number, withdrawn);
    }

    /// @dev The serial of the generation that signs now, by its number.
    function requireRunning(AttestorStore storage all, bytes32 attestorSet, uint32 number)
        internal
        view
        returns (uint32 serial)
    {
        uint32 running = runningOf(all, attestorSet);
        if (number != running || number == 0) {
            revert IGrants.WrongGeneration(attestorSet, number, running);
        }
        serial = all.serials[attestorSet][number];
        if (all.generations[serial].endedAt != 0) {
            revert IGrants.GenerationIsEnded(attestorSet, number);
        }
    }

    /// @dev Number of the generation that signs now, ended or not; zero before the first one does.
    function runningOf(AttestorStore storage all, bytes32 attestorSet)
        internal
        view
        returns (uint32 number)
    {
        number = requireSet(all, attestorSet).latest;
        uint32 enabledFrom = all.generations[all.serials[attestorSet][number]].enabledFrom;
        if (block.timestamp < enabledFrom) --number;
    }

    /// @dev At least the threshold of a generation signed `digest`, none of them twice.
    function requireQuorum(
        AttestorStore storage all,
        uint32 serial,
        bytes32 digest,
        SignedBy[] calldata signatures
    ) internal view {
        uint8 threshold = all.generations[serial].threshold;
        if (signatures.length < threshold) {
            revert IGrants.TooFewSignatures(signatures.length, threshold);
        }
        address previous = address(0);
        // Signers ascend strictly and are members: the loop is bounded by the size of the set.
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = signatures[i].signer;
            if (signer <= previous) revert IGrants.SignersNotAscending(i, previous, signer);
            Kind kind = all.kinds[serial][signer];
            if (kind == Kind.None) revert IGrants.SignerNotMember(i, signer);
            bool signed = kind == Kind.Key
                ? Signatures.byKey(signer, digest, signatures[i].signature)
                : Signatures.byContract(signer, digest, signatures[i].signature);
            if (!signed) revert IGrants.SignatureInvalid(signer);
            previous = signer;
        }
    }

    /// @dev A registered set.
    function requireSet(AttestorStore storage all, bytes32 attestorSet)
        internal
        view
        returns (AttestorSet storage set)
    {
        set = all.sets[attestorSet];
        if (set.latest == 0) revert IGrants.AttestorSetUnknown(attestorSet);
    }

    /// @dev Checks and keeps a generation.
    function _start(
        AttestorStore storage all,
        bytes32 attestorSet,
        uint32 number,
        Members calldata members,
        uint32 enabledFrom,
        uint256 leastThreshold
    ) private {
        uint256 count = members.addresses.length;
        uint256 threshold = members.threshold;
        if (count > MAX_MEMBERS) revert IGrants.AttestorSetTooLarge(count, MAX_MEMBERS);
        if (threshold < leastThreshold || threshold > count || 2 * threshold <= count) {
            revert IGrants.ThresholdOutOfRange(threshold, count);
        }
        uint32 serial = ++all.count;
        address previous = address(0);
        for (uint256 i = 0; i < count; ++i) {
            address member = members.addresses[i];
            if (member <= previous) revert IGrants.MembersNotAscending(i, previous, member);
            bool isContract = (members.contracts >> i) & 1 == 1;
            if (isContract && (member.code.length == 0 || Signatures.isDelegation(member))) {
                revert IGrants.MemberNoContract(i, member);
            }
            all.kinds[serial][member] = isContract ? Kind.Contract : Kind.Key;
            previous = member;
        }
        // Whoever said that a member is a contract meant one of these members.
        if (members.contracts >> count != 0) {
            revert IGrants.MemberNoContract(count, address(0));
        }
        all.generations[serial] = Generation(uint8(threshold), uint8(count), enabledFrom, 0);
        all.serials[attestorSet][number] = serial;
        all.sets[attestorSet].latest = number;
        emit IGrantEvents.GenerationStarted(
            attestorSet, number, members.addresses, members.contracts, threshold, enabledFrom
        );
    }
}
