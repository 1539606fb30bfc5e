package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Note is a doubt about a result, to be printed with it as a footnote.
type Note string

func notef(form string, args ...any) Note { return Note(fmt.Sprintf(form, args...)) }

// doubts returns notes about the run as a whole, first those that it made itself.
func (a *Analysis) doubts(t *table, lacks int) (notes []Note) {
	add := func(is bool, form string, args ...any) {
		if is {
			notes = append(notes, notef(form, args...))
		}
	}
	for _, n := range slices.Concat(a.Info.Notes, a.Info.Ended) {
		notes = append(notes, Note(n))
	}
	none, one := a.Launches == t.void, a.Rounds == 1
	add(none, "no launch has a makespan: there is nothing to compare")
	add(one && !none, "one round only: no interval and no verdict can be given")
	add(a.Complete < 6 && !one && !none, "%s only: verdicts need at least 6 to be relied on", format.Count(a.Complete, "round"))
	last := ""
	if lacks > 0 {
		last = fmt.Sprintf(", and a part of one more, which lacks %s; its launches are used", format.Count(lacks, "cell"))
	}
	planned := a.Info.Rounds
	enough := a.Answered > 0 && a.Answered == a.Asked
	add(enough, "all %d questions are answered after %s", a.Asked, format.Count(a.Rounds, "round"))
	add(!enough && planned > a.Complete, "the run holds %d of the %d rounds that were planned%s", a.Complete, planned, last)
	add(!enough && planned <= a.Complete && last != "", "the run holds %s%s", format.Count(a.Complete, "round"), last)
	add(t.void > 0 && !none, "%s had no usable makespan and took no part", format.Count(t.void, "launch"))
	add(t.starved > 0, "other processes took the cores of %s: these take no part in comparisons", format.Count(t.starved, "launch"))
	add(t.marked > 0, "%s contaminated: used; where estimates without them differ, a note says so", format.Count(t.marked, "launch"))
	add(t.sub > 0, "%s measured a subsample of the job, since all of it would have taken too long serially", format.Count(t.sub, "launch"))
	return notes
}

// absences says which units no launch has, a note for each reason, and which only some have.
func absences(info harness.Info, samples []harness.Sample) (notes []Note) {
	var missing, some []string
	for _, u := range harness.Units() {
		unit := u.Name
		switch _, absent := info.Absent[unit]; {
		case !absent || len(samples) == 0:
		case slices.ContainsFunc(samples, func(s harness.Sample) bool { _, ok := s.Values[unit]; return ok }):
			some = append(some, unit)
		default:
			missing = append(missing, unit)
		}
	}
	why := func(unit string) string { return info.Absent[unit] }
	for _, units := range grouped(missing, why) {
		notes = append(notes, notef("not measured: %s; %s", strings.Join(units, ", "), why(units[0])))
	}
	if len(some) > 0 {
		notes = append(notes, notef("not measured in some launches: %s; run.json says why", strings.Join(some, ", ")))
	}
	return notes
}
