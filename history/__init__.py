"""
A history in integers: records, day rows, metrics and thresholds, and the oracle that decides them.

Imports `algebra` alone; every room but `algebra` may import it (docs/decisions/0001).
"""
