# Needs Python 3.11 to 3.13 and make; everything else comes into .venv.

# Each candidate is run, not only found: a version manager's shim may exist and
# still exit 127. One that can make environments is preferred to one that cannot.
PYTHON ?= $(shell for need in "venv, ensurepip" "sys"; do \
	for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c "import sys, $$need; sys.exit(not (3, 11) <= sys.version_info < (3, 14))" \
	2>/dev/null && echo $$name && exit; done; done)
PY := .venv/bin/python

# A .venv that cannot run (its Python was upgraded away) is no .venv.
BROKEN := $(shell test ! -e .venv || $(PY) -c "" 2>/dev/null || rm -rf .venv)

# What an operator would give: the deployment's checks are about that.
DEPLOYED = BASE_URL=https://atrium.example \
	SECRET_KEY=$$($(PY) -c "import secrets; print(secrets.token_urlsafe(64))")

.DEFAULT_GOAL := help
.PHONY: help demo test lint types check bench screenshots baselines rules messages lock clean
.DELETE_ON_ERROR:

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.runtime ## Run everything with example data on http://localhost:8000 (PORT=)
	@exec $(PY) -m config.demo

test: .venv/.dev ## Run the tests (ARGS="-k name -x")
	@$(PY) -m pytest $(ARGS)

lint: .venv/.dev ## Style, formatting and the direction of imports
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@.venv/bin/lint-imports

types: .venv/.dev ## Type-check everything
	@$(PY) -m mypy .

check: lint types ## lint, types, deployment settings, migrations complete
	@$(DEPLOYED) $(PY) manage.py check --deploy --fail-level WARNING
	@ATRIUM_VAR=var/test $(PY) manage.py makemigrations --check --dry-run

bench: .venv/.dev ## Measure (ARGS=)
	@$(PY) -m tests.benchmarks $(ARGS)

screenshots: .venv/.dev ## Picture every page into var/screenshots (ARGS="find desk")
	@$(PY) -m tests.browser.screenshots $(ARGS)

baselines: .venv/.dev ## Note anew how many SQL statements each page takes
	@BASELINES=write $(PY) -m pytest -q tests/browser/test_statements.py

rules: .venv/.dev ## Write docs/rules.md, the list of rules, anew from the code
	@$(PY) manage.py list_rules > docs/rules.md~ && mv docs/rules.md~ docs/rules.md

messages: .venv/.dev ## Collect and compile the translations (needs gettext)
	@$(PY) manage.py makemessages --locale bg --no-location --no-obsolete \
		--ignore .venv --ignore var --ignore tests
	@grep -v '^"POT-Creation-Date' $(BG) > $(BG)~ && mv $(BG)~ $(BG)
	@$(PY) manage.py compilemessages --ignore .venv --ignore var
BG = config/locale/bg/LC_MESSAGES/django.po

lock: .venv/.dev ## Renew requirements.txt and requirements-dev.txt from pyproject.toml
	@$(PY) -m pip install -qq uv
	@$(LOCK) pyproject.toml --output-file requirements.txt
	@$(LOCK) pyproject.toml --group dev --output-file requirements-dev.txt
LOCK = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate

clean: ## Remove what was made here: .venv, caches, and the demo's data in var/
	@rm -rf "$$(readlink -f var/elsewhere 2>/dev/null)" var .venv
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One set each for running and for working on it; the second holds the first.
.venv/.runtime: requirements.txt | $(PY)
	$(call install,$<)
	@touch $@

.venv/.dev: requirements-dev.txt | $(PY)
	$(call install,$<)
	@touch .venv/.runtime $@

$(PY):
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed" \
		"(make PYTHON=/path/to/it, if it is not on the PATH)." >&2; exit 1; }
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || { echo "$(PYTHON) cannot make" \
		"environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

define install
@echo "Installing $$(grep -c == $1) packages into .venv; once, about a minute …"
@start=$$(date +%s); $(PY) -m pip install -qq --disable-pip-version-check \
	--require-hashes -r $1 && echo "Installed in $$(( $$(date +%s) - start )) s."
endef
