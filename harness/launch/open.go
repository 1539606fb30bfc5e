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
	"github.com/payoff-bench/payoff/workloads"
)

// How many tasks arrive in an open loop, and for how long at most. A percentile is given
// where as many responses as beyond lie above it.
const (
	fewestArrivals = 1000
	longestOpen    = 5 * time.Second
	beyond         = 5
)

// When the generator lagged: when more than one arrival in a hundred came later than it was
// to by more than lagMost and more than a share of the median response.
const (
	lagMost  = time.Millisecond
	lagShare = 0.1
)

// arrivals returns when each of n tasks arrives, from the beginning: a Poisson process of
// so many a second, as of many callers who do not know of each other. It follows from the
// seed.
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

// arrivalCount returns how many tasks arrive at a rate.
func arrivalCount(rate int, minTime time.Duration) int {
	within := func(d time.Duration) float64 { return float64(rate) * d.Seconds() }
	n := min(max(fewestArrivals, within(minTime)), within(longestOpen))
	return int(min(max(n, 1), workloads.OpenWindow))
}

// A LaggedError is an open loop whose generator did not keep to the schedule, so that its
// responses are not those of the rate.
type LaggedError struct {
	Rate   int
	Lag    time.Duration // of one arrival in a hundred, at least
	Median time.Duration // of the responses
}

func (e *LaggedError) Error() string {
	return fmt.Sprintf("the generator lagged: at %d tasks/s one in a hundred arrived %v or more late, where a response took %v; ask for a lower rate, or leave it a core", e.Rate, e.Lag, e.Median)
}

// A LittleError is an open loop whose account does not add up: tasks in the system, as
// they came and went, are not arrival rate times response time.
type LittleError struct{ Counted, Expected float64 }

func (e *LittleError) Error() string {
	return fmt.Sprintf("Little's law does not hold: %.4g tasks were in the system on average, and rate times response is %.4g", e.Counted, e.Expected)
}

// openLoops is how many loops a launch makes at most until the generator of one keeps to its
// schedule.
const openLoops = 3

// openLoop makes an open loop, and again where the generator lagged: such a loop is void, and
// shows that other work used the machine at that moment. It returns an error where no loop keeps
// to the schedule. Void loops are counted.
func (m *measurement) openLoop(ctx context.Context, ex strategies.Executor, processes bool) error {
	for void := 0; ; void++ {
		m.Values[harness.UnitVoidLoops] = float64(void)
		marks := len(m.Marks)
		err := m.openOnce(ctx, ex, processes)
		var lagged *LaggedError
		if void+1 == openLoops || !errors.As(err, &lagged) {
			return err
		}
		m.Marks = m.Marks[:marks] // the others were of a loop that does not count
	}
}

// openOnce lets tasks arrive at the cell's rate and records the time of each from the
// instant at which it was to arrive to its outcome.
func (m *measurement) openOnce(ctx context.Context, ex strategies.Executor, processes bool) error {
	rate := m.spec.Cell.Rate
	plan := arrivals(m.spec.Seed, float64(rate), arrivalCount(rate, m.spec.MinTime))
	l := newLedger(plan)
	stopWatch, stopOthers := m.watch(), m.others(processes)
	if err := m.load.Open(ctx, ex, l.arrive(), l.done); err != nil {
		return fmt.Errorf("open loop: %w", err)
	}
	stopOthers()
	stopWatch()
	digest, err := m.load.Digest() // of the closed job before it
	if err != nil {
		return err
	}
	m.Digest, m.Reps = digest, len(plan)
	return l.report(rate, m.Values)
}

// A ledger is the account of the tasks of an open loop.
type ledger struct {
	plan  []time.Duration
	began time.Time

	mu       sync.Mutex
	lag      *hdrhistogram.Histogram
	response *hdrhistogram.Histogram
	total    time.Duration // of all responses
	late     time.Duration // of all lags
	inside   int           // tasks in the system, counted as they come and go
	area     float64       // of inside over time
	changed  time.Duration // when inside changed last
	ended    int
}

// histogram has three digits from 1 µs to an hour, in ns: below a microsecond all are alike.
func histogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(int64(time.Microsecond), int64(time.Hour), 3)
}

func newLedger(plan []time.Duration) *ledger {
	return &ledger{plan: plan, lag: histogram(), response: histogram()}
}

// arrive yields each arrival when its time has come. It is ranged over once.
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

// done records an outcome.
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

// move counts a task in or out. The lock is held.
func (l *ledger) move(now time.Duration, by int) {
	l.area += float64(l.inside) * float64(now-l.changed)
	l.inside, l.changed = l.inside+by, now
}

// report puts what the loop came to into values, unless it is void.
func (l *ledger) report(rate int, values map[string]float64) error {
	n := len(l.plan)
	if l.ended != n || l.inside != 0 {
		return fmt.Errorf("open loop: %d of %d tasks have ended, %d are in the system", l.ended, n, l.inside)
	}
	median := time.Duration(l.response.ValueAtQuantile(50))
	if lag := time.Duration(l.lag.ValueAtQuantile(99)); lag > lagMost && float64(lag) > lagShare*float64(median) {
		return &LaggedError{Rate: rate, Lag: lag, Median: median}
	}
	// Counted from arrivals as they were, so that it lacks by how much they were late.
	span := float64(l.changed)
	counted, expected := (l.area+float64(l.late))/span, float64(l.total)/span
	if math.Abs(counted-expected) > 0.01*expected+1e-6 {
		return &LittleError{Counted: counted, Expected: expected}
	}
	for _, p := range []struct {
		unit  string
		above float64
	}{{harness.UnitP50, 0.5}, {harness.UnitP99, 0.01}, {harness.UnitP999, 0.001}} {
		if p.above*float64(n) >= beyond {
			values[p.unit] = float64(l.response.ValueAtQuantile(100 * (1 - p.above)))
		}
	}
	values[harness.UnitLag] = float64(l.lag.ValueAtQuantile(99))
	values[harness.UnitThroughput] = float64(n) / (span / float64(time.Second))
	values[harness.UnitConcurrency] = expected
	return nil
}
