// Package harness holds the words that every step of a measurement shares: the Cell
// that is measured, the Sample that one launch yields, the Suite that names cells,
// and the Plan that puts them in order. It runs nothing by itself but launches.
package harness

import (
	"fmt"
	"strconv"
	"strings"
)

// Direct is the strategy name of the direct loop: the kernel in a plain loop with no
// executor. It is in every block and gives w, the denominator that all strategies share.
const Direct = "direct"

// Orders of delivery that a cell can name. Map is a job over a slice with its results
// in place; the other two are streams.
const (
	MapOrder        = "map"
	InputOrder      = "input"
	CompletionOrder = "completion"
)

// A Cell is one point of the matrix. It is comparable; two launches measure the same
// thing exactly when their cells are equal. For direct, Workers and Chunk are 1 and
// Order is map.
type Cell struct {
	Workload string
	Grain    int    // nominal work of a task in ns; 0 where the workload has none
	Payload  int    // bytes of input that travel with a task, beside its 16-byte head; 0 for none
	Spread   string // how the work of the tasks differs, Grain being its mean; "" where they are alike
	Strategy string
	// Of the strategy's worker processes: how bytes reach them and how they come to be; ""
	// for pipes and exec, and where workers are none.
	Transport, Start string

	Cores   int // size of the affinity mask
	Workers int
	Chunk   Chunk
	Order   string
	Window  int // 0: the default
}

// Name returns the cell's benchmark name without the trailing -cores:
// "Job/workload=spin/grain=1000/payload=0/strategy=pool/chunk=1/order=map/window=0/workers=2/cores=2",
// with "/spread=last" after the payload where tasks differ, and "/transport=shm" and
// "/start=standby" after the strategy where its workers are not over pipes or not by exec.
func (c Cell) Name() string {
	return fmt.Sprintf("Job/%s/strategy=%s%s/chunk=%s/order=%s/window=%d/workers=%d/cores=%d",
		c.Task(), c.Strategy, c.setting("/"), c.Chunk, c.Order, c.Window, c.Workers, c.Cores)
}

// TwinName returns the name under which the cell's A/A twin is written. It has none of
// the keys strategy, chunk and order, so that no filter on those mixes it with samples.
func (c Cell) TwinName() string {
	return fmt.Sprintf("Twin/%s/of=%s%s/of-chunk=%s/of-order=%s/of-window=%d/workers=%d/cores=%d",
		c.Task(), c.Strategy, c.setting("/of-"), c.Chunk, c.Order, c.Window, c.Workers, c.Cores)
}

// setting returns the keys of a name that most cells do not have.
func (c Cell) setting(before string) (s string) {
	if c.Transport != "" {
		s += before + "transport=" + c.Transport
	}
	if c.Start != "" {
		s += before + "start=" + c.Start
	}
	return s
}

func (c Cell) String() string { return strings.TrimPrefix(c.Name(), "Job/") }

// Task is what the work of the cell is, without who does it: cells with equal tasks run
// the same job and may stand in one block.
type Task struct {
	Workload string
	Grain    int
	Payload  int
	Spread   string
}

// Task returns what the cell's work is.
func (c Cell) Task() Task { return Task{c.Workload, c.Grain, c.Payload, c.Spread} }

func (t Task) String() string {
	s := fmt.Sprintf("workload=%s/grain=%d/payload=%d", t.Workload, t.Grain, t.Payload)
	if t.Spread != "" {
		s += "/spread=" + t.Spread
	}
	return s
}

// NoSpread is how suites and filters name the spread of tasks that are alike. Names leave
// it out.
const NoSpread = "none"

// How suites and filters name the transport and start of strategies that are not told
// otherwise. Names leave them out.
const (
	PlainTransport = "pipe"
	PlainStart     = "exec"
)

// unless returns word, "" if it is the plain one.
func unless(word, plain string) string {
	if word == plain {
		return ""
	}
	return word
}

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
		if err := c.set(strings.TrimPrefix(key, "of-"), value); err != nil {
			return c, twin, fmt.Errorf("benchmark name %q: %w", name, err)
		}
	}
	return c, twin, nil
}

func (c *Cell) set(key, value string) error {
	var n *int
	switch key {
	case "workload":
		c.Workload = value
	case "spread":
		c.Spread = unless(value, NoSpread)
	case "transport":
		c.Transport = unless(value, PlainTransport)
	case "start":
		c.Start = unless(value, PlainStart)
	case "strategy":
		c.Strategy = value
	case "order":
		c.Order = value
	case "grain":
		n = &c.Grain
	case "payload":
		n = &c.Payload
	case "cores":
		n = &c.Cores
	case "workers":
		n = &c.Workers
	case "chunk":
		chunk, err := parseChunk(value)
		if err != nil {
			return err
		}
		c.Chunk = chunk
	case "window":
		n = &c.Window
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	if n != nil {
		v, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("key %s: %q is not a number", key, value)
		}
		*n = v
	}
	return nil
}
