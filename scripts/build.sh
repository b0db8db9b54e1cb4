#!/usr/bin/env bash
# build.sh VENV: builds the core and installs the package, as a user would get it, so that a file missing from the
# package is noticed. The build directory is kept: only what changed is compiled again.
set -euo pipefail
venv=$1
tag=$("$venv/bin/python" -c 'import sys; print(sys.implementation.cache_tag)')
PATH="$PWD/$venv/bin:$PATH" "$venv/bin/python" -m pip install --quiet --no-build-isolation --no-deps --force-reinstall \
  --config-settings=build-dir="build/$tag" .
