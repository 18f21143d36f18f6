// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {ITierRegistry} from "./ITierRegistry.sol";
import {ITierproofVerifier} from "./ITierproofVerifier.sol";

/// @title Registry of attested roots, policies and granted terms
/// @notice See ITierRegistry. Admin and governor are meant to be timelocks, the guardian a small
/// quorum that can only tighten.
/// @dev Not upgradeable. Storage that onboard reads is packed so that it touches nine slots, of
/// which it writes two.
contract TierRegistry is ITierRegistry, AccessControlDefaultAdminRules, EIP712 {
    /// @notice Adds attestor sets and policies, advances epochs, ends pauses.
    bytes32 public constant GOVERNOR_ROLE = keccak256("GOVERNOR_ROLE");
    /// @notice Pauses and revokes, and can do nothing else.
    bytes32 public constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");
    /// @notice EIP-712 type of what attestors sign.
    bytes32 public constant ROOT_TYPEHASH = keccak256(
        "Root(uint256 root,bytes32 attestorSet,uint32 generation,uint32 firstDay,uint32 lastDay,uint64 validUntil,uint256 feed,bytes32 rules)"
    );
    /// @notice EIP-712 type of what k of n of a generation sign so that the next one takes over.
    bytes32 public constant GENERATION_TYPEHASH = keccak256(
        "Generation(bytes32 attestorSet,uint32 generation,address[] members,uint256 threshold)"
    );
    /// @dev EIP-712 domain of handovers: it names no chain, for a set is the same everywhere.
    bytes32 private constant ATTESTORS_DOMAIN = keccak256(
        abi.encode(
            keccak256("EIP712Domain(string name,string version)"),
            keccak256("Tierproof Attestors"),
            keccak256("1")
        )
    );

    /// @notice Order of the BN254 scalar field: every public word is below it, so that each has one
    /// form only.
    uint256 public constant FIELD_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @notice Days travel in 24 bits.
    uint256 public constant DAY_LIMIT = 1 << 24;
    /// @notice 21 limbs of 12 bits a threshold word.
    uint256 public constant THRESHOLD_WORD_LIMIT = 1 << 252;
    /// @notice Members of an attestor set, at most.
    uint256 public constant MAX_MEMBERS = 64;
    /// @notice Tiers of a policy, at most.
    uint256 public constant MAX_TIERS = 32;
    /// @notice 100 % of notional.
    uint256 public constant BASIS_POINTS = 10_000;
    /// @notice A pause ends by itself after this many seconds.
    uint64 public constant PAUSE_SECONDS = 7 days;

    /// @notice One slot of a generation of a set: how many of how many must sign; `serial` numbers
    /// all generations of all sets from 1 on, so that root and grant name theirs in 32 bits.
    struct Generation {
        uint64 threshold;
        uint64 members;
        uint32 serial;
    }

    /// @notice Two slots of a policy. A threshold hash is never zero, so an unknown policy has no
    /// tier either.
    struct PolicyState {
        bytes32 attestorSet;
        ITierproofVerifier verifier;
        uint24 firstDay;
        uint24 lastDay;
        uint40 epoch;
        uint8 tiers;
    }

    /// @notice When the running epoch of a policy began, and how long it lasts at least.
    struct EpochRule {
        uint64 start;
        uint32 minSeconds;
    }

    /// @notice Slots of a tier; `serial` numbers all tiers of all policies from 1 on, so that a
    /// grant names its tier in 32 bits.
    struct TierState {
        bytes32 thresholdsHash;
        Terms terms;
        uint32 serial;
    }

    /// @notice Which tier of which policy a serial stands for.
    struct TierReference {
        bytes32 policyId;
        uint8 tier;
    }

    /// @notice Slots of a root; onboard reads the first and the feed. The generation is the one that
    /// signed, by its number in the set and by its serial.
    struct RootState {
        uint24 firstDay;
        uint24 lastDay;
        uint64 validUntil;
        uint64 serial;
        bool revoked;
        uint32 generation;
        uint32 generationSerial;
        uint256 feed;
        bytes32 rules;
    }

    /// @notice One slot of a grant.
    struct Grant {
        uint64 expiry;
        uint64 rootSerial;
        uint40 epoch;
        uint32 tierSerial;
        uint32 generationSerial;
    }

    mapping(bytes32 attestorSet => uint32) private _running;
    mapping(bytes32 attestorSet => mapping(uint32 number => Generation)) private _generations;
    mapping(uint32 generationSerial => mapping(address member => bool)) private _isMember;
    mapping(uint32 generationSerial => bool) private _generationEnded;
    mapping(bytes32 attestorSet => mapping(uint256 root => RootState)) private _roots;
    mapping(uint64 rootSerial => bool) private _rootRevoked;
    mapping(bytes32 policyId => PolicyState) private _policies;
    mapping(bytes32 policyId => EpochRule) private _epochRules;
    mapping(bytes32 policyId => mapping(uint8 tier => TierState)) private _tiers;
    mapping(uint32 tierSerial => TierReference) private _tierReferences;
    mapping(uint32 tierSerial => Terms) private _terms;
    mapping(uint256 scope => mapping(uint256 nullifier => bool)) private _nullifierUsed;
    mapping(address account => Grant) private _grants;
    uint64 private _rootCount;
    uint32 private _tierCount;
    uint32 private _generationCount;
    uint64 private _pausedUntil;
    uint256[] private _ceremonies;

    /// @notice Hands the roles out; no policy and no set is known yet.
    /// @param admin Appoints and removes governors and guardians; handed over in two steps, after
    /// `adminDelay` seconds.
    /// @param governor Adds attestor sets and policies, advances epochs, ends pauses.
    /// @param guardian Pauses and revokes.
    /// @param adminDelay Seconds between the two steps in which an admin is replaced.
    /// @param ceremonies_ Srs ids of the known ceremonies.
    constructor(
        address admin,
        address governor,
        address guardian,
        uint48 adminDelay,
        uint256[] memory ceremonies_
    ) AccessControlDefaultAdminRules(adminDelay, admin) EIP712("Tierproof", "1") {
        _ceremonies = ceremonies_;
        if (governor == address(0) || guardian == address(0)) revert AccountZero();
        _grantRole(GOVERNOR_ROLE, governor);
        _grantRole(GUARDIAN_ROLE, guardian);
    }

    /// @notice Refuses while a pause of the guardian runs.
    modifier whenNotPaused() {
        uint64 until = _pausedUntil;
        if (block.timestamp < until) revert RegistryPaused(until);
        _;
    }

    // ---- attestors and roots --------------------------------------------------------------------

    /// @inheritdoc ITierRegistry
    function registerAttestorSet(bytes32 salt, address[] calldata members, uint256 threshold)
        external
        onlyRole(GOVERNOR_ROLE)
        returns (bytes32 attestorSet)
    {
        attestorSet = keccak256(abi.encode(salt, members, threshold));
        if (_running[attestorSet] != 0) revert AttestorSetExists(attestorSet);
        _startGeneration(attestorSet, 1, members, threshold);
    }

    /// @inheritdoc ITierRegistry
    function rotateAttestorSet(
        bytes32 attestorSet,
        address[] calldata members,
        uint256 threshold,
        bytes[] calldata signatures
    ) external onlyRole(GOVERNOR_ROLE) {
        uint32 number = _requireSet(attestorSet);
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            ATTESTORS_DOMAIN,
            keccak256(
                abi.encode(
                    GENERATION_TYPEHASH,
                    attestorSet,
                    number + 1,
                    keccak256(abi.encodePacked(members)),
                    threshold
                )
            )
        );
        _requireQuorum(_generations[attestorSet][number], digest, signatures);
        _startGeneration(attestorSet, number + 1, members, threshold);
    }

    /// @inheritdoc ITierRegistry
    function endGeneration(bytes32 attestorSet, uint32 generation)
        external
        onlyRole(GUARDIAN_ROLE)
    {
        uint32 serial = _generations[attestorSet][generation].serial;
        if (serial == 0) revert GenerationUnknown(attestorSet, generation);
        _requireLive(attestorSet, generation, serial);
        _generationEnded[serial] = true;
        emit GenerationEnded(attestorSet, generation);
    }

    /// @inheritdoc ITierRegistry
    function submitRoot(Root calldata signed, bytes[] calldata signatures) external whenNotPaused {
        bytes32 attestorSet = signed.attestorSet;
        Generation memory generation = _requireRunning(attestorSet);
        if (signed.generation != _running[attestorSet]) {
            revert WrongGeneration(attestorSet, signed.generation, _running[attestorSet]);
        }
        _requireWord(signed.root);
        _requireWindow(signed.firstDay, signed.lastDay);
        if (block.timestamp > signed.validUntil) {
            revert RootExpired(signed.root, signed.validUntil, block.timestamp);
        }
        if (signed.feed == 0 || signed.feed >= FIELD_ORDER) revert FeedOutOfRange(signed.feed);
        if (signed.rules == bytes32(0)) revert RulesMissing();
        RootState storage state = _roots[attestorSet][signed.root];
        if (state.revoked) revert RootIsRevoked(attestorSet, signed.root);
        // Whose generation ended is as good as not signed: the running one signs it again.
        if (state.serial != 0 && !_generationEnded[state.generationSerial]) {
            revert RootExists(attestorSet, signed.root);
        }
        _requireQuorum(generation, _rootDigest(signed), signatures);

        uint64 serial = ++_rootCount;
        state.firstDay = uint24(signed.firstDay);
        state.lastDay = uint24(signed.lastDay);
        state.validUntil = signed.validUntil;
        state.serial = serial;
        state.generation = signed.generation;
        state.generationSerial = generation.serial;
        state.feed = signed.feed;
        state.rules = signed.rules;
        emit RootSubmitted(
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

    /// @inheritdoc ITierRegistry
    function revokeRoot(bytes32 attestorSet, uint256 root) external onlyRole(GUARDIAN_ROLE) {
        _requireSet(attestorSet);
        _requireWord(root);
        RootState storage state = _roots[attestorSet][root];
        if (state.revoked) revert RootIsRevoked(attestorSet, root);
        state.revoked = true;
        if (state.serial != 0) _rootRevoked[state.serial] = true;
        emit RootRevoked(attestorSet, root);
    }

    // ---- policies -------------------------------------------------------------------------------

    /// @inheritdoc ITierRegistry
    function registerPolicy(Policy calldata policy) external onlyRole(GOVERNOR_ROLE) {
        bytes32 policyId = policy.policyId;
        if (policyId == bytes32(0)) revert PolicyIdZero();
        if (_policies[policyId].tiers != 0) revert PolicyExists(policyId);
        _requireRunning(policy.attestorSet);
        _requireWindow(policy.firstDay, policy.lastDay);
        uint256 count = policy.tiers.length;
        if (count == 0 || count > MAX_TIERS) revert TierCountOutOfRange(count, MAX_TIERS);

        _policies[policyId] = PolicyState({
            attestorSet: policy.attestorSet,
            verifier: policy.verifier,
            firstDay: uint24(policy.firstDay),
            lastDay: uint24(policy.lastDay),
            epoch: 0,
            tiers: uint8(count)
        });
        _epochRules[policyId] = EpochRule(uint64(block.timestamp), policy.minEpochSeconds);
        _announce(policy);
        for (uint256 i = 0; i < count; ++i) {
            _registerTier(policyId, uint8(i), policy.tiers[i]);
        }
    }

    /// @inheritdoc ITierRegistry
    function advanceEpoch(bytes32 policyId) external onlyRole(GOVERNOR_ROLE) {
        PolicyState storage policy = _requirePolicy(policyId);
        EpochRule storage rule = _epochRules[policyId];
        uint256 allowedFrom = uint256(rule.start) + rule.minSeconds;
        if (block.timestamp < allowedFrom) {
            revert EpochTooSoon(policyId, allowedFrom, block.timestamp);
        }
        rule.start = uint64(block.timestamp);
        uint40 epoch = ++policy.epoch;
        emit EpochAdvanced(policyId, epoch);
    }

    // ---- grants ---------------------------------------------------------------------------------

    /// @inheritdoc ITierRegistry
    function onboard(
        bytes32 policyId,
        uint8 tier,
        uint256 root,
        uint256 nullifier,
        address account,
        uint256[5] calldata thresholds,
        bytes calldata proof
    ) external whenNotPaused {
        PolicyState memory policy = _requirePolicy(policyId);
        TierState storage granted = _tiers[policyId][tier];
        if (tier >= policy.tiers) revert TierUnknown(policyId, tier);
        if (keccak256(abi.encode(thresholds)) != granted.thresholdsHash) {
            revert WrongThresholds(policyId, tier);
        }
        if (account == address(0)) revert AccountZero();
        if (nullifier == 0 || nullifier >= FIELD_ORDER) revert NullifierOutOfRange(nullifier);

        RootState storage backing = _requireRoot(policy, root);
        uint256 scope = _scope(policyId, policy.epoch);
        if (_nullifierUsed[scope][nullifier]) revert NullifierUsed(scope, nullifier);

        // Effects before the call, although the verifier is called statically and could change
        // nothing.
        _nullifierUsed[scope][nullifier] = true;
        uint64 expiry = _grant(account, granted, backing, policy.epoch);
        emit Granted(account, policyId, nullifier, tier, policy.epoch, root, expiry);

        policy.verifier
            .verify(
                [
                    root,
                    nullifier,
                    scope,
                    uint256(uint160(account)),
                    _window(policy),
                    thresholds[0],
                    thresholds[1],
                    thresholds[2],
                    thresholds[3],
                    thresholds[4],
                    backing.feed
                ],
                proof
            );
    }

    /// @inheritdoc ITierRegistry
    function termsOf(address account) external view returns (Terms memory terms, uint64 expiry) {
        Grant memory grant = _grants[account];
        expiry = grant.expiry;
        if (expiry == 0) revert NoGrant(account);
        if (block.timestamp >= expiry) revert GrantExpired(account, expiry);
        if (_rootRevoked[grant.rootSerial]) revert GrantRootRevoked(account, grant.rootSerial);
        if (_generationEnded[grant.generationSerial]) revert GrantGenerationEnded(account);
        terms = _terms[grant.tierSerial];
    }

    // ---- pause ----------------------------------------------------------------------------------

    /// @inheritdoc ITierRegistry
    function pause() external onlyRole(GUARDIAN_ROLE) {
        uint64 until = uint64(block.timestamp) + PAUSE_SECONDS;
        _pausedUntil = until;
        emit Paused(msg.sender, until);
    }

    /// @inheritdoc ITierRegistry
    function unpause() external onlyRole(GOVERNOR_ROLE) {
        _pausedUntil = 0;
        emit Unpaused(msg.sender);
    }

    // ---- views ----------------------------------------------------------------------------------

    /// @inheritdoc ITierRegistry
    function grantOf(address account) external view returns (GrantRecord memory) {
        Grant memory grant = _grants[account];
        TierReference memory origin = _tierReferences[grant.tierSerial];
        return GrantRecord(
            origin.policyId,
            origin.tier,
            grant.epoch,
            grant.expiry,
            grant.rootSerial,
            _rootRevoked[grant.rootSerial],
            _generationEnded[grant.generationSerial]
        );
    }

    /// @inheritdoc ITierRegistry
    function scopeOf(bytes32 policyId) external view returns (uint256 scope, uint64 epoch) {
        epoch = _requirePolicy(policyId).epoch;
        scope = _scope(policyId, epoch);
    }

    /// @inheritdoc ITierRegistry
    function policyOf(bytes32 policyId) external view returns (PolicyRecord memory) {
        PolicyState memory policy = _requirePolicy(policyId);
        EpochRule memory rule = _epochRules[policyId];
        return PolicyRecord(
            policy.attestorSet,
            policy.verifier,
            policy.firstDay,
            policy.lastDay,
            policy.epoch,
            rule.start,
            rule.minSeconds,
            policy.tiers
        );
    }

    /// @inheritdoc ITierRegistry
    function tierOf(bytes32 policyId, uint8 tier)
        external
        view
        returns (Terms memory terms, bytes32 thresholdsHash)
    {
        if (tier >= _requirePolicy(policyId).tiers) revert TierUnknown(policyId, tier);
        TierState storage state = _tiers[policyId][tier];
        return (state.terms, state.thresholdsHash);
    }

    /// @inheritdoc ITierRegistry
    function rootOf(bytes32 attestorSet, uint256 root) external view returns (RootRecord memory) {
        RootState memory state = _roots[attestorSet][root];
        return RootRecord({
            firstDay: state.firstDay,
            lastDay: state.lastDay,
            validUntil: state.validUntil,
            serial: state.serial,
            revoked: state.revoked,
            generation: state.generation,
            generationEnded: _generationEnded[state.generationSerial],
            feed: state.feed,
            rules: state.rules
        });
    }

    /// @inheritdoc ITierRegistry
    function attestorSetOf(bytes32 attestorSet) external view returns (uint32 generation) {
        return _running[attestorSet];
    }

    /// @inheritdoc ITierRegistry
    function generationOf(bytes32 attestorSet, uint32 generation)
        external
        view
        returns (uint256, uint256, bool)
    {
        Generation memory state = _generations[attestorSet][generation];
        return (state.threshold, state.members, _generationEnded[state.serial]);
    }

    /// @inheritdoc ITierRegistry
    function isAttestor(bytes32 attestorSet, uint32 generation, address member)
        external
        view
        returns (bool)
    {
        return _isMember[_generations[attestorSet][generation].serial][member];
    }

    /// @inheritdoc ITierRegistry
    function nullifierUsed(uint256 scope, uint256 nullifier) external view returns (bool) {
        return _nullifierUsed[scope][nullifier];
    }

    /// @inheritdoc ITierRegistry
    function rootDigest(Root calldata signed) external view returns (bytes32) {
        return _rootDigest(signed);
    }

    /// @notice The second at which the running pause ends; not later than now if none runs.
    /// @return Unix seconds.
    function pausedUntil() external view returns (uint64) {
        return _pausedUntil;
    }

    /// @notice Setups that verifiers are taken of outside development chains, by srs id, as the
    /// constructor was told them; nobody can add one.
    /// @return Identifiers below 2^200.
    function ceremonies() external view returns (uint256[] memory) {
        return _ceremonies;
    }

    /// @notice Whether a setup is one of the ceremonies given to the constructor.
    /// @param srsId Identifier of its powers of tau.
    /// @return True if it is.
    function isCeremony(uint256 srsId) public view returns (bool) {
        uint256 count = _ceremonies.length;
        for (uint256 i = 0; i < count; ++i) {
            if (_ceremonies[i] == srsId) return true;
        }
        return false;
    }

    /// @notice Whether verifiers of any setup may be registered here: 31337 (anvil), 1337,
    /// 131277322940537 (eth-tester).
    /// @return True on such a chain.
    function isDevelopmentChain() public view returns (bool) {
        return block.chainid == 31337 || block.chainid == 1337 || block.chainid == 131277322940537;
    }

    // ---- inside ---------------------------------------------------------------------------------

    /// @dev Asks the verifier for its key and says all of a policy in one event.
    function _announce(Policy calldata policy) private {
        ITierproofVerifier verifier = policy.verifier;
        uint256 srsId = verifier.srsId();
        bool ceremony = isCeremony(srsId);
        if (!ceremony && !isDevelopmentChain()) revert SetupNotKnown(address(verifier), srsId);
        emit PolicyRegistered(
            policy.policyId,
            policy.attestorSet,
            address(verifier),
            verifier.keyDigest(),
            srsId,
            ceremony,
            policy.firstDay,
            policy.lastDay,
            policy.minEpochSeconds
        );
    }

    /// @dev Checks and keeps one tier, under its place in the policy and under its serial.
    function _registerTier(bytes32 policyId, uint8 index, Tier calldata tier) private {
        uint256 any = 0;
        for (uint256 i = 0; i < 5; ++i) {
            if (tier.thresholds[i] >= THRESHOLD_WORD_LIMIT) revert ThresholdsInvalid(index);
            any |= tier.thresholds[i];
        }
        // All zero asks nothing of anybody: a forgotten value, not a tier.
        if (any == 0) revert ThresholdsInvalid(index);
        if (!_sensible(tier.terms)) revert TermsInvalid(index);

        uint32 serial = ++_tierCount;
        _tiers[policyId][index] =
            TierState(keccak256(abi.encode(tier.thresholds)), tier.terms, serial);
        _terms[serial] = tier.terms;
        _tierReferences[serial] = TierReference(policyId, index);
        emit TierRegistered(policyId, index, tier.thresholds, tier.terms);
    }

    /// @dev 0 < maintenance <= initial <= 100%; leverage within initial margin; a rebate never
    /// above the taker's fee, or trading with oneself would pay; terms last.
    function _sensible(Terms calldata terms) private pure returns (bool) {
        return terms.maintenanceMarginBp > 0 && terms.maintenanceMarginBp <= terms.initialMarginBp
            && terms.initialMarginBp <= BASIS_POINTS && terms.maxLeverage > 0
            && uint256(terms.maxLeverage) * terms.initialMarginBp <= BASIS_POINTS
            && int256(terms.takerFeeCentiBp) + terms.makerFeeCentiBp >= 0 && terms.validity > 0;
    }

    /// @dev Writes a grant; one that runs is replaced by its account alone.
    function _grant(
        address account,
        TierState storage tier,
        RootState storage backing,
        uint40 epoch
    ) private returns (uint64 expiry) {
        expiry = uint64(block.timestamp) + tier.terms.validity;
        Grant memory current = _grants[account];
        if (
            block.timestamp < current.expiry && !_rootRevoked[current.rootSerial]
                && !_generationEnded[current.generationSerial] && msg.sender != account
        ) {
            revert OnlyAccountReplacesGrant(account, current.expiry);
        }
        _grants[account] =
            Grant(expiry, backing.serial, epoch, tier.serial, backing.generationSerial);
    }

    /// @dev A root that may back a new grant of this policy now.
    function _requireRoot(PolicyState memory policy, uint256 root)
        private
        view
        returns (RootState storage state)
    {
        bytes32 attestorSet = policy.attestorSet;
        state = _roots[attestorSet][root];
        if (state.serial == 0) revert RootUnknown(attestorSet, root);
        if (state.revoked) revert RootIsRevoked(attestorSet, root);
        _requireLive(attestorSet, state.generation, state.generationSerial);
        if (block.timestamp > state.validUntil) {
            revert RootExpired(root, state.validUntil, block.timestamp);
        }
        if (state.firstDay != policy.firstDay || state.lastDay != policy.lastDay) {
            revert WrongWindow(
                uint256(state.firstDay) + (uint256(state.lastDay) << 24), _window(policy)
            );
        }
    }

    /// @dev A registered policy.
    function _requirePolicy(bytes32 policyId) private view returns (PolicyState storage policy) {
        policy = _policies[policyId];
        if (policy.tiers == 0) revert PolicyUnknown(policyId);
    }

    /// @dev Checks and keeps the members of a generation, which runs from now on.
    function _startGeneration(
        bytes32 attestorSet,
        uint32 number,
        address[] calldata members,
        uint256 threshold
    ) private {
        uint256 count = members.length;
        if (count == 0) revert AttestorSetEmpty();
        if (count > MAX_MEMBERS) revert AttestorSetTooLarge(count, MAX_MEMBERS);
        if (threshold == 0 || threshold > count) revert ThresholdOutOfRange(threshold, count);

        uint32 serial = ++_generationCount;
        address previous = address(0);
        for (uint256 i = 0; i < count; ++i) {
            address member = members[i];
            if (member <= previous) revert MembersNotAscending(i, previous, member);
            _isMember[serial][member] = true;
            previous = member;
        }
        _generations[attestorSet][number] = Generation(uint64(threshold), uint64(count), serial);
        _running[attestorSet] = number;
        emit GenerationStarted(attestorSet, number, members, threshold);
    }

    /// @dev At least the threshold of a generation signed `digest`, none of them twice.
    function _requireQuorum(
        Generation memory generation,
        bytes32 digest,
        bytes[] calldata signatures
    ) private view {
        if (signatures.length < generation.threshold) {
            revert TooFewSignatures(signatures.length, generation.threshold);
        }
        address previous = address(0);
        // Signers ascend strictly and are members: the loop is bounded by the size of the set.
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = ECDSA.recoverCalldata(digest, signatures[i]);
            if (signer <= previous) revert SignersNotAscending(i, previous, signer);
            if (!_isMember[generation.serial][signer]) revert SignerNotMember(i, signer);
            previous = signer;
        }
    }

    /// @dev Number of the running generation of a set that is registered, whether it ended or not.
    function _requireSet(bytes32 attestorSet) private view returns (uint32 number) {
        number = _running[attestorSet];
        if (number == 0) revert AttestorSetUnknown(attestorSet);
    }

    /// @dev The running generation of a set that is registered, if it has not ended.
    function _requireRunning(bytes32 attestorSet)
        private
        view
        returns (Generation memory generation)
    {
        uint32 number = _requireSet(attestorSet);
        generation = _generations[attestorSet][number];
        _requireLive(attestorSet, number, generation.serial);
    }

    /// @dev A generation that the guardian has not ended.
    function _requireLive(bytes32 attestorSet, uint32 number, uint32 serial) private view {
        if (_generationEnded[serial]) revert GenerationIsEnded(attestorSet, number);
    }

    /// @dev A public word in its one form, and not the zero of a forgotten value.
    function _requireWord(uint256 root) private pure {
        if (root == 0 || root >= FIELD_ORDER) revert RootOutOfRange(root);
    }

    /// @dev Days in order, 24 bits each.
    function _requireWindow(uint32 firstDay, uint32 lastDay) private pure {
        if (firstDay > lastDay || lastDay >= DAY_LIMIT) revert WindowInvalid(firstDay, lastDay);
    }

    /// @dev The public word of a window.
    function _window(PolicyState memory policy) private pure returns (uint256) {
        return uint256(policy.firstDay) + (uint256(policy.lastDay) << 24);
    }

    /// @dev See `scopeOf`.
    function _scope(bytes32 policyId, uint256 epoch) private view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this), epoch, policyId))) >> 8;
    }

    /// @dev See `rootDigest`.
    function _rootDigest(Root calldata signed) private view returns (bytes32) {
        return _hashTypedDataV4(
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
}
