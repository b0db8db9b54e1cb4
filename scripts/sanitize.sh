#!/usr/bin/env bash
# sanitize.sh VENV: builds the core with AddressSanitizer and UndefinedBehaviorSanitizer in an environment of its own
# and runs the suite and a part of the fuzzer with it. FUZZ_CASES says how large a part.
set -euo pipefail
venv=$1
own=$venv-sanitize
[ -x "$own/bin/python" ] || "$venv/bin/python" -m venv "$own"
"$own/bin/python" -m pip install --quiet --requirement "$venv/requirements.txt"
PATH="$PWD/$own/bin:$PATH" "$own/bin/python" -m pip install --quiet --no-build-isolation --no-deps --force-reinstall \
  --config-settings=build-dir=build/sanitize \
  --config-settings=setup-args=-Dbuildtype=debugoptimized \
  --config-settings=setup-args=-Db_sanitize=address,undefined \
  --config-settings=setup-args=-Db_lundef=false .

LD_PRELOAD="$(c++ -print-file-name=libasan.so) $(c++ -print-file-name=libubsan.so)"
export LD_PRELOAD
# Python's own allocator would hide what the sanitizer looks for; it frees nothing at exit, so leaks are tested apart.
export PYTHONMALLOC=malloc
# The limit stands in for RLIMIT_AS, which the sanitizer's shadow memory does not bear: the stdlib allocates what is claimed.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=512:handle_segv=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
"$own/bin/python" -m pytest -q -p no:cacheprovider tests/conformance tests/equivalence tests/faults tests/threads tests/leaks \
  tests/codec tests/vectors tests/test_errors.py tests/test_canonical.py tests/reducers/test_arrays.py --deselect tests/threads/test_threads.py::test_subinterpreters_have_cores_of_their_own \
  -k "not getallocatedblocks"
"$own/bin/python" -m fuzz.differential --seed 7 --cases "${FUZZ_CASES:-100000}"
