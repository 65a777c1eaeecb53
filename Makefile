PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv pip install --python $(BIN)/python --quiet

.PHONY: demo test soak check bench docs fuzz lock clean

demo: .venv/ready
	$(BIN)/crowdhook rehearse image-segmentation --out rehearsal

test: .venv/ready
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not soak"

soak: .venv/ready
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m soak

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/ready
	$(BIN)/python -m benchmarks.append
	$(BIN)/python -m benchmarks.receive
	$(BIN)/python -m benchmarks.upload
	$(BIN)/python -m benchmarks.aggregate
	$(BIN)/python -m benchmarks.simulate --docs docs

docs: .venv/ready
	$(BIN)/python -m simulator.coverage

fuzz: .venv/ready
	PYTHONPATH=tests $(BIN)/python -W ignore tests/simulator/fuzzing.py 20000

lock: .venv/ready
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra dev -q -o requirements.lock

clean:
	rm -rf .venv rehearsal

# uv installs in seconds what takes pip a minute; where it cannot (an index that only pip knows), pip does it.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) --require-hashes --compile-bytecode -r requirements.lock || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(UV) --no-deps --no-build-isolation --editable . || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch .venv/ready
