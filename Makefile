# `make demo` and `make test` do all that a fresh Debian machine with Swift, git, make and a C
# compiler needs; `make help` lists the rest.

SHELL := /bin/bash
RANKS ?= 3
PREFIX ?= /usr/local
ROUNDS ?= 5
JSON ?= .build/bench.json
PEERS := Sources/FurrowBench/Peers
PEERS_ENV ?= $(HOME)/.cache/furrow-peers
CONFIG ?= Sources/AnomalyBenchmark/benchmark.yaml

# As root, and with more ranks than cores: for Open MPI 4, and for Open MPI 5.
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
export OMPI_MCA_rmaps_base_oversubscribe := 1
export PRTE_MCA_rmaps_default_mapping_policy := :oversubscribe

# Release programs carry the Swift runtime: a compute node needs Open MPI and nothing of Swift.
RELEASE := swift build -c release --static-swift-stdlib

.PHONY: demo test bench build install lint format clean help setup parallel

demo: build ## Run the example on real data, on RANKS ranks
	mpirun -q -n $(RANKS) "$$($(RELEASE) --show-bin-path)/anomaly-benchmark" run --config "$(CONFIG)"

test: setup parallel ## Run every test, the multi-rank ones included
	swift build --build-tests
	swift test --skip-build

bench: setup parallel ## Measure Furrow beside what else there is
	$(RELEASE) --product bare-start
	$(RELEASE) --product furrow-bench
	@$(PEERS)/install.sh "$(PEERS_ENV)"
	"$$($(RELEASE) --show-bin-path)/furrow-bench" compare --rounds $(ROUNDS) --json "$(JSON)" \
	    --peers $(PEERS) --python "$(PEERS_ENV)/bin/python"

build: setup ## Build the programs in release mode
	$(RELEASE) --product anomaly-benchmark
	$(RELEASE) --product furrow

install: build ## Install programs, batch scripts, completions and the man page under PREFIX
	swift build --product generate-manual
	@set -e; root="$(DESTDIR)$(PREFIX)"; bin="$$($(RELEASE) --show-bin-path)"; \
	install -D -s -t "$$root/bin" "$$bin/furrow" "$$bin/anomaly-benchmark"; \
	share="$$root/share"; \
	mkdir -p "$$share/bash-completion/completions" "$$share/zsh/site-functions" \
	    "$$share/fish/vendor_completions.d" "$$share/man/man1"; \
	"$$bin/furrow" --generate-completion-script bash >"$$share/bash-completion/completions/furrow"; \
	"$$bin/furrow" --generate-completion-script zsh >"$$share/zsh/site-functions/_furrow"; \
	"$$bin/furrow" --generate-completion-script fish >"$$share/fish/vendor_completions.d/furrow.fish"; \
	"$$(swift build --show-bin-path)/generate-manual" "$$bin/furrow" \
	    --output-directory "$$share/man/man1"; \
	echo "Installed furrow and anomaly-benchmark under $$root"

lint: ## Check the layout of the sources
	swift format lint --strict --recursive Package.swift Sources Tests

format: ## Lay the sources out
	swift format format --in-place --recursive Package.swift Sources Tests

clean: ## Remove what was built
	swift package clean

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

# The tests let GNU parallel read Furrow's log.
parallel:
	@if ! parallel --version 2>/dev/null | grep -q GNU; then \
		sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi; \
		echo "Installing GNU parallel"; \
		$$sudo apt-get update -q && $$sudo apt-get install -q -y --no-install-recommends parallel; \
	fi

setup:
	@if ! command -v mpirun >/dev/null || ! pkg-config --exists $${FURROW_MPI_PKG_CONFIG:-ompi-c}; then \
		sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi; \
		echo "Installing Open MPI"; \
		$$sudo apt-get update -q && \
		$$sudo apt-get install -q -y --no-install-recommends libopenmpi-dev openmpi-bin pkg-config; \
	fi
