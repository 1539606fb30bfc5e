package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// Name names the scale and what it goes along: "mirror on 2 cores, single order, by payload and
// transport".
func (s Scale) Name() string {
	by := []string{"payload"}
	if s.Axis == ByTasks {
		by[0] = "number of tasks"
		if len(s.At) == 1 {
			return s.Place.String() + ", " + s.Point(0) + ", workers to be started first"
		}
	}
	if along := s.Ways(); along != "" {
		by = append(by, along)
	}
	name := s.Place.String() + ", by " + strings.Join(by, " and ")
	if s.Axis == ByTasks {
		name += ", workers to be started first"
	}
	return name
}

// Ways says in what the ways to run the tasks differ, beside the strategy: "codec",
// "transport", "start", "chunk"; "" if in nothing, or in more than one of these.
func (s Scale) Ways() string {
	var by []string
	for _, one := range []struct {
		name string
		of   func(harness.Cell) string
	}{
		{"codec", func(c harness.Cell) string { return c.Codec }},
		{"transport", func(c harness.Cell) string { return c.Transport }},
		{"start", func(c harness.Cell) string { return c.Start }},
		{"chunk", func(c harness.Cell) string { return string(c.Chunk) }},
	} {
		if s.differ(one.of) {
			by = append(by, one.name)
		}
	}
	if len(by) != 1 {
		return ""
	}
	return by[0]
}

// differ reports whether series of one strategy differ in something.
func (s Scale) differ(of func(harness.Cell) string) bool {
	seen := map[string]string{}
	for _, c := range s.Who {
		if v, ok := seen[c.Strategy]; ok && v != of(c) {
			return true
		}
		seen[c.Strategy] = of(c)
	}
	return false
}

// Point names a point: "4 KiB", "64 tasks".
func (s Scale) Point(i int) string {
	if s.Axis == ByTasks {
		return Count(s.At[i], "task")
	}
	return size(s.At[i])
}

// Winners says which way costs least from where to where.
func (s Scale) Winners() string {
	var parts []string
	for i := 0; i < len(s.At); {
		name := s.best(i)
		j := i
		for j+1 < len(s.At) && s.best(j+1) == name {
			j++
		}
		span := "at " + s.Point(i)
		if j > i {
			span = "from " + s.Point(i) + " to " + s.Point(j)
		}
		parts = append(parts, name+" "+span)
		i = j + 1
	}
	return strings.Join(parts, "; ")
}

// best names the cheapest at a point, and those that are not shown to cost more.
func (s Scale) best(i int) string {
	var names []string
	open := false
	for k, c := range s.Costs[i] {
		if k == 0 || !c.Time.Known() {
			continue
		}
		if c.Best || c.VsBest.Verdict != Worse {
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
		return fmt.Sprintf("one of %d (undecided)", len(names))
	case open:
		return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1] + " (undecided)"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " alike"
}

// Label names a series of the scale: without the order, which is in the title, and with the
// usual transport or start where it stands beside others.
func (s Scale) Label(k int) string {
	c := s.Who[k]
	c.Order = harness.MapOrder
	var usual []string
	beside := func(of func(harness.Cell) string) bool {
		return of(c) == "" && slices.ContainsFunc(s.Who, func(o Series) bool { return o.Strategy == c.Strategy && of(o) != "" })
	}
	if beside(func(c harness.Cell) string { return c.Transport }) {
		usual = append(usual, harness.PlainTransport)
	}
	if beside(func(c harness.Cell) string { return c.Start }) {
		usual = append(usual, "start "+harness.PlainStart)
	}
	return labelled(c, append(usual, c.Settings()...))
}

// Pays says from where on series k beats the plain loop.
func (s Scale) Pays(k int) string {
	from, times := len(s.At), 0
	for i := len(s.At) - 1; i >= 0; i-- {
		better := s.Costs[i][k].VsDirect.Verdict == Better
		if better {
			times++
		}
		if better && from == i+1 {
			from = i
		}
	}
	last := len(s.At) - 1
	switch {
	case last == 0 && times > 0:
		return "pays at " + s.Point(0)
	case last == 0:
		return "is not shown to pay at " + s.Point(0)
	case from == last && times == 1:
		return "pays at " + s.Point(last) + ", the most that was measured"
	case from < last:
		return "pays from " + s.Point(from) + " on"
	case times > 0:
		return "pays in places alone"
	}
	return "is not shown to pay up to " + s.Point(last)
}
