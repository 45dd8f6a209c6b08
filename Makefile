# Each target makes .venv with what it needs; a second run finds it there. `make` alone lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
OURS := functions worker local training tools tests benchmarks typings

CHECKOV := .venv-checkov/bin/checkov
# A program that checks Terraform against what the Google provider accepts: TFCHECK=/path/to/tfcheck make check
TFCHECK ?=

.PHONY: help demo up test test-fast check check-terraform fix bench schemas lock vendor bundle preflight vertex clients clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

# KEEP=1 leaves everything up at the end, with the studio's page, until Ctrl-C.
demo: $(INSTALLED) ## bring everything up, draw a picture from a prompt, edit one by uploading it
	$(BIN)/python -m local.demo $(if $(KEEP),--keep)

up: $(INSTALLED) ## run the whole stack until Ctrl-C
	$(BIN)/plantain up

# Two processes more than two cores have: half of the time is spent waiting for servers to start and stop. The fast tests
# wait for nothing, and each process more imports torch and collects the tests once more. Threads that wait by spinning
# would take the cores from each other, so they are as many and wait as in a worker: docs/traps.md.
test: PROCESSES ?= 4
test-fast: PROCESSES ?= 2
PYTEST = $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder --durations 25
test test-fast: export OMP_WAIT_POLICY = PASSIVE
test test-fast: export OMP_NUM_THREADS = 1
test test-fast: export OPENBLAS_NUM_THREADS = 1

test: $(INSTALLED) ## run all tests; the slowest 25 are printed
	$(PYTEST)

test-fast: $(INSTALLED) ## run the tests that need no server, no process and no real weights
	$(PYTEST) tests/unit -m "not slow"

# Node collects garbage less often with more room for young objects: pyright takes a seventh less of a processor.
check: $(INSTALLED) check-terraform ## format, lint, types, generated files: changes nothing
	$(BIN)/ruff format --check $(OURS)
	$(BIN)/ruff check $(OURS)
	NODE_OPTIONS="$$NODE_OPTIONS --max-semi-space-size=128" $(BIN)/pyright
	$(BIN)/python -m functions.contract.schemas --check
	$(BIN)/python -m tools.reference --check
	$(BIN)/python -m tools.lock_requirements --check
	$(BIN)/python -m tools.vendor_npm --check
	$(BIN)/hadolint worker/Dockerfile
	$(BIN)/shellcheck .ci/run
	$(BIN)/python -m tools.check_manifests
	PATH=$(BIN):$$PATH $(BIN)/actionlint
	$(BIN)/zizmor --offline --quiet --persona auditor .github/workflows

# Each of these needs a program of its own; where it is missing, that is said.
check-terraform: $(INSTALLED) ## the part of check that reads terraform/
	@if command -v terraform >/dev/null; then terraform fmt -check -recursive terraform; \
	else echo "terraform fmt: skipped, terraform is not installed"; fi
	@if [ -n "$(TFCHECK)" ]; then $(BIN)/python -m tools.check_terraform $(TFCHECK); \
	else echo "tfcheck: skipped, TFCHECK does not name it"; fi
	@if [ -x $(CHECKOV) ]; then $(CHECKOV) --directory terraform --framework terraform \
		--skip-path terraform/tests --compact --quiet --skip-download; \
	else echo "checkov: skipped, make .venv-checkov installs it"; fi

fix: $(INSTALLED) ## format and lint, and change what can be changed
	$(BIN)/ruff format $(OURS)
	$(BIN)/ruff check --fix $(OURS)

bench: $(INSTALLED) ## run the benchmarks; it takes hours
	$(BIN)/python -m benchmarks.imports
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.watermark
	$(BIN)/python -m benchmarks.file_quality
	$(BIN)/python -m benchmarks.safety
	$(BIN)/python -m benchmarks.enlarging
	$(BIN)/python -m benchmarks.passes
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.critic
	$(BIN)/python -m benchmarks.adherence
	$(BIN)/python -m benchmarks.editing
	$(BIN)/python -m benchmarks.sequences

schemas: $(INSTALLED) ## renew docs/schemas, and the tables in docs/ that are made from the code
	$(BIN)/python -m functions.contract.schemas
	$(BIN)/python -m tools.reference

# What the container installs, with hashes; UPGRADE=--upgrade takes newer versions.
lock: $(INSTALLED) ## renew the pins of the worker's image
	$(BIN)/python -m tools.lock_requirements $(UPGRADE)

# The libraries of the pages and the fonts of typeset words, from npm; UPGRADE=--upgrade takes newer versions.
vendor: $(INSTALLED) ## renew the libraries of the pages, and the fonts
	$(BIN)/python -m tools.vendor_npm $(UPGRADE)

# The functions' source as Terraform takes it, named by its hash.
bundle: $(INSTALLED) ## zip the functions for Terraform
	$(BIN)/python -m tools.bundle_functions terraform/bundle --tfvars terraform/bundle.auto.tfvars.json

# What a project lacks for a first apply: make preflight PROJECT=… REGION=… OPTIONS='--workers 5 --keys'
preflight: $(INSTALLED) ## say what a Google Cloud project lacks before a first apply
	$(BIN)/python -m tools.preflight --project $(PROJECT) --region $(REGION) $(OPTIONS)

# The worker's image onto the remote lane's endpoint: make vertex IMAGE=…@sha256:… OPTIONS='--traffic 10'
vertex: $(INSTALLED) ## put the worker's image onto a Vertex AI endpoint
	$(BIN)/python -m tools.deploy_vertex --image $(IMAGE) $(OPTIONS)

$(INSTALLED): pyproject.toml functions/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Plantain needs Python 3.11 or newer; name one: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# uv needs a second where pip needs half a minute of a core; where it fails, pip does it.
define environment_with
$(PYTHON) -m venv $(1)
$(BIN)/python -m uv pip install --quiet --python $(1)/bin/python $(2) || $(1)/bin/pip install --quiet $(2)
endef

# checkov pins old packages: it has an environment of its own.
.venv-checkov: | $(INSTALLED)
	$(call environment_with,$@,checkov==3.3.30)

# Other people's clients, which the emulators are tested with: gcsfs in an environment of its own, Google's for Node.
clients: .clients/installed ## install the foreign clients that the emulators are tested with

.clients/installed: | $(INSTALLED)
	mkdir -p .clients
	$(call environment_with,.clients/venv,gcsfs==2026.10.1 pandas==3.1.1)
	if command -v npm >/dev/null; then npm install --silent --no-audit --no-fund --prefix .clients \
		@google-cloud/storage@7 @google-cloud/pubsub@5; fi
	@touch $@

clean: ## remove the environments and the local data
	rm -rf .venv .venv-checkov .clients plantain-data
