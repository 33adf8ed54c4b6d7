# What a contributor types. `make demo` and `make test` set up all that they need.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.complete
# One more than the two cores that the tests need at least: much of their time they wait for something.
WORKERS ?= 3
SEED ?= $(shell $(PYTHON) -c 'import secrets; print(secrets.randbelow(2**32))')
export SEATRIAL_TEST_SEED = $(SEED)
# Start-up is measured and felt with compiled modules, as an installation has them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test again quick soak coverage bench lint docs clean

help:
	@echo "make demo   play examples/vision: from a commit to live traffic and back (about 2 minutes)"
	@echo "make test   all tests (a sample of the long campaigns), lint, types, layers"
	@echo "make again  what failed in the last run, one at a time"
	@echo "make quick  the inner loop, under a minute"
	@echo "make soak   the campaigns in full: kills, fuzzing, simulations (hours; SOAK_MINUTES=10 ends the fuzzing of each parser after that)"
	@echo "make coverage  how much of the modules that decide their own tests run"
	@echo "make bench  the speed table, side by side with what you would use instead"
	@echo "make lint   ruff, mypy, import contracts"
	@echo "make docs   write the generated pages of docs/reference"

# The versions and hashes of constraints.txt are all that is ever installed. Python compiles what is imported, when it
# first is: pip would compile everything, which is half of the time that the set-up takes.
$(SETUP): constraints.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "seatrial needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(SETUP)
	@$(BIN)/python examples/play.py $(DEMO)

test: $(SETUP) lint
	$(BIN)/python -m tests.parts
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

again: $(SETUP)
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

quick: $(SETUP)
	$(BIN)/python -m pytest -n $(WORKERS) -q --hypothesis-profile=quick -m "not slow and not soak"

soak: $(SETUP)
	$(BIN)/python -m pytest -q -m "soak" -x

coverage: $(SETUP)
	$(BIN)/coverage run -m pytest -q -p no:cacheprovider -m "not soak and not slow" tests/pipeline tests/evaluation tests/report tests/gateway tests/release/test_decide*.py
	$(BIN)/coverage report --skip-covered

bench: $(SETUP)
	$(BIN)/python -m bench

lint: $(SETUP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(SETUP)
	$(BIN)/python -m docs.generate

clean:
	rm -rf .venv .cache
