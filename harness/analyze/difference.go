package analyze

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Difference divides the difference in core time per task between cells A and B into parts. Each
// part is a change: the value of A minus the value of B in the same turn. The confidence of the
// analysis holds for each interval alone, not for the intervals of all parts together.
type Difference struct {
	A, B  harness.Cell
	Work  Estimate // w of the direct loop, in ns
	Ratio Estimate // ratio of the makespans of A and B
	Total Change   // core time T·C/N, in ns
	// Parts add up to Total. The largest comes first. There are no parts if no round measured
	// all of them for both cells.
	Parts []Part
	// Signs are quantities that overlap with the parts and hint at their cause.
	Signs []Part
	// Collector is the share of the garbage collector in the CPU time of the cell that runs in
	// one process. It is set if the other cell has worker processes, whose share is unknown.
	Collector float64
	Notes     []Note
}

// A Part is one part of a [Difference]: the change per task of one quantity, such as idle time.
type Part struct {
	Name   string
	Unit   PartUnit
	Change Change
}

// A PartUnit says what the [Change] of a [Part] counts: time, events or bytes.
type PartUnit int

const (
	InTime  PartUnit = iota // ns of core time
	InCount                 // events
	InBytes                 // bytes per cell, not per task
)

// Names of the parts of a difference.
const (
	PartUser       = "CPU outside the task" // includes the time in the operating system if that is not a separate part
	PartSystem     = "system calls and page faults"
	PartCollection = "garbage collection"
	PartIdle       = "idle cores"
	PartRest       = "median job minus mean job" // the total is that of the median job, the other parts are those of the mean job
)

// Values are the values of one launch, keyed by unit.
type values = map[string]float64

// launched returns the values of launches, keyed by cell and turn. It omits starved launches,
// launches without a possible makespan, open loops, and the second launches of A/A pairs.
func launched(samples []harness.Sample) map[harness.Cell]map[turn]values {
	out := map[harness.Cell]map[turn]values{}
	for _, s := range samples {
		ns := s.Values[harness.UnitTask]
		if s.Twin || s.Starved() || s.Cell.Rate > 0 || !(ns > shortest && ns < longest) {
			continue
		}
		if out[s.Cell] == nil {
			out[s.Cell] = map[turn]values{}
		}
		at := turnOf(s)
		for out[s.Cell][at] != nil { // older files do not number attempts
			at.attempt++
		}
		out[s.Cell][at] = s.Values
	}
	return out
}

// Difference returns the difference in core time between two cells that have the same task and
// number of cores. Its Total is unknown if no round measured both cells.
func (a *Analysis) Difference(one, other harness.Cell) Difference {
	d := Difference{A: one, B: other}
	for _, q := range a.Questions() {
		if q.Place == PlaceOf(one) {
			d.Work = q.Work
			d.Ratio = q.Versus(one, other).Ratio
		}
	}
	pairs, relative := a.both(one, other)
	collects := one.Strategy != harness.Processes && other.Strategy != harness.Processes
	total := func(v values) (float64, bool) { return read(v, float64(one.Cores), harness.UnitTask) }
	divided := func(parts []item) []twosome { // the pairs that have all parts
		return only(pairs, func(p twosome) bool {
			_, ok := p.change(parts[len(parts)-1].of)
			return ok
		})
	}
	parts := split(total, collects, true)
	whole := divided(parts)
	if coarse := split(total, collects, false); 3*len(whole) < 2*len(divided(coarse)) {
		parts, whole = coarse, divided(coarse)
	}
	if len(whole) > 0 {
		pairs = whole
	}
	change := func(of func(values) (float64, bool)) Change {
		var all []float64
		for _, p := range pairs {
			if v, ok := p.change(of); ok {
				all = append(all, v)
			}
		}
		return changeOf(all, a.Settings.Confidence)
	}
	d.Total = change(total)
	for _, p := range parts {
		if len(whole) > 0 {
			d.Parts = append(d.Parts, Part{p.name, InTime, change(p.of)})
		}
	}
	slices.SortStableFunc(d.Parts, func(x, y Part) int {
		return cmp.Compare(math.Abs(y.Change.Value), math.Abs(x.Change.Value))
	})
	for _, s := range signs {
		if c := change(func(v values) (float64, bool) { return read(v, 1, s.units...) }); c.Known() {
			d.Signs = append(d.Signs, Part{s.name, s.unit, c})
		}
	}
	switch {
	case one.Strategy != harness.Processes && other.Strategy == harness.Processes:
		d.Collector = a.collector(one)
	case one.Strategy == harness.Processes && other.Strategy != harness.Processes:
		d.Collector = a.collector(other)
	}
	d.Notes = d.doubts(relative)
	return d
}

// doubts returns the notes about the difference. relative is true if the two cells were measured in
// different blocks.
func (d Difference) doubts(relative bool) (notes []Note) {
	if relative {
		notes = append(notes, "the two strategies were measured in different blocks, so each is compared with the direct loop of its own block")
	}
	if d.Total.Known() && len(d.Parts) == 0 {
		notes = append(notes, "no round measured the CPU time of both strategies, so the difference is not divided into parts")
	}
	if d.Collector >= 0.005 {
		c := d.A
		if c.Strategy == harness.Processes {
			c = d.B
		}
		notes = append(notes, notef("the garbage collector takes %s of the CPU time of %s; in worker processes, the time of the collector is not measured separately", format.Percent(math.Round(100*d.Collector)/100), Short(c)))
	}
	return notes
}

