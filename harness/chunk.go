package harness

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// A Chunk is how many tasks a cell hands over at a time: a number from 1 up, or the name
// of a policy. It is the text that [strategies.ParseChunk] reads, as it stands in names,
// suites and filters; a policy itself is an interface, which a launch cannot be told of
// and which says nothing of its place in an order.
type Chunk string

// FixedChunk returns the chunk of n tasks every time.
func FixedChunk(n int) Chunk { return Chunk(strconv.Itoa(n)) }

// Fixed returns the number of tasks; 0 for a policy.
func (c Chunk) Fixed() int {
	n, _ := strconv.Atoi(string(c))
	return n
}

// Compare orders numbers by size, then policies as [strategies.Chunks] lists them.
func (c Chunk) Compare(d Chunk) int {
	policy := func(c Chunk) int {
		return slices.IndexFunc(chunk.All(), func(p chunk.Policy) bool { return p.String() == string(c) })
	}
	return cmp.Or(cmp.Compare(policy(c), policy(d)), cmp.Compare(c.Fixed(), d.Fixed()), cmp.Compare(c, d))
}

// parseChunk returns the chunk of that text, written as its policy writes itself.
func parseChunk(text string) (Chunk, error) {
	p, err := chunk.Parse(text)
	if err != nil {
		return "", err
	}
	return Chunk(p.String()), nil
}

// chunk validates a value of the chunk key of a cell: a number, or the name of a policy.
func (d *document) chunk(path string, value any) (Chunk, error) {
	switch v := value.(type) {
	case int64:
		return FixedChunk(int(v)), d.between(path, int(v), 1, MaxChunk)
	case string:
		c, err := parseChunk(v)
		if err != nil || c.Fixed() != 0 {
			return "", d.errorf(path, "chunk has %q; write numbers from 1 up without quotes, or policies: %s", v, policies())
		}
		return c, nil
	}
	return "", d.errorf(path, "%s", wanted("chunk"))
}

// policies names them for a message: `"static", "guided"`.
func policies() string {
	var text string
	for i, p := range chunk.All() {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%q", p.String())
	}
	return text
}

// Constant returns how many tasks c hands over every time, of so many among workers; 0 for
// a policy that changes it on the way.
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
