#!/usr/bin/env bash
# environment.sh PYTHON VENV: makes the virtual environment with everything that building and testing need.
set -euo pipefail
python=$1
venv=$2

# Runs apt-get where it can; says what to run where it cannot.
debian_packages() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing: $*"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
  else
    echo "error: missing $*. Install them and run this again, on Debian with:" >&2
    echo "    sudo apt-get update && sudo apt-get install $*" >&2
    exit 1
  fi
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "error: brinery needs Python 3.11 or later; name one with PYTHON=..." >&2
  exit 1
}
missing=()
command -v c++ >/dev/null || command -v g++ >/dev/null || missing+=(g++)
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=("python$version-venv")
headers=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
[ -f "$headers/Python.h" ] || missing+=("python$version-dev")
# CPython's own pickle tests are part of the suite; Debian keeps them in a package of their own.
"$python" -c 'import test.pickletester' 2>/dev/null || missing+=("libpython$version-testsuite")
# The stores are tested on servers that the tests start on free ports; those that Debian starts are left alone.
command -v redis-server >/dev/null || missing+=(redis-server)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
[ ${#missing[@]} = 0 ] || debian_packages "${missing[@]}"

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" scripts/requirements.py build tour remote redis postgres test tensors lint >"$venv/requirements.txt"
echo "installing the environment into $venv"
"$venv/bin/python" -m pip install --quiet --requirement "$venv/requirements.txt"
