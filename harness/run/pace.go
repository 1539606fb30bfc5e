package run

import "time"

// A pace estimates the time of turns from that of the turns before.
type pace struct {
	spent    map[int]time.Duration // by block
	turns    map[int]int
	total    time.Duration
	launches int
}

func newPace() *pace {
	return &pace{spent: map[int]time.Duration{}, turns: map[int]int{}}
}

// add records that a turn of the block with so many launches took d.
func (p *pace) add(block, launches int, d time.Duration) {
	p.spent[block] += d
	p.turns[block]++
	p.total += d
	p.launches += launches
}

// cost estimates a turn of the block with so many launches: by its own turns, else by launches
// of other blocks, else by guess per launch.
func (p *pace) cost(block, launches int, guess time.Duration) time.Duration {
	switch {
	case p.turns[block] > 0:
		return p.spent[block] / time.Duration(p.turns[block])
	case p.launches > 0:
		return p.total * time.Duration(launches) / time.Duration(p.launches)
	}
	return guess * time.Duration(launches)
}

// fits reports whether a turn should begin: whether ending after it is nearer to the
// budget than ending before it, and within the budget's overrun. A budget of 0 has no end.
func fits(elapsed, cost, budget time.Duration) bool {
	return budget == 0 || elapsed+cost/2 <= budget && elapsed+cost <= budget+budget/overrun
}
