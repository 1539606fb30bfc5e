package analyze

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// keptLeast is the smallest ratio of the time of a launch's first job to that of its later jobs
// which suggests that tasks keep results. For payoff's own workloads, this ratio is at most 3.
const keptLeast = 10

// kept returns a note on workloads whose tasks may keep the results of earlier jobs. There are two signs,
// which every launch of the direct loop must have. The first job took at least keptLeast times as long as
// the later jobs, so tasks may keep results in their process. Or a task took at least keptLeast times as
// long in the probe of its job, so tasks may keep results in files. kept returns "" if there is no sign.
func kept(info harness.Info, samples []harness.Sample) Note {
	probed := map[harness.Task]float64{}
	for _, j := range info.Jobs {
		probed[j.Task] = j.Work
	}
	inProcess, inFiles := map[string]float64{}, map[string]float64{}
	for _, s := range samples {
		if !isDirect(s.Cell) {
			continue
		}
		least(inProcess, s.Cell.Workload, s.Values[harness.UnitFirst], s.Values[harness.UnitOp])
		least(inFiles, s.Cell.Workload, probed[s.Cell.Task], s.Values[harness.UnitTask])
	}
	var texts []string
	add := func(ratios map[string]float64, form string) {
		var parts []string
		for _, w := range slices.Sorted(maps.Keys(ratios)) {
			if ratios[w] >= keptLeast {
				parts = append(parts, fmt.Sprintf("%s %.0f times", w, ratios[w]))
			}
		}
		if len(parts) > 0 {
			texts = append(texts, fmt.Sprintf(form, strings.Join(parts, ", ")))
		}
	}
	add(inProcess, "the first job of each loop took much longer than later ones (%s), so tasks may only look up results that they kept")
	add(inFiles, "tasks took much longer when their job was sized than in any later launch (%s), so they may only look up results that they kept, such as in files")
	return Note(strings.Join(texts, "; "))
}

// least stores the ratio long/short for a workload, unless a smaller one is stored or a value is unknown.
func least(ratios map[string]float64, workload string, long, short float64) {
	if long <= 0 || short <= 0 {
		return
	}
	if was, ok := ratios[workload]; !ok || long/short < was {
		ratios[workload] = long / short
	}
}
