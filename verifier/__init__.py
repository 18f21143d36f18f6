"""
What decides on a proof: parsing, keys, the algorithm written once, batches, and nothing secret.

Imports `algebra`, `history`, `circuits` and `policies`; `prover`, `contracts`, `service` and
`tierproof` may import it (docs/decisions/0001).
"""
