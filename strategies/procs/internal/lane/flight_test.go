//go:build unix

package lane

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/work"
)

// TestFull checks how many tasks may be sent after a large one: one after a large task, and none
// after a very large task.
func TestFull(t *testing.T) {
	for _, test := range []struct {
		bytes []int // of runs
		want  bool
	}{
		{nil, false},
		{[]int{100}, false},
		{[]int{prefetchBytes - 1}, false},
		{[]int{prefetchBytes}, false},
		{[]int{1 << 20}, false},
		{[]int{1 << 20, 1 << 20}, true},
		{[]int{100, prefetchBytes}, true},
		{[]int{keepBytes}, true},
	} {
		f, le := flight{unpin: func(shared.Pin) {}}, &lease{terms: &work.Terms{}}
		f.push(run{lease: le, hi: 1, bytes: 1 << 20})
		f.pop()
		for _, n := range test.bytes {
			f.push(run{lease: le, hi: 1, bytes: n})
		}
		if f.full() != test.want {
			t.Errorf("flight with frames of %v bytes: got full %v, want %v", test.bytes, f.full(), test.want)
		}
	}
}
