package peers_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var figuresFile = flag.String("figures", "", "write the table of BenchmarkFigures to this file, as Markdown")

// A contest compares contenders that do the same work. In each round every contender runs once. The
// order shifts from round to round, so that changes of the machine affect all contenders alike. A
// ratio always divides two times of the same round.
type contest struct {
	name       string
	per        int // tasks of a run, by which times and allocations are divided
	contenders []contender
	questions  []question
}

// A contender is one way to run all tasks once. Its function run does so and returns the measured
// time, or 0 if the whole call of run should count.
type contender struct {
	name string
	run  func() time.Duration
}

// A question asks how many times as long one contender takes as another. The ratio divides the time
// of the contender named by the field who by factor times the time of the contender named by than.
type question struct {
	who, than string
	factor    float64 // 0.5 turns the time of a plain loop into the ideal time of two workers
	most      float64 // largest ratio wanted; 0 for no limit
}

// A result holds the measurements of one contender in all rounds.
type result struct {
	ns     []float64 // ns per task, by round
	allocs []float64
}

// measure runs the given number of rounds and returns the result of each contender by its name.
func (c contest) measure(rounds int) map[string]*result {
	results := map[string]*result{}
	for _, x := range c.contenders {
		results[x.name] = &result{}
	}
	var before, after runtime.MemStats
	for r := range rounds {
		for k := range c.contenders {
			x := c.contenders[(k+r)%len(c.contenders)]
			runtime.GC() // collects the garbage of other contenders
			runtime.ReadMemStats(&before)
			began := time.Now()
			took := x.run()
			if took == 0 {
				took = time.Since(began)
			}
			runtime.ReadMemStats(&after)
			got := results[x.name]
			got.ns = append(got.ns, float64(took.Nanoseconds())/float64(c.per))
			got.allocs = append(got.allocs, float64(after.Mallocs-before.Mallocs)/float64(c.per))
		}
	}
	return results
}

// bench runs b.N rounds and reports the median time of each contender. It returns the rows of the
// table in Markdown.
func (c contest) bench(b *testing.B) string {
	var rows strings.Builder
	b.ResetTimer()
	results := c.measure(b.N)
	for _, x := range c.contenders {
		got := results[x.name]
		b.ReportMetric(median(got.ns), words(x.name)+"-ns/task")
		asked := false
		for _, q := range c.questions {
			if q.who == x.name {
				c.row(&rows, q, results)
				asked = true
			}
		}
		if !asked {
			c.row(&rows, question{who: x.name}, results)
		}
	}
	return rows.String()
}

// words makes name fit for the unit of a benchmark: without commas, and with hyphens in place of
// blanks.
func words(name string) string { return strings.NewReplacer(",", "", " ", "-").Replace(name) }

// row appends the row that answers question q to the table in rows.
func (c contest) row(rows *strings.Builder, q question, results map[string]*result) {
	got := results[q.who]
	against, ratio, most := "", "", ""
	if q.than != "" {
		other := results[q.than]
		ratios := make([]float64, len(got.ns))
		for i := range ratios {
			ratios[i] = got.ns[i] / (other.ns[i] * q.factor)
		}
		lo, hi := interval(ratios)
		against = q.than
		if q.factor != 1 {
			against = fmt.Sprintf("%g × %s", q.factor, q.than)
		}
		ratio = fmt.Sprintf("%.3f (%.3f to %.3f)", median(ratios), lo, hi)
		if q.most > 0 {
			most = fmt.Sprintf("%.3g", q.most)
		}
	}
	fmt.Fprintf(rows, "| %s | %s | %.1f | %s | %s | %s | %.2f |\n", c.name, q.who, median(got.ns), against, ratio, most, median(got.allocs))
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// interval returns an interval for the median of v, by the exact sign test. Its confidence is at
// least 95 % for 6 values or more. For fewer values it is the range from the smallest to the
// largest.
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

// writeFigures writes the rows of the table to the file that the flag -figures names, below a
// description of the machine and the method. Without the flag it does nothing.
func writeFigures(b *testing.B, rounds int, rows string) {
	if *figuresFile == "" {
		return
	}
	var t strings.Builder
	fmt.Fprintf(&t, "%s, %d cores, GOMAXPROCS 2, %s/%s, %s: medians of %d rounds by turns; ratios are paired by round, with the sign-test interval of 95 %%. `make figures` measures them.\n\n",
		cpu(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), rounds)
	t.WriteString("| what | who | ns per task | against | ratio | at most | allocations per task |\n|---|---|---|---|---|---|---|\n")
	t.WriteString(rows)
	if err := os.WriteFile(*figuresFile, []byte(t.String()), 0o666); err != nil {
		b.Fatal(err)
	}
}

// cpu returns the name of the processor, or "unknown processor".
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

// The function interval chooses the same ranks as published tables of the sign test.
func TestInterval(t *testing.T) {
	for _, c := range []struct{ n, lo, hi int }{{1, 1, 1}, {5, 1, 5}, {6, 1, 6}, {9, 2, 8}, {21, 6, 16}, {31, 10, 22}} {
		var v []float64
		for i := range c.n {
			v = append(v, float64(i+1))
		}
		if lo, hi := interval(v); lo != float64(c.lo) || hi != float64(c.hi) {
			t.Errorf("of %d values: %v to %v, want %d to %d", c.n, lo, hi, c.lo, c.hi)
		}
	}
}
