package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// absences says which units no launch has, a note for each reason, and which only some have.
func absences(info harness.Info, samples []harness.Sample) (notes []Note) {
	var reasons, some []string
	units := map[string][]string{} // by reason
	for _, u := range harness.Units() {
		unit := u.Name
		why, absent := info.Absent[unit]
		switch {
		case !absent || len(samples) == 0:
		case slices.ContainsFunc(samples, func(s harness.Sample) bool { _, ok := s.Values[unit]; return ok }):
			some = append(some, unit)
		default:
			if units[why] == nil {
				reasons = append(reasons, why)
			}
			units[why] = append(units[why], unit)
		}
	}
	for _, why := range reasons {
		notes = append(notes, Note(fmt.Sprintf("not measured: %s; %s", strings.Join(units[why], ", "), why)))
	}
	if len(some) > 0 {
		notes = append(notes, Note(fmt.Sprintf("not measured in some launches: %s; run.json says why", strings.Join(some, ", "))))
	}
	return notes
}
