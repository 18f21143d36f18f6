// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVerifierErrors} from "./IVerifierErrors.sol";

/// @title Points of alt_bn128, by the precompiles of EIP-196 and EIP-197
/// @notice A point is two words, infinity (0, 0); here they come in pairs, as an equation has them.
library Points {
    uint256 private constant P =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev Adds `scalar` times both points of `other` to those of `total`.
    function addPair(uint256[4] memory total, uint256[4] memory other, uint256 scalar)
        internal
        view
    {
        uint256 from;
        uint256 to;
        assembly ("memory-safe") {
            from := other
            to := total
        }
        _addProduct(to, from, scalar);
        _addProduct(to + 64, from + 64, scalar);
    }

    /// @dev Adds `scalar` times a point to the first of `total`.
    function addLeft(uint256[4] memory total, uint256[2] memory point, uint256 scalar)
        internal
        view
    {
        uint256 from;
        uint256 to;
        assembly ("memory-safe") {
            from := point
            to := total
        }
        _addProduct(to, from, scalar);
    }

    /// @dev Adds `scalar` times the point at `from` to that at `to`, in memory.
    function _addProduct(uint256 to, uint256 from, uint256 scalar) private view {
        bool success;
        assembly ("memory-safe") {
            // [the sum | the point, its scalar]: the product takes the point's place
            let free := mload(0x40)
            let product := add(free, 64)
            mcopy(free, to, 64)
            mcopy(product, from, 64)
            mstore(add(free, 128), scalar)
            success := staticcall(gas(), 0x07, product, 96, product, 64)
            success := and(success, eq(returndatasize(), 64))
            success := and(success, staticcall(gas(), 0x06, free, 128, to, 64))
            success := and(success, eq(returndatasize(), 64))
        }
        if (!success) revert IVerifierErrors.PrecompileFailed();
    }

    /// @dev Whether e(L, [1]_2) = e(W', [tau]_2), L and W' the points of `sum`. Infinity is refused.
    function pair(uint256[4] memory sum, uint256[4] memory tau) internal view returns (bool) {
        // No point but infinity has y = 0.
        if (sum[1] == 0 || sum[3] == 0) return false;
        uint256[12] memory input = [
            sum[0],
            sum[1],
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x90689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa,
            sum[2],
            P - sum[3],
            tau[0],
            tau[1],
            tau[2],
            tau[3]
        ];
        bool success;
        uint256 answer;
        assembly ("memory-safe") {
            success := staticcall(gas(), 0x08, input, 384, 0, 32)
            success := and(success, eq(returndatasize(), 32))
            answer := mload(0)
        }
        if (!success) revert IVerifierErrors.PrecompileFailed();
        return answer == 1;
    }
}
