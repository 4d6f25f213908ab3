# The commands of README.md. A fresh clone needs python3, make and the Python registry.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Settings are read and nothing is signed.
LINT_KEY := 00000000000000000000000000000000000000000000000000
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run dev test fuzz kills crowd lint messages browser bench bench-scale lock audit vulnerabilities lighthouse sbom
.DEFAULT_GOAL := run

run: $(VENV)/installed .env
	@$(BIN)/python manage.py serve

dev: $(VENV)/installed-dev .env
	@DEBUG=True $(BIN)/python manage.py set_up
	@DEBUG=True $(BIN)/python manage.py runserver $${PORT:-8000}

test: $(VENV)/installed-dev browser
	$(BIN)/python -m pytest $(TESTS)

# Hostile input wherever the site takes input: 20,000 cases.
fuzz: $(VENV)/installed-dev
	FUZZ_CASES=20000 $(BIN)/python -m pytest --dist load tests/test_fuzz.py

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	SECRET_KEY=$(LINT_KEY) $(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates
	SECRET_KEY=$(LINT_KEY) $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m pytest -q -n 0 tests/test_layout.py tests/trendsite/test_catalogues.py

# Gathers the strings of the interface for translators (needs GNU gettext), and compiles.
messages: $(VENV)/installed-dev .env
	$(BIN)/python manage.py makemessages --locale ja --no-location --no-wrap --no-obsolete \
		--ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*'
	$(BIN)/python manage.py compilemessages --locale ja

browser: $(VENV)/installed-dev
	@tests/browser/install.sh $(BIN)

# Processes that write, killed at random moments: a hundred on SQLite, and as many on the server
# of POSTGRES, if there is one (postgres://user@host/postgres).
kills: $(VENV)/installed
	$(BIN)/python -m bench.kills
ifdef POSTGRES
	$(BIN)/python -m bench.kills --database "$(POSTGRES)"
endif

# A thousand readers and ten editors for ten minutes.
crowd: $(VENV)/installed
	$(BIN)/python -m bench.crowd --json bench/results/crowd.json

# What serving costs, beside a bare answer; needs wrk and nginx (apt install wrk nginx-light).
# Draws the picture of the README.
bench: $(VENV)/installed
	$(BIN)/python -m bench.serving --json bench/results/serving.json --plot docs/serving.svg

# Whether pages take longer with a hundred times as many trends, on SQLite and on the server of
# POSTGRES, if there is one; 100,000 need 10 GB of disk.
SIZES ?= 100 1000 10000 100000
bench-scale: $(VENV)/installed
	$(BIN)/python -m bench.scale --trends $(SIZES) --json bench/results/scale-sqlite.json
ifdef POSTGRES
	$(BIN)/python -m bench.scale --trends $(SIZES) --database "$(POSTGRES)" --json bench/results/scale-postgresql.json
endif

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "trendsite: $(PYTHON) is not Python 3.11 or newer; name one: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "trendsite: $(PYTHON) cannot make a virtual environment; on Debian: apt install python3-venv" >&2; \
		rm -rf $(VENV); exit 1; }

# A file that says for which requirements the environment was made.
$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the site needs …"
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing what the tests need …"
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $(VENV)/installed $@

# Requirements: *.in is written by hand, *.txt pins what it needs, with hashes.
lock: $(VENV)-audit/installed
	@for name in requirements requirements-s3 requirements-dev requirements-audit; do \
		$(VENV)-audit/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-header --output-file $$name.txt $$name.in; done

audit: vulnerabilities lighthouse

# Lighthouse as a phone, with budgets for scores and page weight; needs npm and Chromium.
lighthouse: $(VENV)/installed
	$(BIN)/python -m bench.lighthouse

# Known vulnerabilities of what is pinned; asks PyPI, and says so where it cannot.
vulnerabilities: $(VENV)-audit/installed
	@$(VENV)-audit/bin/pip-audit --strict --require-hashes --requirement requirements.txt || { status=$$?; \
		echo "trendsite: vulnerabilities were found, or PyPI cannot be asked from here; see above" >&2; exit $$status; }

# What the site consists of, in the form of CycloneDX, to standard output.
sbom: $(VENV)-audit/installed
	@$(VENV)-audit/bin/cyclonedx-py requirements requirements.txt

$(VENV)-audit/installed: requirements-audit.txt
	@$(PYTHON) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/pip install --quiet --require-hashes --requirement requirements-audit.txt
	@touch $@

.env:
	@umask 077; $(PYTHON) -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' > $@
