# The verbs of the project. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Some machines tell Python not to keep what it compiled (images for containers do). Every process would compile its libraries anew: two seconds
# of CPU each, and the tests start some two hundred. The demo's tests, in one process, come first: they compile what the others find compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check bench clean lock

help: ## list the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(READY) ## install and run the main job: sample cameras, agent, hub and page
	@exec $(BIN)/jikimi-demo

test: $(READY) ## install what the tests need and run them all
	@sh tests/support/install_test_tools.sh
	@$(BIN)/python -m pytest -q -m demo $(PYTEST_ARGS)
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "not demo" $(PYTEST_ARGS)

check: $(READY) ## lint, types and import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(READY) ## print the measured figures (takes a while; installs Debian's motion to compare with)
	@$(BIN)/python -m tests.benchmarks

clean: ## remove the environment and the demo's data
	rm -rf $(VENV) demo-data .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

lock: ## remake requirements.lock from pyproject.toml, without what only training needs (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 --extra agent --extra hub --extra dev --no-emit-index-url --no-annotate \
		--custom-compile-command 'make lock' pyproject.toml -o requirements.lock

$(READY): requirements.lock pyproject.toml
	@echo "Preparing $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "jikimi needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install -qq --require-hashes -r $(VENV)/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
		|| $(BIN)/python -m pip install -qq --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $(READY)
