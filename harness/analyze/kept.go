package analyze

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// keptLeast is the smallest ratio of the time of a launch's first job to that of its later jobs
// which suggests that tasks keep results. For payoff's own workloads, this ratio is at most 3.
const keptLeast = 10

// kept returns a note on workloads whose tasks may keep the results of earlier jobs: in every
// launch of the direct loop, the first job took at least keptLeast times as long as the later jobs.
// It returns "" if there are none.
func kept(samples []harness.Sample) Note {
	least := map[string]float64{}
	for _, s := range samples {
		first, op := s.Values[harness.UnitFirst], s.Values[harness.UnitOp]
		if !isDirect(s.Cell) || first <= 0 || op <= 0 {
			continue
		}
		was, ok := least[s.Cell.Workload]
		if !ok {
			was = math.Inf(1)
		}
		least[s.Cell.Workload] = min(was, first/op)
	}
	var parts []string
	for _, w := range slices.Sorted(maps.Keys(least)) {
		if least[w] >= keptLeast {
			parts = append(parts, fmt.Sprintf("%s %.0f times", w, least[w]))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return notef("the first job of each loop took much longer than later ones (%s), so tasks may only look up results that they kept", strings.Join(parts, ", "))
}
