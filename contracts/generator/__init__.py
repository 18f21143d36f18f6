"""
Generator of the Solidity verifier: the one verification algorithm, recorded and written out as a
contract.
"""

from contracts.generator.emit import generate

__all__ = ["generate"]
