#!/usr/bin/env bash
# build.sh VENV: builds the core and installs the package, editable: Python sources are used where they lie.
set -euo pipefail
venv=$1
PATH="$PWD/$venv/bin:$PATH" "$venv/bin/python" -m pip install --quiet --no-build-isolation --no-deps \
  --config-settings=build-dir="build/$("$venv/bin/python" -c 'import sys; print(sys.implementation.cache_tag)')" \
  --editable .
