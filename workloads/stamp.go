package workloads

import (
	"context"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// Units of measurements that describe how a stream delivers outcomes. All units except FirstUnit
// require the time at which each outcome is done. Reading the clock takes about 50 ns, so only jobs
// that are not timed have these measurements: see the method Stamped of [Load].
const (
	FirstUnit        = "first-result-ns" // time from the submission of the job to the first delivery
	HeldUnit         = "held-nsec"       // mean time from the end of a task to the delivery of its outcome
	HeadUnit         = "head-of-line-nsec"
	HeldTasksUnit    = "held-tasks" // largest number of outcomes that are done but not yet delivered, at one time
	AvailabilityUnit = "availability"
)

// stamps holds two times for each task of a stream, in ns since the start of the job: when its
// outcome was done, and when the outcome was delivered. A time of 0 means that the outcome was not
// done or not delivered. The outcome of a task in a worker process counts as done when this process
// decodes it. This process decodes all outcomes of a frame (a message with several outcomes)
// together.
//
// The hooks of package strategies are not suitable for recording these times, because they run
// late, on another goroutine. Also, a task stays in the window until its hook has run.
type stamps struct {
	began           time.Time
	order           strategies.Order
	done, delivered []int64
}

// put stores the current time in at, as the time of the given task. The argument at must be s.done
// or s.delivered.
func (s *stamps) put(at []int64, task int) {
	if task >= 0 && task < len(at) {
		at[task] = max(1, int64(time.Since(s.began)))
	}
}

// stamping returns a kernel that works like k, but also records in s when each outcome is done. The
// function number returns the number of the task to which an outcome belongs. An outcome is done
// when its task ends in this process, or when the codec decodes it from a worker process.
func stamping[In, Out any](k strategies.Kernel[In, Out], number func(Out) (int, uint64), s *stamps) strategies.Kernel[In, Out] {
	stamp := func(out Out, err error) (Out, error) {
		if err == nil {
			task, _ := number(out)
			s.put(s.done, task)
		}
		return out, err
	}
	apply, decode, adopt, begin := k.Func, k.Out.Decode, k.Out.Adopt, k.Begin
	k.Func = func(ctx context.Context, in In) (Out, error) { return stamp(apply(ctx, in)) }
	if decode != nil {
		k.Out.Decode = func(src []byte) (Out, error) { return stamp(decode(src)) }
	}
	if adopt != nil {
		k.Out.Adopt = func(src []byte) (Out, error) { return stamp(adopt(src)) }
	}
	if begin != nil {
		k.Begin = func(ctx context.Context, in In, ev strategies.Events, done func(Out, error)) {
			begin(ctx, in, ev, func(out Out, err error) { done(stamp(out, err)) })
		}
	}
	return k
}

// values returns measurements computed from the times in s, keyed by unit. It returns nil if s is
// nil or no outcome has both times.
//
// HeldUnit is the mean time from the end of a task to the delivery of its outcome. HeadUnit is the
// part of this time that is due to input order: the wait until all earlier outcomes are done.
// AvailabilityUnit is the mean fraction of the job's time that remains after the delivery of an
// outcome. It is 0 for a map, which delivers all outcomes at its end.
func (s *stamps) values() map[string]float64 {
	if s == nil {
		return nil
	}
	var done, delivered []int64
	var held, head, used, latest int64
	for i, d := range s.done {
		v := s.delivered[i]
		if d == 0 || v == 0 {
			continue // the task failed, so its outcome was never delivered
		}
		latest = max(latest, d)
		done, delivered = append(done, d), append(delivered, v)
		held, head, used = held+v-d, head+latest-d, used+v
	}
	if len(done) == 0 {
		return nil
	}
	n, end := float64(len(done)), float64(slices.Max(delivered))
	out := map[string]float64{
		HeldUnit:         float64(held) / n,
		HeldTasksUnit:    float64(most(done, delivered)),
		AvailabilityUnit: 1 - float64(used)/n/end,
	}
	if s.order == strategies.InputOrder {
		out[HeadUnit] = float64(head) / n
	}
	return out
}

// most returns the largest number of intervals that overlap at one time. Interval i starts at
// from[i] and ends at to[i]. The function sorts from and to in place.
func most(from, to []int64) (peak int) {
	slices.Sort(from)
	slices.Sort(to)
	ended := 0
	for i, at := range from {
		for to[ended] < at {
			ended++
		}
		peak = max(peak, i+1-ended)
	}
	return peak
}
