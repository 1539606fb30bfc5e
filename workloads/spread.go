package workloads

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Spread is how the work of a job's tasks differs from one to the next, in any workload
// whose tasks have a grain. Their mean is the grain whatever the spread, so that jobs of
// the same grain are the same work.
type Spread struct {
	Name string // one lower-case word
	Doc  string // one sentence: what it is and what it stands for
	// weight returns the work of task i of n in proportion to that of the others.
	weight func(seed uint64, i, n int) float64
}

// None is the name of the spread of tasks that are all alike; an empty name means it too.
const None = "none"

const (
	skewCV      = 2 // coefficient of variation of log-normal tasks
	paretoShape = 1.5
	longPart    = 10 // one in so many is long where the long ones stand together,
	longer      = 10 // by this factor
)

// Spreads returns them all, that of equal tasks first.
func Spreads() []Spread {
	return []Spread{
		{None, "all tasks are alike", func(uint64, int, int) float64 { return 1 }},
		{"lognormal", "log-normal with a coefficient of variation of 2, in no order: many short tasks and a few very long ones", lognormal(skewCV)},
		{"lognormal1", "log-normal with a coefficient of variation of 1", lognormal(1)},
		{"lognormal4", "log-normal with a coefficient of variation of 4", lognormal(4)},
		{"pareto", "Pareto with a shape of 1.5, in no order: no variance, a handful of tasks is much of the job", pareto},
		{"first", "a tenth of the tasks take ten times as long as the others, and come first", func(_ uint64, i, n int) float64 { return long(i, n) }},
		{"last", "a tenth of the tasks take ten times as long as the others, and come last", func(_ uint64, i, n int) float64 { return long(n-1-i, n) }},
		{"slowing", "the first half of the tasks take a tenth of the time of the second: what fools a chunk that grows", slowing},
	}
}

// lognormal is exp(σz) with σ² = ln(1+CV²) and z normal by Box and Muller (Ann. Math. Stat.
// 29, 1958). It draws from mix.Bits and not from math/rand, so that tasks are the same under
// every version of it.
func lognormal(cv float64) func(seed uint64, i, n int) float64 {
	sigma := math.Sqrt(math.Log1p(cv * cv))
	return func(seed uint64, i, _ int) float64 {
		a := mix.Bits(seed ^ mix.Bits(uint64(i)*mix.Odd+1))
		z := math.Sqrt(-2*math.Log(unit(a))) * math.Cos(2*math.Pi*unit(mix.Bits(a+mix.Odd)))
		return math.Exp(sigma * z)
	}
}

// unit is a number above 0, up to 1.
func unit(x uint64) float64 { return float64(x>>11+1) / (1 << 53) }

// pareto is u^(-1/α) with u uniform.
func pareto(seed uint64, i, _ int) float64 {
	return math.Pow(unit(mix.Bits(seed^mix.Bits(uint64(i)*mix.Odd+2))), -1/paretoShape)
}

// slowing returns the weight of task i, the second half being long.
func slowing(_ uint64, i, n int) float64 {
	if i >= n/2 {
		return longer
	}
	return 1
}

// long returns the weight of the task that is i away from the long ones' end.
func long(i, n int) float64 {
	if i < (n+longPart/2)/longPart {
		return longer
	}
	return 1
}

// grains returns the work of each of n tasks in ns, at least 1 each. They sum up to n
// grains, what a task is rounded by going to the next.
func (p Params) grains(n int) []int {
	spread := p.spread()
	if spread.Name == None || p.Grain == 0 {
		return slices.Repeat([]int{p.Grain}, n)
	}
	weights := make([]float64, n)
	total := 0.0
	for i := range weights {
		weights[i] = spread.weight(p.Seed, i, n)
		total += weights[i]
	}
	grains := make([]int, n)
	each, due, given := float64(p.Grain)*float64(n)/total, 0.0, 0.0
	for i, w := range weights {
		due += each * w
		g := max(1, math.Round(due-given))
		given += g
		grains[i] = int(g)
	}
	return grains
}

// spread returns the spread that p names; nil if there is none of that name.
func (p Params) spread() *Spread {
	all := Spreads()
	k := slices.IndexFunc(all, func(s Spread) bool { return s.Name == cmp.Or(p.Spread, None) })
	if k < 0 {
		return nil
	}
	return &all[k]
}
