# Everything a person needs to run, test and change Miriam. `make` lists it.
.DEFAULT_GOAL := help
.PHONY: help setup demo audit up down test fuzz bench bench-scale check-ocel check-documents check-javascript \
	documents lint lock clean
SHELL := /bin/bash

BIN := .venv/bin
BENCH := .venv-bench/bin
SOURCES := shared services deploy tests

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: PostgreSQL, RabbitMQ, Python packages (locked), the project's own
	@deploy/local/setup.sh

demo: up ## Start everything, play the 2023-24 edition from 45 CPAS, print its report
	@$(BIN)/miriam demo

up: setup ## Start PostgreSQL, RabbitMQ and the four services, privately, under .miriam/
	@$(BIN)/miriam up

audit: ## After `make demo`: publish its report, then check all that the platform claims, at last without it
	@deploy/local/audit.sh

down: ## Stop everything; nothing is lost
	@if [ -x $(BIN)/miriam ]; then $(BIN)/miriam down; else echo "nothing was set up here"; fi

# Two at a time, a file with all its tests at one of them: most of the time a test waits for a server. In their order, for
# the tests of a folder may share a platform that goes down after the last of them.
test: ## Run every test, against a real PostgreSQL, RabbitMQ and Chromium of their own
	@deploy/local/setup.sh test
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

fuzz: setup ## Send a hundred thousand spoilt events to the doors of a platform of its own (ARGS="amqp --seed 7")
	@$(BIN)/python tests/fuzz/run.py $(ARGS)

bench: setup ## Measure, side by side with the peers
	@deploy/local/setup.sh bench
	@$(BENCH)/python tests/benchmarks/run.py $(ARGS)

bench-scale: setup ## Measure on ledgers of up to ten million events, kept under .miriam-bench/ (25 GB)
	@$(BIN)/python tests/benchmarks/scale.py $(ARGS)

check-ocel: setup ## Read an exported event log with pm4py, in an environment of its own
	@tests/tools/ocel_with_pm4py/run

documents: setup ## Write the documents that are made from the contracts (shared/contracts/generated)
	@$(BIN)/python -m miriam_contracts.documents

check-documents: ## Read the generated documents with the tools of another language, in an environment of its own
	@tests/tools/documents_with_javascript/run

check-javascript: setup ## Try the emitter in JavaScript, made from the documents alone, with the conformance kit
	@shared/emitter-javascript/check

lint: setup ## Run every linter
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports

PIP_COMPILE := $(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --no-emit-options --no-annotate --no-header
lock: setup ## Lock the Python packages anew from requirements*.in (UPGRADE=--upgrade takes newer versions)
	@for each in requirements requirements-dev requirements-bench; do \
	  echo "· $$each.lock"; $(PIP_COMPILE) $(UPGRADE) -o $$each.lock $$each.in || exit 1; done

clean: ## Stop everything and remove all that was made here: recorded events, keys, environments, caches
	@if [ -x $(BIN)/miriam ]; then $(BIN)/miriam down --destroy --yes; fi
	rm -rf .venv .venv-bench .venv-ocel .node-documents .node-openid shared/emitter-javascript/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find $(SOURCES) -name '*.egg-info' -prune -exec rm -rf {} + -o -name __pycache__ -prune -exec rm -rf {} +
