"""Functions and classes by value against cloudpickle: `python -m bench.code`."""
