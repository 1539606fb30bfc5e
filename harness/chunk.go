package harness

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// A Chunk is the number of tasks that a cell hands over at a time: a number from 1 up, or the
// name of a policy. It holds the text that [chunk.Parse] reads and that names, suites and
// filters contain, since a [chunk.Policy] is an interface that JSON cannot decode.
type Chunk string

// FixedChunk returns a fixed chunk of n tasks.
func FixedChunk(n int) Chunk { return Chunk(strconv.Itoa(n)) }

// parseChunk converts the text of a chunk to the form that the String method of its policy returns.
func parseChunk(text string) (string, error) {
	p, err := chunk.Parse(text)
	if err != nil {
		return "", err
	}
	return p.String(), nil
}

// Code returns the Go expression of the policy, such as "chunk.Fixed(64)" and "chunk.Auto{}", or ""
// for an invalid chunk.
func (c Chunk) Code() string {
	p, err := chunk.Parse(string(c))
	if err != nil {
		return ""
	}
	if n, ok := p.(chunk.Fixed); ok {
		return fmt.Sprintf("%T(%d)", n, int(n))
	}
	return fmt.Sprintf("%#v", p)
}

// Fixed returns the number of tasks of a fixed chunk, and 0 for a policy.
func (c Chunk) Fixed() int {
	n, _ := strconv.Atoi(string(c))
	return n
}

// Compare orders fixed chunks by size and puts them before policies, which it orders as [chunk.All]
// does.
func (c Chunk) Compare(d Chunk) int {
	policy := func(c Chunk) int {
		return slices.IndexFunc(chunk.All(), func(p chunk.Policy) bool { return p.String() == string(c) })
	}
	return cmp.Or(cmp.Compare(policy(c), policy(d)), cmp.Compare(c.Fixed(), d.Fixed()), cmp.Compare(c, d))
}

// Constant returns the number of tasks in each chunk of a job with the given numbers of tasks and
// workers. It returns 0 for a policy whose chunk size changes during a job.
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
