// Command payoff-trial puts payoff itself to the test, on this machine: does it find
// differences where there are none, and those that there are?
//
//	payoff-trial aa      [-runs 20] [-out folder]   strategies that are the same
//	payoff-trial planted [-runs 20] [-out folder]   one that is 1 % slower, and one that is 5 %
//	payoff-trial agree   [-runs 2] [-out folder]    do runs of quick name the same winners?
//	payoff-trial agree folder folder ...            do these, of whatever suite?
//
// Each run is one of payoff's own, in a folder of its own below out, of the first two as short
// as people make them; what is counted are the verdicts of its report. Folders that are there
// already count too, so that many runs can be made a few at a time. It exits 1 when a bound is
// broken:
//
//   - aa: of at least 200 pairs, at most 5 % are called better or worse.
//   - planted: in at least 90 % of the runs the strategy that is 5 % slower is called worse,
//     within 60 s; the one that is 1 % slower is no more often than pairs of aa may be.
//   - agree: of the questions to which two of the runs name a winner, at least 95 % have the
//     same one. Each run spent at least 85 % of its time in launches, and those at least 70 %
//     of theirs in timed and warm-up work.
//
// The program is also payoff with these strategies: what it does with any other argument. The
// runs of agree are payoff's, which lies beside it.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/workloads"
)

func main() {
	args := os.Args[1:]
	trials := map[string]func(self string, args []string) error{"aa": aa().run, "planted": planted().run, "agree": quick}
	if len(args) == 0 || trials[args[0]] == nil {
		os.Exit(cli.Main(args, os.Stdout, os.Stderr, cli.Program{Strategies: table(), Workloads: workloads.All()}))
	}
	self, err := os.Executable()
	if err == nil {
		err = trials[args[0]](self, args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "payoff-trial:", err)
		os.Exit(1)
	}
}

// flags reads how many runs there shall be and which folders are named, and makes the folder
// that the runs are below where none is.
func flags(name string, runs int, args []string) (n int, out string, folders []string, err error) {
	f := flag.NewFlagSet(name, flag.ExitOnError)
	f.IntVar(&n, "runs", runs, "how many runs there shall be in all")
	f.StringVar(&out, "out", filepath.Join("bin", name), "folder of the runs")
	f.Parse(args)
	if f.NArg() == 0 {
		err = os.MkdirAll(out, 0o777)
	}
	return n, out, f.Args(), err
}

// made reads run i below out, which the program payoff makes first if it is missing.
func made(out string, i int, payoff string, args ...string) (dir string, info harness.Info, samples []harness.Sample, err error) {
	dir = filepath.Join(out, fmt.Sprintf("run-%03d", i))
	if _, err := os.Stat(dir); err != nil {
		c := exec.Command(payoff, append([]string{"run", "--out", dir, "--seed", fmt.Sprint(i), "--wait"}, args...)...)
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
