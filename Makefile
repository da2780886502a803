# Winnow: what people and CI run. `make setup` first; `make check` before a commit.

SWIFT ?= swift
WINNOW := .build/release/winnow
SOURCES := Sources Tests Plugins Package.swift

.PHONY: help setup packages swift-version build test check lint strict patterns corpus readme \
  format bench score clean

help:
	@echo "make setup    install libpcre2, build the release binary, clean the bundled article"
	@echo "make build    build the release binary: $(WINNOW)"
	@echo "make test     run the tests"
	@echo "make check    format, warnings, tests, rule packs, corpus, README: all that must pass"
	@echo "make format   format the Swift sources in place"
	@echo "make bench    time winnow against a loop of Python's re on a generated text"
	@echo "make score    score a labelled set: make score EVAL=folder [SET=file]"
	@echo "make clean    remove what was built"

# --- a fresh machine ---------------------------------------------------------------------------

setup: swift-version packages build
	@echo
	@echo "$(WINNOW) Examples/harbour.txt"
	@echo
	@$(WINNOW) Examples/harbour.txt

swift-version:
	@command -v $(SWIFT) >/dev/null 2>&1 || { \
	  echo "setup: no \`$(SWIFT)\` here: install Swift 6.1 or later (swift.org/install)," \
	    "then run \`make setup\` again" >&2; exit 1; }
	@version=$$($(SWIFT) --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p'); \
	major=$${version%%.*}; rest=$${version#*.}; minor=$${rest%%.*}; \
	if [ -z "$$major" ] || [ "$$major" -lt 6 ] || \
	  { [ "$$major" -eq 6 ] && [ "$$minor" -lt 1 ]; }; then \
	  echo "setup: Swift 6.1 or later is needed, this is $${version:-unknown}:" \
	    "see swift.org/install" >&2; exit 1; fi

packages:
	@if pkg-config --exists libpcre2-8 2>/dev/null; then exit 0; fi; \
	if command -v apt-get >/dev/null 2>&1; then \
	  as=; if [ "$$(id -u)" -ne 0 ]; then \
	    if ! command -v sudo >/dev/null 2>&1; then \
	      echo "setup: as root, run: apt-get install libpcre2-dev pkg-config" >&2; exit 1; fi; \
	    as=sudo; fi; \
	  $$as apt-get update && \
	  $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y libpcre2-dev pkg-config; \
	elif command -v brew >/dev/null 2>&1; then \
	  brew install pcre2 pkgconf; \
	else \
	  echo "setup: install PCRE2 with its headers and pkg-config," \
	    "then run \`make setup\` again" >&2; exit 1; \
	fi

# --- every day ---------------------------------------------------------------------------------

build: swift-version
	$(SWIFT) build -c release --product winnow

test: swift-version
	$(SWIFT) test

check: lint strict patterns corpus readme
	@echo "make check: all passed"

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)

# Build and test with warnings as errors, in a folder of its own: SwiftPM builds everything again
# when its flags change.
strict:
	$(SWIFT) test --scratch-path .build-check -Xswiftc -warnings-as-errors

patterns: build
	$(WINNOW) patterns check Patterns
	$(WINNOW) patterns test
	$(WINNOW) patterns check --strict Examples/courier.yaml
	$(WINNOW) patterns test Examples/courier.yaml

corpus: build
	$(WINNOW) eval Corpus --baseline Corpus/baseline.json

# The README's before and after are what the command makes of the bundled article.
readme: build
	python3 Scripts/readme.py $(WINNOW)

format:
	$(SWIFT) format format --in-place --recursive $(SOURCES)

# --- figures -----------------------------------------------------------------------------------

bench: build
	python3 Scripts/bench.py $(WINNOW)

# EVAL is a folder with score.py and labelled JSON Lines; SET one of its files.
SET ?= wild.jsonl
score: build
	@test -n "$(EVAL)" || { \
	  echo "score: name the folder with score.py: make score EVAL=folder [SET=$(SET)]" >&2; exit 2; }
	@test -f "$(EVAL)/score.py" || { echo "score: no score.py in $(EVAL)" >&2; exit 2; }
	@mkdir -p .build/score
	python3 "$(EVAL)/score.py" input "$(EVAL)/$(SET)" > .build/score/in.jsonl
	$(WINNOW) --format jsonl < .build/score/in.jsonl > .build/score/out.jsonl
	python3 "$(EVAL)/score.py" score "$(EVAL)/$(SET)" .build/score/out.jsonl $(SCOREFLAGS)

clean:
	rm -rf .build .build-check
