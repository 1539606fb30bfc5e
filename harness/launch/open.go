package launch

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
)

// The generator of arrivals lagged if the 99th percentile of the delays of arrivals is above both
// lagMost and the share lagShare of the median response time.
const (
	lagMost  = time.Millisecond
	lagShare = 0.1
)

// arrivals returns the arrival times of n tasks, counted from the start of the open loop. The
// arrivals are a Poisson process, as if many independent callers submitted the tasks. The argument
// rate is the mean number of arrivals per second. Equal seeds give equal times.
func arrivals(seed uint64, rate float64, n int) []time.Duration {
	rng := rand.New(rand.NewPCG(seed, 0xa441))
	times := make([]time.Duration, n)
	at := 0.0
	for i := range times {
		at += rng.ExpFloat64() / rate
		times[i] = time.Duration(at * float64(time.Second))
	}
	return times
}

// A LaggedError is the error for an open loop in which tasks arrived too late, because the
// generator of arrivals did not keep its schedule. The response times of such a loop are not valid
// for its rate.
type LaggedError struct {
	Rate   int
	Lag    time.Duration // 99th percentile of the delay of arrivals
	Median time.Duration // median response time
}

func (e *LaggedError) Error() string {
	return fmt.Sprintf("the generator of arrivals lagged: at %d tasks/s, 1 %% of the tasks arrived %v or more late, and the median response time was %v; lower the rate, or leave a core free for the generator", e.Rate, e.Lag, e.Median)
}

// A LittleError is the error for an open loop that violates Little's law: the mean number of tasks
// in the system differs from the arrival rate times the mean response time. The launch then counted
// or timed the tasks of the loop wrongly.
type LittleError struct{ Counted, Expected float64 }

func (e *LittleError) Error() string {
	return fmt.Sprintf("Little's law does not hold: %.4g tasks were in the system on average, but arrival rate times mean response time is %.4g", e.Counted, e.Expected)
}

// openLoops is the largest number of open loops that a launch runs until the generator of arrivals
// keeps its schedule.
const openLoops = 3

// openLoop measures the cell in an open loop, in which tasks arrive on a schedule. Other work on
// the machine may delay the generator of arrivals. If tasks arrived late, openLoop discards the
// loop and runs another one. After [openLoops] loops with late arrivals, it returns a
// [LaggedError]. It stores the number of discarded loops in the unit [harness.UnitVoidLoops].
func (m *measurement) openLoop(ctx context.Context, ex strategies.Executor, processes bool) error {
	for void := 0; ; void++ {
		m.Values[harness.UnitVoidLoops] = float64(void)
		marks := len(m.Marks)
		err := m.openOnce(ctx, ex, processes)
		var lagged *LaggedError
		if void+1 == openLoops || !errors.As(err, &lagged) {
			return err
		}
		m.Marks = m.Marks[:marks] // drop the marks of the discarded loop
	}
}

// openOnce runs one open loop, in which tasks arrive at the cell's rate, and stores its results in
// m. The response time of a task is the time from the task's scheduled arrival to its outcome.
func (m *measurement) openOnce(ctx context.Context, ex strategies.Executor, processes bool) error {
	rate := m.spec.Cell.Rate
	plan := arrivals(m.spec.Seed, float64(rate), harness.Arrivals(rate, m.spec.MinTime))
	l := newLedger(plan)
	stopWatch, stopOthers := m.watch(), m.others(processes)
	if err := m.load.Open(ctx, ex, l.arrive(), l.done); err != nil {
		return fmt.Errorf("open loop: %w", err)
	}
	stopOthers()
	stopWatch()
	digest, err := m.load.Digest() // of the closed job that Open runs first
	if err != nil {
		return err
	}
	m.Digest, m.Reps = digest, len(plan)
	m.Ran += len(plan) + m.spec.Tasks
	return l.report(rate, m.Values)
}

// A ledger records when the tasks of an open loop arrive, and when each has its outcome.
type ledger struct {
	plan  []time.Duration
	began time.Time

	mu       sync.Mutex
	lag      *hdrhistogram.Histogram
	response *hdrhistogram.Histogram
	total    time.Duration // sum of all responses
	late     time.Duration // sum of all delays of arrivals
	inside   int           // tasks in the system
	area     float64       // integral of inside over time
	changed  time.Duration // time of the last change of inside
	ended    int
}

// histogram returns an empty histogram for times in ns. It holds times from 1 µs to an hour with a
// precision of three digits. Times below 1 µs count as 1 µs.
func histogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond), int64(time.Hour), 3)
}

func newLedger(plan []time.Duration) *ledger {
	return &ledger{plan: plan, lag: histogram(), response: histogram()}
}

// arrive returns a sequence of the tasks' arrivals. The sequence blocks until the scheduled time of
// each arrival, and then yields the arrival's number, counted from 0. It can be used once.
func (l *ledger) arrive() iter.Seq[int] {
	return func(yield func(int) bool) {
		l.began = time.Now()
		for i, at := range l.plan {
			pause(at - time.Since(l.began))
			now := time.Since(l.began)
			l.mu.Lock()
			late := max(0, now-at)
			l.lag.RecordValue(int64(late))
			l.late += late
			l.move(now, 1)
			l.mu.Unlock()
			if !yield(i) {
				return
			}
		}
	}
}

// done records the outcome of the task with the given arrival number: its response time, and that
// it left the system.
func (l *ledger) done(arrival, _ int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Since(l.began)
	took := now - l.plan[arrival]
	l.response.RecordValue(int64(took))
	l.total += took
	l.ended++
	l.move(now, -1)
}

// move records that the number of tasks in the system (tasks that have arrived and have no outcome
// yet) changed at the time now. The argument by is the change. The caller must hold l.mu.
func (l *ledger) move(now time.Duration, by int) {
	l.area += float64(l.inside) * float64(now-l.changed)
	l.inside, l.changed = l.inside+by, now
}

// report checks the open loop and stores its results in values, keyed by unit. If the loop is not
// valid, for example because arrivals were late, report returns an error with the reason.
func (l *ledger) report(rate int, values map[string]float64) error {
	n := len(l.plan)
	if l.ended != n || l.inside != 0 {
		return fmt.Errorf("open loop: only %d of %d tasks have an outcome, and %d are still running or waiting", l.ended, n, l.inside)
	}
	median := time.Duration(l.response.ValueAtQuantile(50))
	if lag := time.Duration(l.lag.ValueAtQuantile(99)); lag > lagMost && float64(lag) > lagShare*float64(median) {
		return &LaggedError{Rate: rate, Lag: lag, Median: median}
	}
	// The field area counts each task from its actual arrival. So the delays of arrivals are missing
	// from it.
	span := float64(l.changed)
	counted, expected := (l.area+float64(l.late))/span, float64(l.total)/span
	if math.Abs(counted-expected) > 0.01*expected+1e-6 {
		return &LittleError{Counted: counted, Expected: expected}
	}
	for _, p := range []struct {
		unit  string
		above float64
	}{{harness.UnitP50, 0.5}, {harness.UnitP99, 0.01}, {harness.UnitP999, 0.001}} {
		if p.above*float64(n) >= harness.FewestBeyond {
			values[p.unit] = float64(l.response.ValueAtQuantile(100 * (1 - p.above)))
		}
	}
	values[harness.UnitLag] = float64(l.lag.ValueAtQuantile(99))
	values[harness.UnitThroughput] = float64(n) / (span / float64(time.Second))
	values[harness.UnitConcurrency] = expected
	return nil
}