// collector returns the share of the cell's CPU time that the garbage collector takes, as a median
// over launches. It returns 0 if the share is unknown.
func (a *Analysis) collector(c harness.Cell) float64 {
	var all []float64
	for _, v := range a.launched[c] {
		if s, ok := v[harness.UnitGCShare]; ok {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return 0
	}
	return Median(all)
}

// A twosome holds the values that two cells measured in one turn. If the cells are in different
// blocks, it also holds the values of the direct loop of each block.
type twosome struct{ a, b, loopA, loopB values }

// change returns how much larger a quantity is in cell a than in cell b. It also reports whether
// all values that it needs are known. The function quantity returns the quantity from the values of
// a launch. If the twosome has direct loops, change first subtracts the quantity of the direct loop
// of the same block.
func (p twosome) change(quantity func(values) (float64, bool)) (float64, bool) {
	x, okA := quantity(p.a)
	y, okB := quantity(p.b)
	if p.loopA == nil {
		return x - y, okA && okB
	}
	v, okV := quantity(p.loopA)
	w, okW := quantity(p.loopB)
	return (x - v) - (y - w), okA && okB && okV && okW
}

// both returns the values of the cells one and other, as a twosome for each turn (measurement of a
// block) that measured both cells. If no turn did, it combines turns of different blocks in the
// same round. Then relative is true, and each twosome also has the direct loops of both blocks.
func (a *Analysis) both(one, other harness.Cell) (pairs []twosome, relative bool) {
	ours, theirs := a.launched[one], a.launched[other]
	for _, at := range turns(ours) {
		if v, ok := theirs[at]; ok {
			pairs = append(pairs, twosome{a: ours[at], b: v})
		}
	}
	if len(pairs) > 0 || isDirect(one) || isDirect(other) {
		return pairs, false
	}
	elsewhere := map[turn]turn{}
	for _, at := range turns(theirs) {
		elsewhere[at.anyBlock()] = at
	}
	for _, at := range turns(ours) {
		there, ok := elsewhere[at.anyBlock()]
		p := twosome{ours[at], theirs[there], a.launched[direct(one)][at], a.launched[direct(other)][there]}
		if ok && p.loopA != nil && p.loopB != nil {
			pairs = append(pairs, p)
		}
	}
	return pairs, true
}

// read returns the sum of the values of the given units in v, multiplied by factor. It also reports
// whether v contains all of these units.
func read(v values, factor float64, units ...string) (sum float64, ok bool) {
	for _, unit := range units {
		x, has := v[unit]
		if !has {
			return 0, false
		}
		sum += x
	}
	return factor * sum, true
}

// An item is one part of the core time of a launch: its name, and a function that returns its
// value.
type item struct {
	name string
	of   func(values) (float64, bool)
}

// split returns the parts of the core time of a launch. The function total returns the whole core
// time. The last part is the rest: total minus all other parts. It is unknown if total or another
// part is unknown.
//
// If collects is true, the garbage collector runs only in the main process of the launch, and its
// time is a separate part. If systems is true, the time in the operating system is a separate part.
// Short launches do not measure this time.
func split(total func(values) (float64, bool), collects, systems bool) []item {
	collection := func(v values) (float64, bool) {
		share, ok := v[harness.UnitGCShare]
		if !collects || !ok {
			return 0, true
		}
		return share * v[harness.UnitCPU], true
	}
	unit := func(name string) func(values) (float64, bool) {
		return func(v values) (float64, bool) { return read(v, 1, name) }
	}
	parts := []item{
		{PartUser, func(v values) (float64, bool) {
			cpu, ok := read(v, 1, harness.UnitCPU)
			collected, _ := collection(v)
			system, known := 0.0, true
			if systems {
				system, known = read(v, 1, harness.UnitSystem)
			}
			return cpu - system - collected, ok && known
		}},
		{PartIdle, unit(harness.UnitIdle)},
	}
	if systems {
		parts = append(parts, item{PartSystem, unit(harness.UnitSystem)})
	}
	if collects {
		parts = append(parts, item{PartCollection, collection})
	}
	return append(parts, item{PartRest, func(v values) (float64, bool) {
		rest, ok := total(v)
		for _, p := range parts {
			part, known := p.of(v)
			rest, ok = rest-part, ok && known
		}
		return rest, ok
	}})
}

// signs are the quantities in the field Signs of a [Difference]: they hint at the cause of the
// difference.
var signs = []struct {
	name  string
	unit  PartUnit
	units []string
}{
	{"run-queue wait", InTime, []string{harness.UnitWaited}},
	{"context switches", InCount, []string{harness.UnitVoluntary, harness.UnitInvoluntary}},
	{"page faults", InCount, []string{harness.UnitMinor, harness.UnitMajor}},
	{"heap objects of the main process", InCount, []string{harness.UnitAllocs}},
	{"peak memory", InBytes, []string{harness.UnitPSS}},
}
