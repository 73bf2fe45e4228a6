# Everything a person does with a checkout of Vela. The first run sets up .venv, later ones start at once.

BIN := .venv/bin
RUN_READY := .venv/run-ready
TEST_READY := .venv/test-ready
SETS_UP := tools/set_up.sh requirements-setup.lock pyproject.toml
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--quiet $(LOCK_FLAGS)

.DELETE_ON_ERROR:
.PHONY: help run test lint types format lock vendor bench clean

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: $(RUN_READY) ## set up if needed, then start Vela with example data
	@exec $(BIN)/vela demo

test: lint types ## every check, then every test
	$(BIN)/pytest -n 2

lint: $(TEST_READY) ## style, layering and templates, in seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --quiet --lint --allow-empty-input vela/templates

types: $(TEST_READY) ## the type checker, strict
	$(BIN)/basedpyright

format: $(TEST_READY) ## rewrite Python in the one layout
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(TEST_READY) ## measure speed
	$(BIN)/python -m bench

lock: $(TEST_READY) ## write the lock files anew; LOCK_FLAGS=--upgrade takes newer versions
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(LOCK) --group setup --output-file requirements-setup.lock

vendor: $(TEST_READY) ## fetch the pinned front-end files anew (needs npm)
	$(BIN)/python tools/vendor_assets.py

clean: ## remove .venv and everything else that can be made again; the data in var/ stays
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What tests need includes what running needs, so one set-up for tests serves both.
$(RUN_READY): requirements.lock $(SETS_UP)
	@tools/set_up.sh requirements.lock
	@touch $@

$(TEST_READY): requirements-dev.lock requirements.lock $(SETS_UP)
	@tools/set_up.sh requirements-dev.lock
	@touch $@ $(RUN_READY)
