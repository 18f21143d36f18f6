"""What a proof costs on this machine, measured: for `tierproof doctor` and the benchmarks."""
