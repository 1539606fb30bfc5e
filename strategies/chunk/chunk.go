// Package chunk defines the policies that decide how many tasks a worker receives at a time. A
// policy is pure arithmetic on a [Claim], so any strategy can use it and tests need no clock. Each
// task has its own outcome, whatever the chunk size. With larger chunks workers receive tasks less
// often, but their work is less balanced at the end of a job.
package chunk

import (
	"fmt"
	"strconv"
	"time"
)

// A Policy decides how many tasks a worker receives at a time.
type Policy interface {
	// Size returns the number of tasks to hand over next. The caller raises a result below 1 to 1,
	// and lowers a result above c.Left to c.Left.
	Size(c Claim) int
	// String returns the name of the policy: one word that does not end in a hyphen and a number.
	String() string
}

// A Claim holds the data from which a policy computes the size of the next chunk.
type Claim struct {
	Total   int           // number of tasks to divide: all tasks of a map, or the tasks of a stream that were ready when last counted
	Left    int           // number of tasks out of Total that are not handed over yet, at least 1
	Last    int           // size of the previous chunk; 0 for the first chunk
	Workers int           // number of workers of the executor
	Task    time.Duration // running estimate of the time per task; 0 while unknown
	Target  time.Duration // intended duration of a chunk: short in one process, long across processes
}

// Fixed puts the same number of tasks into every chunk.
type Fixed int

func (f Fixed) Size(Claim) int { return int(f) }
func (f Fixed) String() string { return strconv.Itoa(int(f)) }

// Static divides N tasks among P workers in advance: one chunk of ⌈N/P⌉ tasks for each worker.
type Static struct{}

func (Static) Size(c Claim) int { return ceil(c.Total, c.Workers) }
func (Static) String() string   { return "static" }

// Guided makes each chunk one worker's share of the remaining tasks: ⌈R/P⌉ tasks, for R remaining
// tasks and P workers (Polychronopoulos and Kuck, IEEE Trans. Comput. 36, 1987). Chunks thus
// shrink.
type Guided struct{}

func (Guided) Size(c Claim) int { return ceil(c.Left, c.Workers) }
func (Guided) String() string   { return "guided" }

// Factoring hands over chunks in batches: one chunk for each of P workers. All chunks of a batch
// have the same size, ⌈R/(2P)⌉ for the R tasks that remain when the batch begins, so each batch
// halves the remaining tasks (FAC2; Hummel, Schonberg and Flynn, Commun. ACM 35, 1992). Factoring
// needs no state: it computes the current batch from the number of remaining tasks.
type Factoring struct{}

func (Factoring) Size(c Claim) int {
	batch := max(c.Total, 1) // tasks left when the current batch began
	for batch > 1 && c.Left <= batch/2 {
		batch /= 2
	}
	return ceil(batch, 2*c.Workers)
}
func (Factoring) String() string { return "factoring" }

// Auto estimates the time per task and chooses chunks that take about Claim.Target each. In
// addition:
//
//   - The first chunk has one task, and no chunk has more than twice the size of the previous one.
//   - No chunk exceeds half of one worker's share of the remaining tasks.
//   - If tasks become slower, the next chunk is smaller at once. In a map on goroutines, a worker
//     gives unstarted tasks of its chunk back if the chunk takes too long and another worker has no
//     tasks.
type Auto struct{}

func (Auto) Size(c Claim) int {
	if c.Task <= 0 {
		return 1
	}
	return min(int(c.Target/c.Task), 2*c.Last, ceil(c.Left, 2*c.Workers))
}
func (Auto) String() string { return "auto" }

// Quarters hands over chunks of ⌈N/(4P)⌉ tasks, for N tasks and P workers: about four chunks per
// worker. Python's multiprocessing.Pool.map does so by default.
type Quarters struct{}

func (Quarters) Size(c Claim) int { return ceil(c.Total, 4*c.Workers) }
func (Quarters) String() string   { return "quarters" }

// Slices hands over chunks of ⌈N/(64P)⌉ tasks, for N tasks and P workers: about 64 chunks per
// worker, as work-splitting libraries do.
type Slices struct{}

func (Slices) Size(c Claim) int { return ceil(c.Total, 64*c.Workers) }
func (Slices) String() string   { return "slices" }

// All returns every policy that [Parse] finds by a name, for lists and shell completion.
func All() []Policy {
	return []Policy{Static{}, Guided{}, Factoring{}, Auto{}, Quarters{}, Slices{}}
}

// Parse returns the policy with the given name. If name is a number of at least 1, Parse returns a
// Fixed of that size.
func Parse(name string) (Policy, error) {
	for _, c := range All() {
		if c.String() == name {
			return c, nil
		}
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("chunk %q: must be a number of at least 1, or one of %v", name, All())
	}
	return Fixed(n), nil
}

// ceil returns n/d, rounded up to a whole number. A d below 1 counts as 1.
func ceil(n, d int) int {
	d = max(d, 1)
	return (n + d - 1) / d
}
