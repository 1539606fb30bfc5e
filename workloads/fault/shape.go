// Package fault injects faults into tasks and their processes. A task can fail, panic, hang, leak
// memory or end its process. A process can start slowly. The inputs can exceed the memory. A shape
// selects the faults of a job.
//
//  1. [Parse] parses the name of a [Shape]; [Words] returns the words that names are made of.
//  2. [Shape.Runs] returns an error if a strategy cannot run a job with the shape.
//  3. [Shape.Over] plans a [Job]: it selects the tasks that fail.
//  4. An [Input] carries the plan of a task to its worker. A [Kernel] executes the plan, in this
//     process or in a worker process, and keeps leaked memory in a [Process].
//  5. [Job.Accept] compares the error of a task with the plan.
//
// The direct loop, with which strategies are compared, runs the tasks without faults. So the
// efficiency of a strategy includes the cost of the faults.
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

	every  int    // difference between the numbers of two successive tasks that have the fault Kind
	setup  uint64 // number of steps that each process computes before its first task, as a program would load a model
	leak   int    // number of bytes that each task allocates in its process and never frees
	memory int    // memory limit, in bytes, of a process that makes the inputs during the job
}

// A Kind is a kind of fault of a task, such as an error or a panic. The fault comes after the work
// of the task.
type Kind uint8

const (
	None   Kind = iota
	Fails       // returns an error
	Panics      // panics
	Hangs       // runs for 100 ms more, although the time limit of the task is 20 ms
	Exits       // ends its process
	Killed      // sends SIGKILL to its process
)

// Inputs selects when the inputs of a job are made: before the job, when the job starts, or when a
// stream pulls them.
type Inputs uint8

const (
	Before Inputs = iota // all before the measured time
	Lazy                 // each input when the stream pulls it
	Eager                // all inputs when the job starts
)

const (
	hangs = 100 * time.Millisecond // how long a task hangs
	limit = 20 * time.Millisecond  // time limit of each task in a job with tasks that hang
)

// A Word is one part of the name of a [Shape], such as fail7 in fail7+leak4096.
type Word struct {
	Name string // the word, with N in place of its number
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
		{"setupN", "each process computes for about N ns before its first task, as if it loaded a model", 1, int(time.Hour), func(s *Shape, n int) { s.setup = max(1, mix.Steps(n)) }},
		{"leakN", "each task leaks N bytes of memory in its process", 1, 1 << 24, func(s *Shape, n int) { s.leak = n }},
		{"failN", "one in N tasks returns an error", 2, rarest, kind(Fails)},
		{"panicN", "one in N tasks panics", 2, rarest, kind(Panics)},
		{"hangN", fmt.Sprintf("one in N tasks runs for %v after its work, with a time limit of %v per task", hangs, limit), 2, rarest, kind(Hangs)},
		{"exitN", "one in N tasks ends its process with exit code 3; needs worker processes", 2, rarest, kind(Exits)},
		{"killN", "one in N tasks kills its process with SIGKILL; needs worker processes", 2, rarest, kind(Killed)},
		{"lazyN", "each input is made when the stream pulls it, under a memory limit of N bytes", least, largest, inputs(Lazy)},
		{"eagerN", "all inputs are made when the job starts, before its first task, under a memory limit of N bytes", least, largest, inputs(Eager)},
	}
}

// Parse parses the name of a shape, such as "fail7+leak4096". It returns an error if the name is
// invalid. The text of this error is the end of a sentence that begins with "The name must be".
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
			return Shape{}, fmt.Errorf("one or more of the words %s, joined by +", strings.Join(names, ", "))
		}
		w, was := words[k], s
		if err != nil || n < w.least || n > w.most {
			return Shape{}, fmt.Errorf("%s with a number from %d to %d as N", w.Name, w.least, w.most)
		}
		w.set(&s, n)
		if seen[word] || was.Kind != None && s.Kind != was.Kind || was.Inputs != Before && s.Inputs != was.Inputs {
			return Shape{}, errors.New("a name with each word at most once, at most one of fail, panic, hang, exit and kill, and at most one of lazy and eager")
		}
		seen[word] = true
	}
	return s, nil
}

// Runs returns nil if a strategy is able to run a job with the shape s in the given order. The
// argument can holds the capabilities of the strategy. Otherwise Runs returns an error that names
// the missing capability, or an order that works.
func (s Shape) Runs(order string, can catalog.Capabilities) error {
	switch {
	case s.Name == "":
		return nil
	case can.Idiom == catalog.RemoteIdiom:
		return s.runsRemote(can)
	case can.Idiom != catalog.AnyJob || can.Resumes:
		return fmt.Errorf("shape %s needs a strategy that runs any job and any kernel", s.Name)
	case s.Kind >= Exits && !can.Processes:
		return fmt.Errorf("shape %s ends the process of the task, so it needs worker processes", s.Name)
	case s.Kind == Hangs && !can.Limits:
		return fmt.Errorf("shape %s needs a strategy that limits how long each task runs", s.Name)
	case s.Inputs == Lazy && order == "map":
		return fmt.Errorf("shape %s needs a stream: set order to input or completion", s.Name)
	}
	return nil
}

// runsRemote is like Runs, for a strategy whose tasks run in another program.
func (s Shape) runsRemote(can catalog.Capabilities) error {
	switch {
	case s.Kind == Panics || s.Kind == Hangs || s.Inputs != Before:
		return fmt.Errorf("shape %s is not possible in another program: only setup, leak, fail, exit and kill are", s.Name)
	case s.Kind == Fails && !can.Alone:
		return fmt.Errorf("shape %s needs a pool that keeps the outcomes of other tasks when one fails", s.Name)
	}
	return nil
}
