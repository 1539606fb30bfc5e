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
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// A trial is a suite, how it is run, and what its verdicts must be.
type trial struct {
	suite string
	flags []string
	pairs func(a *analyze.Analysis) []pair
	judge func(w io.Writer, tallies map[string]tally) error
}

// A pair is what a run says of two of its strategies.
type pair struct {
	name string
	analyze.Comparison
}

func main() {
	if len(os.Args) > 1 {
		if ok, err := try(os.Args[1], os.Args[2:]); ok {
			if err != nil {
				fmt.Fprintln(os.Stderr, "payoff-trial:", err)
				os.Exit(1)
			}
			return
		}
	}
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr, cli.Program{Strategies: table(), Workloads: kernels.All()}))
}

// try puts payoff to the test of that name, if there is one.
func try(name string, args []string) (ok bool, err error) {
	if name == "agree" {
		return true, quick(args)
	}
	t, ok := trials()[name]
	if ok {
		err = t.run(name, args)
	}
	return ok, err
}

// run makes the runs that are missing and judges all.
func (t trial) run(name string, args []string) error {
	runs, out, _, err := flags(name, 20, args)
	if err != nil {
		return err
	}
	suite := filepath.Join(out, name+".toml")
	if err := os.WriteFile(suite, []byte(t.suite), 0o666); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	tallies := map[string]tally{}
	for i := range runs {
		info, samples, err := made(out, i, self, append([]string{suite}, t.flags...)...)
		if err != nil {
			return err
		}
		a := analyze.New(info, samples, analyze.Settings{})
		pairs := t.pairs(a)
		if len(pairs) == 0 {
			return fmt.Errorf("%s holds no pair that was compared", runFolder(out, i))
		}
		for _, p := range pairs {
			tallies[p.name] = tallies[p.name].add(p, info)
		}
	}
	return t.judge(os.Stdout, tallies)
}

// flags reads how many runs there shall be, and makes the folder that they are below.
func flags(name string, runs int, args []string) (n int, out string, rest []string, err error) {
	f := flag.NewFlagSet(name, flag.ExitOnError)
	f.IntVar(&n, "runs", runs, "how many runs there shall be in all")
	f.StringVar(&out, "out", filepath.Join("bin", name), "folder of the runs")
	f.Parse(args)
	if f.NArg() > 0 {
		return n, out, f.Args(), nil
	}
	return n, out, nil, os.MkdirAll(out, 0o777)
}

func runFolder(out string, i int) string { return filepath.Join(out, fmt.Sprintf("run-%03d", i)) }

// made reads a run, which is made first if it is missing.
func made(out string, i int, payoff string, args ...string) (harness.Info, []harness.Sample, error) {
	dir := runFolder(out, i)
	if _, err := os.Stat(dir); err != nil {
		c := exec.Command(payoff, append([]string{"run", "--out", dir, "--seed", fmt.Sprint(i), "--wait"}, args...)...)
		if said, err := c.CombinedOutput(); err != nil {
			return harness.Info{}, nil, fmt.Errorf("%s: %w: %s", dir, err, said)
		}
	}
	info, samples, err := record.Read(dir)
	if err == nil && info.Finished.IsZero() {
		err = fmt.Errorf("%s was not finished; remove it", dir)
	}
	return info, samples, err
}

// A tally counts verdicts.
type tally struct {
	verdicts map[analyze.Verdict]int
	n        int
	rounds   int     // of all pairs
	half     float64 // half-widths, likewise
	ratios   float64
	seconds  float64
}

func (t tally) add(p pair, info harness.Info) tally {
	if t.verdicts == nil {
		t.verdicts = map[analyze.Verdict]int{}
	}
	t.verdicts[p.Verdict]++
	t.n++
	t.rounds += p.Ratio.N
	t.half += p.Ratio.Half()
	t.ratios += p.Ratio.Value
	t.seconds += info.Spent.Wall.Seconds()
	return t
}

func (t tally) String() string {
	var parts []string
	for _, v := range []analyze.Verdict{analyze.Equivalent, analyze.Unresolved, analyze.Worse, analyze.Better} {
		parts = append(parts, fmt.Sprintf("%s %d", v, t.verdicts[v]))
	}
	n := float64(t.n)
	return fmt.Sprintf("%d pairs: %s; means: ratio %.4f ± %.1f %%, %.1f rounds, run of %.0f s",
		t.n, strings.Join(parts, ", "), t.ratios/n, 100*t.half/n, float64(t.rounds)/n, t.seconds/n)
}

// claimed is the share of the pairs that were called better or worse.
func (t tally) claimed() float64 {
	return float64(t.verdicts[analyze.Better]+t.verdicts[analyze.Worse]) / float64(t.n)
}
