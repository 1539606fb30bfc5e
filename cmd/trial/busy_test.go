package trial_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// spinning is an environment variable. If it is set, the test binary only keeps a core busy.
const spinning = "PAYOFF_TRIAL_SPIN"

// spin keeps a core busy forever.
func spin() {
	for x := uint64(1); ; x = x*x + 1 {
		if x == 0 {
			os.Exit(1)
		}
	}
}

// covering is the required share of speed-ups in busy runs whose intervals overlap the interval of
// the quiet run.
const covering = 0.95

// A load is other work that uses the machine during a run. The work ends when its context ends.
type load struct {
	name string
	run  func(ctx context.Context)
}

// loads returns the kinds of other work. The runs during other work use them in turn.
func loads() []load {
	loop := func(ctx context.Context) {
		self, err := os.Executable()
		if err == nil {
			c := exec.CommandContext(ctx, self)
			c.Env = append(os.Environ(), spinning+"=1")
			c.Run()
		}
	}
	return []load{
		{"one busy loop", loop},
		{"two busy loops", func(ctx context.Context) {
			go loop(ctx)
			loop(ctx)
		}},
		{"a compiler", func(ctx context.Context) {
			for ctx.Err() == nil {
				c := exec.CommandContext(ctx, "go", "build", "-a", "-o", os.DevNull, "net/http")
				c.Run()
			}
		}},
		{"a busy loop half of the time", func(ctx context.Context) {
			for ctx.Err() == nil {
				half, cancel := context.WithTimeout(ctx, 7*time.Second)
				loop(half)
				cancel()
				select {
				case <-time.After(7 * time.Second):
				case <-ctx.Done():
				}
			}
		}},
	}
}

// busySuite has compute-bound tasks of several sizes, which compete with other work only for cores.
const busySuite = `question = "Does other work make winners?"
rounds = 8
min-time = "50ms"

[[block]]
workload = "spin"
grain = [1_000, 20_000, 100_000, 1_000_000]

[[block.cell]]
strategy = ["serial", "pool", "procs"]
`

// busy makes one run on the quiet machine and further runs during other work, and compares each of
// these with the first.
func busy() error {
	if err := os.MkdirAll(*out, 0o777); err != nil {
		return err
	}
	suite := filepath.Join(*out, "busy.toml")
	if err := os.WriteFile(suite, []byte(busySuite), 0o666); err != nil {
		return err
	}
	run := func(i int) (*analyze.Analysis, error) {
		_, info, samples, err := made(i, *program, suite)
		return analyze.New(info, samples, analyze.Settings{Waits: waits}), err
	}
	quiet, err := run(0)
	if err != nil {
		return err
	}
	if quiet.Busy() {
		return errors.New("other processes disturbed the first run, which needs a quiet machine; end them, and remove the run")
	}
	var v disagreement
	for i := 1; i <= *runs; i++ {
		load := loads()[i%len(loads())]
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); load.run(ctx) }()
		a, err := run(i)
		cancel()
		<-ended
		if err != nil {
			return err
		}
		before := v
		v.add(quiet, a)
		fmt.Printf("%s: %d of %d launches starved, %d winners, %d of them false, %d of %d speed-ups overlap those of the quiet machine\n",
			load.name, a.Starved, a.Launches, v.winners-before.winners, v.wrong-before.wrong, v.met-before.met, v.stated-before.stated)
		if !a.Busy() {
			v.silent = append(v.silent, load.name)
		}
	}
	return v.judge()
}

// A disagreement counts the differences between busy runs and the quiet run.
type disagreement struct {
	winners, wrong int      // winners of busy runs; of these, winners that the quiet run contradicts
	stated, met    int      // speed-ups with an interval; of these, those whose interval overlaps that of the quiet run
	silent         []string // loads under which the run did not report a busy machine
}

// add compares the winners and speed-ups of a busy run with those of the quiet run.
func (v *disagreement) add(quiet, busy *analyze.Analysis) {
	for _, q := range busy.Questions() {
		for _, ref := range quiet.Questions() {
			if ref.Place != q.Place {
				continue
			}
			if q.Winner.Kind == analyze.Won {
				v.winners++
				if ref.Winner.Kind == analyze.Won && ref.Winner.Best[0] != q.Winner.Best[0] || ref.Winner.Kind == analyze.Tied {
					v.wrong++
				}
			}
			for _, r := range q.Rows {
				i := slices.IndexFunc(ref.Rows, func(o analyze.Row) bool { return o.Cell == r.Cell })
				if i < 0 {
					continue // the quiet run did not measure this cell
				}
				if s := ref.Rows[i].Speedup; r.Speedup.Bounded() && r.Speedup.N > 1 && s.Bounded() && r.Speedup.Lo < r.Speedup.Hi {
					v.stated++
					if r.Speedup.Lo <= s.Hi && s.Lo <= r.Speedup.Hi {
						v.met++
					}
				}
			}
		}
	}
}

// judge prints the counts. It returns an error in three cases: other work made a false winner, it
// moved too many speed-ups, or a run did not report it.
func (v disagreement) judge() error {
	fmt.Printf("%d winners under other work, %d of them false; %d of %d speed-ups overlap those of the quiet machine\n", v.winners, v.wrong, v.met, v.stated)
	switch {
	case v.wrong > 0:
		return errors.New("the quiet run contradicts a winner of a run under other work")
	case float64(v.met) < covering*float64(v.stated):
		return errors.New("too few speed-ups under other work overlap those of the quiet machine")
	case len(v.silent) > 0:
		return fmt.Errorf("runs under these loads did not report a busy machine: %v", v.silent)
	}
	return nil
}
