// Package harness holds the vocabulary that every step of a measurement shares: the [Cell]
// that is measured, the table of its axes, the [Plan] that puts launches in order, the
// [Spec] and the [Result] of one launch, and the [Sample] with its units that a launch
// yields. It runs nothing.
package harness

import (
	"strings"

	"github.com/payoff-bench/payoff/strategies"
)

// Direct is the strategy name of the direct loop: the kernel in a plain loop with no
// executor. It is in every block and gives w, the denominator that all strategies share.
const Direct = "direct"

// Orders of delivery that a cell can name. Map is a job over a slice with its results
// in place, input and completion are streams; in order single each task is submitted alone
// and waited for, so that its time is that of a round trip.
const (
	SingleOrder     = "single"
	MapOrder        = "map"
	InputOrder      = "input"
	CompletionOrder = "completion"
)

// Words by which suites and filters name the value that most cells have. Names of cells
// leave it out.
const (
	NoSpread       = "none" // all tasks have the same work
	NoShape        = "none" // tasks do their work and nothing else
	PlainTransport = "pipe"
	PlainStart     = "exec"
	PlainCodec     = "own" // the codec that belongs to the workload
)

// DefaultWindow is the window of a stream whose cell has none, or has a chunk of over half of it.
const DefaultWindow = strategies.DefaultWindow

// A Task is what the work of a cell is, without its strategy: cells with equal tasks run
// the same job and may stand in one block.
type Task struct {
	Workload string
	Grain    int    // nominal work of a task in ns; 0 where the workload has none
	Payload  int    // bytes of input that travel with a task, besides its 16-byte head; 0 for none
	Spread   string // how the work of the tasks differs, Grain being its mean; "" for equal work
	Tasks    int    // in the job; 0: as many as [JobSize] says
	Memory   int    // bytes that tasks work on; 0 where the workload has none
	Shape    string // faults, leaks and the like that the tasks have besides their work, as "kill1000"; "" for none
}

func (t Task) String() string {
	return strings.TrimPrefix(axes.name(Cell{Task: t}, OfJob, false), "/")
}

// A Cell is one point of the matrix. It is comparable; two launches measure the same
// thing exactly when their cells are equal. For direct, Workers and Chunk are 1 and
// Order is map.
type Cell struct {
	Task
	Strategy string
	// Of the strategy's worker processes: how bytes reach them and how they are started; ""
	// for pipes and exec, and for a strategy without worker processes.
	Transport, Start string
	Codec            string // how values become bytes on their way there; "" for the workload's own
	Prefetch         int    // most tasks in a worker and on their way to it; 0: limited by their time alone
	Recycle          int    // tasks after which a worker process is replaced; 0: never
	Ahead            int    // ns of work on its way to a worker, about; 0: the default

	Cores   int // size of the affinity mask
	Workers int
	Chunk   Chunk
	Order   string
	Window  int // 0: the default
	// Rate is how many tasks arrive in a second, by a schedule of their own: an open loop. 0
	// is a closed loop, a job whose tasks are all ready when it begins.
	Rate int
}

// A Question is which strategy is best for a task on some cores. The blocks of a plan with the
// same task and cores answer it together.
type Question struct {
	Task
	Cores int
}

// Question returns the question that the cell is measured for.
func (c Cell) Question() Question { return Question{c.Task, c.Cores} }

// Name returns the cell's benchmark name without the trailing -cores:
// "Job/workload=spin/grain=1000/payload=0/strategy=pool/chunk=1/order=map/window=0/workers=2/cores=2".
// Axes on which the cell has the plain value, as the transport pipe, are left out.
func (c Cell) Name() string { return axes.Name(c) }

// TwinName returns the name under which the cell's A/A twin is written. It has none of
// the keys strategy, chunk and order, so that no filter on those mixes it with samples.
func (c Cell) TwinName() string { return axes.TwinName(c) }

// ParseName reads a benchmark name as Name or TwinName wrote it, with or without the
// trailing -cores, and reports whether it is a twin's.
func ParseName(name string) (c Cell, twin bool, err error) { return axes.ParseName(name) }

func (c Cell) String() string { return strings.TrimPrefix(c.Name(), "Job/") }

// Setup returns what a launch prepares for the cell.
func (c Cell) Setup() Setup { return axes.Setup(c) }

// Settings returns, as words, the choices in which the cell differs from most: "shm",
// "prefetch 8".
func (c Cell) Settings() (words []string) {
	for _, a := range axes {
		if a.Part != OfChoice || a.Plain == "" || a.left(c) {
			continue
		}
		word := a.Text(c)
		if a.Key == "start" { // the name of a start can be that of a chunk too
			word = "start " + word
		}
		if a.Int != nil {
			word = a.Key + " " + word
		}
		words = append(words, word)
	}
	return words
}

// Value returns the value on the axis of that key, as names write it; "" for no such axis.
func (c Cell) Value(key string) string {
	a, ok := axes.Find(key)
	if !ok {
		return ""
	}
	return a.Text(c)
}
