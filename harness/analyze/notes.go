package analyze

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Note is a doubt about a result, to be printed with the result as a footnote.
type Note string

// notef returns a note formatted by [fmt.Sprintf].
func notef(form string, args ...any) Note { return Note(fmt.Sprintf(form, args...)) }

// doubts returns the notes about the whole run, starting with the notes in its Info.
func (a *Analysis) doubts(t *table, lacks int) (notes []Note) {
	add := func(is bool, form string, args ...any) {
		if is {
			notes = append(notes, notef(form, args...))
		}
	}
	none := a.Launches == t.void
	enough := !none && a.Asked > 0 && a.Answered == a.Asked && a.Complete >= harness.FewestRounds
	notes = mapped(a.Info.Notes, func(text string) Note { return Note(text) })
	for _, text := range a.Info.Ended {
		add(!enough || !isOpen(text), "%s", text) // the samples may hold more than the run had when it wrote this
	}
	switch {
	case none:
		add(true, "no launch has a makespan: there is nothing to compare")
	case a.Rounds == 1:
		add(true, "one round only: too few for an interval or a verdict")
	default:
		add(a.Complete < harness.FewestRounds, "%s only: verdicts are reliable from %d rounds on", format.Count(a.Complete, "round"), harness.FewestRounds)
	}
	last := ""
	if lacks > 0 {
		last = fmt.Sprintf(", and part of another round, which lacks %s. The launches of that part are used", format.Count(lacks, "cell"))
	}
	planned := a.Info.Rounds
	add(enough, "all %d questions are answered after %s", a.Asked, format.Count(a.Rounds, "round"))
	add(!enough && planned > a.Complete, "the run has %d of the %d rounds planned%s", a.Complete, planned, last)
	add(!enough && planned <= a.Complete && last != "", "the run has %s%s", format.Count(a.Complete, "round"), last)
	add(t.void > 0 && !none, "%s had no usable makespan and are left out", format.Count(t.void, "launch"))
	add(t.starved > 0, "%s starved, because other processes took the cores. Comparisons exclude starved launches", were(t.starved))
	add(t.marked > 0, "%s contaminated. Contaminated launches are used; a note says where a result without them differs", were(t.marked))
	add(t.sub > 0, "%s measured a subsample of the job, because the whole job would take too long serially", format.Count(t.sub, "launch"))
	return notes
}

// isOpen reports whether a note with which a run ended says that questions are open.
func isOpen(note string) bool {
	return strings.HasPrefix(note, "open, ") || strings.HasSuffix(note, " questions answered") || strings.Contains(note, " blocks are unsettled")
}

// were returns a number of launches with its verb: "2 launches were".
func were(n int) string {
	if n == 1 {
		return "1 launch was"
	}
	return format.Count(n, "launch") + " were"
}

// sentence returns a reason with a capital letter. It removes the system's text for a missing file
// from the end if other text precedes it.
func sentence(reason string) string {
	if before, ok := strings.CutSuffix(reason, ": no such file or directory"); ok && strings.Contains(before, ": ") {
		reason = before
	}
	first, size := utf8.DecodeRuneInString(reason)
	return string(unicode.ToUpper(first)) + reason[size:]
}

// absences returns a note for each reason why no launch has some units, and a note that lists the
// units that only some launches have.
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
		notes = append(notes, notef("not measured: %s. %s", strings.Join(units, ", "), sentence(why(units[0]))))
	}
	if len(some) > 0 {
		notes = append(notes, notef("not measured in some launches: %s. The reasons are in run.json", strings.Join(some, ", ")))
	}
	return notes
}
