package launch

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/workloads"
)

// A measurement is one launch under way.
type measurement struct {
	spec     harness.Spec
	load     workloads.Load
	waits    bool                        // its tasks do, rather than compute here
	children bool                        // its tasks start processes
	job      func(context.Context) error // a whole job, submitted to the executor
	stamped  func(context.Context) error // the same with a clock at each outcome; nil but for streams
	jobs     int                         // that have run
	digest   uint64                      // of each of them
	busy     time.Duration               // in jobs, from submitting them to their last outcome
	shown    map[string][]float64        // what their outcomes showed, by unit
	values   map[string]float64
}

// run measures the cell; st is nil for the direct loop.
func (m *measurement) run(ctx context.Context, st *catalog.Strategy) (r harness.Result, err error) {
	stopProfile, err := profile(m.spec.ProfileDir)
	if err != nil {
		return r, err
	}
	var c control
	c.observe()
	c.report(m.values)
	var ex strategies.Executor
	if st != nil {
		began := time.Now()
		ex, err = st.New(ctx, catalog.Config{Workers: m.spec.Cell.Workers, Worker: m.spec.Worker})
		if err != nil {
			return r, fmt.Errorf("strategy %s: %w", st.Name, err)
		}
		m.values[harness.UnitStart] = nanoseconds(time.Since(began))
		if m.spec.Cell.Rate > 0 {
			err = m.openLoop(ctx, ex, &r)
		} else if m.job, m.stamped, err = jobs(m.load, ex, m.spec.Cell); err == nil {
			err = m.jobsOf(ctx, &r, st.Capabilities)
		}
		if err != nil {
			// The executor is given the chance to end its workers, not to spoil the error.
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			ex.Stop(end)
			return r, err
		}
		began = time.Now()
		if err := ex.Close(); err != nil {
			return r, fmt.Errorf("close: %w", err)
		}
		m.values[harness.UnitStop] = nanoseconds(time.Since(began))
	} else if err := m.jobsOf(ctx, &r, catalog.Capabilities{}); err != nil {
		return r, err
	}
	if err := stopProfile(); err != nil {
		return r, err
	}
	r.Tasks, r.Digest, r.Values, r.Busy = m.spec.Tasks, m.digest, m.values, nanoseconds(m.busy)
	return r, nil
}

// jobsOf runs the first job, warms up and times. It is told what the executor can do: worker
// processes have CPU time that counts.
func (m *measurement) jobsOf(ctx context.Context, r *harness.Result, can catalog.Capabilities) error {
	first, err := m.one(ctx, m.job, nil)
	if err != nil {
		return err
	}
	m.values[harness.UnitFirst] = nanoseconds(first)

	var looked time.Duration
	bytes, lookErr, err := peak(func() (err error) { looked, err = m.one(ctx, m.job, nil); return err })
	if err != nil {
		return err
	}
	if lookErr == nil {
		m.values[harness.UnitPSS] = float64(bytes)
	} else {
		absent(r, harness.UnitPSS, lookErr)
	}

	times := []time.Duration{first, looked}
	for !warm(times, m.spec.MinTime) {
		d, err := m.one(ctx, m.job, nil)
		if err != nil {
			return err
		}
		times = append(times, d)
	}
	if m.stamped != nil {
		if _, err := m.one(ctx, m.stamped, nil); err != nil {
			return err
		}
		maps.Copy(m.values, m.load.Values())
	}

	watched := watch()
	runtime.GC() // of what the warm-up left
	meter := probe.OpenMeter(can.Processes || m.children)
	if m.spec.Serving != 0 {
		meter.Beside(m.spec.Serving)
	}
	times = times[:0]
	clear(m.shown)
	for !enough(times, m.spec.MinTime) {
		d, err := m.one(ctx, m.job, meter)
		if err != nil {
			return err
		}
		times = append(times, d)
	}
	used := meter.Close()
	watched(r, m.values)
	if !steady(times) {
		r.Marks = append(r.Marks, harness.MarkUnsettled)
	}
	if cpu, ok := used.Values[probe.CPU]; ok && !m.waits && !can.Parallel && preempted(sum(times), time.Duration(cpu)) {
		r.Marks = append(r.Marks, harness.MarkPreempted)
	}
	n := float64(m.spec.Tasks)
	makespan := median(times)
	m.values[harness.UnitOp] = makespan
	m.values[harness.UnitTask] = makespan / n
	m.values[harness.UnitTasks] = n
	report(used, n*float64(len(times)), r, m.values)
	reportIdle(used, times, m.spec, r, m.values)
	for unit, values := range m.shown {
		m.values[unit] = middle(values)
	}
	r.Reps = len(times)
	return nil
}

// one runs a job and returns its makespan. Outside the clock it digests the outputs and,
// unless meter is nil, adds what the job used.
func (m *measurement) one(ctx context.Context, job func(context.Context) error, meter *probe.Meter) (time.Duration, error) {
	if meter != nil {
		meter.Begin()
	}
	began := time.Now()
	err := job(ctx)
	makespan := time.Since(began)
	if meter != nil {
		meter.End()
	}
	m.busy += makespan
	if err != nil {
		return 0, fmt.Errorf("job %d: %w", m.jobs, err)
	}
	digest, err := m.load.Digest()
	if err != nil {
		return 0, fmt.Errorf("outputs of job %d: %w", m.jobs, err)
	}
	if m.jobs == 0 {
		m.digest = digest
	}
	if digest != m.digest {
		return 0, fmt.Errorf("job %d: %w: the same tasks had other outputs in the jobs before it, so the kernel is not deterministic", m.jobs, &harness.DigestError{Got: digest, Want: m.digest})
	}
	m.jobs++
	for unit, v := range m.load.Values() {
		m.shown[unit] = append(m.shown[unit], v)
		if unit == harness.UnitService {
			m.shown[harness.UnitConcurrency] = append(m.shown[harness.UnitConcurrency], v*float64(m.spec.Tasks)/nanoseconds(makespan))
		}
	}
	return makespan, nil
}

// jobs returns the cell's job over a load, and of a stream the same with a clock at each
// outcome.
func jobs(load workloads.Load, ex strategies.Executor, c harness.Cell) (job, stamped func(context.Context) error, err error) {
	chunk, err := chunk.Parse(string(c.Chunk))
	if err != nil {
		return nil, nil, err
	}
	o := strategies.Options{Chunk: chunk, Window: c.Window}
	switch c.Order {
	case harness.MapOrder:
		return func(ctx context.Context) error { return load.Map(ctx, ex, o) }, nil, nil
	case harness.SingleOrder:
		return func(ctx context.Context) error { return load.Single(ctx, ex) }, nil, nil
	case harness.InputOrder:
		o.Order = strategies.InputOrder
	case harness.CompletionOrder:
		o.Order = strategies.CompletionOrder
	default:
		return nil, nil, fmt.Errorf("unknown order %q", c.Order)
	}
	return func(ctx context.Context) error { return load.Stream(ctx, ex, o) },
		func(ctx context.Context) error { return load.Stamped(ctx, ex, o) }, nil
}

func nanoseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) }
