package peers

import (
	"fmt"
	"slices"
	"strings"
)

// Traits describes how the pool of a library, called as its documentation shows, treats tasks that
// fail and jobs that end early. It covers only the library itself: users can add missing features
// inside their tasks.
type Traits struct {
	Panic      Panic
	Goexit     Goexit
	Errors     Errors
	ErrorStops bool // after the first error, no further task starts
	Order      bool // the library delivers in input order
	Submit     Submit
	Cancel     bool // when the context ends, no further task starts
}

// A Panic says what happens if a task panics, such as the end of the process.
type Panic string

const (
	Dies             Panic = "the process dies"
	Swallowed        Panic = "the library logs the panic; the job returns no error"
	Returned         Panic = "the job returns an error; no further task starts"
	Propagated       Panic = "all tasks run; then the call that waits for the job panics"
	PropagatedLosing Panic = "a panic ends one goroutine of the library; after the last has ended, no further task runs; the waiting call panics"
)

// A Goexit says what happens if a task calls runtime.Goexit. A failed assertion in a test makes
// such a call.
type Goexit string

const (
	Alone       Goexit = "only that task ends"
	Hangs       Goexit = "the job never ends"
	LosesWorker Goexit = "the pool loses a worker permanently"
	LosesRest   Goexit = "Goexit ends one goroutine of the library; after the last has ended, no further task runs; the job returns no error"
)

// An Errors says which errors of its tasks a job returns: none, the first, or all.
type Errors string

const (
	NoErrors   Errors = "none: tasks return nothing"
	FirstError Errors = "the first"
	AllErrors  Errors = "all, joined"
)

// A Submit says what happens if a task is submitted while all workers are busy: the caller waits,
// or the queue grows.
type Submit string

const (
	Blocks Submit = "waits"
	Queues Submit = "never waits: the queue has no bound"
	Whole  Submit = "takes the whole job as a slice"
)

// Markdown returns the two tables of README.md: the libraries, and their traits.
func Markdown(all []Library) string {
	var b strings.Builder
	row := func(cells ...string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	head := func(cells ...string) {
		row(cells...)
		row(slices.Repeat([]string{"---"}, len(cells))...)
	}
	head("strategy", "library", "calls of the native strategy", "as an executor")
	for _, l := range all {
		job := "`" + l.Job.Name + "`"
		if l.NoJob != "" {
			job = "none: " + l.NoJob
		}
		row("`"+l.Native.Name+"`", l.Import, l.Calls, job)
	}
	b.WriteByte('\n')
	head("strategy", "bounds the number of running tasks", "a task panics", "a task calls Goexit", "errors that the job returns", "input order", "submitting when all workers are busy", "tasks that have not started when the context ends")
	yes := map[bool]string{false: "no", true: "yes"}
	for _, l := range all {
		t, started, errs := l.Traits, "run", string(l.Traits.Errors)
		if t.Cancel {
			started = "never run"
		}
		if t.ErrorStops {
			errs += "; no further task starts"
		}
		row("`"+l.Native.Name+"`", yes[!l.Native.Capabilities.Unbounded], string(t.Panic), string(t.Goexit),
			errs, yes[t.Order], string(t.Submit), started)
	}
	return b.String()
}
