#!/usr/bin/env bash
# libraries.sh PYTHON VENV [EXTRA]: makes an environment of the extra, `libraries` if none is named, and for brinery itself.
# Packages that cannot be installed are named and left out; docs/libraries.md names them, too.
set -euo pipefail
python=$1
venv=$2
extra=${3:-libraries}

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" scripts/requirements.py build "$extra" >"$venv/requirements.txt"
echo "installing $extra into $venv"
if ! "$venv/bin/python" -m pip install --quiet --requirement "$venv/requirements.txt"; then
  while read -r requirement; do
    "$venv/bin/python" -m pip install --quiet "$requirement" || echo "left out: $requirement cannot be installed" >&2
  done <"$venv/requirements.txt"
fi
