"""
The verification service: registered policies, keys and roots; each credential accepted once.

Imports `verifier` and what is below it, of the attestors only the quorum and signed roots,
of the contracts only the client. `tierproof` may import it (docs/decisions/0001).
"""
