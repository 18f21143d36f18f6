// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Effective} from "../src/grants/Effective.sol";
import {Grant, Market, Terms} from "../src/grants/Slots.sol";
import {IEffectiveTerms} from "../src/registry/IEffectiveTerms.sol";

/// @title Three slots and what is read of them, as the registry keeps them, without anything else
contract TermsSketch {
    /// @dev Factor of the strictest band, 1/10^4.
    uint256 private immutable _STRICTEST;
    /// @dev The market's slot.
    Market private _market;
    /// @dev Grants.
    mapping(address account => Grant grant) private _grants;
    /// @dev Tiers by serial.
    mapping(uint24 serial => Terms tier) private _tiers;

    /// @notice Fills the slots.
    /// @param account Whose grant it is.
    /// @param grant Its slot.
    /// @param tier Its tier's terms.
    /// @param market The market's slot.
    /// @param strictest Factor of the strictest band, 1/10^4.
    constructor(
        address account,
        Grant memory grant,
        Terms memory tier,
        Market memory market,
        uint256 strictest
    ) {
        (_grants[account], _tiers[grant.tier], _market) = (grant, tier, market);
        _STRICTEST = strictest;
    }

    /// @notice As in `IEffectiveTerms`, where nothing has ended before its expiry.
    /// @param account Any address.
    /// @return terms Its terms.
    function effectiveTerms(address account)
        external
        view
        returns (IEffectiveTerms.EffectiveTerms memory terms)
    {
        Grant memory grant = _grants[account];
        Terms memory tier = _tiers[grant.tier];
        Effective.fill(terms, grant, tier, _market, _STRICTEST, grant.expiry, block.timestamp);
    }
}

/// @title What reading effective terms costs the contract that reads them
contract TermsMeter {
    /// @notice Gas of two calls, one after the other.
    /// @param source Whom to ask.
    /// @param account Whose terms.
    /// @return cold Gas of the first, with all that is read for the first time.
    /// @return warm Gas of the second.
    function measure(IEffectiveTerms source, address account)
        external
        view
        returns (uint256 cold, uint256 warm)
    {
        bytes memory data = abi.encodeCall(source.effectiveTerms, (account));
        cold = _measure(address(source), data);
        warm = _measure(address(source), data);
    }

    /// @dev Gas of one call; the answer is copied as a reader would.
    /// @param source Whom to ask.
    /// @param data The call's data.
    /// @return used The gas.
    function _measure(address source, bytes memory data) private view returns (uint256 used) {
        uint256[9] memory terms;
        used = gasleft();
        assembly ("memory-safe") {
            if iszero(staticcall(gas(), source, add(data, 32), mload(data), terms, 288)) {
                revert(0, 0)
            }
        }
        used -= gasleft();
    }
}
