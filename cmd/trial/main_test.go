// Package trial_test tests payoff itself on this machine: it counts how often payoff finds
// differences between equal strategies, and how often it finds planted ones. Its test runs only if
// -trial names a trial, as make aa, make planted and make agree do:
//
//	-trial aa      [-runs 20]   equal strategies
//	-trial planted [-runs 20]   one strategy that is 1 % slower, and one that is 5 % slower
//	-trial agree   [-runs 2]    do runs of quick name the same winners?
//	-trial agree folder ...     do these runs, of any suite, name the same winners?
//	-trial busy    [-runs 20]   does other work on the machine make winners?
//	-trial ab      [-runs 40]   does payoff ab find that equal test binaries differ, and that slower ones do?
//
// Each run is a normal payoff run in a folder below -out; the runs of the first two trials are as
// short as users make them. A trial counts the verdicts in their reports. It reuses existing
// folders, so the runs can be made a few at a time. The test fails if a bound is violated:
//
//   - aa: of at least 200 pairs, at most 5 % are called better or worse.
//
//   - planted: in at least 90 % of the runs the strategy that is 5 % slower is called worse,
//     within 60 s. The one that is 1 % slower is called better or worse no more often than pairs
//     of aa may be.
//
//   - agree: of the questions for which two runs name a winner, at least 95 % have the same
//     winner. Each run spent at least 85 % of its time in launches, and launches spent at least
//     70 % of their time in timed and warm-up work.
//
//   - busy: the run on the quiet machine contradicts no winner of a run with other work on the
//     machine, and its intervals overlap those of 95 % of that run's speed-ups. Each run with
//     other work reports a busy machine.
//
//   - ab: at most 5 % of the runs with two copies of a test binary, or with two builds of payoff,
//     find that one is worse, and none that one is over 5 % slower, also with a busy core. Of runs
//     with a benchmark that makes 5 % more steps, at least 90 % find it within 60 s, of those with
//     10 % more steps all do.
//
// The runs of aa and planted execute the test binary, which is then payoff with its own strategies;
// those of agree, busy and ab execute the program given by -payoff.
package trial_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

var (
	which   = flag.String("trial", "", "trial to run: aa, planted, agree, busy or ab")
	runs    = flag.Int("runs", 20, "total number of runs")
	out     = flag.String("out", "", "folder of the runs")
	program = flag.String("payoff", "", "program that makes the runs of agree, busy and ab")
)

// asPayoff is the environment variable that makes the test binary behave as payoff.
const asPayoff = "PAYOFF_TRIAL"

func TestMain(m *testing.M) {
	if os.Getenv(spinning) != "" {
		spin()
	}
	if os.Getenv(asPayoff) != "" {
		os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr, cli.Program{Strategies: table(), Workloads: kernels.All()}))
	}
	os.Exit(m.Run())
}

func TestTrial(t *testing.T) {
	if *which == "" {
		t.Skip("no -trial; use make aa, make planted, make agree or make busy")
	}
	try := map[string]func() error{"aa": aa().run, "planted": planted().run, "agree": quick, "busy": busy, "ab": abs}[*which]
	if try == nil {
		t.Fatalf("there is no trial %q", *which)
	}
	if err := try(); err != nil {
		t.Error(err)
	}
}

// made returns run i, which it first makes with the program payoff if it is missing.
func made(i int, payoff string, args ...string) (dir string, info harness.Info, samples []harness.Sample, err error) {
	dir = filepath.Join(*out, fmt.Sprintf("run-%03d", i))
	if _, err := os.Stat(dir); err != nil {
		c := exec.Command(payoff, append([]string{"run", "--out", dir, "--seed", fmt.Sprint(i), "--wait"}, args...)...)
		c.Env = append(os.Environ(), asPayoff+"=1")
		if said, err := c.CombinedOutput(); err != nil {
			return dir, info, nil, fmt.Errorf("%s: %w: %s", dir, err, said)
		}
	}
	info, samples, err = record.Read(dir)
	if err == nil && info.Finished.IsZero() {
		err = fmt.Errorf("%s is not complete; remove it", dir)
	}
	return dir, info, samples, err
}
