# `make tour` and `make test` are all that is needed on a fresh machine: both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENVIRONMENT := $(VENV)/.environment
BUILT := $(VENV)/.built
BENCH := $(VENV)/.bench
LIBRARIES := .venv-libraries
RIVALS := .venv-rivals
SOURCES := $(shell find native src -name '*.[ch]pp' -o -name '*.py' -o -name '*.pyi' -o -name 'meson.build') meson.build pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup tour test conformance lint format bench bench-memory bench-code bench-digest bench-seal bench-kill bench-stores bench-stores-faults bench-caching bench-files breadth versions libraries vet honest bench-scan fuzz-honesty attacks security-rivals fuzz sanitize clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(ENVIRONMENT): pyproject.toml scripts/environment.sh
	@bash scripts/environment.sh $(PYTHON) $(VENV)
	@touch $@

$(BUILT): $(ENVIRONMENT) $(SOURCES)
	@bash scripts/build.sh $(VENV)
	@touch $@

setup: $(BUILT)  ## make the environment and build the core

tour: $(BUILT)  ## set up, build, and take the tour: real objects, saved, reloaded elsewhere, compared
	$(BIN)/brinery tour

test: $(BUILT)  ## set up, build, and run the whole test suite
	@bash scripts/test_native.sh $(VENV)
	$(BIN)/python -m pytest -n auto --dist worksteal

conformance: $(BUILT)  ## CPython's own pickle tests on brinery.pickle
	$(BIN)/python -m pytest tests/conformance

lint: $(BUILT)  ## style, types, floors, static checks of the core
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports
	bash scripts/lint_native.sh $(VENV)

format: $(BUILT)  ## rewrite the sources in the house style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $$(git ls-files 'native/*.[ch]pp')

$(BENCH): $(ENVIRONMENT)
	@$(BIN)/python scripts/requirements.py bench tensors | $(BIN)/python -m pip install --quiet --requirement /dev/stdin
	@touch $@

bench: $(BUILT) $(BENCH)  ## speed against the stdlib and its rivals; writes docs/benchmarks.md
	$(BIN)/python -m bench.speed

bench-memory: $(BUILT) $(BENCH)  ## peak memory against the stdlib; writes docs/memory.md
	$(BIN)/python -m bench.memory

bench-code: $(BUILT) $(BENCH)  ## functions and classes by value against cloudpickle; writes docs/functions.md
	$(BIN)/python -m bench.code

bench-digest: $(BUILT) $(BENCH)  ## digests against joblib.hash; writes docs/digest-benchmarks.md
	$(BIN)/python -m bench.digest

bench-seal: $(BUILT) $(BENCH)  ## what seals and signatures cost; writes docs/seal.md
	$(BIN)/python -m bench.seal

bench-kill: $(BUILT) $(BENCH)  ## kills of processes that rewrite a file; writes docs/kill.md
	$(BIN)/python -m bench.kill

bench-stores: $(BUILT) $(BENCH)  ## stores against those of others; writes docs/stores-benchmarks.md
	$(BIN)/python -m bench.stores

bench-stores-faults: $(BUILT)  ## stores that are killed, raced and damaged; writes docs/stores-faults.md
	$(BIN)/python -m bench.stores.faults

bench-caching: $(BUILT) $(BENCH)  ## results that are kept against functools, joblib, diskcache and others; writes docs/caching-benchmarks.md
	$(BIN)/python -m bench.caching

bench-files: $(BUILT) $(BENCH)  ## files against pickle, joblib, NumPy and others; writes docs/files-benchmarks.md
	$(BIN)/python -m bench.files

breadth: $(BUILT) $(BENCH)  ## hard objects on brinery, pickle, cloudpickle and dill; writes docs/breadth.md
	$(BIN)/python -m bench.breadth

versions: $(BUILT) $(BENCH)  ## code written on one version of Python and run on another; writes docs/versions.md
	$(BIN)/python -m bench.versions

$(LIBRARIES)/.environment: pyproject.toml scripts/libraries.sh
	@bash scripts/libraries.sh $(PYTHON) $(LIBRARIES)
	@touch $@

$(LIBRARIES)/.built: $(LIBRARIES)/.environment $(SOURCES)
	@bash scripts/build.sh $(LIBRARIES)
	@touch $@

libraries: $(LIBRARIES)/.built  ## objects of real libraries on brinery and its rivals, in .venv-libraries; writes docs/libraries.md
	$(LIBRARIES)/bin/python -m bench.libraries

vet: $(LIBRARIES)/.built  ## hold the vetted list against the packages of .venv-libraries
	$(LIBRARIES)/bin/python scripts/vet.py

honest: $(LIBRARIES)/.built  ## how many pickles of real objects name nothing but vetted globals
	$(LIBRARIES)/bin/python -m bench.honest

attacks: $(BUILT)  ## proves that the hostile streams of tests/attacks work under the stdlib; writes docs/attacks.md
	$(BIN)/python -m tests.attacks.proof

$(RIVALS)/.environment: pyproject.toml scripts/libraries.sh
	@bash scripts/libraries.sh $(PYTHON) $(RIVALS) security
	@touch $@

$(RIVALS)/.built: $(RIVALS)/.environment $(SOURCES)
	@bash scripts/build.sh $(RIVALS)
	@touch $@

security-rivals: $(RIVALS)/.built  ## scanners and restricted loaders on attacks and honest files, in .venv-rivals; writes docs/security-rivals.md
	$(RIVALS)/bin/python -m bench.security

bench-scan: $(BUILT) $(BENCH)  ## how fast files are scanned; writes docs/scanning.md
	$(BIN)/python -m bench.scan

fuzz-honesty: $(BUILT)  ## ten minutes of holding the scanner against the loader
	$(BIN)/python -m fuzz.honesty --seconds 600

fuzz: $(BUILT)  ## ten minutes of differential fuzzing against the stdlib
	$(BIN)/python -m fuzz.differential --seconds 600

sanitize: $(ENVIRONMENT)  ## the suite and the fuzzer under AddressSanitizer and UBSan
	bash scripts/sanitize.sh $(VENV)

clean:  ## remove what the other targets made
	rm -rf $(VENV) build
