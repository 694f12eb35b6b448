# Two commands for a newcomer: `make demo` and `make test`. The others are for who works on it.
SHELL := /bin/sh
V := .venv/bin
PORT ?= 8000
SERVE ?= 1
MANAGE := $(V)/python manage.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1
ifneq ($(PORT),8000)
export PUBLIC_URL ?= http://127.0.0.1:$(PORT)
endif

.PHONY: help demo run serve test deep check bench lock port runtime development
.NOTPARALLEL:
.DEFAULT_GOAL := help

help:
	@echo "make demo    load the real figures and fictitious boards, judge, print who is off track, serve"
	@echo "             PORT=8001 moves the address, SERVE=0 stops after printing"
	@echo "make run     serve what is there"
	@echo "make test    every test but tests/deep; what needs PostgreSQL, Redis or Chromium runs where they are"
	@echo "make check   format, lint, types, imports, migrations, templates, compose file"
	@echo "make deep    the long drills in tests/deep"
	@echo "make bench   the budgets as JSON lines; BENCH=judge runs one"
	@echo "make lock    renew requirements/*.txt from pyproject.toml"

demo: port runtime
	@echo "==> Preparing the database"
	@$(MANAGE) migrate -v 0
	@echo "==> Loading the published figures"
	@$(MANAGE) load_reference >/dev/null
	@echo "==> Loading the fictitious demonstration boards"
	@$(MANAGE) load_demonstration >/dev/null
	@echo "==> Judging every target and delivering mails (they lie in var/mail)"
	@$(MANAGE) run_nightly
	@echo
	@$(MANAGE) off_track
	@echo
	@if [ "$(SERVE)" = 0 ]; then echo "To open the pages: make run PORT=$(PORT)"; fi
	@if [ "$(SERVE)" != 0 ]; then $(MAKE) --no-print-directory serve; fi

run: port runtime
	@$(MANAGE) migrate -v 0
	@$(MAKE) --no-print-directory serve

serve:
	@echo "Open http://127.0.0.1:$(PORT)/ (stop with Ctrl-C)"
	@PYTHONWARNINGS="ignore:No directory at" exec $(V)/gunicorn tracker.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --threads 4 --no-control-socket --log-level warning

test: development
	@result=0; \
	echo "==> Every test but tests/deep, on SQLite"; \
	$(V)/pytest || result=1; \
	echo "==> The integration tests once more, on PostgreSQL"; \
	TEST_ON=postgresql $(V)/pytest tests/integration || result=1; \
	exit $$result

deep: development
	@echo "==> The long drills"
	@$(V)/pytest -o addopts= -q --strict-markers tests/deep || [ $$? = 5 ]

# `make -k check` goes on after a fault; each part runs alone too, as in `make check-types`.
CHECKS := check-format check-lint check-types check-imports check-migrations check-templates check-compose check-examples
.PHONY: $(CHECKS)
check: $(CHECKS)
	@echo "All checks passed."

check-format: development
	@echo "==> Format"
	@$(V)/ruff format --check --quiet . || { echo "Run: $(V)/ruff format ."; exit 1; }

check-lint: development
	@echo "==> Lint"
	@$(V)/ruff check --quiet .

check-types: development
	@echo "==> Types"
	@$(V)/mypy --no-error-summary

check-imports: development
	@echo "==> Who imports whom"
	@$(V)/lint-imports --no-logo

check-migrations: development
	@echo "==> Migrations"
	@DJANGO_SETTINGS_MODULE=tests.settings $(MANAGE) makemigrations --check --dry-run

check-templates: development
	@echo "==> Templates of mails and the admin"
	@find templates/django -name '*.html' -exec $(V)/djade --check {} +

check-compose: development
	@echo "==> Compose file"
	@$(V)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml

check-examples: development
	@echo "==> Examples in the calculation"
	@$(V)/pytest -o addopts= -q -p no:cacheprovider --doctest-modules kit/calc icbs/calc targets/calc alerts/calc

bench: development
	@$(V)/python -m benchmarks $(BENCH)

lock: .venv/uv.stamp
	@echo "==> Renewing the lock files"
	@$(V)/uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header requirements/uv.in -o requirements/uv.txt
	@$(V)/uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header pyproject.toml -o requirements/run.txt
	@$(V)/uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --group dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
	@! grep -n '://' requirements/*.txt || { echo "A lock file names a host: take the line out."; exit 1; }

# --- the environment: uv checks every file by its hash; where it cannot reach the packages, pip does

find_python := for python in "$(PY)" python3 python3.14 python3.13 python3.12 python3.11; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && break; python=; \
	done

.venv/uv.stamp: requirements/uv.txt
	@$(find_python); \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or newer is needed, and none was found. Install it, or say where it is: make PY=/path/to/python3.11"; exit 1; fi; \
	"$$python" -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$$python has no venv module. On Debian and Ubuntu: apt-get install python3-venv. Or name another Python: make PY=/path/to/python3.11"; exit 1; }; \
	echo "==> Making a Python environment in .venv ($$("$$python" --version))"; \
	"$$python" -m venv .venv
	@$(V)/python -m pip install -qq --require-hashes -r requirements/uv.txt || { \
	  echo "The packages could not be fetched: check the network and pip's settings, then run make again."; exit 1; }
	@touch $@

install = $(V)/uv pip install -q --python $(V)/python --require-hashes -r $(1) 2>/dev/null \
	|| { echo "    uv could not fetch them: pip does it, which takes longer"; \
	     $(V)/python -m pip install -qq --require-hashes -r $(1); } \
	|| { echo "The packages could not be fetched: check the network and pip's settings, then run make again."; exit 1; }

.venv/run.stamp: .venv/uv.stamp requirements/run.txt
	@echo "==> Installing what the tracker runs on"
	@$(call install,requirements/run.txt)
	@touch $@

.venv/dev.stamp: .venv/uv.stamp requirements/dev.txt
	@echo "==> Installing what its tests need"
	@$(call install,requirements/dev.txt)
	@touch .venv/run.stamp $@

runtime: .venv/run.stamp
development: .venv/dev.stamp

# A busy port is found before the work starts.
port:
	@[ "$(SERVE)" = 0 ] || { $(find_python); [ -z "$$python" ] || "$$python" scripts/check_port.py "$(PORT)"; }
