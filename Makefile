# Each target makes .venv with what it needs; a second run finds it there.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
OURS := functions worker local tests benchmarks

.PHONY: demo up test check fix bench schemas clean

demo: $(INSTALLED)
	$(BIN)/python -m local.demo

up: $(INSTALLED)
	$(BIN)/plantain up

test: $(INSTALLED)
	$(BIN)/python -m pytest

check: $(INSTALLED)
	$(BIN)/ruff format --check $(OURS)
	$(BIN)/ruff check $(OURS)
	$(BIN)/pyright
	$(BIN)/python -m functions.contract.schemas --check

fix: $(INSTALLED)
	$(BIN)/ruff format $(OURS)
	$(BIN)/ruff check --fix $(OURS)

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.imports
	$(BIN)/python -m benchmarks.overhead
	$(BIN)/python -m benchmarks.load

schemas: $(INSTALLED)
	$(BIN)/python -m functions.contract.schemas

$(INSTALLED): pyproject.toml functions/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Plantain needs Python 3.11 or newer; name one: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[worker,dev]'
	@touch $@

clean:
	rm -rf .venv plantain-data
