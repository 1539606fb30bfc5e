package analyze

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestUnpaired checks that the interval at level p touches the edge of the margin, that exchanged
// sides have the opposite verdict and the reciprocal ratio, and that drift only widens intervals.
func TestUnpaired(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.SliceOfN(rapid.Float64Range(50, 200), 2, 20)
		s := Sides{side.Draw(t, "old"), side.Draw(t, "new"), Drift{rapid.Float64Range(0, 0.3).Draw(t, "drift"), rapid.IntRange(1, 20).Draw(t, "references")}}
		u, back := newUnpaired(s, quantiles{}), newUnpaired(Sides{s.New, s.Old, s.Drift}, quantiles{})
		const margin = 0.02
		v, p := u.decide(margin)
		if w, q := back.decide(margin); w != v.Opposite() || math.Abs(p-q) > 1e-6 {
			t.Fatalf("%v at %g, exchanged %v at %g", v, p, w, q)
		}
		e := u.interval(0.95)
		if f := back.interval(0.95).Under(1); !alike(e.Value, f.Value) || !alike(e.Lo, f.Lo) || !alike(e.Hi, f.Hi) {
			t.Fatalf("%v, exchanged %v", e, f)
		}
		if p > leastLevel && p < 1 {
			if half, edge := u.half(p, 1), toEdge(u.center, math.Log1p(margin)); half > edge || u.half(0.99*p, 1) < edge {
				t.Fatalf("at level %g the half-width is %g, the edge is at %g", p, half, edge)
			}
		}
		s.Drift.Deviation = 0
		if g := newUnpaired(s, quantiles{}).interval(0.95); g.Lo < e.Lo || g.Hi > e.Hi {
			t.Fatalf("%v without drift, %v with it", g, e)
		}
		s.Drift.N = 0
		if g := newUnpaired(s, quantiles{}).interval(0.95); g.Bounded() {
			t.Fatalf("%v with an unknown drift", g)
		}
	})
}

func alike(x, y float64) bool { return math.Abs(x-y) <= 1e-9*math.Abs(y) }

func TestDrift(t *testing.T) {
	one := func(ratio float64) Sides {
		return Sides{Old: []float64{100, 100}, New: []float64{100 * ratio, 100 * ratio}}
	}
	d := NewDrift([]Sides{one(1.03), one(1.03), one(1 / 1.03)})
	if want := math.Log(1.03); d.N != 3 || !alike(d.Deviation, want) {
		t.Errorf("%+v, want a deviation of %g", d, want)
	}
	if e := d.And(one(1.04)); e.N != 3 || !alike(e.Deviation, math.Hypot(math.Log(1.03), math.Log(1.04))) {
		t.Errorf("with a shift: %+v", e)
	}
	if d := NewDrift(nil); d != (Drift{}) {
		t.Errorf("no references: %+v", d)
	}
}
