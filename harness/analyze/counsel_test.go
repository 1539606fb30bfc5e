package analyze_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// counselled returns the analysis of a run on two cores. Pool adds 50 ns to a task, and procs adds
// 1 µs. With a live heap, pool takes twice as long as procs. Starting pool takes 20 µs, and
// starting procs 3 ms. Some tasks of 20 µs crash.
func counselled(rounds int, precision float64) *analyze.Analysis {
	rng := rand.New(rand.NewPCG(3, 4))
	var samples []harness.Sample
	block := 0
	add := func(task harness.Task, grains []int, over map[string]float64) {
		for _, task.Grain = range grains {
			for round := range rounds {
				drift := 1 + 0.1*rng.Float64()
				for _, name := range []string{harness.Direct, "pool", harness.Processes} {
					extra, ok := over[name]
					c := harness.Cell{Task: task, Cores: 2, Strategy: name, Workers: 2, Chunk: "1", Order: harness.MapOrder}
					ns, start := float64(task.Grain)/2+extra, 20e3
					switch name {
					case harness.Direct:
						c.Workers, ns, start, ok = 1, float64(task.Grain), 0, true
					case harness.Processes:
						start = 3e6
					}
					if ok {
						ns *= drift * (1 + 0.002*rng.Float64())
						samples = append(samples, harness.Sample{Cell: c, Round: round, Block: block, Reps: 3, Values: map[string]float64{
							harness.UnitTask: ns, harness.UnitTasks: 1000, harness.UnitStart: start,
						}})
					}
				}
			}
			block++
		}
	}
	add(harness.Task{Workload: "spin"}, []int{1000, 10_000, 1_000_000}, map[string]float64{"pool": 50, harness.Processes: 1000})
	add(harness.Task{Workload: "spin", Shape: "kill1000"}, []int{20_000}, map[string]float64{harness.Processes: 5000})
	add(harness.Task{Workload: "alloc", Memory: 64 << 20}, []int{100_000}, map[string]float64{"pool": 50_000, harness.Processes: 1000})
	return analyze.New(harness.Info{Precision: precision}, samples, analyze.Settings{})
}

func TestCounsel(t *testing.T) {
	run, short := counselled(6, 0.05), counselled(2, 0.05)
	for _, c := range []struct {
		run  *analyze.Analysis
		need string
		jobs int
		use  string // "" if the run has no counsel
		gain float64
		sure analyze.Certainty
		next string
		mark string // interpolated, outside
	}{
		{run, "cpu=10us", 0, "pool", 10_000 / 5050., analyze.Settled, "procs", ""},
		{run, "cpu=3162ns", 0, "pool", math.Sqrt(1000 / 550. * 10_000 / 5050), analyze.Settled, "procs", "interpolated"},
		{run, "cpu=100us", 0, "pool", math.Sqrt(10_000 / 5050. * 1_000_000 / 500_050), analyze.Likely, "procs", "interpolated"}, // a wide gap
		{run, "cpu=200ns", 0, "pool", 1000 / 550., analyze.Settled, "procs", "outside"},
		{run, "cpu=5ms", 0, "pool", 2, analyze.Settled, "procs", "outside"},
		{run, "cpu=10us", 10, "pool", 100_000 / (20_000 + 50_500.), analyze.Likely, "procs", ""}, // the start
		{run, "cpu=1us", 10, "direct", 1, analyze.Likely, "pool", ""},                            // starts pay for nothing else
		{run, "cpu=20us,crash", 0, "procs", 20 / 15., analyze.Settled, "", ""},
		{run, "cpu=1ms,crash", 0, "procs", 1000 / 501., analyze.Likely, "", ""}, // crashes were not measured there
		{run, "cpu=100us,memory=64m", 0, "procs", 100 / 51., analyze.Settled, "pool", ""},
		{run, "cpu=100us,memory=50m", 0, "procs", 100 / 51., analyze.Likely, "pool", ""},
		{run, "cpu=100us,memory=8m", 0, "", 0, 0, "", ""},
		{run, "cpu=10us,payload=4k", 0, "", 0, 0, "", ""},
		{run, "wait=1ms", 0, "", 0, 0, "", ""},
		{short, "cpu=10us", 0, "pool", 10_000 / 5050., analyze.Likely, "procs", ""},
	} {
		n, err := harness.ParseNeed(c.need)
		if err != nil {
			t.Fatal(err)
		}
		n.Tasks = c.jobs
		got, ok := c.run.Counsel(n)
		if !ok || c.use == "" {
			if ok || c.use != "" {
				t.Errorf("%s: a counsel: %v, want %q", c.need, ok, c.use)
			}
			continue
		}
		best := got.Use[0]
		mark := ""
		switch {
		case got.Outside:
			mark = "outside"
		case got.Interpolated():
			mark = "interpolated"
		}
		if best.Cell.Strategy != c.use || math.Abs(best.Gain.Value/c.gain-1) > 0.01 || got.Sure != c.sure || got.Next.Cell.Strategy != c.next || mark != c.mark {
			t.Errorf("%s, %d tasks: use %s, %v × (want %v), %v, next %s, %s; notes %q", c.need, c.jobs, best.Cell.Strategy, best.Gain, c.gain, got.Sure, got.Next.Cell.Strategy, mark, got.Notes)
		}
		if !(best.Gain.Lo <= best.Gain.Value && best.Gain.Value <= best.Gain.Hi) {
			t.Errorf("%s: the interval of %+v", c.need, best.Gain)
		}
	}
}

// TestCounselStartPays checks the number of tasks from which starting the workers pays. This number
// is the time of the start divided by the time that each task saves.
func TestCounselStartPays(t *testing.T) {
	c, ok := counselled(6, 0.05).Counsel(harness.Need{CPU: 10 * time.Microsecond})
	if !ok {
		t.Fatal("no counsel")
	}
	want := map[string]float64{"pool": 20_000 / (10_000 - 5050.), harness.Processes: 3e6 / (10_000 - 6000.)}
	for _, o := range []analyze.Option{c.Use[0], c.Next} {
		if w := want[o.Cell.Strategy]; math.Abs(o.Pays-math.Ceil(w)) > 0.02*w+1 {
			t.Errorf("the start of %s pays from %v tasks on, want %v", o.Cell.Strategy, o.Pays, w)
		}
	}
}

// TestCounselStartPaysOutside checks a need whose tasks are larger than all measured tasks. The
// number of tasks from which the start pays must then be that of the largest measured task, which
// takes 1 ms.
func TestCounselStartPaysOutside(t *testing.T) {
	c, ok := counselled(6, 0.05).Counsel(harness.Need{CPU: 5 * time.Millisecond})
	if want := 3e6 / (1e6 - 501e3); !ok || math.Abs(c.Next.Pays-want) > 1 {
		t.Errorf("the start of %s pays from %v tasks on, want %v", c.Next.Cell.Strategy, c.Next.Pays, want)
	}
}

// TestCounselOfBusyRun checks that a run on a busy machine gives no counsel.
func TestCounselOfBusyRun(t *testing.T) {
	samples, _, _ := accounted(6)
	for i := range samples {
		samples[i].Marks = []string{harness.MarkStarved}
	}
	if c, ok := analyze.New(harness.Info{}, samples, analyze.Settings{}).Counsel(harness.Need{CPU: time.Microsecond}); ok {
		t.Errorf("use %s", strings.Join(analyze.Labels([]harness.Cell{c.Use[0].Cell}), ""))
	}
}
