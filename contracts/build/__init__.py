"""Compiling the contracts, and reading what was compiled; the compiler itself is Node's."""
