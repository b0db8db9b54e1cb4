#!/usr/bin/env bash
# lint_native.sh VENV: format and static checks of native/, any finding is an error. (Compiler warnings are errors
# in every build; clang-tidy reads how the sources are compiled from the build directory that build.sh keeps.)
set -euo pipefail
venv=$1
mapfile -t sources < <(git ls-files 'native/*.cpp' 'native/*.hpp')
"$venv/bin/clang-format" --dry-run -Werror "${sources[@]}"
"$venv/bin/python" scripts/tidy.py "$venv"
