# Needs Python 3.11 or newer and make, nothing else. `make` alone lists what there is.

PYTHON ?= python3
PORT   ?= 8080
SERVE  ?= 1
JOBS   ?= auto
# Where `make run` publishes to and serves from. It gets made-up versions, which stay: so only make's own
# command line names another store, never the environment.
DATABASE := sqlite:///var/tierwise.db
VENV   := .venv

# What `make run` shows before it serves.
POLICIES := policies
SAMPLE   := policies/b2b_grading.tier --facts policies/samples/customers.csv --table

BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate

# Everything that is cached stays in this folder.
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export HYPOTHESIS_STORAGE_DIRECTORY ?= $(CURDIR)/.cache/hypothesis
export UV_CACHE_DIR ?= $(CURDIR)/.cache/uv

# The Python and the folder the environment was made for: with another one it is made anew, since its
# commands hold absolute paths. Empty below 3.11.
KEY   := $(shell $(PYTHON) -c 'import os, sys, zlib; v = sys.version_info; \
  v >= (3, 11) and print("%d.%d.%d-%x" % (v[:3] + (zlib.crc32(os.getcwdb()),)))' 2>/dev/null)
MADE  := $(VENV)/made-$(KEY)
READY := $(VENV)/ready
DEV   := $(VENV)/ready-dev

.PHONY: help setup dev run test faults lint fmt docs bench lock clean python

help:
	@echo 'make setup   make the environment in $(VENV)'
	@echo 'make run     check the policies, publish them into var/, grade the sample customers,'
	@echo '             serve on 127.0.0.1'
	@echo '             (PORT=8080; SERVE=0 stops after the table; DATABASE=url another store than var/)'
	@echo 'make test    style, types and every test, on every core (JOBS=0: one after the other)'
	@echo 'make faults  the tests of faults in full: kill -9 during ten thousand recorded decisions'
	@echo 'make lint    style and types only'
	@echo 'make fmt     format the Python code'
	@echo 'make docs    write the generated parts of docs/ and the parse tables again'
	@echo 'make bench   decisions side by side with other engines (and with Node, json-rules-engine)'
	@echo 'make lock    choose the versions in locks/ again (needs uv; UPGRADE=1 for the newest)'
	@echo 'make clean   remove $(VENV) and the caches; var/ stays'
	@echo
	@echo 'PYTHON=python3.12 chooses another Python, 3.11 or newer.'

python:
ifeq ($(KEY),)
	@echo 'Tierwise needs Python 3.11 or newer, and "$(PYTHON)" is not.' >&2
	@echo 'Name one that is, for example: make setup PYTHON=python3.12' >&2
	@exit 1
endif

setup: $(READY)

dev: $(DEV)

# Order-only on `python`: it checks, and makes nothing that could be out of date.
$(MADE): | python
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '"$(PYTHON)" cannot make environments yet. On Debian or Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(READY): $(MADE) locks/requirements.lock locks/durable.lock pyproject.toml
	@echo 'Installing what is in locks/' >&2
	@$(PIP) install --require-hashes -r locks/requirements.lock
	@CPPFLAGS="$$CPPFLAGS -DPyEval_CallObject=PyObject_CallObject" \
	  $(PIP) install --require-hashes --no-deps --no-build-isolation -r locks/durable.lock >$(VENV)/durable.log 2>&1 \
	  || echo 'durable-rules cannot be built here, which is fine: Tierwise works without it ($(VENV)/durable.log says why).' >&2
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q dsl engine policies api
	@touch $@

$(DEV): $(READY) locks/dev.lock
	@echo 'Installing the tools for development' >&2
	@$(PIP) install --require-hashes -r locks/dev.lock
	@touch $@

run: export TIERWISE_DATABASE_URL = $(DATABASE)
run: setup
	@$(BIN)/tierwise check $(POLICIES)
	@$(BIN)/python -m policies.samples.publish
	@$(BIN)/tierwise decide $(SAMPLE)
ifneq ($(SERVE),0)
	@exec $(BIN)/tierwise serve --port $(PORT)
endif

lint: dev
	@echo 'ruff check'
	@$(BIN)/ruff check
	@echo 'ruff format'
	@$(BIN)/ruff format --check
	@echo 'mypy'
	@$(BIN)/mypy

test: lint
	@echo 'pytest'
	@$(BIN)/pytest -n $(JOBS) $(ARGS)

faults: dev
	@TIERWISE_LONG=1 $(BIN)/pytest tests/test_records_faults.py tests/test_service_faults.py tests/test_service_databases.py tests/test_records_shape.py $(ARGS)

fmt: dev
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

docs: dev
	@$(BIN)/python -m dsl.tables
	@$(BIN)/python docs/generate.py

# The peers stay in a folder of their own; nothing else sees them.
PEERS := $(VENV)/bench
$(VENV)/ready-bench: $(READY) locks/bench.lock
	@rm -rf $(PEERS)
	@$(PIP) install --require-hashes --target $(PEERS) -r locks/bench.lock
	@command -v npm >/dev/null && npm install --silent --no-fund --no-audit --ignore-scripts --prefix $(PEERS) json-rules-engine@7.3.1 \
	  || echo 'npm is not here, or fetched nothing: json-rules-engine is left out.' >&2
	@touch $@

bench: $(VENV)/ready-bench
	@PYTHONPATH=$(PEERS) $(BIN)/python bench/engines.py --node $(PEERS) $(ARGS)

# Universal: one lock for every system and every Python from 3.11 on. No hosts, no paths.
lock: LOCK += $(if $(UPGRADE),--upgrade)
lock:
	@$(LOCK) pyproject.toml --group build --no-emit-package durable-rules -o locks/requirements.lock >/dev/null
	@$(LOCK) pyproject.toml --group build --extra dev --no-emit-package durable-rules \
	  --constraint locks/requirements.lock -o locks/dev.lock >/dev/null
	@$(LOCK) --group bench --constraint locks/requirements.lock -o locks/bench.lock >/dev/null
	@grep -o 'durable-rules==[0-9.]*' pyproject.toml | $(LOCK) - --no-deps -o locks/durable.lock >/dev/null

clean:
	rm -rf $(VENV) .cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
