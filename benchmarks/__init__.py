"""Benchmarks beside other tools. One command: `python -m benchmarks`."""
