# make run: try it · make test: every test · make check: lint and types · make help
# make torture: break everything at once and count · make bench: how long things take
SHELL := /bin/bash
VENV ?= .venv
BIN := $(VENV)/bin
# An explicit PYTHON=… wins; else the first interpreter that really runs.
PYTHON ?= $(shell bin/find-python 3.12)
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/python -m uv pip install -q --system-certs --python $(BIN)/python

.PHONY: help run test torture bench check format clean
help:
	@grep -E '^# make' Makefile; echo "Settings: .env.example. The rest: README.md."

$(VENV)/.base: requirements.txt bin/find-python
	@test -n "$(PYTHON)" || { echo "Incident Portal needs Python 3.12 or newer; give one with PYTHON=/path/to/python." >&2; exit 1; }
	@echo "Making the environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.8 2> >(grep -v '^WARNING: Location' >&2)
	@$(UV) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.base
	@$(UV) -r requirements-dev.txt
	@touch $@

run: $(VENV)/.base
	@$(BIN)/python bin/run.py

test: $(VENV)/.dev
	@bin/need-chromium
	@$(BIN)/python -m pytest -q -n auto --dist loadgroup $(ARGS)

torture: $(VENV)/.base
	@$(BIN)/python -m e2e.torture $(ARGS)

bench: $(VENV)/.base
	@$(BIN)/python -m benchmarks $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/biome check --error-on-warnings static biome.json
	@set -a; . tests/test.env; set +a; $(BIN)/mypy incidentportal sandbox && $(BIN)/python manage.py makemigrations --check --dry-run -v0

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

clean:
	rm -rf $(VENV) .run staticfiles .mypy_cache .ruff_cache .pytest_cache
