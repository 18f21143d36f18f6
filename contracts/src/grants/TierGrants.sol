// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestors} from "./Attestors.sol";
import {Claims} from "./Claims.sol";
import {Governed} from "./Governed.sol";
import {Roots} from "./Roots.sol";
import {Router} from "./Router.sol";
import {Grant} from "./Slots.sol";
import {
    AttestorSet,
    Generation,
    Holder,
    Kind,
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
contract TierGrants is Claims {
    /// @notice See Governed.
    /// @param authority_ Says who may call what, for ever.
    /// @param notice_ Seconds of notice.
    /// @param ceremonies Srs ids of the known ceremonies.
    constructor(address authority_, uint32 notice_, uint256[] memory ceremonies)
        Governed(authority_, notice_, ceremonies)
    {}

    /// @notice The last grant of an account, also if it has ended; all zero if none.
    /// @param account The account.
    /// @return grant What is kept of it.
    /// @return end First second at which it does not run, by the earliest end of all that it rests on.
    function grantOf(address account) external view returns (Grant memory grant, uint32 end) {
        return (_grants[account], _endOf(_grants[account]));
    }

    /// @notice Who holds a nullifier of a series, and its move that was announced last.
    /// @param series The series.
    /// @param nullifier The nullifier.
    /// @return holder All zero if nobody ever did.
    /// @return pending Without an account if none is announced.
    function holderOf(bytes32 series, uint256 nullifier)
        external
        view
        returns (Holder memory holder, Pending memory pending)
    {
        uint256 scope = scopeOf(series);
        return (_holders[scope][nullifier], _pending[scope][nullifier]);
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
        return (_sets.sets[attestorSet], Attestors.runningOf(_sets, attestorSet));
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
        return _sets.generations[_sets.serials[attestorSet][number]];
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
        return _sets.kinds[_sets.serials[attestorSet][number]][member];
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
        serial = _roots.serialOf[attestorSet][root];
        return (_roots.all[serial], serial, Roots.endOf(_roots, _sets, serial));
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
        return _router.all[index];
    }

    /// @notice Whether a setup is one of the ceremonies given to the constructor.
    /// @param srsId Identifier of its powers of tau.
    /// @return True if it is.
    function isCeremony(uint256 srsId) external view returns (bool) {
        return Router.isCeremony(_router, srsId);
    }

    /// @notice A series; all zero if unknown.
    /// @param series The series.
    /// @return What is kept of it.
    function seriesOf(bytes32 series) external view returns (SeriesState memory) {
        return _series.series[series];
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
        serial = _series.policyOf[policyId];
        return (_series.policies[serial], serial);
    }

    /// @notice A tier by its serial; all zero if unknown.
    /// @param serial Its number.
    /// @return What is kept of it.
    function tierOf(uint24 serial) external view returns (TierState memory) {
        return _series.tiers[serial];
    }

    /// @notice Pause and close.
    /// @return What is kept of them.
    function switches() external view returns (Switches memory) {
        return _switches;
    }
}
