package ab

import (
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// TestOrder checks that each side has each position, and follows each other side, equally often. It
// also checks that different benchmarks and seeds have different orders.
func TestOrder(t *testing.T) {
	const rounds = 60
	position := map[[2]int]int{}
	after := map[[2]harness.Side]int{}
	same := 0
	for r := range rounds {
		o := order(7, "A", r)
		for i, side := range o {
			position[[2]int{int(side), i}]++
			if i > 0 {
				after[[2]harness.Side{o[i-1], side}]++
			}
		}
		if o == order(7, "B", r) {
			same++
		}
	}
	for k, n := range position {
		if n != rounds/harness.Sides {
			t.Errorf("side %d has position %d in %d rounds", k[0], k[1], n)
		}
	}
	for k, n := range after {
		if n != rounds/harness.Sides {
			t.Errorf("%v follows %v in %d rounds", k[1], k[0], n)
		}
	}
	if len(position) != 9 || len(after) != 6 || same > rounds/2 {
		t.Errorf("%d positions, %d successions, %d rounds with equal order", len(position), len(after), same)
	}
	if first, again := order(7, "A", 3), order(7, "A", 3); first != again {
		t.Error("order returned different results for the same arguments")
	}
}

func TestLook(t *testing.T) {
	var looks []int
	for n := range 100 {
		if look(n) {
			looks = append(looks, n)
		}
	}
	if looks[0] != harness.FewestRounds || looks[1] != harness.FewestRounds+1 || len(looks) > 22 {
		t.Errorf("looks after %v", looks)
	}
}
