package workloads

import (
	"fmt"
	"maps"
	"time"

	"github.com/payoff-bench/payoff/workloads/mix"
)

// A result holds the outcomes of the last job of a load and, once it is computed, their digest.
type result[Out any] struct {
	out    []Out
	err    error         // error of the job, or of computing the digest
	placed bool          // whether out[i] is the outcome of task i
	ran    bool          // whether the job has run and its digest has not been computed yet
	first  time.Duration // time from the start of a stream to its first delivery; 0 for other jobs
	others time.Duration // CPU time that other threads of another program used; see [Load]
	took   time.Duration // makespan that another program measured; 0 if the job ran in this program
	stamps *stamps       // times of the outcomes; nil if the job recorded none
	digest uint64        // digest of the last job, once computed
	values map[string]float64
	times  []time.Duration // running time of each task, in order
}

// An OutcomeError reports an outcome that is wrong, is in the wrong place or was delivered twice.
type OutcomeError struct {
	Task     int // task number in the outcome
	Position int // index of the outcome in the results
	Reason   string
}

func (e *OutcomeError) Error() string {
	return fmt.Sprintf("outcome of task %d at position %d: %s", e.Task, e.Position, e.Reason)
}

// Digest returns the digest of the last job; see [Load].
func (l *load[In, Out]) Digest() (uint64, error) {
	r := &l.last
	switch {
	case l.tasks == 0:
		return 0, errNoInputs
	case !r.ran:
		return r.digest, r.err
	}
	l.process.Wait()
	r.ran, r.digest, r.values, r.times = false, 0, nil, nil
	if r.err == nil {
		r.digest, r.err = l.sum()
	}
	if r.err == nil {
		r.err = l.changed()
	}
	if r.err == nil && l.Look != nil {
		r.values, r.err = l.Look(r.out)
	}
	if r.err == nil && l.Time != nil {
		r.times = make([]time.Duration, l.tasks)
		for _, out := range r.out {
			i, _ := l.Number(out)
			r.times[i] = l.Time(out)
		}
	}
	if r.err == nil && r.first > 0 {
		values := map[string]float64{FirstUnit: float64(r.first)}
		maps.Copy(values, r.values)
		maps.Copy(values, r.stamps.values())
		r.values = values
	}
	clear(r.out)
	return r.digest, r.err
}

// Values returns the values that the last job measured, keyed by unit; see [Load].
func (l *load[In, Out]) Values() map[string]float64 { return l.last.values }

// number identifies the task that returned the output out. It returns the number of this task, and
// a value that depends on all work of the task. The argument at is the position of the output in
// the job.
func (l *load[In, Out]) number(at int, out Out) (index int, value uint64) {
	switch {
	case l.Value == nil:
		return l.Number(out)
	case !l.last.placed:
		return -1, 0 // the output could belong to any task
	}
	return at, l.Value(out)
}

// sum returns the digest of the last job. It returns an [OutcomeError] for the first invalid
// outcome.
func (l *load[In, Out]) sum() (uint64, error) {
	var sum uint64
	seen := make([]bool, l.tasks)
	for at, out := range l.last.out {
		if l.last.placed && l.faults.Fails(at) || !l.last.placed && at >= l.tasks-l.faults.Failing {
			continue // the task at this place was planned to fail, so it has no outcome
		}
		i, value := l.number(at, out)
		reason := ""
		switch {
		case i < 0 || i >= l.tasks:
			reason = fmt.Sprintf("no task has this number, because the job has only %d tasks", l.tasks)
		case l.faults.Fails(i):
			reason = "this task was planned to fail and should have no outcome"
		case l.last.placed && i != at:
			reason = "wrong position; the position of an outcome must be its task number"
		case seen[i]:
			reason = "this task already has an outcome"
		}
		if reason != "" {
			return 0, &OutcomeError{i, at, reason}
		}
		seen[i] = true
		sum += mix.Bits(mix.Bits(uint64(i)+mix.Odd) ^ value)
	}
	return sum, nil
}
