# payoff: which concurrency strategy pays off, for which task size, on this machine.
#
#   make bench                 build, measure the quick suite, print the paths of the results
#   make bench ARGS='--budget 1m --filter strategy:pool'
#   make compare OLD=results/A NEW=results/B    with BENCHSTAT=1 by benchstat
#   make figures               table: our strategies and the pools of other libraries
#   make ipc                   table: the cost of worker processes over pipes and shared memory
#   make python                table: that cost and the cost of Python's process pools
#   make aa                    how often payoff finds differences where there are none
#   make planted               how often payoff finds a planted slowdown
#   make agree                 how often two runs of quick name the same winner
#   make agree OLD=results/A NEW=results/B      how often these runs do
#   make busy                  whether other work on the machine makes false winners
#   make ab                    how often payoff ab is wrong about equal and slower test binaries
#   make audit                 how often intervals and verdicts are wrong, by simulation
#   make proof                 slow proofs: no data races, go install from a module proxy
#   make build test lint clean
#
# Only Go is needed; it fetches the modules. If a C compiler is present, make proof also runs the
# race detector.

GO     ?= go
ARGS   ?=
commit := $(shell git rev-parse HEAD 2>/dev/null)
dirty  := $(if $(commit),$(if $(shell git status --porcelain 2>/dev/null),+dirty))
stamp  := -X main.version=$(or $(shell git describe --tags 2>/dev/null),devel) -X main.commit=$(commit)$(dirty)

.PHONY: build bench figures ipc python aa planted agree busy ab audit test race proof lint compare clean

# Without C, because a worker that links C, as package net does, takes half as long again to
# start. The commit is stamped here and not by the toolchain, which may not be allowed to run git.
build:
	CGO_ENABLED=0 $(GO) build -buildvcs=false -ldflags '$(stamp)' -o bin/ ./cmd/payoff ./cmd/payoff-worker

bench: build
	bin/payoff run quick $(ARGS)

# An odd number of rounds has a middle round. Takes about a minute on two idle cores.
ROUNDS ?= 21

figures:
	@mkdir -p bin
	@$(GO) test -run '^$$' -bench Figures -benchtime $(ROUNDS)x -timeout 30m ./strategies/peers -figures '$(CURDIR)/bin/figures.md' >bin/figures.log || { cat bin/figures.log; exit 1; }
	@cat bin/figures.md

ipc:
	@mkdir -p bin
	@$(GO) test -run '^$$' -bench IPC -benchtime $(ROUNDS)x -timeout 10m ./strategies/procs -figures '$(CURDIR)/bin/ipc.md' >bin/ipc.log || { cat bin/ipc.log; exit 1; }
	@cat bin/ipc.md

python:
	@command -v python3 >/dev/null || { echo 'python3 is missing: nothing to compare with'; exit 0; }; \
	mkdir -p bin && \
	$(GO) test -run '^$$' -bench Python -benchtime $(ROUNDS)x -timeout 10m ./strategies/procs -figures '$(CURDIR)/bin/python.md' >bin/python.log || { cat bin/python.log; exit 1; }; \
	cat bin/python.md

# RUNS=3, then RUNS=6 and so on, makes the runs a few at a time. RUNS=20 takes 3 minutes, or 5 to 17
# if the machine is noisy. Two runs of quick take 6.
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

# Every rule once, in its short form if it has one; make lint runs vet. Scripts mostly wait for
# launches, so more tests run in parallel than there are cores.
test:
	$(GO) test -short -vet=off -parallel 4 -timeout 10m ./...

# The race detector needs C. It covers the strategies, the concurrency of runs, and workloads whose
# tasks share data. Of the executors over other pools, one that waits and one that does not are
# enough. Tests of flat memory, long independent computations and large payloads are skipped.
RARE := TestConformance/(pond|conc-pool|errgroup|workerpool)-job|TestConformance/.*/(long_streams|drain_in_little_memory)
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

# Proofs are tests with the build tag proof: they take long, or need modules that make test does
# not. Each package with proofs is listed here.
PROOFS := ./cmd/payoff

# Packages with tests that have a short form.
LONGER := ./strategies ./strategies/procs ./workloads/kernels ./harness/launch ./cmd/cli ./cmd/payoff

proof: race
	$(GO) test -timeout 20m $(LONGER)
	$(GO) test -tags proof -run '^TestProof' -timeout 20m $(PROOFS)

# The library builds on systems that support only a part of it; the rest returns errors there.
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
