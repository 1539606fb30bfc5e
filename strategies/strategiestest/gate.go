package strategiestest

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// A gate holds tasks that do Wait until it is opened, and counts those and the ones
// that do Mark. It is a folder, so that it holds tasks in other processes too.
type gate struct {
	t   *T
	dir string
}

// gate makes a gate that is opened when the case is over, if not before.
func (t *T) gate() *gate {
	g := &gate{t, t.t.TempDir()}
	t.cleanup(g.open)
	return g
}

// acts returns n tasks from index lo on that do d at the gate.
func (g *gate) acts(d Deed, lo, n int) []Act {
	acts := make([]Act, n)
	for i := range acts {
		acts[i] = Act{Index: lo + i, Do: d, Dir: g.dir}
	}
	return acts
}

func (g *gate) waiters(lo, n int) []Act { return g.acts(Wait, lo, n) }
func (g *gate) markers(lo, n int) []Act { return g.acts(Mark, lo, n) }

func (g *gate) open() {
	if err := os.WriteFile(filepath.Join(g.dir, "open"), nil, 0o666); err != nil {
		g.t.Errorf("open the gate: %v", err)
	}
}

// count returns how many tasks have arrived.
func (g *gate) count() (n int) {
	entries, err := os.ReadDir(g.dir)
	g.t.ok(err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "at") {
			n++
		}
	}
	return n
}

// arrived waits until n tasks have arrived.
func (g *gate) arrived(n int) { until(func() bool { return g.count() >= n }) }

// pid waits for the process id that is in one of the gate's files.
func (g *gate) pid(name string) (pid int) {
	until(func() bool {
		b, _ := os.ReadFile(filepath.Join(g.dir, name))
		text, whole := strings.CutSuffix(string(b), endOfPID)
		if whole {
			var err error
			pid, err = strconv.Atoi(text)
			g.t.ok(err)
		}
		return whole
	})
	return pid
}

// endOfPID is behind a process id in a file: what is before it has been written in full.
const endOfPID = "."

func writePID(w io.Writer) error {
	_, err := fmt.Fprint(w, os.Getpid(), endOfPID)
	return err
}

// untilDone waits, in a task, until its context ends.
func untilDone(ctx context.Context) { strategies.Blocking(ctx, func() { <-ctx.Done() }) }

// until waits until a condition holds. The watchdog is its limit.
func until(condition func() bool) {
	for !condition() {
		time.Sleep(pollTime)
	}
}
