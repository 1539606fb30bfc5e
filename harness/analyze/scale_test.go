package analyze

import (
	"math"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// scaleSamples makes samples of made-up cells: direct costs n ns for n bytes, pipe 1000 more and a
// tenth, shm 1000 more and a hundredth; rounds differ a little.
func scaleSamples(axis ScaleAxis) (samples []harness.Sample) {
	for round := range 8 {
		noise := 1 + 0.002*math.Sin(float64(round))
		for block, at := range []int{100, 1_000, 10_000, 100_000} {
			task := harness.Cell{Workload: "mirror", Cores: 2, Chunk: "1", Order: harness.MapOrder, Workers: 2}
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
		ByPayload: "a tie of procs (chunk 1) and procs (shm, chunk 1) at 100 B; procs (shm, chunk 1) from 1000 B to 97.7 KiB",
		ByTasks:   "a tie of procs (chunk 1) and procs (shm, chunk 1) at 100 tasks; procs (shm, chunk 1) from 1000 tasks to 100000 tasks",
	} {
		a := New(harness.Info{}, scaleSamples(axis), Settings{})
		if len(a.Scales) != 1 || len(a.Questions) != 0 {
			t.Fatalf("%d scales, %d questions", len(a.Scales), len(a.Questions))
		}
		s := a.Scales[0]
		if got := s.Winners(); axis == ByTasks && got != want || !strings.Contains(got, "procs (shm, chunk 1) from 1") {
			t.Errorf("%s, not %s", got, want)
		}
		if s.Costs[0][0].Time.Value < 99 || s.Costs[0][0].Time.Value > 101 {
			t.Errorf("direct costs %v", s.Costs[0][0].Time)
		}
		if got, want := s.Pays(1), "pays from "+s.Point(2)+" on"; got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
