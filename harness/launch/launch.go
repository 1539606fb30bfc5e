// Package launch runs inside a launch: the fresh process that measures one cell once.
//
//  1. [Serve] reads the [harness.Spec], calls [Run] and writes the [harness.Result].
//  2. The controls run: fixed work that measures the machine alone.
//  3. The executor is created (start-ns) and runs a first, cold job (first-ns).
//  4. Jobs warm it up until their makespans are steady. During the first of these, the launch
//     samples the memory of the process tree.
//  5. For a stream, one more job runs with a clock reading at each outcome.
//  6. Jobs are timed: at least three, and for at least the minimum time. The clock starts when a
//     job is submitted to the idle executor; the sample is the median.
//  7. The executor is closed (stop-ns).
//
// The controls do not run again at the end. At the end they would also measure what the cell leaves
// behind, such as worker processes that are still ending.
//
// Outside the timed section, the outputs of every job are digested; all digests must be equal.
// The direct loop takes the same steps without an executor.
package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
)

// Pipes returns the pipes of this launch: spec, from which it reads its spec, and result, to which
// it writes its result. Child processes do not inherit the pipes.
func Pipes() (spec io.Reader, result io.Writer) {
	const specFD, resultFD = 3, 4
	syscall.CloseOnExec(specFD)
	syscall.CloseOnExec(resultFD)
	return os.NewFile(specFD, "spec"), os.NewFile(resultFD, "result")
}

// Serve reads a [harness.Spec] as JSON from spec, calls [Run] with it, and writes the
// [harness.Result] as JSON to result. The arguments ss and ws are the tables of strategies and
// workloads.
func Serve(ctx context.Context, spec io.Reader, result io.Writer, ss []catalog.Strategy, ws []workloads.Workload) error {
	var s harness.Spec
	if err := json.NewDecoder(spec).Decode(&s); err != nil {
		return fmt.Errorf("cannot read the spec of a launch: %w", err)
	}
	// In the direct loop a task may end its goroutine, so Run gets a goroutine of its own.
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
	} else if hung := (*HungError)(nil); errors.As(err, &hung) {
		r = harness.Result{Hung: err.Error()}
	} else if err != nil {
		return err
	}
	if err := json.NewEncoder(result).Encode(r); err != nil {
		return fmt.Errorf("cannot write the result of a launch: %w", err)
	}
	return nil
}

var errGoexit = errors.New("a task called runtime.Goexit on the goroutine of the direct loop")

// Run measures the cell of the spec s. If s.Tasks is 0, Run instead probes the cell: it determines
// how many tasks a job of the cell should have. Run finds the strategy in the table ss and the
// workload in the table ws. It returns an error if one of them is missing, if a job fails, or if
// the outputs differ between jobs.
func Run(ctx context.Context, s harness.Spec, ss []catalog.Strategy, ws []workloads.Workload) (r harness.Result, err error) {
	w, err := harness.Find(ws, "workload", s.Cell.Workload, func(w workloads.Workload) string { return w.Name })
	if err != nil {
		return harness.Result{}, err
	}
	setup := s.Cell.Setup()
	p := setup.Params
	p.Seed, p.Dir, p.Program, p.Inputs, p.Rules, p.Server = s.Seed, s.Dir, s.Program, s.Inputs, s.Rules, s.Server
	p.Function = s.Function
	load, err := w.New(p)
	if err != nil {
		return harness.Result{}, err
	}
	defer func() { err = errors.Join(err, load.Close()) }()
	if w.Children {
		end := adopt()
		defer func() {
			left := end()
			r.Left = left && w.Loop == "" // else they may be helpers of a pool, which end by themselves
		}()
	}
	var loop *catalog.Strategy // in place of the direct loop; nil if there is none
	if w.Loop != "" {
		st, err := harness.Find(ss, "strategy", w.Loop, func(st catalog.Strategy) string { return st.Name })
		if err != nil {
			return harness.Result{}, err
		}
		loop = &st
	}
	if s.Tasks == 0 && loop != nil {
		return probeElsewhere(ctx, load, s, *loop)
	}
	if s.Tasks == 0 {
		return prober{load: load}.task(ctx, s)
	}
	if err := load.Inputs(s.Tasks); err != nil {
		return harness.Result{}, err
	}
	if w.OnDisk {
		syscall.Sync() // so that the tasks do not wait for earlier writes
	}
	m := newMeasurement(s, w, load)
	if s.Cell.Strategy == harness.Direct {
		err = m.run(ctx, loop)
		return m.Result, err
	}
	st, err := harness.Find(ss, "strategy", s.Cell.Strategy, func(st catalog.Strategy) string { return st.Name })
	if err != nil {
		return harness.Result{}, err
	}
	set := setup.Setting
	if st.Capabilities.Processes {
		set.Prepare = load.Preparation()
	}
	if set != (catalog.Setting{}) {
		if st.With == nil {
			return harness.Result{}, fmt.Errorf("strategy %s has no settings, but the cell has %+v", st.Name, set)
		}
		if st, err = st.With(set); err != nil {
			return harness.Result{}, fmt.Errorf("strategy %s: %w", st.Name, err)
		}
	}
	err = m.run(ctx, &st)
	return m.Result, err
}
