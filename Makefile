# Needs only Python 3.11 or newer and make. Everything is installed into .venv beside this file.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The lock file pins what was tested together; `make lock` renews it.
LOCK := requirements.lock

.PHONY: run test quick lint types soak bench validate docs lock clean

run: $(VENV)/.installed
	$(BIN)/venolymph compare --person healthy --person mild-varicose --regimen posture-and-walk --out runs/healthy-and-mild-varicose

test: $(VENV)/.test-installed lint types
	$(BIN)/python -m pytest -n 2 --dist loadfile

# What simulates nothing: the shape of the code, documents, units, figures, screening, plans. After a change to physics,
# `make test`.
QUICK := tests/test_architecture.py tests/docs/test_values.py $(addprefix tests/, classification comparison compression \
	documents figures following golden massage plan regimen screening traces)

quick: $(VENV)/.test-installed
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow and not soak" $(QUICK)

lint: $(VENV)/.test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test-installed
	$(BIN)/pyright

soak: $(VENV)/.test-installed
	VENOLYMPH_SOAK=1000 $(BIN)/python -m pytest -m soak tests/soak

bench: $(VENV)/.test-installed
	$(BIN)/python bench/bench.py

validate: $(VENV)/.installed
	$(BIN)/venolymph validate

docs: $(VENV)/.installed
	$(BIN)/python scripts/fill_values.py
	$(BIN)/python scripts/draw_laws.py
	$(BIN)/python scripts/walkthrough.py

lock: $(VENV)/.test-installed
	$(BIN)/python -m pip freeze --exclude-editable | sort -f > $(LOCK)

clean:
	rm -rf $(VENV) runs build dist .pytest_cache .ruff_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e .
	touch $@

$(VENV)/.test-installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e ".[test]"
	touch $@ $(VENV)/.installed
