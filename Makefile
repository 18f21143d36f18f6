# Everything a person or a machine runs. Set-up is part of each target and done once: `make test` works on a fresh clone.

.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2 --dist loadfile
FUZZ_SECONDS ?= 60

LOCKED := $(VENV)/.locked
NATIVE := $(VENV)/.native
NODE_MODULES := contracts/node_modules/.installed
FORGE := contracts/node_modules/.bin/forge
EXTRAS := reference prove attest chain evm service picture
PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
RUST := algebra/native
RUST_SOURCES := $(RUST)/Cargo.toml $(RUST)/Cargo.lock $(shell find $(RUST)/src -name '*.rs')

.PHONY: help setup demo test test-slow attack fuzz bench peers lint contracts contracts-check lock clean tools

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

setup: $(NATIVE) $(NODE_MODULES) ## virtual environment, native module, contract compiler

demo: setup ## the whole path on a sample desk: attest, prove, verify, onboard, refuse
	$(BIN)/tierproof demo

test: setup ## all tests but the slow ones
	cargo test --quiet --manifest-path $(RUST)/Cargo.toml --locked
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-slow: setup ## the slow tests
	$(BIN)/python -m pytest -m slow $(PYTEST_ARGS)

attack: setup ## the whole campaign of forged traces and proofs; resumable, writes build/attack.json
	$(BIN)/python -m tests.attacks $(ATTACK_ARGS)

fuzz: setup ## coverage-guided fuzzing of every parser, FUZZ_SECONDS each; FUZZ_TARGETS names some
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/fuzz/requirements.lock
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_TARGETS)

bench: setup ## measure; writes build/bench.json
	$(BIN)/python -m benchmarks.run $(BENCH_ARGS)

peers: setup ## measure gnark, arkworks, snarkjs beside ours; writes build/peers.json
	$(BIN)/python -m benchmarks.peers $(PEERS_ARGS)

lint: setup ## style, types, Rust lints, and that generated contracts are current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cargo fmt --manifest-path $(RUST)/Cargo.toml --check
	cargo clippy --manifest-path $(RUST)/Cargo.toml --locked --all-targets --features python -- -D warnings
	$(BIN)/python -m tierproof.verifier_contract --class 8192 --check
	$(BIN)/python -m contracts.build --check
	$(FORGE) fmt --check --root contracts contracts/src/registry contracts/test-src
	node contracts/build/natspec.js

contracts: setup ## generate the verifiers, compile all contracts into contracts/artifacts
	$(BIN)/python -m tierproof.verifier_contract --class 8192
	$(BIN)/python -m contracts.build

contracts-check: setup ## compile and compare with what is committed
	$(BIN)/python -m tierproof.verifier_contract --class 8192 --check
	$(BIN)/python -m contracts.build --check

lock: $(LOCKED) ## resolve pyproject.toml anew into requirements.lock and docs/requirements.lock
	$(PIP_COMPILE) $(EXTRAS:%=--extra %) --extra dev --output-file requirements.lock pyproject.toml
	$(PIP_COMPILE) --extra docs --constraint requirements.lock --output-file docs/requirements.lock pyproject.toml

clean: ## remove what was built, keep the environment
	rm -rf build $(RUST)/target algebra/_native*.so $(NATIVE)

# -- set-up, each step once ------------------------------------------------------------------------------------------

tools:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or later is needed; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	@command -v cargo >/dev/null || { echo "Rust (cargo) is needed: see rustup.rs" >&2; exit 2; }
	@command -v npm >/dev/null || { echo "Node.js 20 or later with npm is needed" >&2; exit 2; }

$(LOCKED): requirements.lock | tools
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(NATIVE): $(LOCKED) $(RUST_SOURCES) pyproject.toml
	PIP_QUIET=1 VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/maturin develop --release --locked --quiet
	@touch $@

$(NODE_MODULES): contracts/package.json contracts/package-lock.json | tools
	npm ci --prefix contracts --no-audit --no-fund --loglevel=error
	@touch $@
