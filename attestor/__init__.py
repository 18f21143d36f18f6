"""
From a venue's statements to an attestation: books, log, leaf, tree, and the attestors' signatures.

Imports `algebra`, `history` and `policies`. `tierproof` may import all of it, `service` the quorum
alone (docs/decisions/0001).
"""
