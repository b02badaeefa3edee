# `make demo` and `make test` do everything on a fresh machine: Python 3.11 or later and make are all they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := build/demo
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# One more at once than there are cores: many tests wait for a program, a browser or a moment.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

.PHONY: help demo test check lint format bench torture shots lock clean browser database spamassassin nginx

help:  ## Say what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.runtime: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) from requirements.lock"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "adding the tools of the tests from requirements-dev.lock"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.runtime  ## Compose, check and dispatch the sample announcement into a folder
	@rm -rf $(DEMO) && $(BIN)/newsletter new $(DEMO) 2>/dev/null
	@cd $(DEMO) && PATH="$(CURDIR)/$(BIN):$$PATH" sh -eu $(CURDIR)/docs/demo.sh

test: $(VENV)/.dev browser database spamassassin nginx  ## Run the whole test suite
	@$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder

check: lint test  ## Everything that CI runs

lint: $(VENV)/.dev  ## Check format, style, types and layers
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

format: $(VENV)/.dev  ## Put the code into its form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

bench: $(VENV)/.dev  ## Measure, and print ratios
	@$(BIN)/python benchmarks/run.py

torture: $(VENV)/.dev database  ## Kill a dispatch again and again: nobody lost, nobody twice
	@$(BIN)/python torture/run.py

shots: $(VENV)/.dev browser  ## Take pictures of every sample announcement into shots/
	@$(BIN)/python tests/shots.py

# The tests that need these skip themselves, loudly, where they are not and cannot be installed.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	  || command -v google-chrome >/dev/null || $(call install,chromium)

database:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
	  || $(call install,postgresql)

spamassassin:
	@command -v spamd >/dev/null || $(call install,spamassassin spamd spamc)

# Unpacked and not installed: as a service of this machine it would begin to serve at once.
nginx:
	@command -v nginx >/dev/null || test -x /usr/sbin/nginx || test -x build/nginx/usr/sbin/nginx \
	  || { mkdir -p build/nginx && cd build/nginx && command -v apt-get >/dev/null \
	       && { test "$$(id -u)" != 0 || apt-get update -qq; } && echo "unpacking nginx for the tests" \
	       && apt-get download -qq nginx && dpkg-deb -x nginx_*.deb .; } \
	  || echo "WARNING: no nginx here, and it cannot be had: the tests that need it are skipped"

install = { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && echo "installing $(1) for the tests" && apt-get update -qq \
	  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null; } \
	  || echo "WARNING: no $(1) here, and it cannot be installed: the tests that need it are skipped"

lock:  ## Resolve the newest versions again and write both lock files
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	  --group build --extra workers pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	  --group build --group dev pyproject.toml -o requirements-dev.lock

clean:  ## Remove the environment and everything that was built
	rm -rf $(VENV) build dist outbox shots .newsletter
