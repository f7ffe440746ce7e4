# Two commands do everything on a machine that has only Python, make and git.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test docs
demo: $(READY)        ## run the main job on data that ships with the package
	$(BIN)/convwright demo

test: $(READY)        ## style, types, import floors, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist worksteal

docs: $(READY)        ## regenerate the pages under docs/ from docstrings and tables
	$(BIN)/python docs/generate.py

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@
