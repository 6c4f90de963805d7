# Everyday work. Needs the development environment: pip install -e '.[dev,bench]'
PYTHON ?= python
CORE = src/mojibake_fix/_core
TABLES = $(addprefix $(CORE)/,images.c multibyte.c names.c statistics.c strokes.c foreign_tables.c)

.PHONY: test slow lint format types tables options statistics model fixtures sanitize bench

test:            ## all but the slow tests
	$(PYTHON) -m pytest -m "not slow"

slow:            ## all tests
	$(PYTHON) -m pytest

lint:            ## style of Python and C
	ruff check .
	ruff format --check .
	clang-format --dry-run -Werror $(filter-out $(TABLES),$(wildcard $(CORE)/*.[ch])) tests/c/*.[ch]

format:
	ruff format .
	clang-format -i $(filter-out $(TABLES),$(wildcard $(CORE)/*.[ch])) tests/c/*.[ch]

types:
	mypy

tables:          ## channel tables, from Python's codecs
	$(PYTHON) tools/make_tables.py

options:         ## docs/options.md, from the table of options
	$(PYTHON) tools/make_options.py

statistics:      ## how clean text looks, from CORPORA=folder of LANG.txt.xz
	$(PYTHON) tools/train_statistics.py $(CORPORA)

model:           ## the language model and its rescorer, from CORPORA; prints what held-back text costs
	$(PYTHON) tools/train_model.py $(CORPORA)
	$(PYTHON) tools/train_rescorer.py $(CORPORA)
	$(PYTHON) tools/fit_words.py $(CORPORA)

fixtures:
	$(PYTHON) tools/make_fixtures.py

sanitize:        ## the core's own C tests under ASan and UBSan, the long ones too
	$(PYTHON) -m pytest tests/test_c_core.py tests/test_model.py tests/test_rescorer.py

bench:           ## EVAL=folder of passages, CORPORA=folder of LANG.txt.xz
	$(PYTHON) benchmarks/compare.py $(EVAL)
	$(PYTHON) benchmarks/speed.py --corpora $(CORPORA)
	$(PYTHON) benchmarks/startup.py
	$(PYTHON) benchmarks/tree.py --corpora $(CORPORA)
