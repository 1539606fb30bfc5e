package analyze

import (
	"math"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// scaleSamples returns samples along an axis. For n bytes or tasks, direct costs n ns, pipe costs
// 1000+n/10 ns and shm costs 1000+n/100 ns, with a little noise.
func scaleSamples(axis ScaleAxis) (samples []harness.Sample) {
	for round := range 8 {
		noise := 1 + 0.002*math.Sin(float64(round))
		for block, at := range []int{100, 1_000, 10_000, 100_000} {
			task := harness.Cell{Task: harness.Task{Workload: "mirror"}, Cores: 2, Chunk: "1", Order: harness.MapOrder, Workers: 2}
			for i, who := range []harness.Cell{{Strategy: harness.Direct}, {Strategy: "procs"}, {Strategy: "procs", Transport: "shm"}} {
				c := axis.with(task, at)
				c.Strategy, c.Transport = who.Strategy, who.Transport
				if i == 0 {
					c.Workers = 1
				}
				ns := noise * []float64{float64(at), 1000 + float64(at)/10, 1000 + float64(at)/100}[i]
				values := map[string]float64{harness.UnitTask: ns, harness.UnitTasks: 100}
				if axis == ByTasks {
					values = map[string]float64{harness.UnitTask: 1, harness.UnitTasks: float64(at), harness.UnitStart: ns * float64(at) / 4, harness.UnitFirst: ns * float64(at) * 3 / 4}
				}
				samples = append(samples, harness.Sample{Cell: c, Round: round, Block: block, Values: values})
			}
		}
	}
	return samples
}

func TestScales(t *testing.T) {
	for axis, want := range map[ScaleAxis]string{
		ByPayload: "procs (pipe, chunk 1) and procs (shm, chunk 1) alike at 100 B; procs (shm, chunk 1) from 1000 B to 97.7 KiB",
		ByTasks:   "procs (pipe, chunk 1) and procs (shm, chunk 1) alike at 100 tasks; procs (shm, chunk 1) from 1000 tasks to 100000 tasks",
	} {
		a := New(harness.Info{}, scaleSamples(axis), Settings{})
		if len(a.Scales) != 1 || len(a.Questions()) != 0 {
			t.Fatalf("%d scales, %d questions", len(a.Scales), len(a.Questions()))
		}
		s := a.Scales[0]
		if got := s.Winners(); axis == ByTasks && got != want || !strings.Contains(got, "procs (shm, chunk 1) from 1") {
			t.Errorf("%s, not %s", got, want)
		}
		name := map[ScaleAxis]string{ByPayload: "mirror on 2 cores, by payload and transport", ByTasks: "mirror on 2 cores, by number of tasks and transport, including the start of workers"}
		if s.Name() != name[axis] || s.Ways() != "transport" || s.Label(1) != "procs (pipe, chunk 1)" {
			t.Errorf("%s, by %s, %s", s.Name(), s.Ways(), s.Label(1))
		}
		if s.Costs[0][0].Time.Value < 99 || s.Costs[0][0].Time.Value > 101 {
			t.Errorf("direct costs %v", s.Costs[0][0].Time)
		}
		if got, want := s.Pays(1), "pays from "+s.Point(2)+" on"; got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// TestChosenNumberOfTasks checks tasks whose number the suite sets but does not vary. Their timed
// jobs get verdicts, and their cold start gets a scale. With single order, the cold start gets no
// scale.
func TestChosenNumberOfTasks(t *testing.T) {
	of := func(order string, counts, payloads []int) *Analysis {
		var samples []harness.Sample
		for round := range 8 {
			noise := 1 + 0.002*math.Sin(float64(round))
			block := 0
			for _, n := range counts {
				for _, payload := range payloads {
					loop := harness.Cell{Task: harness.Task{Workload: "mirror", Payload: payload, Tasks: n}, Cores: 2, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
					pool, procs := loop, loop
					pool.Strategy, pool.Workers, pool.Order = "pool", 2, order
					procs.Strategy, procs.Workers, procs.Order = "procs", 2, order
					for i, c := range []harness.Cell{loop, pool, procs} {
						samples = append(samples, harness.Sample{Cell: c, Round: round, Block: block, Values: map[string]float64{
							harness.UnitTask: noise * []float64{1000, 600, 500}[i], harness.UnitTasks: float64(n),
							harness.UnitStart: noise * []float64{0, 1000, 1e6}[i], harness.UnitFirst: noise * 700 * float64(n),
						}})
					}
					block++
				}
			}
		}
		return New(harness.Info{}, samples, Settings{})
	}
	for name, c := range map[string]struct {
		a                 *Analysis
		questions, scales int
		place, scale      string
		winner, cheapest  string
	}{
		"one number":         {of(harness.MapOrder, []int{64}, []int{0}), 1, 1, "mirror in a job of 64 tasks on 2 cores", "mirror on 2 cores, 64 tasks, including the start of workers", "procs", "pool (chunk 1) at 64 tasks"},
		"two numbers":        {of(harness.MapOrder, []int{16, 64}, []int{0}), 2, 1, "mirror in a job of 16 tasks on 2 cores", "mirror on 2 cores, by number of tasks, including the start of workers", "procs", "pool (chunk 1) from 16 tasks to 64 tasks"},
		"a sweep":            {of(harness.MapOrder, []int{4, 16, 64}, []int{0}), 0, 1, "", "mirror on 2 cores, by number of tasks, including the start of workers", "", "pool (chunk 1) from 4 tasks to 64 tasks"},
		"round trips":        {of(harness.SingleOrder, []int{64}, []int{0}), 1, 0, "mirror in a job of 64 tasks on 2 cores, single order", "", "procs", ""},
		"trips with payload": {of(harness.SingleOrder, []int{64}, []int{100, 200, 400}), 0, 1, "", "mirror in a job of 64 tasks on 2 cores, single order, by payload", "", "procs (chunk 1) from 100 B to 400 B"},
	} {
		if len(c.a.Questions()) != c.questions || len(c.a.Scales) != c.scales {
			t.Errorf("%s: %d questions, %d scales", name, len(c.a.Questions()), len(c.a.Scales))
			continue
		}
		if c.questions > 0 {
			q := c.a.Questions()[0]
			if w := q.Winner; q.Place.String() != c.place || w.Kind != Won || w.Best[0].Strategy != c.winner || q.Rows[1].VsDirect.Verdict != Better {
				t.Errorf("%s: %s: %+v", name, q.Place, w)
			}
		}
		if c.scales > 0 {
			if s := c.a.Scales[0]; s.Name() != c.scale || s.Winners() != c.cheapest {
				t.Errorf("%s: %s: %s", name, s.Name(), s.Winners())
			}
		}
	}
	for counts, want := range map[int]string{64: "is slower at 64 tasks", 6400: "is not shown to pay at 6400 tasks"} {
		if got := of(harness.MapOrder, []int{counts}, []int{0}).Scales[0].Pays(1); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLineups checks that workloads with the same payloads form a lineup. The lineup contains the
// strategies that all of the workloads have.
func TestLineups(t *testing.T) {
	var samples []harness.Sample
	for i, name := range []string{"send", "file", "mapped"} {
		for _, s := range scaleSamples(ByPayload) {
			if s.Cell.Workload = name; name == "file" && s.Cell.Transport != "" {
				continue
			}
			s.Block += 10 * i
			s.Values = map[string]float64{harness.UnitTask: s.Values[harness.UnitTask] * float64(i+1), harness.UnitTasks: 100}
			samples = append(samples, s)
		}
	}
	all := New(harness.Info{}, samples, Settings{}).Lineups
	if len(all) != 1 {
		t.Fatalf("%d tables", len(all))
	}
	b := all[0]
	if got := b.Name() + ": " + b.Label(0) + ", " + b.Label(1); got != "file, mapped and send side by side on 2 cores, by payload: direct, procs (chunk 1)" || len(b.Who) != 2 {
		t.Errorf("%s: %d ways", got, len(b.Who))
	}
	for i := range b.At { // file costs twice as much as send, mapped three times as much
		for k := range b.Who {
			e := b.Times[k][i]
			if file, mapped := e[0].Value/e[2].Value, e[1].Value/e[2].Value; math.Abs(file-2) > 0.01 || math.Abs(mapped-3) > 0.01 {
				t.Errorf("%s, %s: %v", b.Point(i), b.Label(k), e)
			}
		}
	}
	if two := lineups(New(harness.Info{}, samples, Settings{}).Scales[:2]); len(two) > 0 {
		t.Errorf("two workloads: %v", two)
	}
}
