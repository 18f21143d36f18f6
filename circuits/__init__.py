"""
The text of the constraints: one text for the prover and for every verifier.

Imports `algebra` and `history`; `verifier` and the rooms above it may import it, `attestor` may not
(docs/decisions/0001).
"""
