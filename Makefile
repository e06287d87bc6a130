# What a newcomer needs: `make report`, `make test`. Plain sh; everything lives in .venv/.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
JOBS ?= 2

.PHONY: help setup report test backends prove bench lint lab notebooks messages schemas lock codebook clean

help:
	@echo "make report   the demo company's report, in reports/demo/index.html"
	@echo "make test     every test"
	@echo "make lab      JupyterLab on a working copy"
	@echo "also: setup lint backends prove bench notebooks messages schemas codebook lock clean"

setup: $(STAMP)

# uv comes from PyPI into the environment: it installs the same lock several times faster than pip.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --requirement requirements.lock
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $(STAMP)

report: setup
	$(BIN)/workbook run params/demo.yaml --out reports/demo

# In the order of the folders: sorted by their number of tests, the two longest files would come last and one process would wait.
test: setup lint
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

# The extras come beside the lock, within its versions: nobody else needs them.
backends: setup
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --constraint constraints.txt "ibis-framework[postgres,pyspark]" "pyspark>=4,<4.1"
	WORKBOOK_BACKENDS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -rs tests/backends

prove: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.simulation.prove --jobs $(JOBS)

bench: setup
	$(BIN)/python -m tests.bench.bench; status=$$?; $(BIN)/python -m tests.bench.large && exit $$status

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lab: setup
	$(BIN)/workbook lab

notebooks: setup
	$(BIN)/python -m workbook.batch.store

messages: setup
	$(BIN)/python -m workbook.text.extract

schemas: setup
	$(BIN)/python -m workbook.batch.schemas

codebook: setup
	$(BIN)/python -m workbook.frames.codebook

lock:
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --no-emit-index-url --no-header --no-annotate --extra dev pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
