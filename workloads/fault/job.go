package fault

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Job is the plan of faults for the tasks of one job. The zero Job plans no faults.
type Job struct {
	Shape
	// Failing is the number of tasks that are planned to fail.
	Failing int

	tasks int
	first int // number of the first task that is planned to fail
}

// Over returns the plan of faults for a job of n tasks with the shape s. The seed selects the tasks
// that fail. If s has a kind of fault by which tasks fail, at least one task fails.
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

// Plan returns an input for a kernel that injects faults. It contains in, the input of task i, and
// the faults that j plans for this task.
func Plan[In any](j Job, i int, in In) Input[In] {
	p := plan{setup: j.setup, leak: uint32(j.leak)}
	if j.Fails(i) {
		p.kind = j.Kind
	}
	return Input[In]{p, in}
}

// Options returns a copy of the options o. If j plans tasks that hang, the copy has a time limit
// per task.
func (j Job) Options(o strategies.Options) strategies.Options {
	if j.Kind == Hangs {
		o.Limit = limit
	}
	return o
}

// Within calls run and returns its error. If the shape has a memory limit, Within sets this limit
// for this process during the call.
func (j Job) Within(run func() error) error {
	if j.Inputs != Before {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(j.memory)))
	}
	return run()
}

// Accept checks err, the error of a task. It returns nil if j planned that this task fails and if
// the planned fault causes such an error. Otherwise it returns an error that wraps err. If j plans
// no faults, it returns err itself.
func (j Job) Accept(err error) error {
	var task *strategies.TaskError
	switch {
	case j.Name == "" || !errors.As(err, &task):
		return err
	case !j.Fails(task.Task):
		return fmt.Errorf("task %d failed, but was planned to succeed: %w", task.Task, err)
	case !j.Kind.is(err):
		return fmt.Errorf("task %d failed, but not as planned: %w", task.Task, err)
	}
	return nil
}

// AcceptMap returns nil if err, the error of a map, consists of exactly the errors that j planned.
// Otherwise it returns an error.
func (j Job) AcceptMap(err error) error {
	job := &strategies.JobError{}
	if err != nil && (!errors.As(err, &job) || job.Cause != nil || job.Hook != nil) {
		return err
	}
	for e := range job.Failures() {
		if err := j.Accept(e); err != nil {
			return err
		}
	}
	return j.AcceptCount(job.Failed)
}

// AcceptCount returns an error unless the number of failed tasks equals the number of tasks that j
// planned to fail.
func (j Job) AcceptCount(failed int) error {
	if failed != j.Failing {
		return fmt.Errorf("%d of %d tasks failed, but %d were planned to fail", failed, j.tasks, j.Failing)
	}
	return nil
}

// is reports whether err is an error that a fault of kind k causes.
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
