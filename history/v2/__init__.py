"""
Numbers of statement version 2: records, totals, day rows, metrics, thresholds, and the oracle that
decides them.

A later version is a folder beside this one; who reads both takes the module as a value.
"""
