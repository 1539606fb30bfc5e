package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// Name returns the title of the scale: "mirror on 2 cores, single order, by payload and transport".
func (s Scale) Name() string {
	by, started := "payload", ""
	if s.Axis == ByTasks {
		by, started = "number of tasks", ", including the start of workers"
		if len(s.At) == 1 {
			return s.Place.String() + ", " + s.Point(0) + started
		}
	}
	if along := s.Ways(); along != "" {
		by += " and " + along
	}
	return s.Place.String() + ", by " + by + started
}

// Ways returns the name of the only parameter in which series of the same strategy differ: "codec",
// "transport", "start" or "chunk". It returns "" if they differ in none or in several of these
// parameters.
func (s Scale) Ways() string {
	differ := only([]string{"codec", "transport", "start", "chunk"}, func(key string) bool {
		return slices.ContainsFunc(s.Who, func(c Series) bool { return s.hasOther(c, key, c.Value(key)) })
	})
	if len(differ) != 1 {
		return ""
	}
	return differ[0]
}

// hasOther reports whether a series of c's strategy has a different value of the parameter key than
// the given value.
func (s Scale) hasOther(c Series, key, value string) bool {
	return slices.ContainsFunc(s.Who, func(o Series) bool { return o.Strategy == c.Strategy && o.Value(key) != value })
}

// Point returns the payload or the number of tasks with index i as text: "4 KiB", "64 tasks".
func (s Scale) Point(i int) string {
	if s.Axis == ByTasks {
		return format.Count(s.At[i], "task")
	}
	return format.Bytes(s.At[i])
}

// Winners returns a text that names the cheapest series for each range of payloads or numbers of
// tasks.
func (s Scale) Winners() string {
	var names, points []string
	for i := range s.At {
		names, points = append(names, s.best(i)), append(points, s.Point(i))
	}
	return strings.Join(format.Stretches(names, points), "; ")
}

// best returns a text that names the cheapest series at the point with index i, and all other
// series that may be as cheap.
func (s Scale) best(i int) string {
	var names []string
	open := false
	for k, c := range s.Costs[i] {
		if k > 0 && c.Time.Known() && (c.Best || c.VsBest.Verdict != Worse) {
			names = append(names, s.Label(k))
			open = open || !c.Best && c.VsBest.Verdict != Equivalent
		}
	}
	switch {
	case len(names) == 0:
		return "nothing measured"
	case len(names) == 1:
		return names[0]
	case open && len(names) > 3:
		return fmt.Sprintf("one of %d strategies (undecided)", len(names))
	case open:
		return format.List(names, "or") + " (undecided)"
	}
	return format.List(names, "and") + " alike"
}

// Label returns the label of the series with index k. It omits the order of delivery, which the
// title contains. It includes a default transport or way to start workers if another series of the
// same strategy has a different one.
func (s Scale) Label(k int) string {
	c := s.Who[k]
	c.Order = harness.MapOrder
	var usual []string
	if c.Transport == "" && s.hasOther(c, "transport", harness.PlainTransport) {
		usual = append(usual, harness.PlainTransport)
	}
	if c.Start == "" && s.hasOther(c, "start", harness.PlainStart) {
		usual = append(usual, "start "+harness.PlainStart)
	}
	return labelled(c, append(usual, c.Settings()...))
}

// PaysFrom returns the index of the first point from which on the series with index k beats the
// direct loop at every point. If the series does not beat the direct loop at the last point,
// PaysFrom returns the number of points.
func (s Scale) PaysFrom(k int) int {
	from := len(s.At)
	for from > 0 && s.Costs[from-1][k].VsDirect.Verdict == Better {
		from--
	}
	return from
}

// Pays returns a phrase that says from which point of the scale on the series with index k beats
// the direct loop.
func (s Scale) Pays(k int) string {
	last, from := len(s.At)-1, s.PaysFrom(k)
	better := func(costs []Cost) bool { return costs[k].VsDirect.Verdict == Better }
	slower := !slices.ContainsFunc(s.Costs, func(costs []Cost) bool { return costs[k].VsDirect.Verdict != Worse })
	switch {
	case slower && last == 0:
		return "is slower at " + s.Point(0)
	case slower:
		return "is slower up to " + s.Point(last) + ", the largest measured value"
	case last == 0 && from == 0:
		return "pays at " + s.Point(0)
	case last == 0:
		return "is not shown to pay at " + s.Point(0)
	case from < last:
		return "pays from " + s.Point(from) + " on"
	case slices.ContainsFunc(s.Costs[:last], better):
		return "pays only at some of the measured values"
	case from == last:
		return "pays at " + s.Point(last) + ", the largest measured value"
	}
	return "is not shown to pay up to " + s.Point(last)
}
