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
	"os"
	"syscall"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
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
func Serve(ctx context.Context, spec io.Reader, result io.Writer, ss []catalog.Strategy, ws []workloads.Workload) error {
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
func Run(ctx context.Context, s harness.Spec, ss []catalog.Strategy, ws []workloads.Workload) (_ harness.Result, err error) {
	var none harness.Result
	w, err := harness.Find(ws, "workload", s.Cell.Workload, func(w workloads.Workload) string { return w.Name })
	if err != nil {
		return none, err
	}
	setup := s.Cell.Setup()
	p := setup.Params
	p.Seed, p.Dir, p.Program, p.Inputs, p.Server = s.Seed, s.Dir, s.Program, s.Inputs, s.Server
	load, err := w.New(p)
	if err != nil {
		return none, err
	}
	defer func() { err = errors.Join(err, load.Close()) }()
	if w.Children {
		defer adopt()()
	}
	if s.Tasks == 0 {
		return probeTask(ctx, load, s)
	}
	if err := load.Inputs(s.Tasks); err != nil {
		return none, err
	}
	if w.OnDisk {
		syscall.Sync() // so that the tasks do not wait for what others wrote
	}
	m := newMeasurement(s, w, load)
	if s.Cell.Strategy == harness.Direct {
		err = m.run(ctx, nil)
		return m.Result, err
	}
	st, err := harness.Find(ss, "strategy", s.Cell.Strategy, func(st catalog.Strategy) string { return st.Name })
	if err != nil {
		return none, err
	}
	set := setup.Setting
	if st.Capabilities.Processes {
		set.Prepare = load.Preparation()
	}
	if set != (catalog.Setting{}) {
		if st.With == nil {
			return none, fmt.Errorf("strategy %s has nothing to set: %+v", st.Name, set)
		}
		if st, err = st.With(set); err != nil {
			return none, fmt.Errorf("strategy %s: %w", st.Name, err)
		}
	}
	err = m.run(ctx, &st)
	return m.Result, err
}
