"""
Honest cells of the circuit in `circuits/credential/v1`, part for part; a verifier loads none of
them.
"""
