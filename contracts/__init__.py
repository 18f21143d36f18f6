"""
The Solidity contracts, and the Python that generates, compiles and calls them.

Imports `algebra`, `history`, `circuits`, `policies` and `verifier`. `tierproof` may import all of
it, `service` the client alone (docs/decisions/0001).
"""
