"""
What an institution runs with its secret: the vault, proving keys, honest cells (`witness`), and
proofs.

Imports `algebra`, `history`, `circuits`, `policies` and `verifier`, and no code of the attestors;
`tierproof` may import it (docs/decisions/0001).
"""
