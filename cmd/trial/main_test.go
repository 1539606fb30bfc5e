// Package trial_test puts payoff itself to the test on this machine: it counts the
// differences found between equal strategies, and the planted ones found. Its test runs only with
// a trial named, as make aa, make planted and make agree do:
//
//	-trial aa      [-runs 20]   strategies that are the same
//	-trial planted [-runs 20]   one that is 1 % slower, and one that is 5 %
//	-trial agree   [-runs 2]    do runs of quick name the same winners?
//	-trial agree folder ...     do these, of whatever suite?
//	-trial busy    [-runs 20]   does other work on the machine make winners?
//
// Each run is one of payoff's own, in a folder of its own below -out, of the first two as short
// as people make them; what is counted are the verdicts of its report. Folders that are there
// already count too, so that many runs can be made a few at a time. The test fails when a bound
// is broken:
//
//   - aa: of at least 200 pairs, at most 5 % are called better or worse.
//
//   - planted: in at least 90 % of the runs the strategy that is 5 % slower is called worse,
//     within 60 s; the one that is 1 % slower is no more often than pairs of aa may be.
//
//   - agree: of the questions to which two of the runs name a winner, at least 95 % have the
//     same one. Each run spent at least 85 % of its time in launches, and those at least 70 %
//     of theirs in timed and warm-up work.
//
//   - busy: no winner of a run beside other work is one that the run on the quiet machine
//     contradicts, 95 % of the speed-ups meet its intervals, and each run says that the machine
//     was busy.
//
// The runs of aa and planted are the test binary's, which is then payoff with strategies of its
// own; those of agree and busy are made by the program that -payoff names.
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
	which   = flag.String("trial", "", "trial to make: aa, planted, agree or busy")
	runs    = flag.Int("runs", 20, "how many runs there shall be in all")
	out     = flag.String("out", "", "folder of the runs")
	program = flag.String("payoff", "", "program that makes the runs of agree and busy")
)

// asPayoff is set in the environment of a test binary that is payoff.
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
		t.Skip("-trial names none; make aa, planted, agree and busy do")
	}
	try := map[string]func() error{"aa": aa().run, "planted": planted().run, "agree": quick, "busy": busy}[*which]
	if try == nil {
		t.Fatalf("there is no trial %q", *which)
	}
	if err := try(); err != nil {
		t.Error(err)
	}
}

// made reads run i, which the program payoff makes first if it is missing.
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
		err = fmt.Errorf("%s was not finished; remove it", dir)
	}
	return dir, info, samples, err
}
