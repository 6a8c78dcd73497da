# Pregonero. `make help` says what each target is for.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet --quiet
COMPILE := $(BIN)/pip-compile --allow-unsafe --generate-hashes --no-emit-find-links --no-emit-index-url \
	--no-emit-trusted-host --strip-extras --quiet
VENDOR := console/static/vendor
VOICE_SDK ?= 2
# Processes of the tests, for two cores: many of the tests wait, for a telephone that rings or a page that follows.
WORKERS ?= 3
CHROMIUM := { command -v chromium || command -v chromium-browser || command -v google-chrome; }

.PHONY: help setup run test thousand whole chaos bench-desk bench-pages bench-pace bench-upload check lint format migration screenshots lock chromium voice-sdk clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

setup: .venv/.for-running ## Build .venv from the lock file; nothing else is touched

run: .venv/.for-running ## Start everything and do the main job on the sample; ARGS="--exit", "--fresh", "--contacts 50"
	$(BIN)/pregonero demo $(ARGS)

test: .venv/.for-tests chromium ## Every test, on a real PostgreSQL and a real browser; ARGS="tests/ivr -k pin"
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

thousand: .venv/.for-tests ## A thousand people of known fates, each call and what followed it
	CONTACTS=1000 $(BIN)/python -m pytest tests/dialer/test_thousand.py

bench-pace: export WHOLE := 1
bench-pace: export EXACT := 1
bench-pace: .venv/.for-tests ## The pace of each trunk for a minute, a list of a million, a standby: on a machine otherwise idle
	$(BIN)/python -m pytest -s tests/dialer/test_pace_kept.py tests/dialer/test_urgent.py tests/dialer/test_standby.py

whole: export WHOLE := 1
whole: test ## As `make test`, and each test that has a short form in its long one

chaos: .venv/.for-running ## Kill everything in the middle of campaigns; the carrier's ledger judges; ARGS="--kills 25 --seed 7 --report"
	$(BIN)/python -m drill.chaos $(ARGS)

bench: .venv/.for-running ## How fast the engine is, beside what others would do; ARGS="--only turns,placing --quick"
	$(BIN)/python -m drill.bench $(ARGS)

bench-desk: .venv/.for-running ## How soon the desk shows what happens with 200 calls at once; ARGS="--pairs 20 --waiting 20"
	$(BIN)/python -m drill.load $(ARGS)

bench-pages: .venv/.for-running ## What each page costs beside a list of a million people; ARGS="--people 50000"
	$(BIN)/python -m drill.pages $(ARGS)

bench-upload: .venv/.for-tests ## How soon a long list becomes a campaign, beside a plain script; ARGS="--rows 1000000 --kind xlsx"
	$(BIN)/python -m drill.uploads $(ARGS)

check: lint test ## All that must be true before a change goes in

lint: .venv/.for-tests ## ruff, mypy and the arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/.for-tests ## Put the code in its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migration: .venv/.for-tests ## Write the revision that leads to what the tables say now; M="what changes"
	@test -n "$(M)" || { echo 'Say what changes: make migration M="attempts know their trunk"' >&2; exit 64; }
	$(BIN)/python -m migrations.write "$(M)"

screenshots: .venv/.for-tests chromium ## Take the pictures of the coordinator's manual anew
	$(BIN)/python docs/images/make_images.py

lock: .venv/.for-tests ## Resolve every dependency anew; UPGRADE=--upgrade for the newest
	$(COMPILE) $(UPGRADE) --extra dev --all-build-deps --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) $(UPGRADE) --all-build-deps --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml

chromium: ## The browser of the screens' tests, where it is missing and it can be installed
	@$(CHROMIUM) >/dev/null && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	  echo "Installing Chromium for the screens' tests…"; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends chromium \
	    >/dev/null </dev/null; \
	fi; \
	$(CHROMIUM) >/dev/null || echo "No Chromium, and it cannot be installed here: the browser tests will be skipped."

voice-sdk: ## Twilio's telephone for the browser of the desk (optional; needs npm)
	@command -v npm >/dev/null || { echo "npm is needed: install Node.js, or give operators ordinary telephones." >&2; exit 1; }
	@mkdir -p build/voice-sdk $(VENDOR)
	npm install --prefix build/voice-sdk --no-save --no-audit --no-fund --ignore-scripts @twilio/voice-sdk@$(VOICE_SDK)
	cp build/voice-sdk/node_modules/@twilio/voice-sdk/dist/twilio.min.js $(VENDOR)/
	cp build/voice-sdk/node_modules/@twilio/voice-sdk/LICENSE.md $(VENDOR)/twilio-LICENSE.md

clean: ## Remove what was built and the tests' database; the service's data in var/ stay
	@if [ -d var/test-pg/postgres ] && [ -x $(BIN)/python ]; then \
	  $(BIN)/python -c 'from pathlib import Path; from core import postgres; postgres.stop(Path("var/test-pg"))'; fi
	rm -rf .venv var/test-pg build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python3.11." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "This Python cannot make environments: install its venv package (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.for-running: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what it needs into .venv, from the lock file…"
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.for-tests: requirements-dev.lock .venv/.for-running | .venv/bin/python
	@echo "Installing what the tests need…"
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
