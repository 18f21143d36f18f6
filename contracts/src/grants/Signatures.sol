// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Whose signature it is: of a key, of a contract, or of an account that may be either
library Signatures {
    /// @dev A wallet that asks for more says no.
    uint256 internal constant CONTRACT_GAS = 200_000;

    /// @dev Whether the key of `signer` signed; its code, if it has any, is not asked.
    function byKey(address signer, bytes32 digest, bytes calldata signature)
        internal
        pure
        returns (bool)
    {
        (address recovered, ECDSA.RecoverError failure,) =
            ECDSA.tryRecoverCalldata(digest, signature);
        return failure == ECDSA.RecoverError.NoError && recovered == signer;
    }

    /// @dev Whether the contract says yes (ERC-1271), within CONTRACT_GAS; whatever else it answers
    /// is a no, and none of it is copied but one word.
    function byContract(address signer, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool yes)
    {
        if (signer.code.length == 0) return false;
        bytes memory call_ = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes32 expected = bytes32(IERC1271.isValidSignature.selector);
        uint256 allowance = CONTRACT_GAS;
        assembly ("memory-safe") {
            let answered := staticcall(allowance, signer, add(call_, 32), mload(call_), 0, 32)
            yes := and(and(answered, gt(returndatasize(), 31)), eq(mload(0), expected))
        }
    }

    /// @dev Whether the account signed. The key is asked first: one that delegates to code
    /// (EIP-7702) stays its owner's, whatever that code says.
    function byAccount(address account, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        return byKey(account, digest, signature) || byContract(account, digest, signature);
    }

    /// @dev Whether the code of an address is nothing but a key's delegation (EIP-7702).
    function isDelegation(address account) internal view returns (bool) {
        bytes memory code = account.code;
        return code.length == 23 && bytes3(code) == 0xef0100;
    }
}
