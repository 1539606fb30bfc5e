// Package harness defines the types that every step of a measurement shares: the [Cell] that
// is measured and the table of its axes, the [Plan] that orders launches, the [Spec] and
// [Result] of a launch, and the [Sample] with its units. It runs nothing.
package harness

import (
	"cmp"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// Direct is the strategy name of the direct loop: the kernel in a plain loop, without an executor.
// Every block contains it, and its time per task, w, is the denominator of every speed-up.
const Direct = "direct"

// Orders in which outcomes are delivered. A map is a job over a slice that stores the results in
// place. The orders input and completion are those of streams. In order single, each task is
// submitted alone and awaited, so its time is that of a round trip.
const (
	SingleOrder     = "single"
	MapOrder        = "map"
	InputOrder      = "input"
	CompletionOrder = "completion"
)

// Default values of axes, as suites and filters write them. Cell names leave these values out,
// because most cells have them.
const (
	NoSpread       = "none" // all tasks have the same work
	NoShape        = "none" // tasks do their work and nothing else
	PlainTransport = "pipe"
	PlainStart     = "exec"
	PlainCodec     = "own" // the codec that belongs to the workload
)

// DefaultWindow is the window of a stream whose cell sets no window. If the cell has a fixed chunk
// and twice that chunk is larger, the window is twice the chunk.
const DefaultWindow = strategies.DefaultWindow

// A Task describes the work that a cell measures, without the strategy that runs it. Cells with
// equal Tasks run the same job and may be in one block.
type Task struct {
	Workload string
	Grain    int    // nominal work of a task in ns; 0 where the workload has none
	Batch    int    // inputs of the kernel in a task; 0 where the workload's tasks are not in batches
	Payload  int    // input bytes sent with a task, not counting its 16-byte header; 0 for none
	Spread   string // distribution of the work over tasks, with mean Grain; "" for equal work
	Tasks    int    // tasks in the job; 0 for the number that [JobSize] returns
	Memory   int    // bytes that the tasks work on; 0 where the workload has none
	Shape    string // injected faults, leaks and delays, such as "kill1000"; "" for none
}

// A Size is the part of a [Task] that says how much work the task is. A comparison of tasks that
// differ only in size shows the task size from which a strategy pays off.
type Size struct{ Grain, Batch int }

// Size returns the size of the task.
func (t Task) Size() Size { return Size{t.Grain, t.Batch} }

// Sized returns the task with its size replaced by s. Callers use the zero Size to stand for all
// sizes.
func (t Task) Sized(s Size) Task {
	t.Grain, t.Batch = s.Grain, s.Batch
	return t
}

// Compare compares two sizes for sorting, like [cmp.Compare]: first by grain, then by batch.
func (s Size) Compare(o Size) int {
	return cmp.Or(cmp.Compare(s.Grain, o.Grain), cmp.Compare(s.Batch, o.Batch))
}

func (t Task) String() string {
	return strings.TrimPrefix(axes.name(Cell{Task: t}, OfJob, false), "/")
}

// A Cell describes one measurement: a task, the strategy that runs it, and the strategy's settings,
// workers and cores. Cells can be compared by ==: two launches measure the same thing if and only
// if their cells are equal. In a cell of the strategy direct, Workers and Chunk are 1 and Order is
// map.
type Cell struct {
	Task
	Strategy string
	// Transport and Start say how bytes reach worker processes and how worker processes are
	// started. They are empty for pipes and exec, and for strategies without worker processes.
	Transport, Start string
	Codec            string // codec of values sent to worker processes; "" for the workload's own
	Prefetch         int    // largest number of tasks that are sent to a worker process and not finished; 0 if only Ahead limits them
	Recycle          int    // number of tasks after which a worker process is replaced; 0 for never
	Ahead            int    // time in ns, roughly, that the tasks sent to a worker in advance take; 0 for the default
	Hosts            int    // number of groups of workers, each of which stands for a host; 0 for one
	RoundTrip        int    // round trip in ns between hosts, added to that of this machine

	Cores   int // size of the CPU affinity mask
	Workers int
	Chunk   Chunk
	Order   string
	Window  int // window of a stream; 0 for the default
	// Rate is the number of tasks that arrive per second in an open loop. 0 is a closed loop:
	// all tasks of the job are ready when it starts.
	Rate int
}

// A Question asks which strategy is best for a task on a given number of cores. The answer depends
// on all blocks of a plan that have this task and this number of cores.
type Question struct {
	Task
	Cores int
}

// Question returns the question whose answer needs the cell: which strategy is best for the cell's
// task on its number of cores.
func (c Cell) Question() Question { return Question{c.Task, c.Cores} }

// Name returns the cell's benchmark name:
// "Job/workload=spin/grain=1000/payload=0/strategy=pool/chunk=1/order=map/window=0/workers=2/cores=2".
// Name does not append the suffix "-2" that Go benchmarks have for the number of cores. It leaves
// out some default values, such as the transport pipe.
func (c Cell) Name() string { return axes.Name(c) }

// TwinName returns the benchmark name for the second launch of the cell in a round, called its
// twin. In this name, the key strategy is written "of". The other keys that describe the strategy
// (see [OfChoice]) begin with "of-", such as of-chunk. So a benchstat filter by one of these keys,
// such as strategy, never selects a twin.
func (c Cell) TwinName() string { return axes.TwinName(c) }

// ParseName parses a benchmark name that [Cell.Name] or [Cell.TwinName] returned. The name may end
// in "-" and the number of cores. ParseName returns the cell, and reports whether the name is that
// of the cell's twin.
func ParseName(name string) (c Cell, twin bool, err error) { return axes.ParseName(name) }

func (c Cell) String() string { return strings.TrimPrefix(c.Name(), "Job/") }

// Setup returns the parameters of the cell's workload and the setting of its strategy, for a launch
// of the cell.
func (c Cell) Setup() Setup { return axes.Setup(c) }

// Settings returns a text, such as "shm" or "prefetch 8", for each setting of the cell's strategy
// that differs from its default.
func (c Cell) Settings() (words []string) {
	for _, a := range axes {
		if a.Part != OfChoice || a.Plain == "" || a.left(c) {
			continue
		}
		word := a.Text(c)
		if a.Key == "start" { // a start and a chunk may have the same name
			word = "start " + word
		}
		if a.Unit == "ns" {
			word = time.Duration(*a.Int(&c)).String()
		}
		if a.Int != nil {
			word = a.Key + " " + word
		}
		words = append(words, word)
	}
	return words
}

// Value returns the cell's value on the axis with the given key, written as in cell names. It
// returns "" if no axis has the key.
func (c Cell) Value(key string) string {
	a, ok := axes.Find(key)
	if !ok {
		return ""
	}
	return a.Text(c)
}
