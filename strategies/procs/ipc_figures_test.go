//go:build unix

package procs

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

var figuresFile = flag.String("figures", "", "write the table of BenchmarkIPC or BenchmarkPython to this file, as Markdown")

// A contender is a piece of work that BenchmarkIPC measures. Its function run does the work once
// and returns how long it took. The pools for the work exist already.
type contender struct {
	name string
	per  float64 // divisor of its time: tasks, round trips
	run  func() time.Duration
}

// measure runs the work once, to wake sleeping workers, and then repeatedly for at least 30 ms. It
// returns the median time in ns, divided by the field per.
func (c contender) measure() float64 {
	const enough = 30 * time.Millisecond
	c.run()
	var took []float64
	for sum := time.Duration(0); sum < enough; {
		d := c.run()
		sum += d
		took = append(took, float64(d.Nanoseconds())/c.per)
	}
	return median(took)
}

// A question is a figure that BenchmarkIPC computes, with its target. The function in the field of
// computes the figure from the times of one round, keyed by the names of the contenders. The figure
// should be at most the field most or, if the field least is not 0, at least least.
type question struct {
	what, unit  string
	of          func(ns map[string]float64) float64
	most, least float64
}

// BenchmarkIPC measures the cost of worker processes, over pipes and over shared memory, in rounds.
// In each round it measures every contender (a piece of work) for long enough to be warm. The order
// of the contenders shifts from round to round.
//
// Each value of a figure is computed from the times of one round, so changes of the machine affect
// all times in it alike. Run BenchmarkIPC with -benchtime 21x, an odd number of rounds, on two idle
// cores.
func BenchmarkIPC(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	contenders, questions := figures(b)
	measured := rounds(b, b.N, contenders)
	report(b, measured, questions, "ipc")
}

// rounds measures all contenders in each of n rounds. For each round it returns the times, keyed by
// the names of the contenders.
func rounds(b *testing.B, n int, contenders []contender) []map[string]float64 {
	all := make([]map[string]float64, n)
	b.ResetTimer()
	for r := range all {
		all[r] = map[string]float64{}
		for k := range contenders {
			c := contenders[(k+r)%len(contenders)]
			runtime.GC() // collects the garbage of other contenders
			all[r][c.name] = c.measure()
		}
	}
	b.StopTimer()
	return all
}

