// Package chunk has the policies that say how many tasks are handed to a worker at a time.
// A policy is pure arithmetic over a [Claim]: tests need no clock, and any strategy can use
// it. The unit of outcome is the task, whatever the chunk. A larger chunk saves hand-overs
// and costs balance at the end of a job.
package chunk

import (
	"fmt"
	"strconv"
	"time"
)

// A Policy decides how many tasks are handed over at a time.
type Policy interface {
	// Size returns how many tasks to hand over next. A result below 1 counts as 1, one
	// above the tasks that are left as all of them.
	Size(c Claim) int
	// String returns the policy's name, one word without a trailing -number.
	String() string
}

// A Claim is the facts that a policy may use.
type Claim struct {
	Total   int           // tasks to share: of a map all, of a stream those that were there at the last look
	Left    int           // of Total, not handed over yet
	Last    int           // size of the chunk before this one, 0 for the first
	Workers int           // of the executor
	Task    time.Duration // running estimate of the time of one task, 0 before any has ended
	Target  time.Duration // time that a chunk should take: short in one process, long across processes
}

// Fixed hands over the same number of tasks every time.
type Fixed int

func (f Fixed) Size(Claim) int { return int(f) }
func (f Fixed) String() string { return strconv.Itoa(int(f)) }

// Static hands each worker one equal share: ⌈N/P⌉.
type Static struct{}

func (Static) Size(c Claim) int { return ceil(c.Total, c.Workers) }
func (Static) String() string   { return "static" }

// Guided hands over an equal share of the tasks that are left: ⌈R/P⌉ (Polychronopoulos and Kuck, IEEE Trans.
// Comput. 36, 1987).
type Guided struct{}

func (Guided) Size(c Claim) int { return ceil(c.Left, c.Workers) }
func (Guided) String() string   { return "guided" }

// Factoring hands over batches of P chunks of ⌈R/(2P)⌉, so that each batch halves the tasks
// that are left (FAC2; Hummel, Schonberg and Flynn, Commun. ACM 35, 1992). The number of
// tasks left determines the batch, so the policy has no state.
type Factoring struct{}

func (Factoring) Size(c Claim) int {
	batch := max(c.Total, 1) // tasks left when the current batch began
	for batch > 1 && c.Left <= batch/2 {
		batch /= 2
	}
	return ceil(batch, 2*c.Workers)
}
func (Factoring) String() string { return "factoring" }

// Auto sizes a chunk to take the target time, by the running estimate of a task. It begins
// with one task, at most doubles from chunk to chunk, never takes more than half of an equal
// share of the tasks left, and shrinks at once when tasks turn slow.
type Auto struct{}

func (Auto) Size(c Claim) int {
	if c.Task <= 0 {
		return 1
	}
	return min(int(c.Target/c.Task), 2*c.Last, ceil(c.Left, 2*c.Workers))
}
func (Auto) String() string { return "auto" }

// Quarters is n/(4P), the default of Python's multiprocessing.Pool.map: ⌈N/(4P)⌉.
type Quarters struct{}

func (Quarters) Size(c Claim) int { return ceil(c.Total, 4*c.Workers) }
func (Quarters) String() string   { return "quarters" }

// Slices is 64·P chunks: ⌈N/(64P)⌉, about the number that work-splitting libraries aim at.
type Slices struct{}

func (Slices) Size(c Claim) int { return ceil(c.Total, 64*c.Workers) }
func (Slices) String() string   { return "slices" }

// All returns every policy that has a name, for tables and completion.
func All() []Policy {
	return []Policy{Static{}, Guided{}, Factoring{}, Auto{}, Quarters{}, Slices{}}
}

// Parse returns the policy of that name, or Fixed for a number from 1 up.
func Parse(name string) (Policy, error) {
	for _, c := range All() {
		if c.String() == name {
			return c, nil
		}
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("chunk %q: not a number from 1 up, nor one of %v", name, All())
	}
	return Fixed(n), nil
}

func ceil(n, d int) int {
	d = max(d, 1)
	return (n + d - 1) / d
}
