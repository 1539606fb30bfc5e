package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// A world is a strategy with known costs, and the points at which it is measured.
type world struct {
	name   string
	truth  [parts]float64
	points []Point
}

// worlds returns strategies whose points determine all parts with a true value above 0. No point
// lies where the limit on the makespan changes, because the formula has no derivative there. With
// payloads of 4 KiB instead of 8 KiB, two points would lie there, and at a variation of 20 % the
// interval of d would hold its true value in 92.4 % of draws.
func worlds() []world {
	goroutines := world{name: "goroutines", truth: [parts]float64{PerTask: 60, PerFurther: 0.03, PerJob: 60_000, Contention: 20}}
	for _, work := range []float64{50, 100, 300, 1_000, 10_000, 100_000, 1_000_000} {
		for _, cores := range []int{1, 2, 4, 8} {
			goroutines.points = append(goroutines.points, Point{Work: work, Chunk: 1, Tasks: Tasks(work, cores), Workers: cores, Cores: cores})
		}
	}
	for _, n := range []int{16, 64, 256} {
		goroutines.points = append(goroutines.points, Point{Work: 10_000, Chunk: 1, Tasks: n, Workers: 2, Cores: 2})
	}
	processes := world{name: "processes", truth: [parts]float64{PerTask: 2_000, PerFurther: 0.05, PerByte: 0.4, PerChunk: 4_000, Dispatch: 900}}
	for _, work := range []float64{200, 2_000, 20_000} {
		for _, k := range []int{1, 4, 64} {
			for _, b := range []int{0, 8_192, 65_536} {
				for _, cores := range []int{1, 8, 16} {
					processes.points = append(processes.points, Point{Work: work, Payload: b, Chunk: k, Tasks: 4096, Workers: cores, Cores: cores})
				}
			}
		}
	}
	return []world{goroutines, processes}
}

// measured returns the cells of a world, measured in the given number of rounds. Makespans and the
// times of the direct loop vary independently, with a lognormal distribution and the coefficient of
// variation cv.
func (w world) measured(rng *rand.Rand, rounds int, cv float64) (cells []observation) {
	sigma := math.Sqrt(math.Log(1 + cv*cv))
	for i, p := range w.points {
		o := observation{at: p, cell: harness.Cell{Task: harness.Task{Workload: "spin", Grain: i + 1}, Strategy: w.name}}
		for range rounds {
			o.times = append(o.times, math.Log(task(w.truth, p))+sigma*rng.NormFloat64())
			o.works = append(o.works, math.Log(p.Work)+sigma*rng.NormFloat64())
		}
		o.at.Work = math.Exp(mean(o.works))
		cells = append(cells, o)
	}
	return cells
}

// TestCoverage checks that the 95 % interval of each parameter holds the true value in 93 to 97 %
// of 1,000 draws. With -short it makes 40 draws, and checks all parameters of a world together,
// with wider bounds.
func TestCoverage(t *testing.T) {
	draws := 1000
	if testing.Short() {
		draws = 40
	}
	for _, w := range worlds() {
		for _, cv := range []float64{0.01, 0.05, 0.2} {
			t.Run(fmt.Sprintf("%s/cv=%g", w.name, cv), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(1, uint64(cv*1000)))
				var hits [parts]int
				for range draws {
					c, err := fit(w.measured(rng, 8, cv))
					if err != nil {
						t.Fatal(err)
					}
					for p, truth := range w.truth {
						if truth > 0 && c.Known[p] && c.At[p].Lo <= truth && truth <= c.At[p].Hi {
							hits[p]++
						}
					}
				}
				sum, known := 0, 0
				for p, truth := range w.truth {
					if truth == 0 {
						continue
					}
					sum, known = sum+hits[p], known+1
					share := float64(hits[p]) / float64(draws)
					t.Logf("%s: %.1f %% covered", Part(p).Symbol(), 100*share)
					if !testing.Short() && (share < 0.93 || share > 0.97) {
						t.Errorf("%s: the interval holds the true value in %.1f %% of %d draws; want 93 to 97 %%", Part(p).Symbol(), 100*share, draws)
					}
				}
				if share := float64(sum) / float64(known*draws); share < 0.89 || share > 0.995 {
					t.Errorf("the intervals hold the true values in %.1f %% of cases; want 89 to 99.5 %%", 100*share)
				}
			})
		}
	}
}
