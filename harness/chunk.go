package harness

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// A Chunk says how many tasks the strategy of a cell hands to a worker at a time. Its text is a
// number from 1 up or the name of a policy that chooses the number. [chunk.Parse] converts the text
// to a [chunk.Policy]. A Cell holds the text, because JSON cannot decode into an interface such as
// Policy.
type Chunk string

// FixedChunk returns the Chunk for chunks of n tasks each.
func FixedChunk(n int) Chunk { return Chunk(strconv.Itoa(n)) }

// parseChunk parses the text of a chunk, and returns it in the form that a [Chunk] stores.
func parseChunk(text string) (string, error) {
	p, err := chunk.Parse(text)
	if err != nil {
		return "", err
	}
	return p.String(), nil
}

// Code returns the chunk policy as a Go expression, such as "chunk.Fixed(64)" or "chunk.Auto{}". It
// returns "" if the chunk is not valid.
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

// Fixed returns the number of tasks per chunk if this number is fixed. It returns 0 if a policy
// chooses it.
func (c Chunk) Fixed() int {
	n, _ := strconv.Atoi(string(c))
	return n
}

// Compare compares two chunks for sorting, like [cmp.Compare]. Chunks with a fixed number of tasks
// come first, sorted by this number. Policies follow, in the order of [chunk.All].
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
