# `make` lists what there is. Each target sets up what it needs, the first time and when the lock changes.
# Needed on the machine: python3 with venv or pip, make, and a way to PyPI.

PYTHON ?= python3
ARGS ?=
UV_VERSION := 0.13.9
# Where uv puts the environment; UV_PROJECT_ENVIRONMENT is uv's own name for it.
ENVIRONMENT := $(or $(UV_PROJECT_ENVIRONMENT),.venv)
RUN := "$(ENVIRONMENT)/bin/python"
# All tests run in a process for each core, each with a database of its own; a few of them do not.
SIDE_BY_SIDE := --numprocesses=auto --maxprocesses=4 --dist=worksteal
READY := $(ENVIRONMENT)/nattbok-ready
TRANSLATED := $(ENVIRONMENT)/nattbok-translated
CATALOGS := $(wildcard src/nattbok/site/catalogs.py)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# `make -j` is welcome and changes nothing: what is slow here uses all cores by itself.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
# Somebody else's active environment is neither used nor warned about.
unexport VIRTUAL_ENV PYTHONHOME MAKEFLAGS

.PHONY: help setup demo test bench lint clean

help: ## what there is
	@echo 'make TARGET [ARGS="..."]'
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' Makefile | expand -t 10

setup: $(TRANSLATED) ## the environment and the translations; the others do it by themselves
	@true

demo: $(TRANSLATED) ## an office with clients, one night of the robot, and the pages to look at
	@$(RUN) -m nattbok.site.cli demo $(ARGS)

test: $(TRANSLATED) ## all tests; ARGS="tests/bank -x" for some
	@$(RUN) -m pytest $(or $(ARGS),$(SIDE_BY_SIDE))

bench: $(TRANSLATED) ## what is measured, with its figures; ARGS=read_bank for one
	@$(RUN) -m bench.run $(ARGS)

lint: $(READY) ## form, mistakes, and the floors of the house
	@status=0; \
	$(RUN) -m ruff check --quiet . || status=1; \
	$(RUN) -m ruff format --check --quiet . || \
		{ echo 'Not formatted; run: $(ENVIRONMENT)/bin/ruff format .' >&2; status=1; }; \
	floors=$$("$(ENVIRONMENT)/bin/lint-imports" --no-logo --cache-dir .tools/import-linter 2>&1) || \
		{ echo "$$floors" >&2; status=1; }; \
	exit $$status

clean: ## remove what the targets here made; data is left alone
	@rm -rf .venv .tools .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests bench -name __pycache__ -prune -exec rm -rf {} +
	@find src -name '*.mo' -exec rm -f {} +

# The environment exactly as locked. uv is the one on the PATH if it works, or else our own, of one version.
# uv brings its own certificates; where those are not the network's, as behind a company's proxy, it is tried
# again with the machine's.
$(READY): pyproject.toml uv.lock Makefile
	@echo 'Setting up: takes about a minute, once.' >&2
	@mkdir -p .tools
	@if uv --version >/dev/null 2>&1; then uv=uv; else $(BRING_UV); uv=.tools/uv/bin/uv; fi; \
		export UV_PROJECT_ENVIRONMENT="$(ENVIRONMENT)"; \
		"$$uv" sync --frozen --quiet 2>/dev/null || \
		UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 "$$uv" sync --frozen --quiet
	@touch $@

# Made by venv, or where Debian has left that out by pip alone. Both leave it in the same place.
define BRING_UV
[ "$$(.tools/uv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" = $(UV_VERSION) ] || { \
rm -rf .tools/uv; \
{ "$(PYTHON)" -m venv .tools/uv && .tools/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); } \
>.tools/uv.log 2>&1 || { \
rm -rf .tools/uv; \
"$(PYTHON)" -m pip install --quiet --disable-pip-version-check --target .tools/uv uv==$(UV_VERSION) >>.tools/uv.log 2>&1; } || { \
cat .tools/uv.log >&2; \
echo 'uv could not be installed. On Debian and Ubuntu: apt install python3-venv (or python3-pip), then again.' >&2; \
exit 1; }; }
endef

# A translation that has changed is compiled anew.
$(TRANSLATED): $(READY) $(CATALOGS) $(wildcard src/nattbok/locale/*/LC_MESSAGES/*.po)
	@$(if $(CATALOGS),$(RUN) -c "from nattbok.site.catalogs import compile_all; compile_all()")
	@touch $@
