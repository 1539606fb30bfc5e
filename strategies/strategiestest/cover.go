package strategiestest

import (
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

// Cover holds a strategy whose workers are processes to the rules about processes, over all
// starts and transports, where [Run] has held it to all rules over one of each. It covers
// them in pairs: every rule meets every start and every transport, and every start every
// transport. With as many rules as there are transports or more, that takes one case for
// each rule and value of the longer axis, the other axis being turned by one from rule to
// rule; the full product would take as many times more as the shorter axis has values.
//
// A rule that has variants (ways to die, sizes of chunks) takes one in each case, the next
// one in the next, so those are covered in pairs with the starts as well.
//
// With brief, each rule is held to in one case only, so that every value of an axis is in
// some: for the race detector, which does not see the other processes.
func Cover(t *testing.T, s catalog.Strategy, starts, transports []string, brief bool, config func(catalog.Setting) catalog.Config) {
	hung := false
	for r, rule := range processRulesOfAllSorts() {
		n := max(len(starts), len(transports))
		for c := range n {
			if brief && c != r%n {
				continue
			}
			set := catalog.Setting{Start: starts[c%len(starts)], Transport: transports[(c+r)%len(transports)]}
			t.Run(rule.name+"/"+set.Start+"/"+set.Transport, func(t *testing.T) {
				if hung {
					t.Skip("another case still runs")
				}
				with, err := s.With(set)
				if err != nil {
					t.Skip(err)
				}
				hung = !hold(t, rule, &T{Strategy: with, config: config(set), setting: set, turn: c})
			})
		}
	}
}

// RunRest is [Run] without the rules of [Cover].
func RunRest(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config) {
	covered := processRulesOfAllSorts()
	run(t, s, config, slices.DeleteFunc(rules(), func(r rule) bool {
		return slices.ContainsFunc(covered, func(c rule) bool { return c.name == r.name })
	}))
}

// processRulesOfAllSorts returns the rules that are about processes alone, and those which
// have to do with how workers come, go and are spoken to.
func processRulesOfAllSorts() []rule {
	names := []string{"chunks", "blame", "codecs", "printing", "failures", "cancel", "cancel what is queued", "close", "stop", "idle", "submitters"}
	some := slices.DeleteFunc(rules(), func(r rule) bool { return !slices.Contains(names, r.name) })
	if len(some) != len(names) {
		panic("strategiestest: a rule of the cover has another name")
	}
	return slices.Concat(some, processRules, generationRules, familyRules)
}

// turns returns xs, or the one of them whose turn it is in a cover.
func turns[X any](t *T, xs ...X) []X {
	if t.turn < 0 {
		return xs
	}
	i := t.turn % len(xs)
	return xs[i : i+1]
}
