# Two commands for a newcomer: `make demo` and `make test`. Everything else is for who works on it.
SHELL := /bin/bash
PY ?= python3
V := .venv/bin
PORT ?= 8000
SERVE ?= 1
export PYTHONWARNINGS ?= ignore::SyntaxWarning

.PHONY: demo test deep check bench run lock clean
.DEFAULT_GOAL := demo

.venv/bin/uv: requirements/uv.txt
	@echo "==> Making a Python environment in .venv"
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; PY=python3.12 make … names another one."; exit 1; }
	@$(PY) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PY) -m venv .venv
	@$(V)/pip install -q --require-hashes -r requirements/uv.txt 2> >(grep -v "is ignored" >&2)
	@touch $@

define install
	@echo "==> Installing $(1) (hash-checked)"
	@$(V)/uv pip sync -q --python $(V)/python --require-hashes $(1) 2>/dev/null \
	  || $(V)/pip install -q --require-hashes -r $(1) 2> >(grep -v "is ignored" >&2)
endef

# uv itself stays: it is in dev.txt and run.txt as a build-free wheel would be removed by `sync` otherwise.
.venv/run.stamp: .venv/bin/uv requirements/run.txt
	$(call install,requirements/run.txt)
	@touch $@

.venv/dev.stamp: .venv/bin/uv requirements/dev.txt
	$(call install,requirements/dev.txt)
	@touch .venv/run.stamp $@
