package chart

import (
	"math"
	"slices"
)

// fit sets the limits of one axis of each panel, which the function axis selects. All these axes
// get the same limits, which include all values; a linear axis begins at 0. fit does not change
// axes that have limits already.
func fit(panels []*Panel, axis func(*Panel) *Axis) {
	x, log := newExtent(), false
	for _, p := range panels {
		a := axis(p)
		log = a.Log
		onX := a == &p.X
		add := func(values ...float64) {
			for _, v := range values {
				if !a.Log || usable(v) {
					x.add(v)
				}
			}
		}
		for _, s := range p.Series {
			for _, q := range s.Points {
				switch {
				case !onX:
					add(q.Y)
				case p.Form == Dots:
					add(q.X, q.Lo, q.Hi)
				default:
					add(q.X)
				}
			}
		}
		for _, m := range p.Marks {
			if onX {
				add(m.X)
			}
		}
		for _, r := range p.Rulers {
			if onX == (r.Kind == Upright) && r.Kind != Diagonal {
				add(r.At)
			}
		}
	}
	lo, hi := min(0, x.lo), max(x.hi, 1e-9)*1.06
	if log {
		lo, hi = x.padded(1)
		lo, hi = x.padded(math.Pow(hi/lo, 0.05) * 1.05)
	}
	for _, p := range panels {
		if a := axis(p); a.Min == a.Max {
			a.Min, a.Max = lo, hi
			if n := len(a.Names); n > 0 {
				a.Min, a.Max = -0.5, float64(n)-0.5
			}
		}
	}
}

// fitted sets the limits of all axes that do not have limits yet. Axes with the same title get the
// same limits.
func (c *Chart) fitted() {
	for _, axis := range []func(*Panel) *Axis{func(p *Panel) *Axis { return &p.X }, func(p *Panel) *Axis { return &p.Y }} {
		done := map[string]bool{}
		for _, p := range c.Panels {
			if title := axis(p).Title; !done[title] {
				done[title] = true
				fit(slices.DeleteFunc(slices.Clone(c.Panels), func(o *Panel) bool { return axis(o).Title != title }), axis)
			}
		}
	}
}
