package harness

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// A Chunk is how many tasks a cell hands over at a time: a number from 1 up, or the name
// of a policy. It is the text that [chunk.Parse] reads, as it stands in names,
// suites and filters: a policy is an interface, which JSON cannot carry to a launch and
// which has no place in an order.
type Chunk string

// FixedChunk returns the chunk of n tasks every time.
func FixedChunk(n int) Chunk { return Chunk(strconv.Itoa(n)) }

// parseChunk returns the text of a chunk as its policy writes itself.
func parseChunk(text string) (string, error) {
	p, err := chunk.Parse(text)
	if err != nil {
		return "", err
	}
	return p.String(), nil
}

// Fixed returns the number of tasks; 0 for a policy.
func (c Chunk) Fixed() int {
	n, _ := strconv.Atoi(string(c))
	return n
}

// Compare orders numbers by size, then policies as [chunk.All] lists them.
func (c Chunk) Compare(d Chunk) int {
	policy := func(c Chunk) int {
		return slices.IndexFunc(chunk.All(), func(p chunk.Policy) bool { return p.String() == string(c) })
	}
	return cmp.Or(cmp.Compare(policy(c), policy(d)), cmp.Compare(c.Fixed(), d.Fixed()), cmp.Compare(c, d))
}

// Constant returns how many tasks c hands over every time, given the tasks of a job and its
// workers; 0 for a policy that changes the number on the way.
func (c Chunk) Constant(tasks, workers int) int {
	p, err := chunk.Parse(string(c))
	if err != nil {
		return 0
	}
	switch p.(type) {
	case chunk.Fixed, chunk.Static, chunk.Quarters, chunk.Slices:
		return max(1, p.Size(chunk.Claim{Total: tasks, Left: tasks, Workers: workers}))
	}
	return 0
}
