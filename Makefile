# `make demo` and `make test` do all that a fresh Debian machine with Swift, git, make and a C
# compiler needs; `make help` lists the rest.

SHELL := /bin/bash
RANKS ?= 3
CONFIG ?= Sources/AnomalyBenchmark/benchmark.yaml

# As root, and with more ranks than cores: for Open MPI 4, and for Open MPI 5.
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
export OMPI_MCA_rmaps_base_oversubscribe := 1
export PRTE_MCA_rmaps_default_mapping_policy := :oversubscribe

# Release programs carry the Swift runtime: a compute node needs Open MPI and nothing of Swift.
RELEASE := swift build -c release --static-swift-stdlib

.PHONY: demo test build lint format clean help setup

demo: build ## Run the example on real data, on RANKS ranks
	mpirun -q -n $(RANKS) "$$($(RELEASE) --show-bin-path)/anomaly-benchmark" run --config "$(CONFIG)"

test: setup ## Run every test, the multi-rank ones included
	swift build --build-tests
	swift test --skip-build

build: setup ## Build the programs in release mode
	$(RELEASE) --product anomaly-benchmark

lint: ## Check the layout of the sources
	swift format lint --strict --recursive Package.swift Sources Tests

format: ## Lay the sources out
	swift format format --in-place --recursive Package.swift Sources Tests

clean: ## Remove what was built
	swift package clean

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup:
	@if ! command -v mpirun >/dev/null || ! pkg-config --exists $${FURROW_MPI_PKG_CONFIG:-ompi-c}; then \
		sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi; \
		echo "Installing Open MPI"; \
		$$sudo apt-get update -q && \
		$$sudo apt-get install -q -y --no-install-recommends libopenmpi-dev openmpi-bin pkg-config; \
	fi
