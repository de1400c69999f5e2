# Needs only Python 3.11 or newer and make. Everything is installed into .venv beside this file.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The lock file pins what was tested together; `make lock` renews it.
LOCK := requirements.lock

.PHONY: run test quick lint types scripts soak bench validate pages docs lock clean

run: $(VENV)/.installed
	$(BIN)/venolymph compare --person healthy --person mild-varicose --regimen posture-and-walk --out runs/healthy-and-mild-varicose
	$(BIN)/venolymph run puffy-morning facial-after-a-rest --out runs/puffy-morning/facial
	$(BIN)/venolymph run puffy-morning sitting-after-a-rest --out runs/puffy-morning/sitting
	$(BIN)/venolymph compare runs/puffy-morning/facial runs/puffy-morning/sitting --out runs/puffy-morning

test: $(VENV)/.test-installed lint types
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# What simulates nothing: the shape of the code, documents, units, figures, screening, plans. After a change to physics,
# `make test`.
QUICK := tests/test_architecture.py tests/docs/test_values.py tests/docs/test_architecture_page.py \
	$(addprefix tests/, classification comparison compression documents figures following golden massage plan regimen \
	screening traces units)

quick: $(VENV)/.test-installed
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow and not soak" $(QUICK)

lint: $(VENV)/.test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test-installed
	$(BIN)/pyright

# Types of the browser's scripts, from their comments. Needs npx, which nothing that is installed or run does.
scripts:
	npx --yes -p typescript@5.9.3 tsc -p tsconfig.json

soak: $(VENV)/.test-installed
	VENOLYMPH_SOAK=1000 $(BIN)/python -m pytest -m soak tests/soak

bench: $(VENV)/.test-installed
	$(BIN)/python bench/bench.py

validate: $(VENV)/.installed
	$(BIN)/venolymph validate

# Renews the pages and pictures that come from figures and from runs; takes many minutes.
pages: $(VENV)/.installed
	$(BIN)/python scripts/fill_values.py
	$(BIN)/python scripts/list_arrays.py
	$(BIN)/python scripts/draw_architecture.py
	$(BIN)/python scripts/draw_laws.py
	$(BIN)/python scripts/walkthrough.py

# The site of docs/ and of the docstrings, in site/; a warning is an error.
# To read it: python -m http.server --bind 127.0.0.1 --directory site
docs: $(VENV)/.docs-installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --clean

lock: $(VENV)/.test-installed
	$(BIN)/python -m pip freeze --exclude-editable | sort -f > $(LOCK)

clean:
	rm -rf $(VENV) runs build dist site .pytest_cache .ruff_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e .
	touch $@

$(VENV)/.test-installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e ".[test]"
	touch $@ $(VENV)/.installed

$(VENV)/.docs-installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e ".[docs]"
	touch $@
