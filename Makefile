# make            what there is
# make run        a server with the module, to play with
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps deps-python build run cluster demo test test-server test-python test-matrix lint bench count clean

# Where rustup puts Cargo, for a shell that has not been told.
export PATH := $(PATH):$(HOME)/.cargo/bin

PORT ?= 6379
REDIS_SERVER ?= $(shell command -v redis-server || command -v valkey-server || echo redis-server)
export PORT REDIS_SERVER

help: ## Say what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20
	@echo
	@echo "  PORT=$(PORT)                 where 'run' starts to look for a free port (7001: 'cluster', for six)"
	@echo "  REDIS_SERVER=$(REDIS_SERVER)"
	@echo "                            the server that 'run', 'cluster' and 'test' start (Redis 7.0 or later, or Valkey)"

deps: ## Install what is missing, or say what to install
	@.ci/deps.sh

deps-python:
	@.ci/deps.sh python browser

build: deps ## Build target/release/libredis_session.so
	@cargo build --locked --release

run: build ## Run a server with the module in the foreground; Ctrl-C ends it
	@.ci/serve.sh

cluster: PORT := $(if $(filter file,$(origin PORT)),7001,$(PORT))
cluster: build ## Run a cluster of three primaries and three replicas; Ctrl-C ends it
	@.ci/cluster.sh

demo: build ## Run a shop with sessions, to click through in a browser; Ctrl-C ends it
	@.ci/deps.sh python
	@.ci/demo.sh

lint: deps ## Check format and lints
	cargo fmt --check
	cargo clippy --locked --all-targets --quiet -- -D warnings

# What is missing is known before anything takes long.
test: deps-python lint test-server test-python ## Lint, then run all tests, each with servers of its own

# Cargo builds the module for the tests by itself, in the profile of the tests.
test-server: deps ## Run the tests of the module alone
	cargo test --locked --no-fail-fast

test-python: deps-python ## Check and test the Python package alone
	@cargo test --locked --quiet --no-run
	REDIS_SESSION_MODULE=$(CURDIR)/target/debug/deps/libredis_session.so clients/python/check.sh

# SERVERS: names of get-servers.sh or paths of programs; none: the one that 'test' takes and all known.
test-matrix: deps ## Run the tests that need a server on each of SERVERS
	@.ci/matrix.sh $(SERVERS)

# About a quarter of an hour on a quiet machine; QUICK=1 prints, in about two minutes, and writes nothing.
# SESSIONS=1000000 and ROUNDS=3 make it shorter.
bench: ## Measure it beside plain strings, and write docs/performance.md
	@.ci/deps.sh python bench
	@.ci/venv.sh target/bench-venv fastapi benches/http/requirements.txt
	@cargo build --locked --release --quiet --example floor
	@cargo bench --locked --bench server

# The same at each run, however busy the machine.
count: deps ## Count the instructions of the parts that need no server (with valgrind)
	@cargo bench --locked --quiet --bench count

clean: ## Remove everything that was built, and the data of 'run'
	@cargo clean
