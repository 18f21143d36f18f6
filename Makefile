# Everything a person or a machine runs. Set-up is part of each target and done once: `make test` works on a fresh clone.

.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do command -v $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder
FUZZ_SECONDS ?= 60
TIERPROOF_DATA ?= ../shared/data
# Where the ceremony's file is, the committed keys are made from it too, or compared with it.
CEREMONY = $(addprefix --ptau ,$(wildcard $(TIERPROOF_DATA)/srs/ppot_0085_g1_65536.point))

# Compiled Python is kept: where it is not, every start of the command takes twice as long.
export PYTHONDONTWRITEBYTECODE :=

DOCS_VENV := .venv-docs
ANALYSIS_VENV := .venv-analysis

LOCKED := $(VENV)/.locked
COMPARED := $(VENV)/.compared
DOCS_LOCKED := $(DOCS_VENV)/.locked
ANALYSIS_LOCKED := $(ANALYSIS_VENV)/.locked
NATIVE := $(VENV)/.native
NODE_MODULES := contracts/node_modules/.installed
FOREIGN := tests/contracts/foreign/node_modules/.installed
FORGE := contracts/node_modules/.bin/forge
EXTRAS := reference prove attest chain evm service client telemetry picture
PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
RUST := algebra/native
RUST_SOURCES := $(RUST)/Cargo.toml $(RUST)/Cargo.lock $(shell find $(RUST)/src -name '*.rs')

.PHONY: help setup demo serve-demo chain test test-slow compare attack fuzz invariants gaming venues bench load peers lint docs docs-run release-notes \
  contracts contracts-check slither prove-terms postgres lock clean tools

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

setup: tools ## virtual environment, native module, contract compiler
	@$(MAKE) --no-print-directory --jobs=2 $(NATIVE) $(NODE_MODULES)

demo: setup ## the whole path on a sample desk: attest, prove, verify, onboard, refuse; SETUP=FILE: on a ceremony
	$(BIN)/tierproof demo $(if $(SETUP),--ptau $(SETUP))

serve-demo: setup ## the service over the sample: a verdict, its entry in the audit log with a proof, its page
	$(BIN)/python examples/serve_demo.py $(SERVE_DEMO_ARGS)

chain: setup ## the life of grants on anvil, with real proofs and an engine; writes build/chain.json and a picture
	$(BIN)/python -m examples.chain $(CHAIN_ARGS)

test: setup $(FOREIGN) ## all tests but the slow ones
	cargo test --quiet --manifest-path $(RUST)/Cargo.toml --locked
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-slow: setup $(COMPARED) ## the slow tests
	$(BIN)/python -m pytest -m slow $(PYTEST_ARGS)

compare: setup $(COMPARED) ## the metrics beside empyrical-reloaded, quantstats and SciPy
	$(BIN)/python -m pytest -m "slow or not slow" $(PYTEST_ARGS) tests/compare

attack: setup ## the whole campaign of forged traces and proofs; resumable, writes build/attack.json
	$(BIN)/python -m tests.attacks $(ATTACK_ARGS)

fuzz: setup ## coverage-guided fuzzing of every parser, FUZZ_SECONDS each; FUZZ_TARGETS names some
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/fuzz/requirements.lock
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_TARGETS)

invariants: setup ## random lives of the registry of grants by forge, and under each mutant; writes build/invariants.json
	$(BIN)/python -m tests.invariants $(INVARIANTS_ARGS)

gaming: setup ## play every trick against the metrics on real data (TIERPROOF_DATA); writes build/gaming.json
	$(BIN)/python -m benchmarks.gaming $(TIERPROOF_DATA)/hyperliquid

venues: setup ## replay every venue's files into attested logs (TIERPROOF_DATA); writes build/venues.json
	PYTHONPATH=.:tests:tests/attestor $(BIN)/python -m tests.attestor.conformance $(TIERPROOF_DATA)

bench: setup ## measure; writes build/bench.json
	$(BIN)/python -m benchmarks.run $(BENCH_ARGS)

load: setup ## the service under load on SQLite and PostgreSQL, real proofs; resumable, writes build/load.json
	$(BIN)/python -m benchmarks.load $(LOAD_ARGS)

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
	$(FORGE) fmt --check --root contracts $(addprefix contracts/,src/registry src/grants src/audit examples test-src invariants)
	node contracts/build/natspec.js

docs: $(DOCS_LOCKED) ## the documentation as a site, its links checked; writes build/site
	NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/mkdocs build --strict
	PYTHONPATH=. $(DOCS_VENV)/bin/python -m tests.docs.site build/site

