package strategiestest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
)

// A gate blocks tasks until the test opens it. Tasks with the deed doWait arrive at the gate and
// wait until it is open; tasks with the deed doMark arrive and go on. The gate counts the tasks
// that have arrived. If the strategy has worker processes, the gate is a folder, in which each task
// that arrives creates a file.
type gate struct {
	t   *testCase
	dir string // folder of the gate; empty if the gate is in memory

	mu     sync.Mutex
	marks  map[int]bool // indexes of the acts that have arrived
	opened bool
}

// gate makes a closed gate. At the end of the case the gate opens, so that no task waits forever.
func (t *testCase) gate() *gate {
	g := &gate{t: t, marks: map[int]bool{}}
	if t.can().Processes {
		g.dir = t.TempDir()
	}
	t.cleanup(g.open)
	return g
}

// acts returns n acts with the deed d, whose tasks arrive at gate g. Their indexes are lo, lo+1 and
// so on.
func (g *gate) acts(d deed, lo, n int) []act {
	acts := make([]act, n)
	for i := range acts {
		acts[i] = act{Index: lo + i, Do: d, Dir: g.dir, gate: g}
	}
	return acts
}

func (g *gate) waiters(lo, n int) []act { return g.acts(doWait, lo, n) }
func (g *gate) markers(lo, n int) []act { return g.acts(doMark, lo, n) }

func (g *gate) open() {
	if g.dir != "" {
		if err := os.WriteFile(g.file("open"), nil, 0o666); err != nil {
			g.t.Errorf("cannot open the gate of the case: %v", err)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = true
}

func (g *gate) file(name string) string { return filepath.Join(g.dir, name) }

// count returns the number of tasks that have arrived at the gate.
func (g *gate) count() (n int) {
	if g.dir == "" {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.marks)
	}
	entries, err := os.ReadDir(g.dir)
	g.t.ok(err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "at") {
			n++
		}
	}
	return n
}

// arrived waits until at least n tasks have arrived at the gate.
func (g *gate) arrived(n int) { until(func() bool { return g.count() >= n }) }

// pid waits until the named file in the folder of the gate holds a process id, and returns this
// process id. Each task that arrives writes a file with the id of its process.
func (g *gate) pid(name string) int {
	var text string
	until(func() (whole bool) {
		b, _ := os.ReadFile(g.file(name))
		text, whole = strings.CutSuffix(string(b), endOfPID)
		return whole
	})
	pid, err := strconv.Atoi(text)
	g.t.ok(err)
	return pid
}

// endOfPID follows the process id in a file. If a reader finds endOfPID, the file contains the
// whole id.
const endOfPID = "."

// mark records that the task of act a has arrived at its gate. It returns an error if the task had
// arrived before: each task may run only once.
func (a act) mark() error {
	if a.Dir == "" {
		a.gate.mu.Lock()
		defer a.gate.mu.Unlock()
		if a.gate.marks[a.Index] {
			return fmt.Errorf("act %d runs a second time", a.Index)
		}
		a.gate.marks[a.Index] = true
		return nil
	}
	return create(filepath.Join(a.Dir, "at"+strconv.Itoa(a.Index)))
}

// open reports whether the gate of act a is open.
func (a act) open() bool {
	if a.Dir == "" {
		a.gate.mu.Lock()
		defer a.gate.mu.Unlock()
		return a.gate.opened
	}
	_, err := os.Stat(filepath.Join(a.Dir, "open"))
	return err == nil
}

// wait calls mark, and then waits until the gate of act a is open. If ctx ends first, wait returns
// an error.
func (a act) wait(ctx context.Context) error {
	if err := a.mark(); err != nil {
		return err
	}
	for !a.open() {
		if err := strategies.Wait(ctx, pollTime); err != nil {
			return err
		}
	}
	return nil
}

// untilDone waits until ctx, the context of the calling task, has ended.
func untilDone(ctx context.Context) { strategies.Blocking(ctx, func() { <-ctx.Done() }) }
