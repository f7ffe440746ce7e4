# Two commands do everything on a machine that has only Python, make and git.
PYTHON  ?= python3
VENV    ?= .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
WORKERS := -n 2 --dist worksteal

.PHONY: demo test test-all checks style types floors docs
demo: $(READY)        ## run the main job on data that ships with the package
	$(BIN)/convwright demo

test: checks          ## style, types, import floors, and the tests, on a sample of the published networks
	$(BIN)/python -m pytest $(WORKERS)

test-all: checks      ## the same on every network; the result is kept, with the code's fingerprint
	CONVWRIGHT_SAMPLE=all $(BIN)/python -m pytest $(WORKERS) --keep-result

checks: $(READY)
	@$(MAKE) --no-print-directory --output-sync --jobs 2 types floors style

style: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

floors: $(READY)
	$(BIN)/lint-imports

docs: $(READY)        ## regenerate the pages under docs/ and what the README prints and counts
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/readme.py

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@