docs-run: setup ## write what the code says into the docs, and what their commands print; DOCS_ARGS=--check only looks
	for tables in history.v2.tables tierproof.reference tierproof.docs_codes tests.docs.reference tests.docs.terms_picture \
	  tests.docs.grant_picture; do \
	  $(BIN)/python -m $$tables $(DOCS_ARGS) || exit; \
	done
	$(BIN)/python -m tests.docs $(DOCS_ARGS)

release-notes: ## what CHANGELOG.md says of the version of pyproject.toml, for a tag's message
	@$(PYTHON) tests/support/changelog.py

contracts: setup ## generate the verifiers, compile all contracts into contracts/artifacts
	$(BIN)/python -m tierproof.verifier_contract --class 8192 $(CEREMONY)
	$(BIN)/python -m contracts.build

contracts-check: setup ## compile and compare with what is committed
	$(BIN)/python -m tierproof.verifier_contract --class 8192 --check $(CEREMONY)
	$(BIN)/python -m contracts.build --check

slither: $(ANALYSIS_LOCKED) $(NODE_MODULES) ## static analysis of the contracts; what it finds has its reason in tests/analysis
	$(ANALYSIS_VENV)/bin/python -m tests.analysis.static

prove-terms: $(ANALYSIS_LOCKED) $(NODE_MODULES) ## proofs of the arithmetic of effective terms, of the contracts' own text
	$(ANALYSIS_VENV)/bin/python -m tests.analysis.arithmetic

# Debian would start a server of its own; only the programs are wanted.
postgres: ## install Debian's PostgreSQL server, for the tests that start one of their own; as root, where apt is
	@if compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; then echo "a server is installed"; \
	elif [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	  echo "root and apt-get are needed: install a PostgreSQL server by the means of this system" >&2; exit 2; \
	else apt-get update -q && apt-get install -qy --no-install-recommends postgresql-common \
	  && echo "create_main_cluster = false" >>/etc/postgresql-common/createcluster.conf \
	  && apt-get install -qy --no-install-recommends postgresql; fi

lock: $(LOCKED) ## resolve pyproject.toml anew into requirements.lock, and each requirements.in beside its tools
	$(PIP_COMPILE) $(EXTRAS:%=--extra %) --extra dev --output-file requirements.lock pyproject.toml
	for tools in $(wildcard */requirements.in */*/requirements.in); do \
	  $(PIP_COMPILE) --output-file "$${tools%.in}.lock" "$$tools" || exit; \
	done

clean: ## remove what was built, keep the environment
	rm -rf build $(RUST)/target algebra/_native*.so $(NATIVE)

# -- set-up, each step once ------------------------------------------------------------------------------------------

LEAST_PYTHON := $(shell sed -n 's/^requires-python = ">=\(.*\)"/\1/p' pyproject.toml)
LEAST_RUST := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' $(RUST)/Cargo.toml)
LEAST_NODE := $(shell sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' contracts/package.json)

# $(call least,program,name,least version,what to do): stops unless the program is that new
least = @found=$$("$(1)" --version 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1); \
  if [ "$$(printf '%s\n' "$(3)" "$$found" | sort -V | head -n 1)" != "$(3)" ]; then \
    has="$${found:+$(1) is $$found}"; \
    echo "$(2) $(3) or later is needed, $${has:-there is none}: $(4)" >&2; exit 2; \
  fi

tools: # programs that setup needs, and their least versions
	$(call least,$(PYTHON),Python,$(LEAST_PYTHON),set PYTHON=/path/to/python3)
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv is needed, $(PYTHON) has none: install python3-venv" >&2; exit 2; }
	$(call least,cargo,Rust,$(LEAST_RUST),install it with rustup)
	$(call least,node,Node.js,$(LEAST_NODE),install a later one)
	@command -v npm >/dev/null || { echo "npm is needed: it comes with Node.js" >&2; exit 2; }

$(LOCKED): requirements.lock | tools
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# nothing is fetched to build what is no wheel: setuptools and wheel are in the environment already
$(COMPARED): tests/compare/requirements.lock $(LOCKED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation -r $<
	@touch $@

$(DOCS_LOCKED): docs/requirements.lock | tools
	"$(PYTHON)" -m venv $(DOCS_VENV)
	$(DOCS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r docs/requirements.lock
	@touch $@

$(ANALYSIS_LOCKED): tests/analysis/requirements.lock | tools
	"$(PYTHON)" -m venv $(ANALYSIS_VENV)
	$(ANALYSIS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/analysis/requirements.lock
	@touch $@

$(NATIVE): $(LOCKED) $(RUST_SOURCES) pyproject.toml
	PIP_QUIET=1 VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/maturin develop --release --locked --quiet
	@touch $@

# viem and ethers are of the tests alone
$(NODE_MODULES) $(FOREIGN): %/node_modules/.installed: %/package.json %/package-lock.json | tools
	npm ci --prefix $* --no-audit --no-fund --loglevel=error
	@touch $@
