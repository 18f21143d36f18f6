"""
What the parties agree on and sign: policies and their rules, places, signed roots, terms.

Imports `algebra` and `history`; every room but those two and `circuits` may import it
(docs/decisions/0001).
"""
