package ab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/run"
)

// A fake returns the error with which a simulated launch fails, or nil if the launch succeeds. Each
// launch takes 100 ms.
type fake func(side harness.Side, b Bench, launch int) error

func (f fake) subject() Subject { return &faked{fail: f} }

type faked struct {
	fail     fake
	launches int
}

func (f *faked) Launch(ctx context.Context, side harness.Side, b Bench) (s harness.SideSample, err error) {
	select {
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
		return s, context.Cause(ctx)
	}
	f.launches++
	if f.fail != nil {
		err = f.fail(side, b, f.launches)
	}
	return harness.SideSample{Reps: 1, Wall: 100 * time.Millisecond, Values: map[string]float64{harness.UnitOp: 1e8}}, err
}

// A log lists the launches that gave a sample.
type log struct {
	lines   []string
	samples [harness.Sides][]harness.SideSample
}

func (l *log) sink(side harness.Side, s harness.SideSample) error {
	l.lines = append(l.lines, fmt.Sprint(s.Round, s.Attempt, " ", s.Name, " ", side))
	l.samples[side] = append(l.samples[side], s)
	return nil
}

func runner(f fake, l *log, names ...string) *Runner {
	r := &Runner{Subject: f.subject(), Seed: 3, Began: time.Now(), Sink: l.sink}
	for _, name := range names {
		r.Benches = append(r.Benches, Bench{Name: name, Reps: 1, Cost: 100 * time.Millisecond})
	}
	return r
}

// afterRounds returns a function for Runner.Decided that decides all benchmarks after n rounds.
func afterRounds(n int) func(map[string][]Turn) map[string]bool {
	return func(turns map[string][]Turn) map[string]bool {
		done := map[string]bool{}
		for name, t := range turns {
			done[name] = len(t) >= n
		}
		return done
	}
}

func TestRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		r := runner(nil, &l, "A", "B")
		r.Decided = afterRounds(6)
		result, err := r.Run(t.Context())
		if err != nil || result.Cut || result.Launches != 36 || len(result.Turns["A"]) != 6 || result.Turn["A"] != 300*time.Millisecond {
			t.Errorf("%d launches, %d turns of %v, %v", result.Launches, len(result.Turns["A"]), result.Turn["A"], err)
		}
	})
}

func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		r := runner(nil, &l, "A", "B")
		r.Budget = 2 * time.Second
		result, err := r.Run(t.Context())
		if spent := time.Since(r.Began); err != nil || !result.Cut || spent > r.Budget+r.Budget/10 || spent < r.Budget-300*time.Millisecond {
			t.Errorf("%v spent, cut %t, %v", spent, result.Cut, err)
		}
	})
}

// TestResume interrupts a run after each number of launches, and resumes it. The resumed run must
// make the same launches as a run without an interruption. Only a turn that was cut short is
// measured again.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var whole log
		r := runner(nil, &whole, "A", "B")
		r.Decided = afterRounds(7)
		if _, err := r.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		for cut := range len(whole.lines) {
			ctx, cancel := context.WithCancelCause(t.Context())
			var l log
			r := runner(func(_ harness.Side, _ Bench, launch int) error {
				if launch == cut+1 {
					cancel(errors.New("interrupt"))
				}
				return nil
			}, &l, "A", "B")
			r.Decided = afterRounds(7)
			if _, err := r.Run(ctx); err == nil || !strings.Contains(err.Error(), "interrupt") || len(l.lines) != cut {
				t.Fatalf("cut at %d: %d samples, %v", cut, len(l.lines), err)
			}
			r = runner(nil, &l, "A", "B")
			r.Decided, r.Past = afterRounds(7), l.samples
			if _, err := r.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := slices.Clone(l.lines)
			got = slices.Delete(got, cut-cut%3, cut)
			for i, line := range got {
				if cut%3 != 0 && i >= cut-cut%3 && i < cut-cut%3+3 {
					got[i] = strings.Replace(line, " 1 ", " 0 ", 1)
				}
			}
			if !slices.Equal(got, whole.lines) {
				t.Fatalf("cut at %d:\n%s\nwant\n%s", cut, strings.Join(got, "\n"), strings.Join(whole.lines, "\n"))
			}
		}
	})
}

func TestFailures(t *testing.T) {
	crash := errors.New("crashed")
	for _, c := range []struct {
		name     string
		fail     fake
		failures int
		dropped  bool
	}{
		{"once", func(_ harness.Side, b Bench, launch int) error { return when(launch == 4, crash) }, 1, false},
		{"head of A", func(side harness.Side, b Bench, _ int) error {
			return when(side == harness.Head && b.Name == "A", crash)
		}, 2, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			var l log
			r := runner(c.fail, &l, "A", "B")
			r.Decided = afterRounds(6)
			result, err := r.Run(t.Context())
			if err != nil || len(result.Failures) != c.failures || result.Failures[len(result.Failures)-1].Dropped != c.dropped || !errors.Is(result.Failures[0], crash) {
				t.Errorf("%s: failures %v, %v", c.name, result.Failures, err)
			}
			if n := len(result.Turns["B"]); n < 6 {
				t.Errorf("%s: B has %d turns", c.name, n)
			}
		})
	}
}

func when(cond bool, err error) error {
	if cond {
		return err
	}
	return nil
}

// TestChangedProgram checks that a run ends when a program changes, and does not count the launch
// after the change.
func TestChangedProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("old")
	guard, err := run.NewGuard(path)
	if err != nil {
		t.Fatal(err)
	}
	var l log
	r := runner(func(_ harness.Side, _ Bench, launch int) error {
		if launch == 5 {
			write("newer")
		}
		return nil
	}, &l, "A")
	r.Guard = guard
	_, err = r.Run(t.Context())
	if changed := (*run.ChangedError)(nil); !errors.As(err, &changed) || len(l.lines) != 4 {
		t.Errorf("%d samples, %v", len(l.lines), err)
	}
}

// TestFullDisk checks that an error of the sink ends the run.
func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		r := runner(nil, &l, "A")
		full := &record.FullError{Err: errors.New("full")}
		r.Sink = func(harness.Side, harness.SideSample) error { return full }
		if _, err := r.Run(t.Context()); !errors.Is(err, error(full)) {
			t.Error(err)
		}
	})
}
