"""Code written on one version of Python and run on another: `python -m bench.versions`."""
