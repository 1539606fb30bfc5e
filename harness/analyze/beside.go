package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// A Beside is workloads that were measured with the same payloads and in the same ways, such as
// those which differ in how a task gets its data, side by side. Each stands in blocks of its own,
// so that between them there are estimates, and no verdicts.
type Beside struct {
	Place     Place // without a workload and a payload
	At        []int // bytes, ascending
	Workloads []string
	Who       []Series       // without a workload, direct first
	Times     [][][]Estimate // ns per task, by Who, At and workload
}

// besideFrom is how many workloads are worth a table of their own.
const besideFrom = 3

// besides returns the workloads of scales that can stand side by side.
func besides(scales []Scale) (out []Beside) {
	type key struct {
		place Place
		grain int
		at    string
	}
	var keys []key
	groups := map[key][]Scale{}
	for _, s := range scales {
		k := key{s.Place, s.Who[0].Grain, fmt.Sprint(s.At)}
		k.place.Workload = ""
		if s.Axis != ByPayload || slices.ContainsFunc(groups[k], func(o Scale) bool { return o.Place.Workload == s.Place.Workload }) {
			continue
		}
		if len(groups[k]) == 0 {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], s)
	}
	for _, k := range keys {
		if b := newBeside(k.place, groups[k]); len(b.Who) > 1 && len(b.Workloads) >= besideFrom {
			out = append(out, b)
		}
	}
	return out
}

func newBeside(place Place, group []Scale) Beside {
	b := Beside{Place: place, At: group[0].At}
	for _, s := range group {
		b.Workloads = append(b.Workloads, s.Place.Workload)
	}
	for _, who := range group[0].Who {
		var columns []int // of who, by workload
		for _, s := range group {
			who.Workload = s.Place.Workload
			if k := slices.Index(s.Who, who); k >= 0 {
				columns = append(columns, k)
			}
		}
		if len(columns) < len(group) {
			continue
		}
		who.Workload = ""
		times := make([][]Estimate, len(b.At))
		for i := range times {
			for w, s := range group {
				times[i] = append(times[i], s.Costs[i][columns[w]].Time)
			}
		}
		b.Who, b.Times = append(b.Who, who), append(b.Times, times)
	}
	return b
}

// Name names the workloads: "file, mapped, send and shared side by side on 2 cores, by payload".
func (b Beside) Name() string {
	last := len(b.Workloads) - 1
	p := b.Place
	p.Workload = strings.Join(b.Workloads[:last], ", ") + " and " + b.Workloads[last] + " side by side"
	return p.String() + ", by payload"
}

// Label names one who does the work; the order is in the name.
func (b Beside) Label(k int) string {
	c := b.Who[k]
	c.Order = harness.MapOrder
	return Label(c)
}

// Point names a payload.
func (b Beside) Point(i int) string { return size(b.At[i]) }
