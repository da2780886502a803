# Winnow: what people and CI run. `make setup` first; `make check` before a commit.

SWIFT ?= swift
WINNOW := .build/release/winnow
SOURCES := Sources Tests Fuzz Plugins Package.swift

.PHONY: help setup packages swift-version build test check lint strict patterns corpus readme text \
  format fuzz threads coverage bench score table lossless clean reference reference-check manual

help:
	@echo "make setup    install the libraries, build the release binary, clean the bundled article"
	@echo "make build    build the release binary: $(WINNOW)"
	@echo "make test     run the tests"
	@echo "make check    format, warnings, tests, rule packs, corpus, README: all that must pass"
	@echo "make format   format the Swift sources in place"
	@echo "make fuzz     look for bytes that break a promise: FUZZ_TARGETS, FUZZ_TIME, FUZZ_RUNS"
	@echo "make threads  run the tests of threads with the thread sanitizer"
	@echo "make coverage run the tests and print which share of each file's lines they reach"
	@echo "make bench    time winnow beside rg, Perl and Python: make bench [FILE=articles.jsonl]"
	@echo "make score    score a labelled set: make score EVAL=folder [SET=file]"
	@echo "make lossless check that nothing is lost: make lossless EVAL=file-or-folder"
	@echo "make torture  200 kills at random moments of a batch: nothing lost, doubled or torn"
	@echo "make faults   every call to the system fails once: no silent success, no partial file"
	@echo "make endurance  poisoned documents, one output for any jobs, 10 GB through a pipe"
	@echo "make reference  write the rule reference anew; make manual: the manual page"
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

LIBRARIES := libpcre2-8 zlib libzstd
DEBIAN := libpcre2-dev zlib1g-dev libzstd-dev pkg-config
packages:
	@if pkg-config --exists $(LIBRARIES) 2>/dev/null; then exit 0; fi; \
	if command -v apt-get >/dev/null 2>&1; then \
	  as=; if [ "$$(id -u)" -ne 0 ]; then \
	    if ! command -v sudo >/dev/null 2>&1; then \
	      echo "setup: as root, run: apt-get install $(DEBIAN)" >&2; exit 1; fi; \
	    as=sudo; fi; \
	  $$as apt-get update && \
	  $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y $(DEBIAN); \
	elif command -v brew >/dev/null 2>&1; then \
	  brew install pcre2 zlib zstd pkgconf; \
	else \
	  echo "setup: install PCRE2, zlib and zstd with their headers and pkg-config," \
	    "then run \`make setup\` again" >&2; exit 1; \
	fi

# --- every day ---------------------------------------------------------------------------------

# On Linux with Swift's libraries inside: the command can be moved to machines without Swift.
STATIC := $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib)

build: swift-version
	$(SWIFT) build -c release --product winnow $(STATIC)

test: swift-version
	$(SWIFT) test

check: lint strict patterns corpus readme text reference-check
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

# The tables of Corpus/README.md, from a folder of labelled sets: make table EVAL=folder
table: build
	@test -f "$(EVAL)/score.py" || { echo "table: name the folder with score.py: make table EVAL=folder" >&2; exit 2; }
	python3 Scripts/score-table.py $(WINNOW) "$(EVAL)"

# The README's before and after are what the command makes of the bundled article.
readme: build
	python3 Scripts/readme.py $(WINNOW)

# Paragraphs that come back from broken texts, mojibake that is repaired, correct text that stays.
text: build
	python3 Scripts/paragraphs.py $(WINNOW) --floor 96
	python3 Scripts/mojibake.py $(WINNOW) --check

# The rule reference of the documentation, made from the packs.
reference: build
	python3 Scripts/rule-reference.py $(WINNOW)

reference-check: build
	python3 Scripts/rule-reference.py $(WINNOW) --check

# The manual page, from the command's own help: .build/winnow.1
manual: build
	python3 Scripts/manual.py $(WINNOW) > .build/winnow.1

format:
	$(SWIFT) format format --in-place --recursive $(SOURCES)

# --- deeper looks ------------------------------------------------------------------------------

FUZZ_TARGETS ?= clean typography chunks records packs patterns report
FUZZ_TIME ?= 60
FUZZ_RUNS ?= -1
FUZZ_BYTES ?= 400
FUZZER := .build-fuzz/release/winnow-fuzz
# The crash reporter of Swift may hang on a program full of counters.
FUZZ_ENV := SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:handle_abort=1

# Each target for FUZZ_TIME seconds or FUZZ_RUNS inputs, whichever ends first (0: no end to time).
fuzz: swift-version
	WINNOW_FUZZING=1 ASAN_OPTIONS=detect_leaks=0 \
	  $(SWIFT) build -c release --scratch-path .build-fuzz --product winnow-fuzz
	@set -e; for target in $(FUZZ_TARGETS); do \
	  mkdir -p .build-fuzz/corpus/$$target; \
	  echo "fuzz: $$target"; log=.build-fuzz/$$target.log; \
	  limit=; if [ $(FUZZ_TIME) -gt 0 ]; then limit="timeout -s KILL $$(($(FUZZ_TIME) + 120))"; fi; \
	  $(FUZZ_ENV) $$limit $(FUZZER) $$target .build-fuzz/corpus/$$target Fuzz/Seeds/$$target \
	    -max_total_time=$(FUZZ_TIME) -runs=$(FUZZ_RUNS) -max_len=$(FUZZ_BYTES) -timeout=10 \
	    -rss_limit_mb=2048 -artifact_prefix=.build-fuzz/$$target- -print_final_stats=1 \
	    > $$log 2>&1 || { grep -v fuzzer:: $$log | tail -40; \
	      echo "fuzz: $$target failed; the input is in .build-fuzz, the log is $$log" >&2; exit 1; }; \
	  grep -a -e number_of_executed -e average_exec $$log; \
	done

# Only what shares a cleaner between threads; the sanitizer makes the rest too slow to be of use.
threads: swift-version
	SWIFT_BACKTRACE=enable=no $(SWIFT) test --scratch-path .build-threads --sanitize=thread \
	  --filter ThreadTests

coverage: swift-version
	$(SWIFT) test --scratch-path .build-coverage --enable-code-coverage
	@python3 Scripts/coverage.py "$$($(SWIFT) test --scratch-path .build-coverage --show-codecov-path)"

# --- figures -----------------------------------------------------------------------------------

bench: build
	python3 Scripts/bench.py $(WINNOW) $(if $(FILE),--file $(FILE))

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

# EVAL is a file of labelled JSON Lines or a folder of them.
lossless: build
	@test -n "$(EVAL)" || { \
	  echo "lossless: name labelled articles: make lossless EVAL=file-or-folder" >&2; exit 2; }
	python3 Scripts/lossless.py $(WINNOW) "$(EVAL)"

# --- long proofs: what a batch promises, whatever happens to it --------------------------------

torture: build
	python3 Scripts/torture.py $(WINNOW) --kills 200 --documents 2000

faults: build
	python3 Scripts/faults.py $(WINNOW) --most 1000

GIGABYTES ?= 10
endurance: build
	python3 Scripts/endurance.py $(WINNOW) poison --documents 100000
	python3 Scripts/endurance.py $(WINNOW) same --repeats 20
	python3 Scripts/endurance.py $(WINNOW) memory --gigabytes $(GIGABYTES)
	python3 Scripts/endurance.py $(WINNOW) jobs

clean:
	rm -rf .build .build-check .build-fuzz .build-threads .build-coverage
