package analyze

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// Boundary returns a clause that says where a claim holds and where it does not: "for grain from 10
// µs on, not up to 1.0 µs", "without recycle, not with recycle 1", "for workload spin, not sleep". It names the first axis on which all
// evidence for the claim has other values than all evidence against it. It returns "" if the
// evidence does not disagree.
func (c Claim) Boundary() string {
	yes := only(c.Evidence, func(e Evidence) bool { return e.Holds == Yes })
	no := only(c.Evidence, func(e Evidence) bool { return e.Holds == No })
	if len(yes) == 0 || len(no) == 0 {
		return ""
	}
	axes := slices.Clone(harness.AllAxes())
	slices.SortStableFunc(axes, func(a, b harness.Axis) int { return cmp.Compare(rankOf(a), rankOf(b)) })
	for _, a := range axes {
		if words := separates(a, yes, no); words != "" {
			return words
		}
	}
	return "no single axis separates the cases"
}

// rankOf returns the rank of an axis in the search for a boundary. Axes whose values are words,
// such as workload, come before axes whose values are numbers. The reason is that each workload or
// strategy is often measured with its own grains or numbers of workers.
func rankOf(a harness.Axis) int {
	if a.Int == nil {
		return 0
	}
	return 1
}

// separates returns a clause that says how the values on axis a separate the evidence for a claim,
// yes, from the evidence against it, no. It returns "" if they do not separate it.
func separates(a harness.Axis, yes, no []Evidence) string {
	values := func(all []Evidence) []string {
		return distinct(all, func(e Evidence) string { return cmp.Or(a.Text(e.Cell), a.Plain, "none") })
	}
	with, without := values(yes), values(no)
	if slices.ContainsFunc(with, func(v string) bool { return slices.Contains(without, v) }) {
		return ""
	}
	if a.Int == nil {
		return fmt.Sprintf("for %s %s, not %s", a.Key, listed(with, "and"), listed(without, "or"))
	}
	number := func(v string) int { n, _ := strconv.Atoi(v); return n }
	sorted := func(all []string) []int {
		ints := mapped(all, number)
		slices.Sort(ints)
		return ints
	}
	w, o := sorted(with), sorted(without)
	if w[0] <= o[len(o)-1] && o[0] <= w[len(w)-1] {
		return ""
	}
	if a.Plain == "0" && (w[len(w)-1] == 0 || o[len(o)-1] == 0) {
		return fmt.Sprintf("%s, not %s", setting(a, w), setting(a, o))
	}
	return fmt.Sprintf("for %s %s, not %s", a.Key, side(a, w, w[0] > o[0]), side(a, o, o[0] > w[0]))
}

// setting returns a phrase for sorted values of an axis whose value 0 means that a strategy does
// without the setting: "without recycle", "with recycle 10 or more".
func setting(a harness.Axis, values []int) string {
	switch {
	case values[len(values)-1] == 0:
		return "without " + a.Key
	case len(values) == 1:
		return "with " + a.Key + " " + quantityOf(a, values[0])
	}
	return "with " + a.Key + " " + quantityOf(a, values[0]) + " or more"
}

// side returns a phrase for the sorted values of an axis on the upper or lower side of a boundary:
// "from 10 µs on", "up to 1.0 µs", or the value itself if it is the only one.
func side(a harness.Axis, values []int, upper bool) string {
	switch {
	case len(values) == 1:
		return quantityOf(a, values[0])
	case upper:
		return fmt.Sprintf("from %s on", quantityOf(a, values[0]))
	}
	return "up to " + quantityOf(a, values[len(values)-1])
}

// listed returns the words as a list, with the conjunction last before its last element. If there
// are more than four words, the list has three of them and the number of the others.
func listed(all []string, last string) string {
	const most = 4
	slices.Sort(all)
	if len(all) > most {
		all = append(all[:most-1:most-1], fmt.Sprintf("%d others", len(all)-most+1))
	}
	return format.List(all, last)
}

// quantityOf returns the value n of an axis as text.
func quantityOf(a harness.Axis, n int) string {
	switch a.Unit {
	case "ns":
		return format.Time(float64(n), 2)
	case "bytes":
		return format.Bytes(n)
	}
	return strconv.Itoa(n)
}

// Typical returns one evidence to show for the claim. It has the middle ratio among the evidence
// that agrees with the answer of the claim; if the answer is [Depends], among the evidence that
// confirms the claim. ok is false if the claim has no evidence.
func (c Claim) Typical() (e Evidence, ok bool) {
	answer := c.Answer()
	if answer == Depends {
		answer = Yes
	}
	some := only(c.Evidence, func(e Evidence) bool { return e.Holds == answer })
	if len(some) == 0 {
		some = c.Evidence
	}
	if len(some) == 0 {
		return e, false
	}
	slices.SortStableFunc(some, func(a, b Evidence) int { return cmp.Compare(a.Over.Ratio.Value, b.Over.Ratio.Value) })
	return some[len(some)/2], true
}
