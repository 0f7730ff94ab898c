# One command each. A virtual environment is made as needed; nothing else is asked of the machine
# than Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal
FUZZ_SECONDS ?= 300
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-services test-wheel test-fuzz check readers invariants bench docs release fuzz torture format clean

help:  ## Say what can be made.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/run.stamp  ## Build the graph from seeds/ and print the sign-off matrix.
	$(BIN)/nhskg --project . build
	$(BIN)/nhskg --project . matrix --power sign-off --format table

test: $(VENV)/dev.stamp  ## Run the tests, but for those of the next three.
	$(PYTEST) -m "not services and not wheel and not fuzz"

test-services: $(VENV)/dev.stamp  ## Run the tests that imitate GitHub, GitLab and pre-commit, or need other programs.
	$(PYTEST) -m services tests

test-wheel: $(VENV)/dev.stamp  ## Run the tests that build a wheel and install it.
	$(PYTEST) -m wheel tests

test-fuzz: $(VENV)/dev.stamp  ## Run the tests that read hostile and random input.
	$(PYTEST) -m fuzz tests

check: $(VENV)/dev.stamp  ## Check format, lint, types, imports, sizes, ontology, queries and annotations.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tools.check_rooms
	$(BIN)/python -m tools.check_shipped
	$(BIN)/python -m tools.check_fair
	$(BIN)/nhskg --project . validate --fail-on info $(if $(NHSKG_TEXTS),--texts $(NHSKG_TEXTS))

readers: build/readers/stamp  ## Install N3.js and jsonld.js (needs npm), which tests read a dump with.

build/readers/stamp: tests/release/readers/package-lock.json
	mkdir -p $(@D)
	cp tests/release/readers/package.json tests/release/readers/package-lock.json $(@D)
	npm ci --prefix $(@D) --no-audit --no-fund --ignore-scripts --loglevel=error
	touch $@

invariants: $(VENV)/dev.stamp  ## Run the tests of what no change may break.
	$(BIN)/python -m tools.invariants -n auto --dist worksteal

bench: $(VENV)/dev.stamp  ## Run the benchmarks and print their results.
	$(BIN)/python -m benchmarks

docs: $(VENV)/dev.stamp  ## Write the generated pages and schemas, and the site, build/site/index.html.
	$(BIN)/python -m tools.generate_docs
	$(BIN)/python -m tools.build_site

release: $(VENV)/dev.stamp  ## Make the release in dist/: dump, wheel, notes, digests.
	$(BIN)/python -m tools.release

fuzz: $(VENV)/fuzz.stamp  ## Fuzz all that is read, or one TARGET, for FUZZ_SECONDS altogether, on Linux.
	$(BIN)/python -m tests.fuzz.fuzz long $(TARGET) -max_total_time=$(FUZZ_SECONDS)

torture: $(VENV)/dev.stamp  ## Kill, interrupt and starve builds of disk and rights, many times, and say what held.
	$(BIN)/python -m tools.torture

format: $(VENV)/dev.stamp  ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## Remove what was built.
	rm -rf build dist $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "nhskg needs Python 3.11 or newer; try make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -r requirements/build.txt -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt requirements/docs.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet -r requirements/dev.txt -r requirements/docs.txt
	touch $@

$(VENV)/fuzz.stamp: requirements/fuzz.txt $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet -r requirements/fuzz.txt
	touch $@
