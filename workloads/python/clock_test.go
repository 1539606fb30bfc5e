//go:build unix

package python

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	systems "github.com/payoff-bench/payoff/strategies/python"
)

// serial returns a new executor of serial Python.
func serial(t *testing.T) strategies.Executor {
	t.Helper()
	i, err := found()
	if err != nil {
		t.Skipf("no interpreter to test with: %v", err)
	}
	table := systems.Table()
	st := table[slices.IndexFunc(table, func(s catalog.Strategy) bool { return s.Name == systems.Loop })]
	x, err := st.New(t.Context(), catalog.Config{Workers: 1, Python: i.Path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Stop(context.Background()) })
	return x
}

// TestWrongClock runs jobs in an interpreter whose clock runs too slowly, as under faketime, too fast, or
// jumps. Each job must fail.
func TestWrongClock(t *testing.T) {
	for name, c := range map[string]struct{ clock, want string }{
		"right":  {"now()", ""},
		"slow":   {"now() // 2", "clock of python is wrong: "},
		"fast":   {"now() * 2", "clock of python is wrong: "},
		"jumps":  {"now() + len(calls) // 3 * 10**9", "clock of python is wrong: "},
		"stands": {"5", "clock of python is wrong: "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			text := "import time\ncalls = []\nnow = time.perf_counter_ns\ndef read():\n    calls.append(1)\n    return " + c.clock + "\ntime.perf_counter_ns = read\n"
			if err := os.WriteFile(filepath.Join(dir, "sitecustomize.py"), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PYTHONPATH", dir)
			l, err := open(t, "tasks:nap", 2), error(nil)
			x := serial(t)
			for range 3 {
				if err = l.Map(t.Context(), x, strategies.Options{}); err != nil {
					break
				}
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v; %q was expected in it", err, c.want)
			}
		})
	}
}

// TestOtherThreads checks that the CPU time of threads other than the caller is counted.
func TestOtherThreads(t *testing.T) {
	for function, some := range map[string]bool{"tasks:nap": false, "tasks:use_thread": true} {
		l, x := open(t, function, 2), serial(t)
		for range 2 {
			if err := l.Map(t.Context(), x, strategies.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		if took, others := l.Took(); (others > 10*time.Millisecond) != some {
			t.Errorf("%s: the job took %v, and other threads used %v", function, took, others)
		}
	}
}
