package analyze

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A truth is a curve ln(T_A/T_B) with one boundary, at root. Margin is that of its search.
type truth struct {
	name   string
	margin float64
	y      func(x, root float64) float64
}

// truths returns curves that cost models have; u is the work of a task relative to the root.
func truths() []truth {
	of := func(ratio func(u float64) float64) func(x, root float64) float64 {
		return func(x, root float64) float64 { return math.Log(ratio(math.Exp(x - root))) }
	}
	return []truth{
		{"break-even", 0.02, of(func(u float64) float64 { return (1 + 1/u) / 2 })},
		{"METG", 0, of(func(u float64) float64 { return 0.75 * (1 + 1/(3*u)) })},
		{"pools", 0.02, of(func(u float64) float64 { return (u + 4) / (2.5*u + 2.5) })},
		{"dispatcher", 0.02, of(func(u float64) float64 { return max((u+1)/2, 0.8) / u })}, // bends below the root
	}
}

// ladder returns rungs from 100 ns to 1 ms whose neighbours have the given ratio.
func ladder(ratio float64) (rungs []rung) {
	for x := math.Log(100); x <= math.Log(1.0001e6); x += math.Log(ratio) {
		rungs = append(rungs, rung{x: x})
	}
	return rungs
}

// A draw is one simulated search, with its truth.
type draw struct {
	curve func(x float64) float64
	root  float64
	sd    float64 // of ln(T_A/T_B) in one turn
	rng   *rand.Rand
}

func (t truth) draw(seed int, cv float64) draw {
	rng := rand.New(rand.NewPCG(uint64(seed), 24))
	root := math.Log(400) + rng.Float64()*math.Log(500)
	return draw{func(x float64) float64 { return t.y(x, root) }, root, math.Sqrt(2 * math.Log1p(cv*cv)), rng}
}

func (d draw) turn(r *rung) { r.add(d.curve(r.x) + d.sd*d.rng.NormFloat64()) }

// search carries out the search, with at most the given number of turns.
func (d draw) search(margin float64, most int) (f finding, turns int) {
	s := seek{rungs: ladder(1.15), scan: 6, margin: margin, precision: 0.1, confidence: 0.95}
	for ; ; turns++ {
		at, f := s.next()
		if f.done || turns == most {
			return f, turns
		}
		d.turn(&s.rungs[at])
	}
}

// sweep measures the same range in steps of a factor of 2, all values equally often, until the
// interval of the boundary is as narrow as width. It returns the number of turns. It looks at the
// interval each time the number of rounds has grown by 1 %, so the number is at most 1 % too high.
func (d draw) sweep(width float64) (turns int) {
	s := seek{rungs: ladder(2), confidence: 0.95}
	for round, look := 1, 6; ; round++ {
		for i := range s.rungs {
			d.turn(&s.rungs[i])
			turns++
		}
		if round < look {
			continue
		}
		look = round + 1 + round/100
		if fit, ok := newLocal(s.rungs, d.root, 1.05); ok { // as if the sweep knew where to look
			if at, ok := fit.root(false); ok {
				if lo, hi := fit.interval(at, 0.95); hi-lo <= width {
					return turns
				}
			}
		}
	}
}

// The intervals of a search cover the truth in 93 to 97 % of 1,000 draws. The short form has 200
// draws, and allows for their three standard errors.
func TestSearchCovers(t *testing.T) {
	t.Parallel()
	for _, truth := range truths() {
		for _, cv := range []float64{0.01, 0.05, 0.2} {
			draws, least, most := 1000, 0.93, 0.97
			if testing.Short() {
				draws, least, most = 200, 0.90, 0.996
				if cv == 0.2 && truth.name != "dispatcher" {
					continue // takes a minute
				}
			}
			t.Run(fmt.Sprintf("%s/%g", truth.name, cv), func(t *testing.T) {
				t.Parallel()
				covered, done, turns := 0.0, 0.0, 0
				for i := range draws {
					d := truth.draw(i, cv)
					f, n := d.search(truth.margin, 3000)
					turns += n
					if f.kind == Crosses && f.done {
						done++
						if f.lo <= d.root && d.root <= f.hi {
							covered++
						}
					}
				}
				t.Logf("covered in %.1f %% of %.0f draws, with %d turns on average", 100*covered/done, done, turns/draws)
				if done < 0.99*float64(draws) {
					t.Errorf("only %.0f of %d searches found the boundary", done, draws)
				}
				if share := covered / done; share < least || share > most {
					t.Errorf("covered in %.1f %%, want %.0f to %.0f %%", 100*share, 100*least, 100*most)
				}
			})
		}
	}
}

// A search needs at most a third of the turns of a sweep with the same interval.
func TestSearchSaves(t *testing.T) {
	t.Parallel()
	for _, truth := range truths()[:3] {
		for _, cv := range []float64{0.01, 0.05, 0.2} {
			if testing.Short() && cv == 0.2 && truth.name != "break-even" {
				continue
			}
			search, sweep := 0, 0
			for i := range 10 {
				d := truth.draw(i, cv)
				f, n := d.search(truth.margin, 10_000)
				if !f.done || f.kind != Crosses {
					t.Fatalf("%s, CV %g, draw %d: no boundary after %d turns", truth.name, cv, i, n)
				}
				search += n
				sweep += d.sweep(f.hi - f.lo)
			}
			t.Logf("%s, CV %g: %d turns, a sweep %d: %.2f", truth.name, cv, search/10, sweep/10, float64(search)/float64(sweep))
			if 3*search > sweep {
				t.Errorf("%s, CV %g: the search needs %d turns and a sweep %d", truth.name, cv, search/10, sweep/10)
			}
		}
	}
}

// A search names the kind of its answer, also if there is no single crossing. Its signs are random, so
// a few of the kinds may be wrong.
func TestSearchKinds(t *testing.T) {
	t.Parallel()
	middle := math.Log(1e4)
	for name, c := range map[string]struct {
		curve func(x float64) float64
		want  CrossKind
	}{
		"always A": {func(float64) float64 { return -0.3 }, AlwaysA},
		"always B": {func(x float64) float64 { return 0.1 + math.Exp(-x) }, AlwaysB},
		"tied":     {func(float64) float64 { return 0.003 }, AllTied},
		"parts":    {func(x float64) float64 { return min(0, x-math.Log(2e3)) / 3 }, Parts},
		"tie band": {func(x float64) float64 {
			return (max(0, middle-1.5-x) - max(0, x-middle-1.5)) / 3
		}, TieBand},
		"two sides": {func(x float64) float64 { return 0.4*math.Abs(x-middle) - 0.8 }, Several},
	} {
		wrong := 0
		for i := range 20 {
			d := draw{c.curve, 0, 0.03, rand.New(rand.NewPCG(uint64(i), 24))}
			if f, turns := d.search(0.02, 2000); !f.done || f.kind != c.want {
				t.Logf("%s, draw %d: kind %d after %d turns (done %v), want %d", name, i, f.kind, turns, f.done, c.want)
				wrong++
			}
		}
		if wrong > 2 {
			t.Errorf("%s: %d of 20 kinds are wrong", name, wrong)
		}
	}
}
