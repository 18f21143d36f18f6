// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestors} from "./Attestors.sol";
import {Batch} from "./Batch.sol";
import {Claims} from "./Claims.sol";
import {Conditions} from "./Conditions.sol";
import {Governed} from "./Governed.sol";
import {Grants} from "./Grants.sol";
import {ITierGrants} from "./ITierGrants.sol";
import {IVerifierErrors} from "./IVerifierErrors.sol";
import {Roots} from "./Roots.sol";
import {Router} from "./Router.sol";
import {Series} from "./Series.sol";
import {ConductRecord, Feed, Grant, Market, Terms} from "./Slots.sol";
import {
    Act,
    Announced,
    AttestorSet,
    Claim,
    Consent,
    Engine,
    Generation,
    Holder,
    Kind,
    Onboarding,
    Pending,
    PolicyState,
    Root,
    RootState,
    SeriesState,
    Switches,
    TierState,
    VerifierState
} from "./Types.sol";

/// @title The registry of grants
contract TierGrants is Conditions, IVerifierErrors {
    /// @notice See Governed.
    /// @param authority_ Says who may call what, for ever.
    /// @param notice_ Seconds of notice.
    /// @param ceremonies Srs ids of the known ceremonies.
    /// @param terms The default's terms.
    /// @param bands Bands of the market's regime.
    constructor(
        address authority_,
        uint32 notice_,
        uint256[] memory ceremonies,
        Terms memory terms,
        uint256 bands
    ) Governed(authority_, notice_, ceremonies, terms, bands) {}

    /// @inheritdoc ITierGrants
    function onboard(Claim calldata claim, Consent calldata ofAccount, Consent calldata ofHolder)
        external
        whenOpen
        returns (Act act)
    {
        return Claims.onboard(_book, claim, ofAccount, ofHolder, _domainSeparatorV4(), strictest);
    }

    /// @inheritdoc ITierGrants
    function onboardBatch(Onboarding[] calldata batch) external whenOpen returns (uint256 counted) {
        return Batch.onboard(_book, batch, _domainSeparatorV4(), strictest, address(Claims));
    }

    /// @inheritdoc ITierGrants
    function grantOf(address account) external view returns (Grant memory grant, uint32 end) {
        return (_book.grants[account], Grants.endOf(_book, _book.grants[account]));
    }

    /// @inheritdoc ITierGrants
    function holderOf(bytes32 series, uint256 nullifier)
        external
        view
        returns (Holder memory holder, Pending memory pending)
    {
        uint256 scope = scopeOf(series);
        return (_book.holders[scope][nullifier], _book.pending[scope][nullifier]);
    }

    /// @notice A set of attestors and the number of the generation that signs now.
    /// @param attestorSet The set; the call reverts for an unknown one.
    /// @return set What is kept of it.
    /// @return running Zero before the first generation begins.
    function attestorSetOf(bytes32 attestorSet)
        external
        view
        returns (AttestorSet memory set, uint32 running)
    {
        return (_book.sets.sets[attestorSet], Attestors.runningOf(_book.sets, attestorSet));
    }

    /// @notice A generation of a set; all zero if unknown.
    /// @param attestorSet The set.
    /// @param number Its number.
    /// @return What is kept of it.
    function generationOf(bytes32 attestorSet, uint32 number)
        external
        view
        returns (Generation memory)
    {
        return _book.sets.generations[_book.sets.serials[attestorSet][number]];
    }

    /// @notice What a member of a generation signs with; None for anybody else.
    /// @param attestorSet The set.
    /// @param number The generation.
    /// @param member The address.
    /// @return Its kind.
    function memberOf(bytes32 attestorSet, uint32 number, address member)
        external
        view
        returns (Kind)
    {
        return _book.sets.kinds[_book.sets.serials[attestorSet][number]][member];
    }

    /// @notice A root of a set, the last one under this word; all zero if unknown.
    /// @param attestorSet The set.
    /// @param root The root.
    /// @return state What is kept of it.
    /// @return serial Its number.
    /// @return endedAt Second at which it or its generation ended; zero if neither did.
    function rootOf(bytes32 attestorSet, uint256 root)
        external
        view
        returns (RootState memory state, uint24 serial, uint32 endedAt)
    {
        serial = _book.roots.serialOf[attestorSet][root];
        return (_book.roots.all[serial], serial, Roots.endOf(_book.roots, _book.sets, serial));
    }

    /// @notice Whether the guardian forbade a root, submitted or not.
    /// @param attestorSet The set.
    /// @param root The root.
    /// @return True if so.
    function isRevoked(bytes32 attestorSet, uint256 root) external view returns (bool) {
        return _book.roots.revoked[attestorSet][root];
    }

    /// @notice The EIP-712 digest that attestors sign for a root.
    /// @param signed The root and what is said of it.
    /// @return 32 bytes to sign.
    function rootDigest(Root calldata signed) external view returns (bytes32) {
        return Roots.digest(signed, _domainSeparatorV4());
    }

    /// @notice A verifier; all zero if unknown.
    /// @param index Its place.
    /// @return What is kept of it.
    function verifierOf(uint8 index) external view returns (VerifierState memory) {
        return _book.router.all[index];
    }

    /// @notice Whether a setup is one of the ceremonies given to the constructor.
    /// @param srsId Identifier of its powers of tau.
    /// @return True if it is.
    function isCeremony(uint256 srsId) external view returns (bool) {
        return Router.isCeremony(_book.router, srsId);
    }

    /// @notice A series; all zero if unknown.
    /// @param series The series.
    /// @return What is kept of it.
    function seriesOf(bytes32 series) external view returns (SeriesState memory) {
        return _book.series.series[series];
    }

    /// @notice Whether a window stands in the calendar of a series.
    /// @param series The series.
    /// @param firstDay First day of the window.
    /// @param lastDay Last day of the window, inside it.
    /// @return True if it does.
    function isPublished(bytes32 series, uint16 firstDay, uint16 lastDay)
        external
        view
        returns (bool)
    {
        return Series.isPublished(_book.series, series, firstDay, lastDay);
    }

    /// @notice The policy registered last under an id; all zero if none.
    /// @param policyId The policy.
    /// @return state What is kept of it.
    /// @return serial Its number.
    function policyOf(bytes32 policyId)
        external
        view
        returns (PolicyState memory state, uint32 serial)
    {
        serial = _book.series.policyOf[policyId];
        return (_book.series.policies[serial], serial);
    }

    /// @notice A tier by its serial; all zero if unknown.
    /// @param serial Its number.
    /// @return What is kept of it.
    function tierOf(uint24 serial) external view returns (TierState memory) {
        return _book.series.tiers[serial];
    }

    /// @notice Pause and close.
    /// @return What is kept of them.
    function switches() external view returns (Switches memory) {
        return _book.switches;
    }

    /// @notice The market: the default's terms and the regime, with the feed and the bands.
    /// @return market What effective terms read.
    /// @return feed What `poke` reads.
    /// @return bands The bands.
    /// @return next What was announced; it waits while its `beginsAt` is not zero.
    function marketOf()
        external
        view
        returns (Market memory market, Feed memory feed, uint256 bands, Announced memory next)
    {
        return (_book.market, _book.feed, _book.bands, _book.next);
    }

    /// @notice What was reported of an account; all zero if nothing ever was.
    /// @param account The account.
    /// @return What is kept of it.
    function conductOf(address account) external view returns (ConductRecord memory) {
        return _book.conduct[account];
    }

    /// @notice Who reports conduct; all zero if unknown.
    /// @param engine The address.
    /// @return What is kept of it.
    function engineOf(address engine) external view returns (Engine memory) {
        return _book.engines[engine];
    }
}
