"""Other provers on the same machine in the same run (benchmarks/README.md)."""
