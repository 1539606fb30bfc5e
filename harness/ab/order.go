package ab

import (
	"hash/fnv"
	"math/rand/v2"

	"github.com/payoff-bench/payoff/harness"
)

// orders lists all orders in which the three sides can be launched.
var orders = [][harness.Sides]harness.Side{
	{harness.Base, harness.BaseAgain, harness.Head},
	{harness.Base, harness.Head, harness.BaseAgain},
	{harness.BaseAgain, harness.Base, harness.Head},
	{harness.BaseAgain, harness.Head, harness.Base},
	{harness.Head, harness.Base, harness.BaseAgain},
	{harness.Head, harness.BaseAgain, harness.Base},
}

// order returns the order in which a round launches the three sides of the benchmark with the given
// name. It depends only on the arguments. In each six rounds, starting with rounds 0 to 5, the
// benchmark has each of the six possible orders once, in a random sequence. So each side has each
// position, and follows each other side, equally often.
func order(seed uint64, name string, round int) [harness.Sides]harness.Side {
	h := fnv.New64a()
	h.Write([]byte(name))
	rng := rand.New(rand.NewPCG(seed, h.Sum64()+uint64(round/len(orders))))
	return orders[rng.Perm(len(orders))[round%len(orders)]]
}

// sequence returns the order in which a round measures n benchmarks, as a permutation of their
// indexes.
func sequence(seed uint64, n, round int) []int {
	return rand.New(rand.NewPCG(^seed, uint64(round))).Perm(n)
}

// look reports whether the run judges the benchmarks after n rounds. It does so first after 6
// rounds, and again each time the number of rounds has grown by a sixth, but by at least one. A run
// that judged after every round would find more differences that do not exist.
func look(n int) bool {
	for k := harness.FewestRounds; k <= n; k = max(k+1, k*7/6) {
		if k == n {
			return true
		}
	}
	return false
}