// report writes a table of the questions and their figures to the file that the flag figures names.
// The argument target is the make target that measures the figures. The argument others holds the
// versions of other programs, for the line above the table.
func report(b *testing.B, rounds []map[string]float64, questions []question, target string, others ...string) {
	var t strings.Builder
	fmt.Fprintf(&t, "%s, %d cores, GOMAXPROCS 2, workers' 1, %s/%s, %s: medians of %d rounds by turns, warm, each figure made within a round; the sign-test interval of 95 %%. `make %s` measures them.\n\n",
		cpu(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, strings.Join(append([]string{runtime.Version()}, others...), ", "), len(rounds), target)
	t.WriteString("| figure | measured | interval | asked |\n|---|---|---|---|\n")
	for _, q := range questions {
		var v []float64
		for _, round := range rounds {
			v = append(v, q.of(round))
		}
		lo, hi := interval(v)
		asked := ""
		switch {
		case q.most > 0:
			asked = fmt.Sprintf("at most %g", q.most)
		case q.least > 0:
			asked = fmt.Sprintf("at least %.3g", q.least)
		}
		fmt.Fprintf(&t, "| %s, %s | %.4g | %.4g to %.4g | %s |\n", q.what, q.unit, median(v), lo, hi, asked)
		b.ReportMetric(median(v), strings.NewReplacer(",", "", " ", "-").Replace(q.what+" "+q.unit))
	}
	if *figuresFile == "" {
		return
	}
	if err := os.WriteFile(*figuresFile, []byte(t.String()), 0o666); err != nil {
		b.Fatal(err)
	}
}

// timed returns how long f takes.
func timed(tb testing.TB, f func() error) time.Duration {
	began := time.Now()
	if err := f(); err != nil {
		tb.Fatal(err)
	}
	return time.Since(began)
}

// figures creates the pools of BenchmarkIPC. It returns the pieces of work to measure (contenders)
// and the figures to compute (questions).
func figures(b *testing.B) (all []contender, asked []question) {
	pool := func(workers int, tr transport.Transport) *Executor {
		c := config(workers)
		c.Transport = tr
		return newExecutor(b, c)
	}
	add := func(name string, per int, f func() error) {
		all = append(all, contender{name, float64(per), func() time.Duration { return timed(b, f) }})
	}
	ask := func(what, unit string, most, least float64, of func(ns map[string]float64) float64) {
		asked = append(asked, question{what, unit, of, most, least})
	}
	type executor struct {
		name string
		x    strategies.Executor
	}
	threads, err := catalog.Named("pool").New(context.Background(), catalog.Config{Workers: 2})
	must(b, err)
	b.Cleanup(func() { threads.Stop(cancelled) })
	processes := []executor{{"pipe", pool(2, transport.Pipe())}, {"shm", pool(2, transport.SHM(transport.SHMOptions{}))}}
	ctx := context.Background()

	// Maps of tasks from trivial to coarse.
	maps := func(n int, steps uint64, executors ...executor) (name string) {
		in, out := make([]uint64, n), make([]uint64, n)
		for i := range in {
			in[i] = steps<<40 | uint64(i)
		}
		name = fmt.Sprintf("map %d ", steps)
		add(name+"direct", n, func() (err error) {
			for i, v := range in {
				if out[i], err = number.Func(ctx, v); err != nil {
					return err
				}
			}
			return nil
		})
		for _, e := range executors {
			add(name+e.name, n, func() error { return number.MapInto(ctx, e.x, in, out, strategies.Options{}) })
		}
		return name
	}
	grains := []uint64{20, 30, 45, 68, 100, 150, 300}
	trivial := maps(100_000, 0, processes...)
	for _, steps := range grains {
		maps(50_000, steps, processes...)
	}
	micro := maps(20_000, 600, processes...)
	coarse := maps(1_000, 60_000, append(processes, executor{"pool", threads})...)
	for i, e := range processes {
		ask("trivial task, "+e.name, "ns/task", []float64{40, 30}[i], 0, func(ns map[string]float64) float64 { return ns[trivial+e.name] })
	}
	for _, e := range processes {
		ask("METG(50 %), "+e.name, "ns", 150, 0, func(ns map[string]float64) float64 {
			return metg(grains, func(steps uint64) (w, t float64) {
				name := fmt.Sprintf("map %d ", steps)
				return ns[name+"direct"], ns[name+e.name]
			})
		})
	}
	for i, e := range processes {
		ask("1 µs task, "+e.name, "x ideal", []float64{1.25, 1.12}[i], 0, func(ns map[string]float64) float64 {
			return 2 * ns[micro+e.name] / ns[micro+"direct"]
		})
	}
	for _, e := range append(processes, executor{"pool", threads}) {
		ask("100 µs task, "+e.name, "of two cores", 0, 0, func(ns map[string]float64) float64 { return ns[coarse+"direct"] / ns[coarse+e.name] / 2 })
	}

	// Streams of small tasks.
	const streamed = 10_000
	stream := func(e executor, order strategies.Order) string {
		name := fmt.Sprintf("stream %v %s", order, e.name)
		add(name, streamed, func() error {
			in := func(yield func(uint64) bool) {
				for i := range uint64(streamed) {
					if !yield(2400<<40 | i) {
						return
					}
				}
			}
			for _, err := range number.Stream(ctx, e.x, in, strategies.Options{Order: order}) {
				if err != nil {
					return err
				}
			}
			return nil
		})
		return name
	}
	plain := maps(streamed, 2400)
	for _, e := range append(processes, executor{"pool", threads}) {
		for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
			name := stream(e, order)
			ask(fmt.Sprintf("stream of 4 µs tasks, %v order, %s", order, e.name), "x direct", 0, 0, func(ns map[string]float64) float64 {
				return ns[plain+"direct"] / ns[name]
			})
		}
	}

	// One task and back.
	const trips = 200
	for _, bare := range []string{"pipe", "futex"} {
		trip := bareTrip(b, bare)
		add("bare "+bare, trips, func() error {
			for range trips {
				if err := trip(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	trip := func(name string, x *Executor) {
		in, out := []uint64{1}, []uint64{0}
		add("trip "+name, trips, func() error {
			for range trips {
				if err := number.MapInto(ctx, x, in, out, strategies.Options{}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for i, e := range processes {
		trip(e.name, e.x.(*Executor))
		trip(e.name+" 1", pool(1, []transport.Transport{transport.Pipe(), transport.SHM(transport.SHMOptions{})}[i]))
		bare := []string{"bare pipe", "bare futex"}[i]
		ask("one task and back, "+e.name, "x "+bare, 1.5, 0, func(ns map[string]float64) float64 { return ns["trip "+e.name] / ns[bare] })
		ask("one task and back, 1 worker, "+e.name, "x "+bare, 1.5, 0, func(ns map[string]float64) float64 { return ns["trip "+e.name+" 1"] / ns[bare] })
		ask("one task and back, "+e.name, "µs", 0, 0, func(ns map[string]float64) float64 { return ns["trip "+e.name] / 1e3 })
		ask(bare+" ping-pong", "µs", 0, 0, func(ns map[string]float64) float64 { return ns[bare] / 1e3 })
	}

	// Large payloads there and back. The target is for both directions together.
	const blobCount = 16
	in, out := make([][]byte, blobCount), make([][]byte, blobCount)
	for i := range in {
		in[i] = make([]byte, 1<<20)
	}
	for i, e := range processes {
		add("echo "+e.name, blobCount<<20, func() error { return echo.MapInto(ctx, e.x, in, out, strategies.Options{}) })
		ask("1 MiB to a kernel and back, "+e.name, "GB/s, counted once", 0, 0, func(ns map[string]float64) float64 { return 1 / ns["echo "+e.name] })
		ask("1 MiB to a kernel and back, "+e.name, "GB/s, both ways", 0, []float64{1.5, 6}[i], func(ns map[string]float64) float64 { return 2 / ns["echo "+e.name] })
	}
	copied := make([][]byte, blobCount)
	for i := range copied {
		copied[i] = make([]byte, 1<<20)
	}
	add("copy", blobCount<<20, func() error {
		for i, b := range in {
			copy(copied[i], b)
		}
		return nil
	})
	ask("1 MiB copied in this process", "GB/s", 0, 0, func(ns map[string]float64) float64 { return 1 / ns["copy"] })
	ask("1 MiB to a kernel and back, shm, both ways", "x copied", 0, 1./3, func(ns map[string]float64) float64 { return 2 * ns["copy"] / ns["echo shm"] })
	if hasArenas {
		byReference(b, add, ask)
	}
	return all, asked
}

// metg returns METG(50 %): the smallest makespan × cores ÷ tasks, in ns, at which two cores spend
// half of their time in tasks. The function at returns two times in ns for tasks with the given
// number of steps: w, the time of one task in a plain loop, and t, the makespan of a map of such
// tasks. metg interpolates the efficiency linearly between two of the grains.
func metg(grains []uint64, at func(steps uint64) (w, t float64)) float64 {
	var before, grainBefore float64 // efficiency and T·C/N
	for i, steps := range grains {
		w, t := at(steps)
		g := 2 * t
		e := w / g
		if e >= 0.5 {
			if i == 0 {
				return g
			}
			return grainBefore + (g-grainBefore)*(0.5-before)/(e-before)
		}
		before, grainBefore = e, g
	}
	return grainBefore / before / 2 // no grain reaches half
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// interval returns the exact sign-test interval of the median of v, with a confidence of at least
// 95 %. For fewer than 6 values it returns their range.
func interval(v []float64) (lo, hi float64) {
	s := slices.Sorted(slices.Values(v))
	n := len(s)
	k, below, p := 0, 0.0, 1.0 // p is the probability of k heads in n tosses, and below the probability of fewer
	for range n {
		p /= 2
	}
	for below+p <= 0.025 {
		below += p
		p *= float64(n-k) / float64(k+1)
		k++
	}
	k = max(k-1, 0)
	return s[k], s[n-1-k]
}

// cpu returns the name of the processor, if the system reports it.
func cpu() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if key, name, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				return strings.TrimSpace(name)
			}
		}
	}
	name, _ := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output()
	return cmp.Or(strings.TrimSpace(string(name)), "unknown processor")
}
