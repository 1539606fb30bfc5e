// Package trial_test measures how reliable payoff is on this machine. It counts how often payoff
// finds differences between equal strategies, and how often it finds known differences. Its test
// runs only if -trial names a trial, as in the commands make aa, make planted and others:
//
//	-trial aa      [-runs 20]   compares equal strategies
//	-trial planted [-runs 20]   compares a strategy with one that is 1 % slower and one that is 5 % slower
//	-trial agree   [-runs 2]    compares the winners of runs of quick
//	-trial agree folder ...     compares the winners of the runs in these folders
//	-trial busy    [-runs 20]   compares a quiet run with runs under other work on the machine
//	-trial ab      [-runs 40]   compares equal programs, and slower ones, by payoff ab
//
// Each run is a normal payoff run in a folder below -out. The runs of aa and planted are as short as
// those of users. A trial counts the verdicts of its runs. It reuses existing folders, so you can
// make a few runs at a time. The test fails unless these bounds hold:
//
//   - aa: payoff calls at most 5 % of at least 200 pairs better or worse.
//
//   - planted: payoff finds the slowdown of 5 % in at least 90 % of the runs, within 60 s. It calls
//     the slowdown of 1 %, which is below the margin, better or worse in at most 5 % of the runs.
//
//   - agree: two runs name the same winner for at least 95 % of the questions for which both name a
//     winner. Each run spends at least 85 % of its time in launches, and launches spend at least
//     70 % of their time in timed and warm-up work.
//
//   - busy: the quiet run contradicts no winner of a run under other work. Of the speed-ups under
//     other work, at least 95 % have an interval that overlaps that of the quiet run. Each run under
//     other work reports a busy machine.
//
//   - ab: the sides are two copies of a test binary, or two builds of payoff. At most 5 % of these
//     runs find that head is worse, and no run finds that it is over 5 % slower, even with a busy
//     core. If head is 5 % slower, at least 90 % of the runs find it within 60 s; if it is 10 %
//     slower, all do.
//
// The runs of aa and planted execute this test binary, which then is payoff with the strategies of
// the trial. The runs of agree, busy and ab execute the program that -payoff names.
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
	runs    = flag.Int("runs", 20, "total number of runs, including those that already exist")
	out     = flag.String("out", "", "folder of the runs")
	program = flag.String("payoff", "", "path of payoff, for the runs of agree, busy and ab")
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
		t.Skip("-trial is not set; run make aa, make planted, make agree, make busy or make ab")
	}
	try := map[string]func() error{"aa": aa().run, "planted": planted().run, "agree": quick, "busy": busy, "ab": programs}[*which]
	if try == nil {
		t.Fatalf("unknown trial %q: have aa, planted, agree, busy and ab", *which)
	}
	if err := try(); err != nil {
		t.Error(err)
	}
}

// made returns run i. If the run's folder does not exist, made first makes the run: it calls the
// program payoff with the given arguments.
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
