"""
Parts of the credential circuit: each file holds a part's constraints and, below them, its honest
cells.
"""
