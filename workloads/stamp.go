package workloads

import (
	"context"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// Units of what a stream shows of its order. All but the first take a clock at each outcome,
// which costs some 50 ns each, so that they are of jobs that are not timed; see [Load].
const (
	FirstUnit        = "first-result-ns" // from submitting the job to its consumer's having the first outcome
	HeldUnit         = "held-nsec"       // from when an outcome was done to its delivery, on average
	HeadUnit         = "head-of-line-nsec"
	HeldTasksUnit    = "held-tasks" // outcomes that were done and not delivered, at most
	AvailabilityUnit = "availability"
)

// stamps are when the outcomes of a stream were done and when they were delivered, by task,
// in ns from the beginning of the job; 0 for those that never were. An outcome that comes
// from another process is done when it is decoded: together with those that came with it.
//
// Rejected: hooks, which run on a goroutine of their own, late, and hold tasks in the window
// meanwhile.
type stamps struct {
	began           time.Time
	order           strategies.Order
	done, delivered []int64
}

func newStamps(tasks int) *stamps {
	return &stamps{done: make([]int64, tasks), delivered: make([]int64, tasks)}
}

// put notes in at, which is s.done or s.delivered, that this happened to a task now.
func (s *stamps) put(at []int64, task int) {
	if task >= 0 && task < len(at) {
		at[task] = max(1, int64(time.Since(s.began)))
	}
}

// stamping is k, with a stamp for each outcome where it is done: by a worker of this process,
// or where it comes from another.
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
		k.Begin = func(ctx context.Context, in In, ev *strategies.Events, done func(Out, error)) {
			begin(ctx, in, ev, func(out Out, err error) { done(stamp(out, err)) })
		}
	}
	return k
}

// values returns what the stamps come to, by unit; nil if no outcome has both, or s is nil.
//
// Head-of-line wait is the part of what outcomes waited for their delivery that their order
// alone accounts for: until the last of those before was done. Availability is the share of
// the job's time for which an outcome was there to be used, on average: a map has none.
func (s *stamps) values() map[string]float64 {
	if s == nil {
		return nil
	}
	var done, delivered []int64
	var held, head, used, latest int64
	for i, d := range s.done {
		v := s.delivered[i]
		if d == 0 || v == 0 {
			continue // it failed
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

// most returns how many intervals overlap at most, which it sorts the ends of.
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
