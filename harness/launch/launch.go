// Package launch is what runs inside a launch: the fresh process that measures one cell
// once.
//
//  1. [Serve] reads the [harness.Spec], calls [Run] and answers with the [harness.Result].
//  2. The controls run: fixed work that measures the machine alone.
//  3. The executor is made (start-ns) and runs a first, cold job (first-ns).
//  4. It is warmed up until jobs are steady; during the first of these jobs the memory that
//     the process tree holds is looked at.
//  5. Of a stream one more job is run with a clock at each outcome.
//  6. Jobs are timed, for at least three and at least the minimum time. The clock starts
//     when the job is submitted to the idle, ready executor; the median is the sample.
//  7. The executor is closed (stop-ns).
//
// The controls do not run again at the end: what a cell leaves behind, as worker processes
// that end on the one core there is, would be taken for the machine's state.
//
// Outside the clock the outputs of every job are digested; all must be the same. The direct
// loop goes the same way without an executor.
package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// Pipes returns the files on which this process, if it is a launch, was given its spec and
// answers. They are kept from the processes that it starts.
func Pipes() (spec io.Reader, result io.Writer) {
	const specFD, resultFD = 3, 4
	syscall.CloseOnExec(specFD)
	syscall.CloseOnExec(resultFD)
	return os.NewFile(specFD, "spec"), os.NewFile(resultFD, "result")
}

// Serve reads a Spec as JSON, runs it and writes the Result as JSON.
func Serve(ctx context.Context, spec io.Reader, result io.Writer, ss []strategies.Strategy, ws []workloads.Workload) error {
	var s harness.Spec
	if err := json.NewDecoder(spec).Decode(&s); err != nil {
		return fmt.Errorf("spec of a launch: %w", err)
	}
	// A task of the direct loop may end the goroutine that it runs on.
	var r harness.Result
	ended := make(chan error)
	go func() {
		err := errGoexit
		defer func() { ended <- err }()
		r, err = Run(ctx, s, ss, ws)
	}()
	err := <-ended
	if lagged := (*LaggedError)(nil); errors.As(err, &lagged) {
		r = harness.Result{Lagged: lagged.Error(), Values: map[string]float64{harness.UnitVoidLoops: openLoops}}
	} else if err != nil {
		return err
	}
	if err := json.NewEncoder(result).Encode(r); err != nil {
		return fmt.Errorf("result of a launch: %w", err)
	}
	return nil
}

var errGoexit = errors.New("a task ended the goroutine of the direct loop, by runtime.Goexit")

// Run measures one cell, or probes its task if s.Tasks is 0. A cell whose strategy or
// workload the tables lack, a job with an error and outputs that differ from job to job
// are errors: then there is no sample.
func Run(ctx context.Context, s harness.Spec, ss []strategies.Strategy, ws []workloads.Workload) (_ harness.Result, err error) {
	var none harness.Result
	k := slices.IndexFunc(ws, func(w workloads.Workload) bool { return w.Name == s.Cell.Workload })
	if k < 0 {
		return none, &harness.UnknownError{Kind: "workload", Name: s.Cell.Workload, Have: names(ws, func(w workloads.Workload) string { return w.Name })}
	}
	load, err := ws[k].New(workloads.Params{
		Grain: s.Cell.Grain, Payload: s.Cell.Payload, Spread: s.Cell.Spread, Memory: s.Cell.Memory, Shape: s.Cell.Shape, Codec: s.Cell.Codec, Seed: s.Seed, Dir: s.Dir,
		Program: s.Program, Inputs: s.Inputs, Server: s.Server,
	})
	if err != nil {
		return none, err
	}
	defer func() { err = errors.Join(err, load.Close()) }()
	if ws[k].Children {
		defer adopt()()
	}
	if s.Tasks == 0 {
		return probeTask(ctx, load, s)
	}
	if err := load.Inputs(s.Tasks); err != nil {
		return none, err
	}
	if ws[k].OnDisk {
		syscall.Sync() // what others wrote is not to be waited for by the tasks
	}
	m := &measurement{spec: s, load: load, waits: ws[k].Waits || ws[k].Children, children: ws[k].Children, values: map[string]float64{}, shown: map[string][]float64{}}
	if s.Cell.Strategy == harness.Direct {
		m.job = load.Direct
		return m.run(ctx, nil)
	}
	k = slices.IndexFunc(ss, func(st strategies.Strategy) bool { return st.Name == s.Cell.Strategy })
	if k < 0 {
		return none, &harness.UnknownError{Kind: "strategy", Name: s.Cell.Strategy, Have: names(ss, func(st strategies.Strategy) string { return st.Name })}
	}
	st := ss[k]
	set := s.Cell.Setting()
	if st.Capabilities.Processes {
		set.Prepare = load.Preparation()
	}
	if set != (strategies.Setting{}) {
		if st.With == nil {
			return none, fmt.Errorf("strategy %s has nothing to set: %+v", st.Name, set)
		}
		if st, err = st.With(set); err != nil {
			return none, fmt.Errorf("strategy %s: %w", st.Name, err)
		}
	}
	return m.run(ctx, &st)
}

func names[T any](table []T, name func(T) string) (all []string) {
	for _, row := range table {
		all = append(all, name(row))
	}
	return all
}

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
func (m *measurement) run(ctx context.Context, st *strategies.Strategy) (r harness.Result, err error) {
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
		ex, err = st.New(ctx, strategies.Config{Workers: m.spec.Cell.Workers, Worker: m.spec.Worker})
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
	} else if err := m.jobsOf(ctx, &r, strategies.Capabilities{}); err != nil {
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
func (m *measurement) jobsOf(ctx context.Context, r *harness.Result, can strategies.Capabilities) error {
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
	chunk, err := strategies.ParseChunk(string(c.Chunk))
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
