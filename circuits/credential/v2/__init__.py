"""
Parts of the credential circuit: each file holds a part's constraints. Their honest cells are the
prover's (`prover/witness/v2`).
"""
