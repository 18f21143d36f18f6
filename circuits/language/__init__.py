"""
The language of constraints, and its readers that need no proof: packing, programs, the trace
checker.

Knows no statement; `circuits.credential` is written in it.
"""
