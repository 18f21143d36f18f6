// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What an analyser must find, or it has seen nothing: it pays before it writes
contract Probe {
    mapping(address account => uint256 cash) public cashOf;

    function withdraw() external {
        (bool paid,) = msg.sender.call{value: cashOf[msg.sender]}("");
        if (paid) cashOf[msg.sender] = 0;
    }
}
