package trial_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// spinning is set in the environment of a test binary that only keeps a core busy.
const spinning = "PAYOFF_TRIAL_SPIN"

// spin keeps a core busy for ever.
func spin() {
	for x := uint64(1); ; x = x*x + 1 {
		if x == 0 {
			os.Exit(1)
		}
	}
}

// covering is the share of the speed-ups of busy runs whose interval must meet that of the quiet
// run.
const covering = 0.95

// A load is other work on the machine during a run, until its context ends.
type load struct {
	name string
	run  func(ctx context.Context)
}

// loads returns the kinds of other work that busy runs have in turn.
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

// busySuite is pure CPU tasks of several sizes, so that nothing but cores can be short.
const busySuite = `question = "Does other work make winners?"
rounds = 8
min-time = "50ms"

[[block]]
workload = "spin"
grain = [1_000, 20_000, 100_000, 1_000_000]

[[block.cell]]
strategy = ["serial", "pool", "procs"]
`

// busy compares runs beside other work with one on the quiet machine: the first.
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
		return errors.New("the first run must be on a quiet machine, and was not")
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
		fmt.Printf("%s: %d of %d launches starved, %d winners, %d of them false, %d of %d speed-ups meet those of the quiet machine\n",
			load.name, a.Starved, a.Launches, v.winners-before.winners, v.wrong-before.wrong, v.met-before.met, v.stated-before.stated)
		if !a.Busy() {
			v.silent = append(v.silent, load.name)
		}
	}
	return v.judge()
}

// A disagreement counts how busy runs differ from the quiet one.
type disagreement struct {
	winners, wrong int      // winners of busy runs, and those that the quiet run contradicts
	stated, met    int      // speed-ups with an interval, and those that meet the quiet run's
	silent         []string // loads under which a run did not say that the machine was busy
}

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
			for i, r := range q.Rows {
				if s := ref.Rows[i].Speedup; r.Cell == ref.Rows[i].Cell && r.Speedup.Bounded() && r.Speedup.N > 1 && s.Bounded() && r.Speedup.Lo < r.Speedup.Hi {
					v.stated++
					if r.Speedup.Lo <= s.Hi && s.Lo <= r.Speedup.Hi {
						v.met++
					}
				}
			}
		}
	}
}

func (v disagreement) judge() error {
	fmt.Printf("%d winners beside other work, %d of them false; %d of %d speed-ups meet those of the quiet machine\n", v.winners, v.wrong, v.met, v.stated)
	switch {
	case v.wrong > 0:
		return errors.New("other work made a winner")
	case float64(v.met) < covering*float64(v.stated):
		return errors.New("too many speed-ups beside other work are not those of the quiet machine")
	case len(v.silent) > 0:
		return fmt.Errorf("runs did not say that the machine was busy: %v", v.silent)
	}
	return nil
}
