"""
Verification off the event loop: proofs that wait are collected and verified together, each with a
verdict of its own.
"""
