# Each target makes what it needs, from a bare Debian or Ubuntu with python3.
# On Windows: see docs/cai-dat.md (the officer's and approver's commands only; not run there by us).
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
# What the tests use besides Python: a virtual screen, a browser, Pango for WeasyPrint, readers of PDF and of pictures,
# a typeface as wide as Times New Roman, a way to press keys, the hub's other store, the checker of its alert rules, what
# stands before hubs, and the two other ways of hints.
SYSTEM := xvfb chromium libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 poppler-utils fonts-croscore xdotool git \
  tesseract-ocr tesseract-ocr-vie dosfstools mtools postgresql prometheus gnumeric \
  nginx-light libnginx-mod-nchan mosquitto
# Beside what the player is measured; a bench says which it did not find.
PEERS := mpv feh
BENCHES := build search web slides codecs sync month player film soak fleet
PYTEST := $(BIN)/python -m pytest -q

.PHONY: demo test test-long test-wheel test-lowest quick check bench format clean system

demo: $(STAMP)  ## the sample commune on this machine: site, hub and a board
	$(BIN)/bangtin demo --dir demo

test: $(STAMP) system  ## everything but the slow runs
	$(PYTEST) -n auto -m "not long"

test-long: $(STAMP) system  ## the slow runs too
	$(PYTEST) -n auto

test-wheel: $(STAMP)  ## the built wheel in an empty environment: init, check, demo
	$(PYTEST) tests/journeys/test_wheel.py

test-lowest:  ## the quick tests with the lowest versions that pyproject.toml allows
	$(PYTHON) -m venv .venv-lowest
	$(PYTHON) tests/lowest.py > .venv-lowest/lowest.txt
	.venv-lowest/bin/pip install -q -r .venv-lowest/lowest.txt -e . pytest pytest-timeout hypothesis jsonschema
	.venv-lowest/bin/python -m pytest -q -m "not long" tests/shared tests/office/test_desk.py \
	  tests/office/test_publish.py tests/office/test_gate.py tests/attacks tests/hub/test_intake.py

quick: $(STAMP)  ## an engineer's inner loop: under a minute, no browser, no screen
	$(PYTEST) -x -m "not long" tests/shared tests/test_architecture.py tests/test_documents.py \
	  tests/office/test_desk.py tests/office/test_typesetting.py tests/board/test_rotation.py tests/board/test_clock.py

check: $(STAMP)  ## lint, types, architecture, documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(PYTEST) tests/test_architecture.py tests/test_documents.py tests/test_guides.py

bench: $(STAMP) system  ## tables, and JSON in bench/results; make bench QUICK=--quick for sound figures soon
	-@tests/install-system $(PEERS)
	for bench in $(BENCHES); do $(BIN)/python bench/$$bench.py $(QUICK) || exit 1; done

format: $(STAMP)
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || tests/install-system python3-venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -e '.[dev]'
	@touch $@

system:
	@tests/install-system $(SYSTEM)

clean:
	rm -rf $(VENV) .venv-lowest demo dist build .pytest_cache .mypy_cache .ruff_cache
