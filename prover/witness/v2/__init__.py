"""
Honest cells of the circuit in `circuits/credential/v2`, part for part; a verifier loads none of
them.
"""
