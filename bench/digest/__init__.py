"""Digests against joblib.hash: `python -m bench.digest`."""
