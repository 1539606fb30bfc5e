package fault

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Job is a shape over the tasks of a job. The zero value is for jobs without a shape: none
// of their tasks is planned to fail.
type Job struct {
	Shape
	// Failing is how many tasks are planned to fail.
	Failing int

	tasks int
	first int // that is planned to fail
}

// Over returns s over a job of n tasks. Which of them fail follows from the seed; with a fault
// that is at least one.
func (s Shape) Over(seed uint64, n int) Job {
	j := Job{Shape: s, tasks: n}
	if s.Kind != None {
		j.first = int(mix.Bits(seed+mix.Odd) % uint64(min(s.every, n)))
		j.Failing = (n-1-j.first)/s.every + 1
	}
	return j
}

// Fails reports whether task i is planned to fail.
func (j Job) Fails(i int) bool { return j.Kind != None && i%j.every == j.first }

// Plan returns the input of task i with what is to happen to it.
func Plan[In any](j Job, i int, in In) Input[In] {
	p := plan{setup: j.setup, leak: uint32(j.leak)}
	if j.Fails(i) {
		p.kind = j.Kind
	}
	return Input[In]{p, in}
}

// Options returns o with the time limit that tasks need which hang.
func (j Job) Options(o strategies.Options) strategies.Options {
	if j.Kind == Hangs {
		o.Limit = limit
	}
	return o
}

// Within calls run, within the shape's limit on the memory of this process.
func (j Job) Within(run func() error) error {
	if j.Inputs != Before {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(j.memory)))
	}
	return run()
}

// Accept returns nil if err is a task that ended as planned, else what is wrong: err itself in
// a job without a shape.
func (j Job) Accept(err error) error {
	var task *strategies.TaskError
	switch {
	case j.Name == "" || !errors.As(err, &task):
		return err
	case !j.Fails(task.Task):
		return fmt.Errorf("task %d: was to succeed: %w", task.Task, err)
	case !j.Kind.is(err):
		return fmt.Errorf("task %d: failed otherwise than planned: %w", task.Task, err)
	}
	return nil
}

// AcceptMap is Accept for the error of a map, which holds those of its tasks; nil if all
// succeeded.
func (j Job) AcceptMap(err error) error {
	var job *strategies.JobError
	switch {
	case err == nil:
		return j.AcceptCount(0)
	case !errors.As(err, &job) || job.Cause != nil || job.Hook != nil:
		return err
	}
	for _, e := range job.Tasks {
		if err := j.Accept(e); err != nil {
			return err
		}
	}
	return j.AcceptCount(len(job.Tasks))
}

// AcceptCount returns an error unless so many tasks were planned to fail.
func (j Job) AcceptCount(failed int) error {
	if failed != j.Failing {
		return fmt.Errorf("%d tasks of %d failed, and %d were planned to", failed, j.tasks, j.Failing)
	}
	return nil
}

// is reports whether err is what a task comes to that goes wrong in this way.
func (k Kind) is(err error) bool {
	switch k {
	case Fails:
		var remote *strategies.RemoteError
		return errors.Is(err, errPlanned) || errors.As(err, &remote) && remote.Message == errPlanned.Error()
	case Panics:
		var panicked *strategies.PanicError
		return errors.As(err, &panicked) && fmt.Sprint(panicked.Value) == errPlanned.Error()
	case Hangs:
		var late *strategies.TimeoutError
		return errors.As(err, &late)
	default:
		var lost *strategies.LostError
		return errors.As(err, &lost)
	}
}
