// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Quotes that makers sign
/// @notice A quote is filled once and whole, by whom it names or by anybody.
abstract contract Quotes is EIP712 {
    /// @notice An offer of a maker.
    struct Quote {
        address maker;
        /// Who may take it; zero: anybody.
        address taker;
        uint32 instrument;
        /// What the taker gets, units with 18 decimals; negative: what he sells.
        int128 size;
        /// USD with 18 decimals.
        uint128 price;
        /// Any number that the maker has not used.
        uint64 nonce;
        /// Last second in which it can be taken.
        uint64 deadline;
    }

    /// @notice EIP-712 type of a quote.
    bytes32 public constant QUOTE_TYPEHASH = keccak256(
        "Quote(address maker,address taker,uint32 instrument,int128 size,uint128 price,uint64 nonce,uint64 deadline)"
    );

    /// @notice Whether a maker's number is used or cancelled.
    mapping(address maker => mapping(uint64 nonce => bool)) public nonceUsed;

    /// @notice A maker will not have a number filled.
    /// @param maker Who.
    /// @param nonce The number.
    event QuoteCancelled(address indexed maker, uint64 nonce);

    /// @notice The quote is over.
    /// @param deadline Its last second.
    error QuoteExpired(uint64 deadline);
    /// @notice The quote is for somebody else, or the maker's own.
    error NotForSender();
    /// @notice The number was filled or cancelled.
    /// @param nonce Which.
    error NonceUsed(uint64 nonce);
    /// @notice The maker did not sign it.
    error BadSignature();

    /// @notice Makes a number useless.
    /// @param nonce Of the sender's.
    function cancel(uint64 nonce) external {
        nonceUsed[msg.sender][nonce] = true;
        emit QuoteCancelled(msg.sender, nonce);
    }

    /// @notice What a maker signs.
    /// @param quote The offer.
    /// @return EIP-712 digest.
    function quoteDigest(Quote calldata quote) external view returns (bytes32) {
        return _digest(quote);
    }

    /// @dev Uses a quote up: it is for the sender, in time, signed, and not used.
    function _useQuote(Quote calldata quote, bytes calldata signature) internal {
        if (quote.maker == msg.sender) revert NotForSender();
        if (quote.taker != address(0) && quote.taker != msg.sender) revert NotForSender();
        if (block.timestamp > quote.deadline) revert QuoteExpired(quote.deadline);
        if (nonceUsed[quote.maker][quote.nonce]) revert NonceUsed(quote.nonce);
        nonceUsed[quote.maker][quote.nonce] = true;
        bytes32 digest = _digest(quote);
        // The key first: an account whose key delegates to code (EIP-7702) signs with its key still.
        (address signer, ECDSA.RecoverError error_,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (error_ == ECDSA.RecoverError.NoError && signer == quote.maker) return;
        if (!SignatureChecker.isValidERC1271SignatureNow(quote.maker, digest, signature)) {
            revert BadSignature();
        }
    }

    /// @dev See `quoteDigest`.
    function _digest(Quote calldata quote) private view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    QUOTE_TYPEHASH,
                    quote.maker,
                    quote.taker,
                    quote.instrument,
                    quote.size,
                    quote.price,
                    quote.nonce,
                    quote.deadline
                )
            )
        );
    }
}
