"""Peak memory of dumps and loads against the stdlib: `python -m bench.memory`."""
