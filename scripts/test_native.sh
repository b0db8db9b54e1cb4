#!/usr/bin/env bash
# test_native.sh VENV: the C++ tests, in the build directory that build.sh keeps.
set -euo pipefail
venv=$1
tag=$("$venv/bin/python" -c 'import sys; print(sys.implementation.cache_tag)')
PATH="$PWD/$venv/bin:$PATH" "$venv/bin/python" -m mesonbuild.mesonmain test -C "build/$tag" --print-errorlogs
