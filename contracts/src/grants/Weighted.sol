// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITierproofVerifier} from "../registry/ITierproofVerifier.sol";
import {Points} from "./Points.sol";
import {Roots} from "./Roots.sol";
import {Equation} from "./Types.sol";

/// @title Equations of many proofs as one
/// @notice Each has 128 bits that nobody knew when its points were chosen: a hash of all that is
/// weighed. Points of a key that its proofs share are multiplied once.
library Weighted {
    /// @notice A key's points, and the weighted sum of the scalars of each.
    struct Key {
        address verifier;
        uint256[2][] points;
        uint256[] scalars;
    }

    /// @notice Equations of keys of one setup; `seed` binds the weights to all of them.
    struct Sum {
        Equation[] equations;
        Key[] keys;
        uint256 count;
        uint256 keyCount;
        bytes32 setup;
        bytes32 seed;
    }

    /// @dev Room for so many equations.
    function start(uint256 most) internal pure returns (Sum memory sum) {
        sum.equations = new Equation[](most);
        sum.keys = new Key[](most);
    }

    /// @dev Takes up an equation; the first says of which setup the others are.
    function add(Sum memory sum, Equation memory left) internal view {
        if (sum.count == 0) sum.setup = keccak256(abi.encode(left.tau));
        bytes32 seed =
            keccak256(abi.encode(sum.seed, left.sum, left.scalars, left.statement, left.verifier));
        sum.equations[sum.count++] = left;
        if (_keyOf(sum, left.verifier) == sum.keyCount) {
            // Before any weight can be known, or they could be chosen by it.
            uint256[2][] memory points = ITierproofVerifier(left.verifier).keyPoints();
            seed = keccak256(abi.encode(seed, points));
            sum.keys[sum.keyCount++] = Key(left.verifier, points, new uint256[](points.length));
        }
        sum.seed = seed;
    }

    /// @dev Whether the weighted sum holds: then each does. The first has weight one, since an
    /// error of it alone is not weighed away.
    function holds(Sum memory sum) internal view returns (bool) {
        uint256[4] memory total = sum.equations[0].sum;
        for (uint256 i = 0; i < sum.count; ++i) {
            Equation memory one = sum.equations[i];
            uint256 weight = i == 0 ? 1 : uint128(uint256(keccak256(abi.encode(sum.seed, i))));
            if (i > 0) Points.addPair(total, one.sum, weight);
            uint256[] memory scalars = sum.keys[_keyOf(sum, one.verifier)].scalars;
            for (uint256 j = 0; j < scalars.length; ++j) {
                uint256 weighed = mulmod(weight, one.scalars[j], Roots.FIELD_ORDER);
                scalars[j] = addmod(scalars[j], weighed, Roots.FIELD_ORDER);
            }
        }
        for (uint256 k = 0; k < sum.keyCount; ++k) {
            Key memory key = sum.keys[k];
            for (uint256 j = 0; j < key.points.length; ++j) {
                Points.addLeft(total, key.points[j], key.scalars[j]);
            }
        }
        return Points.pair(total, sum.equations[0].tau);
    }

    /// @dev Place of a verifier's key; that of the next if it is new.
    function _keyOf(Sum memory sum, address verifier) private pure returns (uint256 place) {
        while (place < sum.keyCount && sum.keys[place].verifier != verifier) ++place;
    }
}
