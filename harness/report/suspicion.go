package report

import (
	"fmt"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// suspicions returns a sentence for each reason why the answers of the runs cannot be compared: files
// that were changed, launches that two runs share, and tasks that compute different outputs.
func suspicions(runs []Run) (all []string) {
	type job struct {
		task  harness.Task
		tasks int
		seed  uint64
	}
	first, of, differ := map[job]uint64{}, map[job]int{}, map[string]bool{}
	for i, r := range runs {
		if r.Info.Foreign != "" {
			all = append(all, fmt.Sprintf("WARNING: %s is doubtful: %s.", letter(i), r.Info.Foreign))
		}
		for k, other := range runs[:i] {
			if n := harness.Common(other.Samples, r.Samples); n > 0 {
				all = append(all, fmt.Sprintf("WARNING: %s and %s have the same %s; one run is a copy of the other.", letter(k), letter(i), format.Count(n, "launch")))
			}
		}
		for _, j := range r.Info.Jobs {
			key := job{j.Task, j.Tasks, r.Info.Seed}
			if _, ok := first[key]; !ok {
				first[key], of[key] = j.Digest, i
			}
			if text := fmt.Sprintf("%s and %s", letter(of[key]), letter(i)); first[key] != j.Digest && !differ[text] {
				differ[text] = true
				all = append(all, fmt.Sprintf("WARNING: %s compute different outputs for %s, so their tasks are not the same work.", text, j.Task))
			}
		}
	}
	return all
}
