# make run: try it · make test: every test · make check: lint and types · make help
# make torture: break everything at once and count · make bench: how long things take
# make format: format the code · make lock: pin what requirements*.txt pull in · make clean: start over
SHELL := /bin/bash
VENV ?= .venv
BIN := $(VENV)/bin
# An explicit PYTHON=… wins; else the first interpreter that really runs.
PYTHON ?= $(shell bin/find-python 3.12)
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/python -m uv pip
INSTALL := $(UV) install -q --system-certs --python $(BIN)/python --require-hashes
# Keeps the versions that are locked already; make lock ARGS=--upgrade takes the newest.
LOCK := $(UV) compile -q --system-certs --universal --python-version 3.12 --generate-hashes --no-emit-index-url \
	--no-header --annotation-style line $(ARGS)

.PHONY: help run test torture bench check format lock clean
help:
	@grep -E '^# make' Makefile; echo "Settings: .env.example. The rest: README.md."

$(VENV)/.base: requirements.lock bin/find-python
	@test -n "$(PYTHON)" || { echo "Incident Portal needs Python 3.12 or newer; give one with PYTHON=/path/to/python." >&2; exit 1; }
	@echo "Making the environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.8 2> >(grep -v '^WARNING: Location' >&2)
	@$(INSTALL) -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.base
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

run: $(VENV)/.base
	@$(BIN)/python bin/run.py

test: $(VENV)/.dev
	@bin/need-chromium
	@$(BIN)/python -m pytest -q -n auto --dist loadgroup $(if $(ARGS),$(ARGS),--cov)

torture: $(VENV)/.base
	@$(BIN)/python -m e2e.torture $(ARGS)

bench: $(VENV)/.base
	@$(BIN)/python -m benchmarks $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/biome check --error-on-warnings static biome.json
	@set -a; . tests/test.env; set +a; $(BIN)/mypy incidentportal sandbox e2e benchmarks tests bin/run.py manage.py && $(BIN)/python manage.py makemigrations --check --dry-run -v0

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

lock: $(VENV)/.base
	@$(LOCK) requirements.txt -o requirements.lock
	@$(LOCK) -c requirements.lock requirements-dev.txt -o requirements-dev.lock

clean:
	rm -rf $(VENV) .run staticfiles .mypy_cache .ruff_cache .pytest_cache .coverage*
