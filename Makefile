# Thin wrappers: everything here can be typed by hand.
GO            ?= go
ARGS          ?= testdata/sample --out out
BENCHTIME     ?= 1s
FUZZTIME      ?= 3s
GOLANGCI_LINT  = v2.15.0
LINT           = .cache/bin/golangci-lint-$(GOLANGCI_LINT)

.PHONY: run build test fuzz bench lint fmt clean

run: ## the main job, on the bundled sample unless ARGS says otherwise
	$(GO) run ./cmd/millrace run $(ARGS)

build:
	$(GO) build -o bin/millrace ./cmd/millrace

test: ## vet, every test with the race detector, a few seconds of every fuzz target
	@test -d ../shared/data || echo "skip: ../shared/data is absent: tests on real text are skipped"
	$(GO) vet ./...
	$(GO) test -race -shuffle=on ./...
	FUZZTIME=$(FUZZTIME) .ci/fuzz

fuzz:
	FUZZTIME=$(FUZZTIME) .ci/fuzz

bench:
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) ./...

lint: $(LINT)
	$(LINT) run
	$(GO) mod tidy -diff

fmt: $(LINT)
	$(LINT) fmt

# Built once, by this target only, and kept out of go.mod.
$(LINT):
	mkdir -p $(dir $@)
	GOFLAGS= GOBIN=$(abspath .cache/bin) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)
	mv .cache/bin/golangci-lint $@

clean:
	rm -rf bin out .cache
