//go:build unix

package procs

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// python is a process that times Python's pools.
type python struct {
	in      io.Writer
	out     *bufio.Scanner
	version string
}

// startPython starts scripts/pools.py, or skips the test if there is no python3.
func startPython(tb testing.TB) *python {
	tb.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		tb.Skip("nothing to compare with: python3 not found:", err)
	}
	version, err := exec.Command(path, "--version").Output()
	if err != nil {
		tb.Skip("nothing to compare with: python3 does not run:", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, path, "../../scripts/pools.py")
	c.Stderr = os.Stderr
	c.WaitDelay = 5 * time.Second // its workers hold its standard output open
	in, err := c.StdinPipe()
	must(tb, err)
	out, err := c.StdoutPipe()
	must(tb, err)
	must(tb, c.Start())
	tb.Cleanup(func() {
		in.Close() // ends the process and its pools
		kill := time.AfterFunc(10*time.Second, cancel)
		defer kill.Stop()
		defer cancel()
		if err := c.Wait(); err != nil {
			tb.Error("pools.py:", err)
		}
	})
	return &python{in, bufio.NewScanner(out), strings.TrimSpace(string(version))}
}

// contender returns a contender that lets Python run n tasks in one way.
func (p *python) contender(tb testing.TB, what string, n int) contender {
	return contender{what, float64(n), func() time.Duration {
		_, err := fmt.Fprintln(p.in, what, n)
		must(tb, err)
		if !p.out.Scan() {
			tb.Fatal("pools.py has ended:", p.out.Err())
		}
		var ns int64
		_, err = fmt.Sscan(p.out.Text(), &ns)
		must(tb, err)
		return time.Duration(ns)
	}}
}

// besidePython returns contenders and questions that compare this package with Python's pools: many
// trivial tasks, fewer of them in Python, which takes longer, and single round trips.
func besidePython(tb testing.TB, p *python, tasks, trips int) (all []contender, asked []question) {
	ctx := context.Background()
	all = []contender{
		p.contender(tb, "imap", max(tasks/20, 1)),
		p.contender(tb, "map", max(tasks/100, 1)),
		p.contender(tb, "apply", trips),
	}
	ask := func(what, unit string, least float64, of func(ns map[string]float64) float64) {
		asked = append(asked, question{what: what, unit: unit, of: of, least: least})
	}
	ask("multiprocessing.Pool.imap(chunksize=1)", "ns/task", 0, func(ns map[string]float64) float64 { return ns["imap"] })
	ask("concurrent.futures.ProcessPoolExecutor.map(chunksize=1)", "ns/task", 0, func(ns map[string]float64) float64 { return ns["map"] })
	ask("multiprocessing.Pool.apply", "µs", 0, func(ns map[string]float64) float64 { return ns["apply"] / 1e3 })
	for _, tr := range []transport.Transport{transport.Pipe(), transport.SHM(transport.SHMOptions{})} {
		name, c := tr.Name, config(2)
		c.Transport = tr
		x := newExecutor(tb, c)
		in, out := make([]uint64, tasks), make([]uint64, tasks)
		all = append(all,
			contender{name, float64(tasks), func() time.Duration {
				return timed(tb, func() error { return number.MapInto(ctx, x, in, out, strategies.Options{}) })
			}},
			contender{name + " trip", float64(trips), func() time.Duration {
				return timed(tb, func() error { return roundTrips(ctx, x, trips) })
			}})
		ask("task, procs over "+name, "ns/task", 0, func(ns map[string]float64) float64 { return ns[name] })
		ask("Pool.imap over procs, "+name, "x", 100, func(ns map[string]float64) float64 { return ns["imap"] / ns[name] })
		ask("ProcessPoolExecutor.map over procs, "+name, "x", 800, func(ns map[string]float64) float64 { return ns["map"] / ns[name] })
		ask("one task and back, procs over "+name, "µs", 0, func(ns map[string]float64) float64 { return ns[name+" trip"] / 1e3 })
		ask("Pool.apply over one task and back, "+name, "x", 8, func(ns map[string]float64) float64 { return ns["apply"] / ns[name+" trip"] })
	}
	return all, asked
}

// BenchmarkPython measures tasks of this package and of Python's pools, in turn.
func BenchmarkPython(b *testing.B) {
	p := startPython(b)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	contenders, questions := besidePython(b, p, 100_000, 200)
	measured := rounds(b, b.N, contenders)
	report(b, measured, questions, "python", p.version)
}

// The comparison runs, and each of its measurements takes time.
func TestPython(t *testing.T) {
	contenders, questions := besidePython(t, startPython(t), 100, 3)
	for r := range 2 {
		ns := map[string]float64{}
		for _, c := range contenders {
			ns[c.name] = float64(c.run()) / c.per
		}
		for _, q := range questions {
			if v := q.of(ns); !(v > 0) {
				t.Errorf("round %d: %s is %v", r, q.what, v)
			}
		}
	}
}
