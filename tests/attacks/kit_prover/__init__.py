"""
A malicious prover: the honest rounds with lies in them, and verifiers with a check taken out to try
the lies on.

`liar` bends the prover, `mutants` the verifier, `sites` lists every check that the verifier's
source has, `forgeries` has one lie for each of them; `solidity` does the same for the contracts.
Nothing here is a second prover or verifier.
"""
