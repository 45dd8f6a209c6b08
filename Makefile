# Each target makes .venv with what it needs; a second run finds it there.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
OURS := functions worker local training tools tests benchmarks

CHECKOV := .venv-checkov/bin/checkov
TFCHECK := ../shared/tfcheck/tfcheck

.PHONY: demo up test check check-terraform fix bench schemas lock bundle preflight vertex clients clean

demo: $(INSTALLED)
	$(BIN)/python -m local.demo

up: $(INSTALLED)
	$(BIN)/plantain up

# Two processes, each a file at a time: half of the time is spent waiting for servers to start and stop. Threads that
# wait by spinning would take the cores from each other, so they are as many and wait as in a worker: docs/traps.md.
test: export OMP_WAIT_POLICY = PASSIVE
test: export OMP_NUM_THREADS = 1
test: export OPENBLAS_NUM_THREADS = 1
test: $(INSTALLED)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

check: $(INSTALLED) check-terraform
	$(BIN)/ruff format --check $(OURS)
	$(BIN)/ruff check $(OURS)
	$(BIN)/pyright
	$(BIN)/python -m functions.contract.schemas --check
	$(BIN)/python -m tools.reference --check
	$(BIN)/python -m tools.lock_requirements --check
	$(BIN)/hadolint worker/Dockerfile
	$(BIN)/shellcheck .ci/run
	$(BIN)/python -m tools.check_manifests
	PATH=$(BIN):$$PATH $(BIN)/actionlint
	$(BIN)/zizmor --offline --quiet --persona auditor .github/workflows

# Each of these needs a program of its own; where it is missing, that is said.
check-terraform: $(INSTALLED)
	@if command -v terraform >/dev/null; then terraform fmt -check -recursive terraform; \
	else echo "terraform fmt: skipped, terraform is not installed"; fi
	@if [ -x $(TFCHECK) ]; then $(BIN)/python -m tools.check_terraform $(TFCHECK); \
	else echo "tfcheck: skipped, it is not beside the checkout"; fi
	@if [ -x $(CHECKOV) ]; then $(CHECKOV) --directory terraform --framework terraform \
		--skip-path terraform/tests --compact --quiet --skip-download; \
	else echo "checkov: skipped, make .venv-checkov installs it"; fi

fix: $(INSTALLED)
	$(BIN)/ruff format $(OURS)
	$(BIN)/ruff check --fix $(OURS)

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.imports
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.watermark
	$(BIN)/python -m benchmarks.safety
	$(BIN)/python -m benchmarks.enlarging
	$(BIN)/python -m benchmarks.passes
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.critic
	$(BIN)/python -m benchmarks.adherence
	$(BIN)/python -m benchmarks.editing
	$(BIN)/python -m benchmarks.sequences

schemas: $(INSTALLED)
	$(BIN)/python -m functions.contract.schemas
	$(BIN)/python -m tools.reference

# What the container installs, with hashes; UPGRADE=--upgrade takes newer versions.
lock: $(INSTALLED)
	$(BIN)/python -m tools.lock_requirements $(UPGRADE)

# The functions' source as Terraform takes it, named by its hash.
bundle: $(INSTALLED)
	$(BIN)/python -m tools.bundle_functions terraform/bundle --tfvars terraform/bundle.auto.tfvars.json

# What a project lacks for a first apply: make preflight PROJECT=… REGION=… OPTIONS='--workers 5 --keys'
preflight: $(INSTALLED)
	$(BIN)/python -m tools.preflight --project $(PROJECT) --region $(REGION) $(OPTIONS)

# The worker's image onto the remote lane's endpoint: make vertex IMAGE=…@sha256:… OPTIONS='--traffic 10'
vertex: $(INSTALLED)
	$(BIN)/python -m tools.deploy_vertex --image $(IMAGE) $(OPTIONS)

$(INSTALLED): pyproject.toml functions/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Plantain needs Python 3.11 or newer; name one: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[worker,onnx,dev]'
	@touch $@

# checkov pins old packages: it has an environment of its own.
.venv-checkov:
	$(PYTHON) -m venv $@ && $@/bin/pip install --quiet checkov==3.3.30

# Other people's clients, which the emulators are tested with: gcsfs in an environment of its own, Google's for Node.
clients: .clients/installed

.clients/installed:
	mkdir -p .clients
	$(PYTHON) -m venv .clients/venv && .clients/venv/bin/pip install --quiet gcsfs==2026.10.1 pandas==3.1.1
	if command -v npm >/dev/null; then npm install --silent --no-audit --no-fund --prefix .clients \
		@google-cloud/storage@7 @google-cloud/pubsub@5; fi
	@touch $@

clean:
	rm -rf .venv .venv-checkov .clients plantain-data
