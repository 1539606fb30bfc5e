package strategies

import (
	"fmt"
	"strconv"
	"time"
)

// A Chunk is a policy: how many tasks are handed over at a time. It is pure arithmetic
// over a [Claim], so it can be tested without a clock and used by any strategy.
//
// The unit of outcome is the task whatever the chunk; a chunk only saves hand-overs, and
// costs balance at the end of a job.
type Chunk interface {
	// Size returns how many tasks to hand over next. Less than 1 counts as 1, and more
	// than there are as all of them.
	Size(c Claim) int
	// String returns the policy's name, one word without a trailing -number.
	String() string
}

// A Claim is what a policy may know when tasks are handed over.
type Claim struct {
	Total   int // tasks there were to share: of the job, or of a stream what was there when it was last looked
	Left    int // tasks of these that are not handed over
	Last    int // the size before this one, 0 for the first
	Workers int
	// Task is the running estimate of what one task takes, 0 before any has ended.
	Task time.Duration
	// Target is how long a chunk should take for its hand-over to cost little: short in
	// one process, long across processes.
	Target time.Duration
}

// Fixed is the same number of tasks every time.
type Fixed int

func (f Fixed) Size(Claim) int { return int(f) }
func (f Fixed) String() string { return strconv.Itoa(int(f)) }

// Static is one equal share for each worker: ⌈N/P⌉.
type Static struct{}

func (Static) Size(c Claim) int { return ceil(c.Total, c.Workers) }
func (Static) String() string   { return "static" }

// Guided is an equal share of what is left: ⌈R/P⌉ (Polychronopoulos and Kuck, IEEE Trans.
// Comput. 36, 1987).
type Guided struct{}

func (Guided) Size(c Claim) int { return ceil(c.Left, c.Workers) }
func (Guided) String() string   { return "guided" }

// Factoring halves what is left with every P chunks: batches of P chunks of ⌈R/(2P)⌉
// (FAC2; Hummel, Schonberg and Flynn, Commun. ACM 35, 1992). Which batch it is follows
// from how much is left, so that nothing has to be remembered.
type Factoring struct{}

func (Factoring) Size(c Claim) int {
	batch := max(c.Total, 1) // tasks left when the current batch began
	for batch > 1 && c.Left <= batch/2 {
		batch /= 2
	}
	return ceil(batch, 2*c.Workers)
}
func (Factoring) String() string { return "factoring" }

// Auto makes a chunk take its target, from the running estimate of a task. It begins
// with one task, at most doubles from then on, never takes more than a fair half of what
// is left, and comes back at once when tasks turn slow.
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

// Slices is 64·P chunks: ⌈N/(64P)⌉, about what work-splitting libraries aim at.
type Slices struct{}

func (Slices) Size(c Claim) int { return ceil(c.Total, 64*c.Workers) }
func (Slices) String() string   { return "slices" }

// Chunks returns every policy that has a name, for tables and completion.
func Chunks() []Chunk {
	return []Chunk{Static{}, Guided{}, Factoring{}, Auto{}, Quarters{}, Slices{}}
}

// ParseChunk returns the policy of that name, or Fixed for a number from 1 up.
func ParseChunk(name string) (Chunk, error) {
	for _, c := range Chunks() {
		if c.String() == name {
			return c, nil
		}
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("chunk %q: not a number from 1 up, nor one of %v", name, Chunks())
	}
	return Fixed(n), nil
}

func ceil(n, d int) int {
	d = max(d, 1)
	return (n + d - 1) / d
}

// chunkTarget is how long an automatic chunk takes in this process. A hand-over and a look
// at the clock cost 100 ns, 200 where workers meet at them: half a percent to one. With
// 2 µs automatic chunks were 4 to 13 % slower than the best fixed ones. It is short against
// the 50 µs within which a stream delivers, and the end of a job is not what it decides:
// there a policy takes its share of what is left.
const chunkTarget = 20 * time.Microsecond

// dispatchTarget is the same where each chunk is handed to a worker that waits for it: waking
// it costs up to 5 µs, and the time from one hand-over to the next, by which tasks are
// measured, has that in it. With 100 µs channel was 30 % slower on tasks of 10 µs than with
// the best fixed chunk.
const dispatchTarget = 400 * time.Microsecond

// A sizer says how many tasks to claim next, for one drain or one dispatch. It reads the
// clock once a chunk, and not at all for a fixed size.
type sizer struct {
	fixed int // if above 0
	next  Claim
	chunk Chunk
	at    time.Time // when the last chunk was claimed; zero if what took since says nothing
}

// sizer returns one for tasks of which total are there.
func (o *Options) sizer(total, workers int) sizer {
	if f, ok := o.Chunk.(Fixed); ok {
		return sizer{fixed: int(f)}
	}
	return sizer{chunk: o.Chunk, next: Claim{Total: total, Workers: workers, Target: chunkTarget}}
}

// step returns the size for [Range.add] where it may be used on slots below end, else 0.
func (z *sizer) step(end int) uint32 {
	if z.fixed <= addMost && end <= addEnd {
		return uint32(z.fixed)
	}
	return 0
}

// size returns how many tasks to claim from r.
func (z *sizer) size(r *Range) int {
	if z.fixed > 0 {
		return z.fixed
	}
	now, took := time.Now(), time.Duration(0)
	if !z.at.IsZero() {
		took = now.Sub(z.at)
	}
	z.at = now
	return z.after(took, r.Len())
}

// more goes on with other tasks of the job, so many, and with what is known of the others.
// Waiting for them was no task's time.
func (z *sizer) more(total int) {
	z.next.Total, z.at = total, time.Time{}
}

// after returns the size that follows the last one, which took so long, or 0 if that is
// not known, when so many tasks are left. Slower tasks count at once, faster ones by and by.
func (z *sizer) after(took time.Duration, left int) int {
	c := &z.next
	if c.Last > 0 && took > 0 {
		task := took / time.Duration(c.Last)
		if task < c.Task {
			task = (3*c.Task + task) / 4
		}
		c.Task = max(task, 1)
	}
	c.Left = left
	c.Last = max(1, min(z.chunk.Size(*c), left))
	return c.Last
}
