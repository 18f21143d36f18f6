// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What forge lets a test do to the chain, as far as these invariants ask for it
interface Vm {
    /// @notice Sets the second.
    /// @param second Unix seconds.
    function warp(uint256 second) external;

    /// @notice The next call comes from somebody else.
    /// @param sender From whom.
    function prank(address sender) external;

    /// @notice Signs.
    /// @param key Private key.
    /// @param digest What is signed.
    /// @return v Recovery number.
    /// @return r First word.
    /// @return s Second word.
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    /// @notice The address of a private key.
    /// @param key The key.
    /// @return Its address.
    function addr(uint256 key) external pure returns (address);

    /// @notice Puts code at an address.
    /// @param place The address.
    /// @param code Its code.
    function etch(address place, bytes calldata code) external;

    /// @notice Sets a balance.
    /// @param place Whose.
    /// @param amount Wei.
    function deal(address place, uint256 amount) external;

    /// @notice Writes a slot.
    /// @param place Whose.
    /// @param slot Which.
    /// @param word What.
    function store(address place, bytes32 slot, bytes32 word) external;

    /// @notice Reads a slot.
    /// @param place Whose.
    /// @param slot Which.
    /// @return Its word.
    function load(address place, bytes32 slot) external view returns (bytes32);

    /// @notice From now on slots that are read and written are noted.
    function record() external;

    /// @notice Slots that were read and written since.
    /// @param place Whose.
    /// @return reads Each slot that was read or written.
    /// @return writes Each slot that was written.
    function accesses(address place)
        external
        returns (bytes32[] memory reads, bytes32[] memory writes);

    /// @notice A number of the environment.
    /// @param name Its name.
    /// @param otherwise What holds where it is not set.
    /// @return The number.
    function envOr(string calldata name, uint256 otherwise) external view returns (uint256);

    /// @notice A text of the environment.
    /// @param name Its name.
    /// @param otherwise What holds where it is not set.
    /// @return The text.
    function envOr(string calldata name, string calldata otherwise)
        external
        view
        returns (string memory);

    /// @notice What a file holds.
    /// @param path The file.
    /// @return Its bytes.
    function readFileBinary(string calldata path) external view returns (bytes memory);

    /// @notice Adds a line to a file.
    /// @param path The file.
    /// @param line The line.
    function writeLine(string calldata path, string calldata line) external;

    /// @notice A number in decimal.
    /// @param value The number.
    /// @return Its digits.
    function toString(uint256 value) external pure returns (string memory);
}
