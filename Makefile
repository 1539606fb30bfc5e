# payoff: which concurrency strategy pays off, for which task size, on this machine.
#
#   make bench                 build, measure the quick suite, print the paths of the results
#   make bench ARGS='--budget 1m --filter strategy:pool'
#   make compare OLD=results/A NEW=results/B    with BENCHSTAT=1 by benchstat
#   make figures               table: our strategies and the pools of other libraries
#   make ipc                   table: the cost of worker processes over pipes and shared memory
#   make python                measure the pools of Python: the suite python
#   make aa                    how often payoff finds differences where there are none
#   make planted               how often payoff finds a planted slowdown
#   make agree                 how often two runs of quick name the same winner
#   make agree OLD=results/A NEW=results/B      how often these runs do
#   make busy                  how often other work on the machine makes false winners
#   make ab                    how often payoff ab is wrong about equal or slower test binaries
#   make audit                 how often intervals and verdicts are wrong, by simulation
#   make proof                 slow proofs: no data races, go install from a module proxy
#   make build test lint clean
#
# You need only Go and make; Go downloads the modules. With a C compiler, make proof also runs the
# race detector.

GO     ?= go
ARGS   ?=
commit := $(shell git rev-parse HEAD 2>/dev/null)
dirty  := $(if $(commit),$(if $(shell git status --porcelain 2>/dev/null),+dirty))
stamp  := -X main.version=$(or $(shell git describe --tags 2>/dev/null),devel) -X main.commit=$(commit)$(dirty)

.PHONY: build bench figures ipc python aa planted agree busy ab audit test race proof lint compare clean

# Build without C (CGO_ENABLED=0): a worker that links C, as package net does, takes 1.5 times as
# long to start. The linker flag sets the commit, because the toolchain cannot run git everywhere.
build:
	CGO_ENABLED=0 $(GO) build -buildvcs=false -ldflags '$(stamp)' -o bin/ ./cmd/payoff ./cmd/payoff-worker

bench: build
	bin/payoff run quick $(ARGS)

# The number of rounds is odd, so that one round is the median. A table takes about a minute on two
# idle cores.
ROUNDS ?= 21

figures:
	@mkdir -p bin
	@$(GO) test -run '^$$' -bench Figures -benchtime $(ROUNDS)x -timeout 30m ./strategies/peers -figures '$(CURDIR)/bin/figures.md' >bin/figures.log || { cat bin/figures.log; exit 1; }
	@cat bin/figures.md

ipc:
	@mkdir -p bin
	@$(GO) test -run '^$$' -bench IPC -benchtime $(ROUNDS)x -timeout 10m ./strategies/procs -figures '$(CURDIR)/bin/ipc.md' >bin/ipc.log || { cat bin/ipc.log; exit 1; }
	@cat bin/ipc.md

# The first run installs joblib, Dask and Ray from the package index, if there is a network.
python: build
	bin/payoff run python --python-bin "$$(scripts/python-peers $(PYTHON))" $(ARGS)

# RUNS is the total number of runs, and existing runs count. So RUNS=3, then RUNS=6 and so on, makes
# three runs at a time. RUNS=20 takes 3 minutes, or 5 to 17 if the machine is noisy. Two runs of
# quick take 6 minutes.
RUNS ?= $(if $(filter agree,$@),2,$(if $(filter ab,$@),40,20))

trial = CGO_ENABLED=0 $(GO) test -count=1 -timeout 24h -run '^TestTrial$$' -v ./cmd/trial -trial $@ -runs $(RUNS) -out '$(CURDIR)/bin/$@'

aa planted:
	$(trial)

agree: build
	$(trial) -payoff '$(CURDIR)/bin/payoff' $(abspath $(OLD) $(NEW))

busy: build
	$(trial) -payoff '$(CURDIR)/bin/payoff'

ab: build
	$(trial) -payoff '$(CURDIR)/bin/payoff'

audit:
	$(GO) test -count=1 -timeout 1h -run Audit -v ./harness/analyze -audit | grep -v '^=== '
	$(GO) test -count=1 -timeout 1h -run Drift -v ./harness/compare -trials 1000 | grep -v '^=== '

# Runs every test once, in its short form if it has one. It does not run vet, because make lint does.
# Tests with scripts mostly wait for launches, so more tests run in parallel than there are cores.
test:
	$(GO) test -short -vet=off -parallel 4 -timeout 10m ./...

# Runs tests with the race detector, which needs C: tests of the strategies, of concurrency in runs,
# and of workloads whose tasks share data. Of the executors over other pools, it tests only one that
# waits and one that does not. It skips tests of memory use, long computations and large payloads,
# and the conformance suite over a durable queue, which takes three minutes; its other tests run.
# (In a list for -skip, a pattern with three elements hides the patterns with two that follow it.)
RARE := TestConformance/payloads|TestDurableConformance|TestConformance/(pond|conc-pool|errgroup|workerpool)-job|TestConformance/.*/(long_streams|drain_in_little_memory)
MET  := TestDigest|TestShaped|TestFaulty|TestServed
LONG := TestDigest/(gzip|json|thumbnail)|TestDigest/.*/50000

race:
	@if [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC)" >/dev/null; then \
		set -ex; \
		$(GO) test -timeout 10m -race -skip '$(RARE)' ./strategies/... ./harness/launch/... ./cmd/payoff-worker/...; \
		$(GO) test -timeout 10m -race -run '$(MET)' -skip '$(LONG)' ./workloads ./workloads/fault ./workloads/kernels ./workloads/payload ./workloads/web; \
	else \
		echo 'no C compiler: the race detector did not run'; \
	fi

# Packages with proofs: tests with the build tag proof, which take long or need more modules than
# make test.
PROOFS := ./cmd/payoff ./strategies/cluster

# Packages with tests that have a short form.
LONGER := ./strategies ./strategies/procs ./strategies/cluster ./strategies/python ./workloads/kernels ./harness/analyze ./harness/model ./harness/launch ./cmd/cli ./cmd/payoff

proof: race
	$(GO) test -timeout 20m $(LONGER)
	$(GO) test -tags proof -run '^TestProof' -timeout 20m $(PROOFS)

# Systems for which make lint checks the library. On some of them, parts of the library only return
# errors.
SYSTEMS := windows/amd64 darwin/arm64 linux/386 linux/arm64

lint:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not formatted by gofmt:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet -tags proof ./...
	GOOS=darwin GOARCH=arm64 $(GO) vet ./...
	@set -ex; for system in $(SYSTEMS); do \
		GOOS=$${system%/*} GOARCH=$${system#*/} $(GO) vet ./strategies/...; \
	done
	$(GO) tool staticcheck ./...
	@scripts/english

compare: $(if $(PAYOFF),,build)
	@scripts/compare "$$OLD" "$$NEW" $(ARGS)

clean:
	rm -rf bin
