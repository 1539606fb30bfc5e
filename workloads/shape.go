package workloads

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// A Shape is what befalls the tasks of a job, or the workers that run them, beside their
// work: whatever the work. The direct loop does the work alone, so that a strategy's
// efficiency shows what the shape costs it.
//
// Its name is words with numbers behind them, joined by +, as in "kill1000+setup5000000".
type Shape struct {
	Name string
	// Setup is steps of spin that a process does before its first task: loading a model,
	// connecting. Goroutines share what their process has set up; each worker process does
	// so by itself, one in the place of another again.
	Setup uint64
	// Leak is bytes that each task leaves behind for as long as the process lives that ran
	// it; goroutines leave them behind for as long as the load.
	Leak int
	// Fault is what becomes of one in Among tasks, when its work is done.
	Fault Fault
	Among int
	// Large is how inputs come to be: inside the clock, in a process that is told by Cap
	// how many bytes of memory to stay within. Together they are far more.
	Large Large
	Cap   int
}

// A Fault is what becomes of a task that is planned not to succeed.
type Fault uint8

const (
	NoFault Fault = iota
	Fails         // it returns an error
	Panics        // it panics
	Hangs         // it does not return for hangs, though it may run for limit
	Exits         // it ends the process
	Killed        // it is ended with the process by a signal that nobody can handle
)

// A Large says what becomes of a job's inputs.
type Large uint8

const (
	Small Large = iota // they are made before the clock starts
	Lazy               // each is made when the stream asks for it
	Eager              // all are made before the first runs
)

const (
	hangs = 100 * time.Millisecond
	limit = 20 * time.Millisecond
)

// A ShapeWord is a word of a shape's name.
type ShapeWord struct {
	Name string // with N for a number
	Doc  string

	least, most int
	set         func(s *Shape, n int)
}

// Shapes returns the words of which names of shapes are made.
func Shapes() []ShapeWord {
	fault := func(f Fault) func(*Shape, int) {
		return func(s *Shape, n int) { s.Fault, s.Among = f, n }
	}
	large := func(l Large) func(*Shape, int) {
		return func(s *Shape, n int) { s.Large, s.Cap = l, n }
	}
	return []ShapeWord{
		{"setupN", "each process computes for N ns, nominally, before its first task", 1, MaxGrain, func(s *Shape, n int) { s.Setup = spinCount(n) }},
		{"leakN", "each task leaves N bytes behind for as long as its process lives", 1, 1 << 24, func(s *Shape, n int) { s.Leak = n }},
		{"failN", "one in N tasks returns an error", 2, 1 << 24, fault(Fails)},
		{"panicN", "one in N tasks panics", 2, 1 << 24, fault(Panics)},
		{"hangN", fmt.Sprintf("one in N tasks hangs for %v where a task may take %v", hangs, limit), 2, 1 << 24, fault(Hangs)},
		{"exitN", "one in N tasks ends its process, which only worker processes survive", 2, 1 << 24, fault(Exits)},
		{"killN", "one in N tasks has its process killed, which only worker processes survive", 2, 1 << 24, fault(Killed)},
		{"lazyN", "inputs are made when the stream asks for them, beside a memory limit of N bytes", 1 << 20, MaxMemory, large(Lazy)},
		{"eagerN", "all inputs are made before the first task runs, beside a memory limit of N bytes", 1 << 20, MaxMemory, large(Eager)},
	}
}

// Shapeable reports whether w takes shapes: if its tasks compute, each for itself.
func (w Workload) Shapeable() bool { return w.Grains && !w.Waits && !w.Shared }

// Shape reads the name of a shape for w. Its errors are a [ParamError].
func (w Workload) Shape(name string) (Shape, error) {
	s := Shape{Name: name}
	wrong := func(allowed string, args ...any) (Shape, error) {
		return Shape{}, &ParamError{w.Name, "shape", name, fmt.Sprintf(allowed, args...)}
	}
	if name == "" || name == None {
		return Shape{}, nil
	}
	if !w.Shapeable() {
		return wrong("none, since its tasks do not compute for a grain, each for itself")
	}
	set := ""
	for part := range strings.SplitSeq(name, "+") {
		word := strings.TrimRight(part, "0123456789")
		n, err := strconv.Atoi(part[len(word):])
		known := false
		for _, k := range Shapes() {
			if k.Name != word+"N" {
				continue
			}
			if known = true; err != nil || n < k.least || n > k.most {
				return wrong("%s, N being %d to %d", k.Name, k.least, k.most)
			}
			was := s
			k.set(&s, n)
			if strings.Contains(set, word+" ") || s.Fault != was.Fault && was.Fault != NoFault || s.Large != was.Large && was.Large != Small {
				return wrong("of one fault, one way to make inputs, and each word once")
			}
			set += word + " "
		}
		if !known {
			return wrong("words of %s, joined by +", shapeWords())
		}
	}
	if s.Large != Small && !w.Payloads {
		return wrong("neither lazy nor eager, since it has no payload to be large")
	}
	return s, nil
}

func shapeWords() string {
	var names []string
	for _, k := range Shapes() {
		names = append(names, k.Name)
	}
	return strings.Join(names, ", ")
}

// Runs returns why a job of that order cannot have the shape by a strategy that can do so
// much, nil if it can.
func (s Shape) Runs(order string, can catalog.Capabilities) error {
	switch {
	case s.Name == "":
		return nil
	case can.Idiom != catalog.AnyJob || can.Resumes:
		return fmt.Errorf("shape %s needs an executor that takes any job and kernel", s.Name)
	case s.Fault >= Exits && !can.Processes:
		return fmt.Errorf("shape %s ends the process of the task, which is this one where workers are goroutines", s.Name)
	case s.Fault == Hangs && !can.Limits:
		return fmt.Errorf("shape %s needs a strategy that limits how long a task runs", s.Name)
	case s.Large == Lazy && order == "map":
		return fmt.Errorf("shape %s needs a stream: set order to input or completion", s.Name)
	}
	return nil
}

// fated reports whether task i of n is one of those that do not succeed. There is one in
// any job.
func (s Shape) fated(seed uint64, i, n int) bool {
	if s.Fault == NoFault {
		return false
	}
	return i%s.Among == int(mix(seed+odd)%uint64(min(s.Among, n)))
}

// errPlanned is what a task returns that is planned to fail.
var errPlanned = errors.New("planned to fail")

// is reports whether err is what a task with the fault comes to.
func (f Fault) is(err error) bool {
	var (
		panicked *strategies.PanicError
		late     *strategies.TimeoutError
		lost     *strategies.LostError
		remote   *strategies.RemoteError
	)
	switch f {
	case Fails:
		return errors.Is(err, errPlanned) || errors.As(err, &remote) && remote.Message == errPlanned.Error()
	case Panics:
		return errors.As(err, &panicked) && fmt.Sprint(panicked.Value) == errPlanned.Error()
	case Hangs:
		return errors.As(err, &late)
	case Exits, Killed:
		return errors.As(err, &lost)
	}
	return false
}
