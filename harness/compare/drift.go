package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// The type drifts estimates the drift between two runs a and b from references. A reference is work
// that cannot have changed between the runs, so its times show the drift.
type drifts struct {
	waits     func(string) bool
	unchanged func(workload string) bool
	a, b      side
	direct    []harness.Cell // direct loops that both sides measured
	control   *analyze.Sides // times of the control loop; nil if a side has none
	pingPong  *analyze.Sides // times of the control ping-pong; nil if a side has none
	found     map[driftKey]analyze.Drift
}

// A driftKey holds all properties of a cell and a unit that determine their drift. Cells with equal
// keys have the same references, and hence the same drift.
type driftKey struct {
	workload, unit string
	waits, hands   bool // waits: tasks mostly wait; hands: the unit is a time that depends on messages between cores
}

// newDrifts prepares the estimates of the drift between the runs a and b. It collects the direct
// loops and the controls that both runs measured.
func newDrifts(a, b side, o Options) *drifts {
	d := &drifts{waits: o.Waits, a: a, b: b, found: map[driftKey]analyze.Drift{}}
	same := a.Info.Build != "" && a.Info.Build == b.Info.Build
	d.unchanged = func(workload string) bool {
		return same || slices.Contains(o.Unchanged, workload) || slices.Contains(o.Unchanged, "all")
	}
	for c := range a.values {
		if c.Strategy == harness.Direct && b.values[c] != nil {
			d.direct = append(d.direct, c)
		}
	}
	slices.SortFunc(d.direct, byAxes) // sums must not depend on the order of the map
	d.control, d.pingPong = d.whole(harness.UnitControl), d.whole(harness.UnitPingPong)
	return d
}

// whole returns the values of a control on both sides, from all launches that were not starved.
// unit is the unit of the control. whole returns nil if a side has no such value.
func (d *drifts) whole(unit string) *analyze.Sides {
	of := func(s side) (all []float64) {
		for _, sample := range s.Samples {
			if v := sample.Values[unit]; v > 0 && !sample.Starved() {
				all = append(all, v)
			}
		}
		return all
	}
	if s := (analyze.Sides{Old: of(d.a), New: of(d.b)}); len(s.Old) > 0 && len(s.New) > 0 {
		return &s
	}
	return nil
}

// of returns the drift between the runs for the values of a cell in a unit.
func (d *drifts) of(c harness.Cell, unit string) analyze.Drift {
	key := driftKey{c.Workload, unit, d.waits(c.Workload), d.hands(c) && isTime(unit)}
	found, ok := d.found[key]
	if !ok {
		found = analyze.NewDrift(d.references(key))
		if key.hands && d.pingPong != nil {
			found = found.And(*d.pingPong)
		}
		d.found[key] = found
	}
	return found
}

// hands reports whether the makespan of the cell depends on the time of messages between cores,
// which the control ping-pong measures. This is so if the cell has several workers on several
// cores, and its tasks are short or its workers are processes.
func (d *drifts) hands(c harness.Cell) bool {
	class := harness.ClassOf(c, d.waits(c.Workload))
	return c.Cores > 1 && c.Workers > 1 && (class == harness.FineClass || class == harness.ProcessClass)
}

// references returns the values of the references for a key: the control loop, and direct loops. It
// uses the direct loops of tasks that mostly wait only if those of the key do, and other direct
// loops only if they do not. It leaves out the key's own workload, unless its kernel cannot have
// changed. Direct loops give values in the unit of the key and in the unit of the makespan.
func (d *drifts) references(key driftKey) (all []analyze.Sides) {
	if d.control != nil {
		all = append(all, *d.control)
	}
	units := []string{harness.UnitTask}
	if key.unit != harness.UnitTask {
		units = append(units, key.unit)
	}
	for _, c := range d.direct {
		if d.waits(c.Workload) != key.waits || c.Workload == key.workload && !d.unchanged(c.Workload) {
			continue
		}
		for _, unit := range units {
			if x, y := d.a.values[c][unit], d.b.values[c][unit]; x != nil && y != nil && positive(x.values) && positive(y.values) {
				all = append(all, analyze.Sides{Old: x.values, New: y.values})
			}
		}
	}
	return all
}

// positive reports whether values is not empty and contains only numbers above 0.
func positive(values []float64) bool {
	return len(values) > 0 && !slices.ContainsFunc(values, func(v float64) bool { return !(v > 0) })
}

// notes returns the notes of the table about the drift between the runs. The last note advises the
// user to use payoff ab.
func (d *drifts) notes(o Options) (notes []string) {
	fewest, least, most, loops := math.MaxInt, math.Inf(1), 0.0, false
	for key, drift := range d.found {
		if slices.Contains(o.units(), key.unit) {
			fewest, least, most = min(fewest, drift.N), min(least, drift.Deviation), max(most, drift.Deviation)
			loops = loops || drift.N > 1
		}
	}
	switch fewest {
	case math.MaxInt:
		return nil
	case 0:
		return []string{"The drift between the runs is unknown, because all launches of one side were starved or have no time of the control loop. So no row has a verdict. " + better}
	}
	span := format.Percent(round(least))
	if round(most) > round(least) {
		span = format.Points(round(least)) + " to " + format.Percent(round(most))
	}
	what := "the control loop"
	if loops {
		what = "the control loop, and direct loops of workloads with unchanged kernels"
	}
	notes = append(notes, fmt.Sprintf("The runs were made one after the other. Work that cannot have changed (%s) drifted between them by %s (root mean square). Each interval includes this drift, which is estimated from at least %s.",
		what, span, format.Count(fewest, "reference")))
	if fewest < fewReferences {
		notes = append(notes, "Cells that are the same on both sides are too few for most verdicts, because they show the drift between the runs. To get more, use --unchanged with the names of the workloads whose kernels are the same on both sides. After a change of a strategy, use --unchanged all.")
	}
	return append(notes, better)
}

const better = "payoff ab is the better way: it alternates between launches of both sides, so drift affects both equally and smaller differences can be found."

// fewReferences is the smallest number of references (work that cannot have changed) with which
// intervals are reasonably narrow. If a table has fewer, its notes name a remedy.
const fewReferences = 4

// round rounds a share to a tenth of a percent.
func round(share float64) float64 { return math.Round(1000*share) / 1000 }
