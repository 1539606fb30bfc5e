package launch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

func TestArrivals(t *testing.T) {
	const rate, n = 1000, 50_000
	at := arrivals(1, rate, n)
	if !slices.IsSorted(at) || !slices.Equal(at, arrivals(1, rate, n)) || slices.Equal(at, arrivals(2, rate, n)) {
		t.Error("arrivals do not follow from the seed")
	}
	mean := at[n-1].Seconds() / n
	var squares float64
	for i := 1; i < n; i++ {
		squares += math.Pow((at[i]-at[i-1]).Seconds()/mean-1, 2)
	}
	if cv := math.Sqrt(squares / n); math.Abs(mean*rate-1) > 0.02 || math.Abs(cv-1) > 0.02 {
		t.Errorf("gaps of %v s on average, coefficient of variation %v", mean, cv)
	}
}

// TestLedger checks that a ledger counts each response time from the scheduled arrival, and that it
// rejects invalid loops.
func TestLedger(t *testing.T) {
	plan := make([]time.Duration, 1000)
	for i := range plan {
		plan[i] = time.Duration(i) * 10 * time.Millisecond
	}
	// run runs the tasks one by one, each for the time that took returns, and calls spoil before each
	// arrival.
	run := func(took func(i int) time.Duration, spoil func(l *ledger, i int)) (values map[string]float64, err error) {
		synctest.Test(t, func(*testing.T) {
			l := newLedger(plan)
			l.began = time.Now()
			for i, at := range plan { // like arrive, with the fake clock of synctest
				time.Sleep(at - time.Since(l.began))
				if spoil != nil {
					spoil(l, i)
				}
				now := time.Since(l.began)
				l.lag.RecordValue(int64(now - at))
				l.late += now - at
				l.move(now, 1)
				time.Sleep(took(i))
				l.done(i, i%3)
			}
			values = map[string]float64{}
			err = l.report(100, values)
		})
		return values, err
	}
	const ms = float64(time.Millisecond)
	near := func(got, want float64) bool { return math.Abs(got/want-1) < 0.002 }
	even := func(i int) time.Duration { return 2*time.Millisecond + time.Duration(i%100/99)*5*time.Millisecond }
	v, err := run(even, nil)
	if err != nil || !near(v[harness.UnitP50], 2*ms) || !near(v[harness.UnitP99], 2*ms) || !near(v[harness.UnitConcurrency], 0.2052) {
		t.Errorf("got values %v, error %v", v, err)
	}
	if _, ok := v[harness.UnitP999]; ok {
		t.Error("p99.9 is reported for too few responses")
	}
	var lagged *LaggedError
	if _, err := run(even, func(_ *ledger, i int) { time.Sleep(time.Duration(i%10/9) * 2 * time.Millisecond) }); !errors.As(err, &lagged) {
		t.Errorf("generator that lags: %v", err)
	}
	var little *LittleError
	if _, err := run(even, func(l *ledger, _ int) { l.total += time.Millisecond }); !errors.As(err, &little) {
		t.Errorf("responses that are too long: %v", err)
	}
	if _, err := run(even, func(l *ledger, i int) { l.inside += i / 999 }); err == nil {
		t.Error("a task that never ends: no error")
	}
}

// A late is a load whose tasks delay the generator of arrivals in its first open loops. The field
// void is the number of these loops.
type late struct {
	workloads.Load
	void, opened int
}

func (l *late) Open(_ context.Context, _ strategies.Executor, arrive iter.Seq[int], done func(arrival, worker int)) error {
	l.opened++
	for i := range arrive {
		if l.opened <= l.void && i%100 == 0 {
			time.Sleep(10 * time.Millisecond)
		}
		done(i, 0)
	}
	return nil
}

func (l *late) Digest() (uint64, error) { return 1, nil }

// TestVoidLoops checks that a launch repeats and counts open loops whose generator lagged. On a
// busy machine, more loops may lag than the test intends.
func TestVoidLoops(t *testing.T) {
	for _, void := range []int{0, 1, openLoops - 1, openLoops} {
		load := &late{void: void}
		m := newMeasurement(harness.Spec{Cell: harness.Cell{Rate: 10_000}, Seed: 1}, workloads.Workload{}, load)
		err := m.openLoop(t.Context(), nil, false)
		var lagged *LaggedError
		switch {
		case load.opened < min(void+1, openLoops):
			t.Errorf("%d void loops: %d made", void, load.opened)
		case errors.As(err, &lagged) && load.opened == openLoops:
		case err != nil || void == openLoops || m.Values[harness.UnitVoidLoops] != float64(load.opened-1):
			t.Errorf("%d void loops: %d made, %v, %v", void, load.opened, m.Values, err)
		}
	}
}

// TestLaggedLaunch checks a launch whose generator lags in every loop. The launch must not fail,
// but its result must say that the generator lagged.
func TestLaggedLaunch(t *testing.T) {
	all := kernels.All()
	sleep := all[slices.IndexFunc(all, func(w workloads.Workload) bool { return w.Name == "sleep" })]
	made := sleep.New
	sleep.New = func(p workloads.Params) (workloads.Load, error) {
		l, err := made(p)
		return &late{Load: l, void: openLoops}, err
	}
	spec, err := json.Marshal(harness.Spec{
		Cell:  harness.Cell{Task: harness.Task{Workload: "sleep", Grain: 1000}, Strategy: "pool", Workers: 2, Cores: 1, Chunk: "1", Order: harness.CompletionOrder, Rate: 10_000},
		Tasks: 4, Seed: 1, MinTime: time.Millisecond, Dir: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Serve(t.Context(), bytes.NewReader(spec), &out, catalog.Goroutines(), []workloads.Workload{sleep}); err != nil {
		t.Fatal(err)
	}
	var r harness.Result
	if err := json.NewDecoder(&out).Decode(&r); err != nil || !strings.Contains(r.Lagged, "the generator of arrivals lagged: at 10000 tasks/s") || r.Values[harness.UnitVoidLoops] != openLoops {
		t.Errorf("got result %+v, error %v", r, err)
	}
}

// TestOpenLoop runs a small open loop. Percentiles must increase, and none may be below the time
// that a task waits.
func TestOpenLoop(t *testing.T) {
	const grain = 100_000
	s := harness.Spec{
		Cell: harness.Cell{
			Task: harness.Task{Workload: "sleep", Grain: grain}, Strategy: "pool", Workers: 16, Cores: 1, Chunk: "1",
			Order: harness.CompletionOrder, Rate: 4000,
		},
		Tasks: 64, Seed: 1, MinTime: time.Millisecond, Dir: t.TempDir(),
	}
	r, err := Run(t.Context(), s, catalog.Goroutines(), kernels.All())
	var lagged *LaggedError
	if errors.As(err, &lagged) {
		t.Skip(err) // this machine is busy
	}
	if err != nil {
		t.Fatal(err)
	}
	v := r.Values
	if v[harness.UnitP50] < grain || v[harness.UnitP99] < v[harness.UnitP50] || v[harness.UnitConcurrency] <= 0 || r.Reps != 1000 {
		t.Errorf("%v", v)
	}
	if _, ok := v[harness.UnitTask]; ok {
		t.Error("an open loop has a makespan")
	}
	closed := s
	closed.Cell.Rate, closed.Cell.Order = 0, harness.MapOrder
	if c, err := Run(t.Context(), closed, catalog.Goroutines(), kernels.All()); err != nil || c.Digest != r.Digest {
		t.Errorf("digest %x, open %x, %v", c.Digest, r.Digest, err)
	}
}
