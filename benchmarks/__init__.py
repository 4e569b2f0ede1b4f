"""Speed and memory, as ratios to a peer started in the same run. See benchmarks/README.md."""
