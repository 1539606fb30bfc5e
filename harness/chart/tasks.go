package chart

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// sharedWorkers returns the numbers of workers with which at least two strategies of a question
// were measured. If there is none, it returns the largest number of workers. If each strategy was
// measured with only one number of workers, it returns 0, for any number.
func sharedWorkers(q analyze.Question) []int {
	strategies, perSeries := map[int]map[string]bool{}, map[string]int{}
	most := 0
	for _, r := range q.Rows {
		if r.Cell.Strategy == harness.Direct {
			continue
		}
		n := r.Cell.Workers
		if strategies[n] == nil {
			strategies[n] = map[string]bool{}
		}
		strategies[n][r.Cell.Strategy] = true
		perSeries[analyze.Bare(r.Cell)]++
		most = max(most, n)
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(perSeries)), func(n int) bool { return n > 1 }) {
		return []int{0}
	}
	var shared []int
	for n, who := range strategies {
		if len(who) > 1 {
			shared = append(shared, n)
		}
	}
	if len(shared) == 0 {
		return []int{most}
	}
	return sorted(shared)
}

// byTask returns the heat map of the tasks that were measured at few sizes. Each tile shows the
// speed-up of a strategy over the direct loop. There is a row for each task, and a column for each
// strategy.
func byTask(a *analyze.Analysis) heatMap {
	name := func(c harness.Cell) string { return plain(analyze.Bare(c)) }
	p := newMap(nil, nil)
	p.Series = []Series{{}}
	for _, s := range fewGrains(a) {
		for _, q := range compared(s) {
			for _, workers := range sharedWorkers(q) {
				y := len(p.Y.Names)
				row := fmt.Sprintf("%s, %s", s.Place.Work(), sizeOf(q))
				if workers > 0 {
					row += ", " + format.Count(workers, "worker")
				}
				p.Y.Names = append(p.Y.Names, row)
				for _, r := range q.Rows {
					if workers > 0 && r.Cell.Workers != workers && r.Cell.Strategy != harness.Direct || !r.Speedup.Known() {
						continue
					}
					n := name(r.Cell)
					if !slices.Contains(p.X.Names, n) {
						p.X.Names = append(p.X.Names, n)
					}
					p.tile(slices.Index(p.X.Names, n), y, q, r)
				}
			}
		}
	}
	slices.SortFunc(p.Series[0].Points, func(q, r Point) int { return cmp.Or(cmp.Compare(q.Y, r.Y), cmp.Compare(q.X, r.X)) })
	if len(p.Y.Names) < 2 {
		return heatMap{}
	}
	return heatMap{words: []string{"tasks"}, where: "tasks measured at few sizes", panel: p}
}
