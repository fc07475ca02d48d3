# Two commands need nothing but python3, make and g++: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# What the installed package is built from: when any of it changes, it is installed again.
SOURCES := pyproject.toml CMakeLists.txt $(shell find core src -type f -not -name '*.so' -not -path '*/__pycache__/*')
TORCH  := torch==2.13.0

.PHONY: demo test lint gallery bench exhaustive mutation clean help

help:  ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.installed  ## train sigmoid against relu on the two moons, write out/report.html
	@mkdir -p out
	$(BIN)/actlab compare sigmoid relu --data moons:article --seeds 192 --report out/report.html

# One thread of linear algebra a worker: there are as many workers as cores, and threads that wait for each other on a busy core make seconds of milliseconds.
test: $(VENV)/.tested  ## all tests, with branch coverage, a file at a time on every core
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --durations=25 --cov --cov-report=term:skip-covered --cov-fail-under=90

lint: $(VENV)/.tested  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

gallery: $(VENV)/.tested  ## photograph every page and panel into docs/gallery; needs chromium and PyTorch, takes minutes
	$(BIN)/python docs/gallery.py --results out/gallery

bench: $(VENV)/.tested  ## our engine beside what a user would write, in turn; JAX_PYTHON names a Python with JAX
	@missed=0; for work in functions training; do $(BIN)/python bench/$$work.py || missed=1; done; exit $$missed

exhaustive: $(VENV)/.tested  ## judge all 2^32 float32 inputs of every built-in; hours, goes on where it was stopped
	$(BIN)/python tests/exact/exhaustive.py

mutation: $(VENV)/.tested  ## break measure/, statistics/ and the parser in small ways; the tests must notice
	$(BIN)/python tests/mutation.py

clean:  ## remove the environment and what was built
	rm -rf $(VENV) build out .coverage .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "actlab needs Python 3.11 or newer; set PYTHON=python3.11 or the like." >&2; exit 1; }
	@command -v $${CXX:-g++} >/dev/null || { echo "actlab builds its core with g++ 11 or newer, and none was found." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/.installed: $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check .
	@touch $@

# Tests, lint and types look at the same environment. PyTorch, an oracle of some tests, is taken where the pinned build installs; those tests say so when they are skipped.
$(VENV)/.tested: $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check ".[test,lint]"
	@$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH) \
	  || echo "$(TORCH) cannot be installed here: the tests that need it are skipped"
	@touch $(VENV)/.installed $@
