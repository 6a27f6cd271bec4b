# chat: set everything up and open the chat      test: set everything up and run the tests
# test-services: run the tests that start real servers, from packages that nothing else needs; KILLS=200 kills as often
# check: lint, format, types, layers   index: refresh the library   eval: measure   lock: renew requirements.lock
# reader: train the reader anew (hours), write rag/reader.safetensors
# pictures: take the README's pictures again
PORT ?= 7860
PYTHON ?= python3.11
BIN := .venv/bin
# The CPU build of torch; PyPI's own for Linux brings gigabytes of CUDA.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# Where a machine keeps wheels on disk, they are looked for there too.
WHEELS ?= $(wildcard /opt/wheels)

.PHONY: chat test test-services check format index eval reader lock clean
.DELETE_ON_ERROR:

chat: .venv/installed
	$(BIN)/python app.py --port $(PORT)

test: .venv/installed .venv/browser
	$(BIN)/python -m pytest $(ARGS)

test-services: .venv/installed .venv/services
	$(BIN)/python -m pytest tests/services $(ARGS)

check: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

index: .venv/installed
	$(BIN)/python -m rag index

eval: .venv/installed
	$(BIN)/python -m eval $(ARGS)

reader: .venv/installed
	$(BIN)/python -m training.train
	$(BIN)/python -m training.calibrate

pictures: .venv/installed .venv/browser
	$(BIN)/python docs/pictures.py

# pip's resolver takes minutes on this set; the lock holds every package, so nothing needs resolving.
.venv/installed: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --retries 1 --index-url $(TORCH_INDEX) $(addprefix --find-links ,$(WHEELS)) $$(grep '^torch==' requirements.lock)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	touch $@

.venv/services: requirements-services.lock .venv/installed
	ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1 || (apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-services.lock
	touch $@

.venv/browser: .venv/installed
	command -v chromium > /dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium)
	touch $@

# Ranges from pyproject.toml, resolved afresh; needs pip 25.1 for --group.
lock:
	python3 -m venv .venv-lock && .venv-lock/bin/pip install --quiet --upgrade pip
	.venv-lock/bin/pip install --quiet --group dev . && .venv-lock/bin/pip uninstall --quiet --yes kutip
	.venv-lock/bin/pip freeze --exclude pip --exclude setuptools | sed 's/+cpu$$//' > requirements.lock
	rm -r .venv-lock

clean:
	rm -rf .venv .rag
