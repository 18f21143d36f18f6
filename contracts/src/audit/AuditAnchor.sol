// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Where logs are anchored: how large each was, and a hash of it
/// @notice Anybody's log is named by the address that anchors it. Nobody owns this contract, and
/// nothing in it can be changed but by anchoring more.
contract AuditAnchor {
    /// @notice What was anchored last of a log.
    struct Head {
        /// @notice Entries of the log; 0 for one that was never anchored.
        uint64 size;
        /// @notice Second at which it was anchored.
        uint64 time;
        /// @notice keccak256(salt || checkpoint).
        bytes32 digest;
    }

    /// @notice The last anchor of each log.
    mapping(address log => Head head) public heads;

    /// @notice A log was anchored.
    /// @param log Whose it is.
    /// @param size Its entries.
    /// @param digest keccak256(salt || checkpoint).
    event Anchored(address indexed log, uint64 size, bytes32 digest);

    /// @notice A log grows: so many entries, or more, were anchored before.
    /// @param size Entries that were given.
    /// @param anchored Entries that were anchored last.
    error SizeNotGrown(uint64 size, uint64 anchored);

    /// @notice Anchors the caller's log.
    /// @param size Its entries, more than at the last time.
    /// @param digest keccak256(salt || checkpoint).
    function anchor(uint64 size, bytes32 digest) external {
        uint64 anchored = heads[msg.sender].size;
        if (size <= anchored) revert SizeNotGrown(size, anchored);
        heads[msg.sender] = Head(size, uint64(block.timestamp), digest);
        emit Anchored(msg.sender, size, digest);
    }
}
