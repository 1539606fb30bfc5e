package workloads

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Spread is a distribution of the work of tasks around the grain, which is the mean work of a
// task. Jobs with the same grain and number of tasks have the same total work with every spread.
type Spread struct {
	Name string // one lower-case word
	Doc  string // one sentence: the distribution, and an example of real work with it
	// weight returns the work of task i of n tasks, relative to the other tasks of the job.
	weight func(seed uint64, i, n int) float64
}

// None is the name of the spread in which all tasks are equal. An empty name means the same.
const None = "none"

const (
	paretoShape = 1.5
	longer      = 10 // work of a long task relative to a short task
)

// Spreads returns all spreads. The first is [None].
func Spreads() []Spread {
	return []Spread{
		{None, "all tasks take the same time", func(uint64, int, int) float64 { return 1 }},
		{"lognormal", "log-normal with a coefficient of variation of 2, in random order: many short tasks and a few very long ones", lognormal(2)},
		{"lognormal1", "log-normal with a coefficient of variation of 1", lognormal(1)},
		{"lognormal4", "log-normal with a coefficient of variation of 4", lognormal(4)},
		{"pareto", "Pareto with a shape of 1.5, in random order: the variance is infinite, so a few tasks are a large part of the job", pareto},
		{"first", "a tenth of the tasks take ten times as long as the others, and come first", func(_ uint64, i, n int) float64 { return longIf(i < tenth(n)) }},
		{"last", "a tenth of the tasks take ten times as long as the others, and come last", func(_ uint64, i, n int) float64 { return longIf(n-1-i < tenth(n)) }},
		{"slowing", "each task of the second half takes ten times as long as a task of the first half: bad for chunks that grow", func(_ uint64, i, n int) float64 { return longIf(i >= n/2) }},
	}
}

// lognormal returns a function that returns the weights of tasks. The weights have a log-normal
// distribution with the coefficient of variation cv. A weight is exp(σz) with σ² = ln(1+cv²) and a
// normal z (Box and Muller, Ann. Math. Stat. 29, 1958). The random numbers come from mix.Bits and
// not from math/rand, so that every version of Go makes the same tasks.
func lognormal(cv float64) func(seed uint64, i, n int) float64 {
	sigma := math.Sqrt(math.Log1p(cv * cv))
	return func(seed uint64, i, _ int) float64 {
		a := mix.Bits(seed ^ mix.Bits(uint64(i)*mix.Odd+1))
		z := math.Sqrt(-2*math.Log(unit(a))) * math.Cos(2*math.Pi*unit(mix.Bits(a+mix.Odd)))
		return math.Exp(sigma * z)
	}
}

// unit converts the random bits x to a number greater than 0 and at most 1.
func unit(x uint64) float64 { return float64(x>>11+1) / (1 << 53) }

// pareto returns the weight of task i, which is u^(-1/α). Here u is a random number, uniform in (0,
// 1], and α is the constant paretoShape.
func pareto(seed uint64, i, _ int) float64 {
	return math.Pow(unit(mix.Bits(seed^mix.Bits(uint64(i)*mix.Odd+2))), -1/paretoShape)
}

// longIf returns the weight of a long task if long is true, otherwise the weight of a short task.
func longIf(long bool) float64 {
	if long {
		return longer
	}
	return 1
}

// tenth returns n/10, rounded to an integer.
func tenth(n int) int { return (n + 5) / 10 }

// grains returns the work in ns of each of the n tasks of a job. Each value is at least 1. To make
// the sum n times the grain, grains adds the rounding error of each task to the next task.
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

// spread returns the spread with the name in p, or nil if there is none.
func (p Params) spread() *Spread {
	all := Spreads()
	k := slices.IndexFunc(all, func(s Spread) bool { return s.Name == cmp.Or(p.Spread, None) })
	if k < 0 {
		return nil
	}
	return &all[k]
}
