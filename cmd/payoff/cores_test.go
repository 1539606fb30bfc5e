package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/report"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/workloads"
)

// planned returns the plan of a built-in suite for a machine with the given number of cores, and the
// budget of the suite. The function waits reports whether a workload waits.
func planned(t *testing.T, name string, cores int) (p harness.Plan, budget time.Duration, waits func(string) bool) {
	t.Helper()
	s, err := suite.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	tables := program(procs.Config{})
	blocks, err := suite.Catalog{Strategies: tables.Strategies, Workloads: tables.Workloads, Cores: cores}.Matrix([]suite.Suite{s}, nil)
	if err != nil {
		t.Fatal(err)
	}
	waits = func(name string) bool {
		w, err := harness.Find(tables.Workloads, "workload", name, func(w workloads.Workload) string { return w.Name })
		return err == nil && w.Waits
	}
	return harness.Plan{Blocks: blocks, Seed: 1, Rounds: s.Rounds, Waits: waits}, s.Budget, waits
}

// work returns the simulated time of a task in the direct loop, in ns.
func work(t harness.Task) float64 {
	if t.Grain > 0 {
		return float64(t.Grain)
	}
	return max(float64(t.Payload), 2_000)
}

// TestSuitesFitTheirBudgets checks the times of two suites, which must be enough for the rounds that
// verdicts need: three minutes for quick, on small and large machines, and 25 minutes for claims on
// two cores. It uses the estimate that a run makes before its first launch.
func TestSuitesFitTheirBudgets(t *testing.T) {
	for _, c := range []struct {
		suite string
		cores int
		most  time.Duration
	}{
		{"quick", 1, 3 * time.Minute}, {"quick", 2, 3 * time.Minute}, {"quick", 8, 3 * time.Minute}, {"quick", 64, 3 * time.Minute},
		{"claims", 2, 25 * time.Minute},
	} {
		cores, most := c.cores, c.most
		p, budget, _ := planned(t, c.suite, cores)
		var jobs []harness.Job
		for _, task := range p.Tasks() {
			n := task.Tasks
			if n == 0 {
				n, _ = harness.JobSize(time.Duration(work(task)), cores)
			}
			jobs = append(jobs, harness.Job{Task: task, Tasks: n, Work: work(task)})
		}
		need := run.Estimate(p, jobs, harness.FewestRounds)
		t.Logf("%s on %d cores: %s, %v of %v", c.suite, cores, p.Digest(), need, budget)
		if need > most || budget > most {
			t.Errorf("on %d cores, %d rounds of %s take %v and the budget is %v; both must be at most %v", cores, harness.FewestRounds, p.Digest(), need, budget, most)
		}
	}
}

// simulated returns samples of the plan from a simulated machine with a noise of 1 %. In the direct
// loop, a task takes the time w. With any other strategy, it takes max((w+o)/P, d): o is the
// overhead of a task, P the number of workers that run at the same time, and d the time to hand
// over a task.
func simulated(p harness.Plan, rounds int, waits func(string) bool) (all []harness.Sample) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		for _, turn := range p.Round(round) {
			for _, l := range turn.Launches {
				c := l.Cell
				w := work(c.Task)
				ns, cpu := w, w
				chunk := max(1, float64(c.Chunk.Fixed()))
				if c.Strategy != harness.Direct && c.Strategy != "serial" {
					over, hand := 60/chunk, 20/chunk
					if c.Strategy == harness.Processes {
						over, hand = 4000/chunk, 1500/chunk
					}
					parallel := float64(min(c.Workers, c.Cores))
					if waits(c.Workload) {
						parallel = float64(c.Workers)
					}
					ns, cpu = max((w+over)/parallel, hand), w+over
				}
				ns *= math.Exp(0.01 * rng.NormFloat64())
				v := map[string]float64{
					harness.UnitTask: ns, harness.UnitOp: 1000 * ns, harness.UnitTasks: 1000, harness.UnitCPU: cpu,
					harness.UnitIdle: max(0, ns*float64(c.Cores)-cpu), harness.UnitPSS: 1e7, harness.UnitStart: 1e5, harness.UnitFirst: 1100 * ns,
					harness.UnitControl: 1e6, harness.UnitPingPong: 200, harness.UnitThroughput: float64(c.Rate), harness.UnitP50: 1e6, harness.UnitP99: 2e6,
				}
				all = append(all, harness.Sample{Cell: c, Twin: l.Twin, Round: round, Block: turn.Block, Reps: 3, Values: v})
			}
		}
	}
	return all
}

// TestFirstScreenOnManyCores checks that the report of quick on 64 cores fits on one screen: at most
// 23 lines of at most 100 columns.
func TestFirstScreenOnManyCores(t *testing.T) {
	for _, rounds := range []int{1, 6, 12} {
		p, budget, waits := planned(t, "quick", 64)
		info := harness.Info{
			Machine: harness.Machine{Host: "server", CPU: "AMD EPYC 9654 96-Core Processor", GOOS: "linux", GOARCH: "amd64", Cores: 64},
			Suites:  []string{"quick"}, Rounds: p.Rounds, Budget: budget, Precision: 0.05,
			Started: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Finished: time.Date(2026, 11, 21, 0, 2, 45, 0, time.UTC),
			Spent: harness.Spent{Wall: 165 * time.Second},
		}
		a := analyze.New(info, simulated(p, rounds, waits), analyze.Settings{Waits: waits})
		var out bytes.Buffer
		if err := report.Screen(&out, "results/20261121-000000-quick", a); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		t.Logf("%d rounds:\n%s", rounds, text)
		if lines := strings.Count(text, "\n"); lines > 23 { // the command adds two lines: an empty one, and the path of the details
			t.Errorf("%d rounds: %d lines, want at most 23", rounds, lines)
		}
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 100 {
				t.Errorf("%d rounds: %d columns, want at most 100: %s", rounds, n, line)
			}
		}
		if !strings.Contains(text, "64 cores") || !strings.Contains(text, "spin") {
			t.Errorf("%d rounds: the report lacks the number of cores or the advice for spin", rounds)
		}
	}
}
