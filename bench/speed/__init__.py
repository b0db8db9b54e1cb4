"""Times of dumps and loads against the stdlib and others: `python -m bench.speed`."""
