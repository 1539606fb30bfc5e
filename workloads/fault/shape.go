// Package fault injects faults into tasks and their processes: a task fails, panics, hangs,
// leaks memory or ends its process; a process starts slowly; the inputs exceed the memory. A shape
// selects the faults.
//
//  1. [Parse] parses the name of a [Shape]; [Words] returns the words that names are made of.
//  2. [Shape.Runs] returns why a strategy cannot run a job with the shape.
//  3. [Shape.Over] plans a [Job]: it selects the tasks that fail.
//  4. An [Input] carries the plan of a task to its worker. A [Kernel] executes the plan, in this
//     process or in a worker process, and keeps leaked memory in a [Process].
//  5. [Job.Accept] compares the error of a task with the plan.
//
// The direct loop, to which strategies are compared, runs the tasks without faults. The efficiency
// of a strategy therefore includes the cost of the faults.
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

// A Shape is a selection of faults: for the tasks of a job, and for the processes that run them.
// The zero Shape has no faults.
type Shape struct {
	// Name consists of words with numbers, joined by +, as in "kill1000+setup5000000".
	Name   string
	Kind   Kind
	Inputs Inputs

	every  int    // one in this many tasks has the fault Kind
	setup  uint64 // number of steps that a process computes before its first task, like a program that loads a model
	leak   int    // number of bytes that each task leaks in its process
	memory int    // memory limit, in bytes, of the process that makes the inputs during the job
}

// A Kind is a kind of fault of a task, such as an error or a panic. The fault occurs after the work
// of the task.
type Kind uint8

const (
	None   Kind = iota
	Fails       // returns an error
	Panics      // panics
	Hangs       // runs for 100 ms more, although its limit is 20 ms
	Exits       // ends its process
	Killed      // sends SIGKILL to its process
)

// Inputs says when the inputs of a job are made: before the job, when it starts, or when a stream
// pulls them.
type Inputs uint8

const (
	Before Inputs = iota // all before the measured time
	Lazy                 // each input when the stream pulls it
	Eager                // all inputs when the job starts
)

const (
	hangs = 100 * time.Millisecond // how long a task hangs
	limit = 20 * time.Millisecond  // limit of each task in a job in which tasks hang
)

// A Word is one part of the name of a [Shape].
type Word struct {
	Name string // the word, with N for its number
	Doc  string

	least, most int
	set         func(s *Shape, n int)
}

// Words returns all words that names of shapes can contain.
func Words() []Word {
	const rarest, least, largest = 1 << 24, 1 << 20, 1 << 34
	kind := func(k Kind) func(*Shape, int) {
		return func(s *Shape, n int) { s.Kind, s.every = k, n }
	}
	inputs := func(in Inputs) func(*Shape, int) {
		return func(s *Shape, n int) { s.Inputs, s.memory = in, n }
	}
	return []Word{
		{"setupN", "each process computes for about N ns before its first task", 1, int(time.Hour), func(s *Shape, n int) { s.setup = max(1, mix.Steps(n)) }},
		{"leakN", "each task leaks N bytes of memory in its process", 1, 1 << 24, func(s *Shape, n int) { s.leak = n }},
		{"failN", "one in N tasks returns an error", 2, rarest, kind(Fails)},
		{"panicN", "one in N tasks panics", 2, rarest, kind(Panics)},
		{"hangN", fmt.Sprintf("one in N tasks runs for %v too long, with a limit of %v per task", hangs, limit), 2, rarest, kind(Hangs)},
		{"exitN", "one in N tasks ends its process; needs worker processes", 2, rarest, kind(Exits)},
		{"killN", "one in N tasks has its process killed; needs worker processes", 2, rarest, kind(Killed)},
		{"lazyN", "inputs are made when the stream pulls them, under a memory limit of N bytes", least, largest, inputs(Lazy)},
		{"eagerN", "all inputs are made before the first task runs, under a memory limit of N bytes", least, largest, inputs(Eager)},
	}
}

// Parse parses the name of a shape. The text of the error completes the sentence "The name must be
// …".
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
			return Shape{}, fmt.Errorf("%s with N from %d to %d", w.Name, w.least, w.most)
		}
		w.set(&s, n)
		if seen[word] || was.Kind != None && s.Kind != was.Kind || was.Inputs != Before && s.Inputs != was.Inputs {
			return Shape{}, errors.New("a name with at most one fault, one way to make inputs, and each word once")
		}
		seen[word] = true
	}
	return s, nil
}

// Runs returns nil if a strategy with the capabilities can is able to run a job with this shape in
// the given order. Otherwise it returns an error with the reason.
func (s Shape) Runs(order string, can catalog.Capabilities) error {
	switch {
	case s.Name == "":
		return nil
	case can.Idiom != catalog.AnyJob || can.Resumes:
		return fmt.Errorf("shape %s needs an executor that runs any job and kernel", s.Name)
	case s.Kind >= Exits && !can.Processes:
		return fmt.Errorf("shape %s ends the process of the task, so it needs worker processes", s.Name)
	case s.Kind == Hangs && !can.Limits:
		return fmt.Errorf("shape %s needs a strategy that limits how long a task runs", s.Name)
	case s.Inputs == Lazy && order == "map":
		return fmt.Errorf("shape %s needs a stream: set order to input or completion", s.Name)
	}
	return nil
}
