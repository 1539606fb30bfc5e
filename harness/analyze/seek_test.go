package analyze

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var draws = flag.Int("draws", 200, "number of simulated searches for each truth and noise")

// A truth is a curve ln(T_A/T_B) whose boundaries are known.
type truth struct {
	name   string
	margin float64
	y      func(x, root float64) float64
}

// truths returns curves that cost models have, all with a root. o is the overhead of a task and d
// the dispatcher's, both relative to the root.
func truths() []truth {
	return []truth{
		{"break-even of two workers", 0.02, func(x, root float64) float64 { return math.Log((1 + math.Exp(root-x)) / 2) }},
		{"METG at 75 %", 0, func(x, root float64) float64 { return math.Log((1 + math.Exp(root-x)/3) * 0.75) }},
		{"two pools", 0.02, func(x, root float64) float64 { // one has more overhead and better balance
			u := math.Exp(x - root)
			return math.Log((u + 4) / (2.5*u + 2.5))
		}},
		{"with a dispatcher", 0.02, func(x, root float64) float64 { // T = max((w+o)/P, d), with the bend below the root
			u := math.Exp(x - root)
			return math.Log(max((u+1)/2, 0.8) / u)
		}},
	}
}

// ladder returns rungs from 100 ns to 1 ms.
func ladder(ratio float64) (rungs []rung) {
	for x := math.Log(100); x <= math.Log(1.0001e6); x += math.Log(ratio) {
		rungs = append(rungs, rung{x: x})
	}
	return rungs
}

// searched runs a simulated search and returns its finding and the number of turns.
func searched(s seek, y func(x float64) float64, sd float64, rng *rand.Rand, most int) (finding, int) {
	for turns := 0; ; turns++ {
		at, f := s.next()
		if f.done || turns == most {
			return f, turns
		}
		r := &s.rungs[at]
		r.add(y(r.x) + sd*rng.NormFloat64())
	}
}

func TestSeekCovers(t *testing.T) {
	for _, truth := range truths() {
		for _, cv := range []float64{0.01, 0.05, 0.2} {
			t.Run(fmt.Sprintf("%s/CV %g", truth.name, cv), func(t *testing.T) {
				t.Parallel()
				covered, done, turns, bias, half := 0, 0, 0, 0.0, 0.0
				kinds := map[CrossKind]int{}
				sd := math.Sqrt2 * math.Sqrt(math.Log1p(cv*cv))
				for i := range *draws {
					rng := rand.New(rand.NewPCG(uint64(i), 24))
					root := math.Log(400) + rng.Float64()*math.Log(500)
					s := seek{rungs: ladder(1.15), scan: 6, margin: truth.margin, precision: 0.1, confidence: 0.95}
					f, n := searched(s, func(x float64) float64 { return truth.y(x, root) }, sd, rng, 1500)
					turns += n
					kinds[f.kind]++
					if f.kind == Crosses && f.done {
						done++
						if f.lo <= root && root <= f.hi {
							covered++
						}
						bias += f.at - root
						half += (f.hi - f.lo) / 2
					}
				}
				d := float64(done)
				t.Logf("done %d, covered %.1f %%, mean turns %.1f, bias %.4f, half %.4f, kinds %v", done, 100*float64(covered)/d, float64(turns)/float64(*draws), bias/d, half/d, kinds)
			})
		}
	}
}
