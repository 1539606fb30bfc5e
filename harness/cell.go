// Package harness holds the words that every step of a measurement shares: the Cell
// that is measured, the Sample that one launch yields, the Suite that names cells,
// and the Plan that puts them in order. It runs nothing by itself but launches.
package harness

import (
	"fmt"
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

// DefaultWindow is the window of streams whose cell has none, or a chunk of over half of it.
const DefaultWindow = strategies.DefaultWindow

// A Cell is one point of the matrix. It is comparable; two launches measure the same
// thing exactly when their cells are equal. For direct, Workers and Chunk are 1 and
// Order is map.
type Cell struct {
	Workload string
	Grain    int    // nominal work of a task in ns; 0 where the workload has none
	Payload  int    // bytes of input that travel with a task, beside its 16-byte head; 0 for none
	Spread   string // how the work of the tasks differs, Grain being its mean; "" where they are alike
	Tasks    int    // in the job; 0: as many as [JobSize] says
	Memory   int    // bytes that tasks work on or beside; 0 where the workload has none
	Shape    string // what else befalls the tasks or their workers, as "kill1000"; "" for nothing
	Strategy string
	// Of the strategy's worker processes: how bytes reach them and how they come to be; ""
	// for pipes and exec, and where workers are none.
	Transport, Start string
	Codec            string // how values become bytes on their way there; "" for the workload's own
	Prefetch         int    // tasks on their way to a worker and at it, at most; 0: by their time alone
	Recycle          int    // tasks after which a worker process is replaced; 0: never
	Ahead            int    // ns of work on its way to a worker, about; 0: the default

	Cores   int // size of the affinity mask
	Workers int
	Chunk   Chunk
	Order   string
	Window  int // 0: the default
	// Rate is how many tasks arrive in a second, at times of their own: an open loop. 0 is a
	// closed one, a job whose tasks all wait to be run.
	Rate int
}

// Name returns the cell's benchmark name without the trailing -cores:
// "Job/workload=spin/grain=1000/payload=0/strategy=pool/chunk=1/order=map/window=0/workers=2/cores=2",
// with "/spread=last" after the payload where tasks differ, and "/transport=shm" and the
// like after the strategy where its workers are not over pipes, not by exec, and so on.
func (c Cell) Name() string {
	return "Job" + c.name(func(a axis) string { return a.key }, ofPlace)
}

// TwinName returns the name under which the cell's A/A twin is written. It has none of
// the keys strategy, chunk and order, so that no filter on those mixes it with samples.
func (c Cell) TwinName() string {
	return "Twin" + c.name(func(a axis) string {
		switch {
		case a.key == "strategy":
			return "of"
		case a.part == ofChoice:
			return "of-" + a.key
		}
		return a.key
	}, ofPlace)
}

func (c Cell) String() string { return strings.TrimPrefix(c.Name(), "Job/") }

// Task is what the work of the cell is, without who does it: cells with equal tasks run
// the same job and may stand in one block.
type Task struct {
	Workload string
	Grain    int
	Payload  int
	Spread   string
	Tasks    int
	Memory   int
	Shape    string
}

// Task returns what the cell's work is.
func (c Cell) Task() Task {
	return Task{c.Workload, c.Grain, c.Payload, c.Spread, c.Tasks, c.Memory, c.Shape}
}

// of returns the cell for task t on a number of cores.
func (c Cell) of(t Task, cores int) Cell {
	c.Workload, c.Grain, c.Payload, c.Spread, c.Tasks, c.Memory, c.Shape, c.Cores = t.Workload, t.Grain, t.Payload, t.Spread, t.Tasks, t.Memory, t.Shape, cores
	return c
}

func (t Task) String() string {
	return strings.TrimPrefix(Cell{}.of(t, 0).name(func(a axis) string { return a.key }, ofTask), "/")
}

// How suites and filters name what most cells leave plain. Names of cells leave it out.
const (
	NoSpread       = "none" // tasks that are alike
	NoShape        = "none" // tasks that nothing else befalls
	PlainTransport = "pipe" // of strategies that are told no other
	PlainStart     = "exec"
	PlainCodec     = "own" // the one that the workload comes with
)

// ParseName reads a benchmark name as Name or TwinName wrote it, with or without the
// trailing -cores, and reports whether it is a twin's.
func ParseName(name string) (c Cell, twin bool, err error) {
	head, rest, _ := strings.Cut(name, "/")
	switch head {
	case "Job":
	case "Twin":
		twin = true
	default:
		return c, false, fmt.Errorf("benchmark name %q: begins with neither Job/ nor Twin/", name)
	}
	if stem := strings.TrimRight(rest, "0123456789"); stem != rest && strings.HasSuffix(stem, "-") {
		rest = strings.TrimSuffix(stem, "-")
	}
	for _, part := range strings.Split(rest, "/") {
		key, value, ok := strings.Cut(part, "=")
		if !ok {
			return c, twin, fmt.Errorf("benchmark name %q: part %q is not key=value", name, part)
		}
		if key == "of" {
			key = "of-strategy"
		}
		a, known := axisOf(strings.TrimPrefix(key, "of-"))
		if !known {
			return c, twin, fmt.Errorf("benchmark name %q: unknown key %q", name, strings.TrimPrefix(key, "of-"))
		}
		if err := a.set(&c, value); err != nil {
			return c, twin, fmt.Errorf("benchmark name %q: %w", name, err)
		}
	}
	return c, twin, nil
}
