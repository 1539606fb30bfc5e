package peers

import (
	"fmt"
	"slices"
	"strings"
)

// Traits is what a library's own idiom makes of tasks that do not just succeed. Each is
// what the library does by itself; its users can add what it lacks inside their tasks.
type Traits struct {
	Panic      Panic
	Goexit     Goexit
	Errors     Errors
	ErrorStops bool // after the first error, tasks that have not started never do
	Order      bool // delivers in input order
	Submit     Submit
	Cancel     bool // when the context ends, tasks that have not started never do
}

// Panic is what becomes of a task's panic.
type Panic string

const (
	Dies             Panic = "the process dies"
	Swallowed        Panic = "logged; the job ends as if all were well"
	Returned         Panic = "an error of the job; what has not started never does"
	Propagated       Panic = "panics again where the job is waited for, when all have run"
	PropagatedLosing Panic = "costs a goroutine; without the last, the rest is never run; then panics again where the job is waited for"
)

// Goexit is what becomes of a task that calls runtime.Goexit, as a failed assertion of a
// test does.
type Goexit string

const (
	Alone       Goexit = "ends that task alone"
	Hangs       Goexit = "the job never ends"
	LosesWorker Goexit = "costs a worker for good"
	LosesRest   Goexit = "costs a goroutine; without the last, the rest is never run, and nobody is told"
)

// Errors is which of the tasks' errors the job returns.
type Errors string

const (
	NoErrors   Errors = "none: tasks return nothing"
	FirstError Errors = "the first"
	AllErrors  Errors = "all, joined"
)

// Submit is what a submission does when all workers are busy.
type Submit string

const (
	Blocks Submit = "waits"
	Queues Submit = "never waits: the queue has no bound"
	Whole  Submit = "takes the whole job as a slice"
)

// Markdown returns the two tables of README.md: what each library is, and what its own
// idiom can do.
func Markdown(all []Library) string {
	var b strings.Builder
	row := func(cells ...string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	head := func(cells ...string) {
		row(cells...)
		row(slices.Repeat([]string{"---"}, len(cells))...)
	}
	head("strategy", "library", "its idiom", "as an executor")
	for _, l := range all {
		job := "`" + l.Job.Name + "`"
		if l.NoJob != "" {
			job = "none: " + l.NoJob
		}
		row("`"+l.Native.Name+"`", l.Import, l.Calls, job)
	}
	b.WriteByte('\n')
	head("strategy", "a bound on tasks at once", "a task panics", "a task calls Goexit", "errors that the job returns", "input order", "submitting while all are busy", "the context ends: what has not started")
	for _, l := range all {
		t, started, errs := l.Traits, "runs all the same", string(l.Traits.Errors)
		if t.Cancel {
			started = "never does"
		}
		if t.ErrorStops {
			errs += "; what has not started never does"
		}
		row("`"+l.Native.Name+"`", yes(!l.Native.Capabilities.Unbounded), string(t.Panic), string(t.Goexit),
			errs, yes(t.Order), string(t.Submit), started)
	}
	return b.String()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
