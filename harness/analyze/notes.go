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

// notef returns a note that it formats like [fmt.Sprintf].
func notef(form string, args ...any) Note { return Note(fmt.Sprintf(form, args...)) }

// doubts returns the notes about the whole run, beginning with those in a.Info. lacks is the number
// of cells that are missing from an unfinished last round.
func (a *Analysis) doubts(t *table, lacks int) (notes []Note) {
	add := func(is bool, form string, args ...any) {
		if is {
			notes = append(notes, notef(form, args...))
		}
	}
	notes = mapped(a.Info.Notes, func(text string) Note { return Note(text) })
	for _, text := range a.Info.Ended {
		add(!a.enough() || !isOpen(text), "%s", text) // the samples may hold more than the run had when it wrote this
	}
	extent := a.extent(t, lacks)
	add(extent != "", "%s", extent)
	add(a.Kept != "", "%s", a.Kept)
	without := "Without them, no comparison with the direct loop would have a different result"
	if slices.ContainsFunc(a.Questions(), func(q Question) bool {
		return slices.ContainsFunc(q.Rows, func(r Row) bool { return r.VsDirect.Without != nil })
	}) {
		without = "Without them, some comparisons with the direct loop would have different results, as their notes say"
	}
	add(t.void > 0 && t.void < a.Launches, "%s left out for lack of a usable makespan", were(t.void))
	add(t.starved > 0, "%s starved, because other processes took the cores. Comparisons exclude starved launches", were(t.starved))
	add(t.marked > 0, "%s contaminated (disturbed by other work). They are used. %s", were(t.marked), without)
	add(t.sub > 0, "%s measured only a sample of the job's tasks, because the direct loop would take too long for all of them", format.Count(t.sub, "launch"))
	return notes
}

// enough reports whether the run has answered all of its questions.
func (a *Analysis) enough() bool { return a.Answered > 0 && a.Answered == a.Asked && !Few(a.Rounds) }

// isOpen reports whether the given note says that questions of the run are still open. A run writes
// such notes when it ends.
func isOpen(note string) bool {
	return strings.HasPrefix(note, "open, ") || strings.HasPrefix(note, "open questions that ") || strings.HasSuffix(note, " questions answered") || strings.Contains(note, " blocks are unsettled")
}

// extent returns the note about the extent of the run: how many rounds it measured, or that it
// answered all questions. There is only one such note, so that no two can contradict each other.
// lacks is the number of cells that are missing from an unfinished last round.
func (a *Analysis) extent(t *table, lacks int) Note {
	planned := a.Info.Rounds
	part := ""
	if lacks > 0 {
		part = fmt.Sprintf(", and part of another round, which is also used but lacks %s", format.Count(lacks, "cell"))
	}
	has := "the run has " + format.Count(a.Complete, "round")
	if planned > a.Complete {
		has = fmt.Sprintf("the run has %d of the %d rounds planned", a.Complete, planned)
	}
	switch {
	case a.Launches == t.void:
		return "no launch has a makespan: there is nothing to compare"
	case a.Rounds == 1:
		return Note(has + part + ": one round is too few for an interval or a verdict")
	case Few(a.Rounds):
		return notef("%s%s: verdicts need %d rounds", has, part, harness.FewestRounds)
	case a.enough():
		return notef("all %d questions are answered after %s", a.Asked, format.Count(a.Rounds, "round"))
	case planned > a.Complete || part != "":
		return Note(has + part)
	}
	return ""
}

// were returns n launches as text with a matching verb: "2 launches were".
func were(n int) string {
	if n == 1 {
		return "1 launch was"
	}
	return format.Count(n, "launch") + " were"
}

// sentence returns a reason with an initial capital. It removes the text ": no such file or
// directory" from the end, unless only the name of the failed operation would remain, as in "open:
// no such file or directory".
func sentence(reason string) string {
	if before, ok := strings.CutSuffix(reason, ": no such file or directory"); ok && strings.Contains(before, ": ") {
		reason = before
	}
	first, size := utf8.DecodeRuneInString(reason)
	return string(unicode.ToUpper(first)) + reason[size:]
}

// absences returns the notes on units that were not measured. Units that no launch measured have
// one note for each reason. Units that only some launches measured are listed in one note.
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
