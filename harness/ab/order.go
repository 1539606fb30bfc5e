package ab

import (
	"hash/fnv"
	"math/rand/v2"

	"github.com/payoff-bench/payoff/harness"
)

// orders are all orders of the three sides.
var orders = [][harness.Sides]harness.Side{
	{harness.Base, harness.BaseAgain, harness.Head},
	{harness.Base, harness.Head, harness.BaseAgain},
	{harness.BaseAgain, harness.Base, harness.Head},
	{harness.BaseAgain, harness.Head, harness.Base},
	{harness.Head, harness.Base, harness.BaseAgain},
	{harness.Head, harness.BaseAgain, harness.Base},
}

// order returns the order of the sides of a benchmark in a round. It depends only on its arguments.
// In each six rounds, a benchmark has all orders once, in random sequence. So each side has each
// position, and follows each other side, equally often.
func order(seed uint64, name string, round int) [harness.Sides]harness.Side {
	h := fnv.New64a()
	h.Write([]byte(name))
	rng := rand.New(rand.NewPCG(seed, h.Sum64()+uint64(round/len(orders))))
	return orders[rng.Perm(len(orders))[round%len(orders)]]
}

// sequence returns the order of n benchmarks in a round, as a permutation.
func sequence(seed uint64, n, round int) []int {
	return rand.New(rand.NewPCG(^seed, uint64(round))).Perm(n)
}

// look reports whether the benchmarks are judged after n rounds: from round 6 on, at distances of a
// sixth of the rounds so far, at least one. Fewer looks make fewer false verdicts.
func look(n int) bool {
	for k := harness.FewestRounds; k <= n; k = max(k+1, k*7/6) {
		if k == n {
			return true
		}
	}
	return false
}
