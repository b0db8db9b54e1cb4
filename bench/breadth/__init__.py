"""Hard objects: made in one process's __main__, used in a fresh one, by each pickler: `python -m bench.breadth`."""
