# Needs only Python 3.11 (with venv), git and make. `make help` lists the commands.
PYTHON ?= python3
PORT ?= 8000
PY := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help demo production-local test bench soak lint format lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

demo: ## start everything with demo data; PORT=8010 chooses another port; Ctrl-C stops
	@PYTHON=$(PYTHON) .ci/environment.sh local
	@$(PY) manage.py demo --port $(PORT)

production-local: ## the same processes with production settings and TLS on https://localhost:8443; Ctrl-C stops
	@PYTHON=$(PYTHON) .ci/environment.sh local
	@$(PY) manage.py production_local --port $(if $(filter file,$(origin PORT)),8443,$(PORT))

test: ## every check and every test; TESTS="tests/cases -k take" runs some of the tests only
	@PYTHON=$(PYTHON) .ci/environment.sh dev
	@PY=$(PY) .ci/check.sh $(TESTS)

bench: ## measure against the limits of this machine and write docs/performance.md; BENCH=--quick tries it out
	@PYTHON=$(PYTHON) .ci/environment.sh dev
	@$(PY) -W ignore -m tests.bench $(BENCH)

soak: ## the long runs under faults and races, about an hour; writes docs/reliability.md
	@PYTHON=$(PYTHON) .ci/environment.sh dev
	@mkdir -p var && rm -f var/soak.jsonl
	@export CHROMIUM=$$(.ci/chromium.sh) SOAK=1 SOAK_RESULTS=$(CURDIR)/var/soak.jsonl; $(PY) -m pytest tests/faults tests/races
	@$(PY) -m tests.faults.reliability var/soak.jsonl docs/reliability.md

lint: ## only the checks that need no server
	@PYTHON=$(PYTHON) .ci/environment.sh dev
	@PY=$(PY) .ci/check.sh --static

format: ## let ruff lay out the code
	@PYTHON=$(PYTHON) .ci/environment.sh dev
	@$(PY) -m ruff check --fix-only --quiet . ; $(PY) -m ruff format .

lock: ## pin dependencies anew from pyproject.toml; UPGRADE=1 takes newer versions
	@PYTHON=$(PYTHON) .ci/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## throw away environment, demo data and logs
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
