// Package fault makes tasks and their processes go wrong on purpose: tasks fail, panic, hang, end
// their process or leak memory, processes start slowly, and inputs exceed the memory. The axis
// shape of an experiment chooses among these.
//
//  1. [Parse] reads a value of the axis as a [Shape]; [Words] returns the parts of such values.
//  2. [Shape.Runs] returns why a strategy cannot run a job with the shape.
//  3. [Shape.Over] plans a [Job]: which of its tasks fail.
//  4. An [Input] carries the plan of a task to its worker. A [Kernel] carries the plan out, in
//     this process or in a worker process, and keeps leaked memory in a [Process].
//  5. [Job.Accept] compares the end of a task with the plan.
//
// The direct loop runs the tasks without faults, so that the efficiency of a strategy shows the
// cost of the shape.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Shape describes the faults of the tasks of a job and of the processes that run them. The zero
// value has none.
type Shape struct {
	// Name is words with numbers, joined by +, as in "kill1000+setup5000000".
	Name   string
	Kind   Kind
	Inputs Inputs

	every  int    // one in this many tasks goes wrong
	setup  uint64 // steps that a process computes before its first task, as if it loaded a model
	leak   int    // bytes that each task leaves behind in its process, or in the load
	memory int    // limit in bytes for the process that makes the inputs, if the job makes them
}

// A Kind is how a task goes wrong, once its work is done.
type Kind uint8

const (
	None   Kind = iota
	Fails       // it returns an error
	Panics      // it panics
	Hangs       // it runs for 100 ms, and may for 20
	Exits       // it ends its process
	Killed      // it kills its process, by a signal that no process can handle
)

// Inputs says when the inputs of a job are made.
type Inputs uint8

const (
	Before Inputs = iota // before the clock starts
	Lazy                 // each when the stream asks for it
	Eager                // all when the job starts
)

const (
	hangs = 100 * time.Millisecond
	limit = 20 * time.Millisecond
)

// A Word is a part of the name of a shape.
type Word struct {
	Name string // with N for its number
	Doc  string

	least, most int
	set         func(s *Shape, n int)
}

// Words returns all words that the name of a shape can have.
func Words() []Word {
	const rarest, least, largest = 1 << 24, 1 << 20, 1 << 34
	kind := func(k Kind) func(*Shape, int) {
		return func(s *Shape, n int) { s.Kind, s.every = k, n }
	}
	inputs := func(in Inputs) func(*Shape, int) {
		return func(s *Shape, n int) { s.Inputs, s.memory = in, n }
	}
	return []Word{
		{"setupN", "each process computes for N ns, nominally, before its first task", 1, int(time.Hour), func(s *Shape, n int) { s.setup = max(1, mix.Steps(n)) }},
		{"leakN", "each task leaves N bytes behind for as long as its process lives", 1, 1 << 24, func(s *Shape, n int) { s.leak = n }},
		{"failN", "one in N tasks returns an error", 2, rarest, kind(Fails)},
		{"panicN", "one in N tasks panics", 2, rarest, kind(Panics)},
		{"hangN", fmt.Sprintf("one in N tasks hangs for %v where a task may take %v", hangs, limit), 2, rarest, kind(Hangs)},
		{"exitN", "one in N tasks ends its process, which only worker processes survive", 2, rarest, kind(Exits)},
		{"killN", "one in N tasks has its process killed, which only worker processes survive", 2, rarest, kind(Killed)},
		{"lazyN", "inputs are made when the stream asks for them, beside a memory limit of N bytes", least, largest, inputs(Lazy)},
		{"eagerN", "all inputs are made before the first task runs, beside a memory limit of N bytes", least, largest, inputs(Eager)},
	}
}

// Parse reads the name of a shape. Its error states only what the name must be.
func Parse(name string) (Shape, error) {
	if name == "" || name == "none" {
		return Shape{}, nil
	}
	s, words := Shape{Name: name}, Words()
	var names []string
	for _, w := range words {
		names = append(names, w.Name)
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(name, "+") {
		word := strings.TrimRight(part, "0123456789")
		n, err := strconv.Atoi(part[len(word):])
		k := slices.Index(names, word+"N")
		if k < 0 {
			return Shape{}, fmt.Errorf("words of %s, joined by +", strings.Join(names, ", "))
		}
		w, was := words[k], s
		if err != nil || n < w.least || n > w.most {
			return Shape{}, fmt.Errorf("%s, N being %d to %d", w.Name, w.least, w.most)
		}
		w.set(&s, n)
		if seen[word] || was.Kind != None && s.Kind != was.Kind || was.Inputs != Before && s.Inputs != was.Inputs {
			return Shape{}, errors.New("of one fault, one way to make inputs, and each word once")
		}
		seen[word] = true
	}
	return s, nil
}

// Runs returns why a strategy with these capabilities cannot run a job with the shape in that
// order, nil if it can.
func (s Shape) Runs(order string, can catalog.Capabilities) error {
	switch {
	case s.Name == "":
		return nil
	case can.Idiom != catalog.AnyJob || can.Resumes:
		return fmt.Errorf("shape %s needs an executor that takes any job and kernel", s.Name)
	case s.Kind >= Exits && !can.Processes:
		return fmt.Errorf("shape %s ends the process of the task, which is this one where workers are goroutines", s.Name)
	case s.Kind == Hangs && !can.Limits:
		return fmt.Errorf("shape %s needs a strategy that limits how long a task runs", s.Name)
	case s.Inputs == Lazy && order == "map":
		return fmt.Errorf("shape %s needs a stream: set order to input or completion", s.Name)
	}
	return nil
}
