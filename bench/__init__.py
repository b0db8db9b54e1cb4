"""Benchmarks: workloads, rivals, speed and memory. Run with `make bench` and `make bench-memory`."""
