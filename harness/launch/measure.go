package launch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/profiler"
	"github.com/payoff-bench/payoff/workloads"
)

// A measurement is the state of a launch: its spec and the results so far.
type measurement struct {
	harness.Result
	spec       harness.Spec
	workload   workloads.Workload
	load       workloads.Load
	job        func(context.Context) error // runs a whole job on the executor
	stamped    func(context.Context) error // like job, with a clock reading at each outcome; nil unless the job is a stream
	jobs       int                         // jobs run so far
	goroutines int                         // goroutines before the first job
	profile    *profiler.Profile           // nil unless the launch is profiled
	shown      map[string][]float64        // by unit: for each job, a value computed from its outcomes
	apart      time.Duration               // CPU time in timed jobs of those threads of another program that do not run jobs
	took       [][]float64                 // times of the tasks of each input, in ns; nil if tasks have no inputs
}

func newMeasurement(s harness.Spec, w workloads.Workload, load workloads.Load) *measurement {
	r := harness.Result{Tasks: s.Tasks, Values: map[string]float64{}, Absent: map[string]string{}}
	m := &measurement{Result: r, spec: s, workload: w, load: load, job: load.Direct, shown: map[string][]float64{}}
	if s.Program != nil {
		m.took = make([][]float64, len(load.Selection().Lines))
	}
	return m
}

// run measures the cell with the strategy st, or with the direct loop if st is nil.
func (m *measurement) run(ctx context.Context, st *catalog.Strategy) (err error) {
	began := time.Now()
	if m.profile, err = profile(m.spec); err != nil {
		return err
	}
	if m.profile == nil && m.spec.Stages == 0 { // a profiled launch measures nothing
		controls(m.Values)
	}
	before := readParallelism()
	if st == nil && m.spec.Stages > 0 {
		err = errNoStages
	} else if st == nil {
		err = m.closedLoop(ctx, catalog.Capabilities{})
	} else {
		err = m.execute(ctx, *st)
	}
	if err == nil {
		err = readParallelism().since(before)
	}
	if err != nil {
		return err
	}
	m.Profiled = time.Since(began)
	return m.profile.Stop()
}

// execute creates an executor of the strategy st, measures the cell with it, and closes it.
func (m *measurement) execute(ctx context.Context, st catalog.Strategy) error {
	began := time.Now()
	ex, err := st.New(ctx, catalog.Config{Workers: m.spec.Cell.Workers, Worker: m.spec.Worker, Python: m.spec.Python, Server: m.spec.Hub})
	if err != nil {
		return fmt.Errorf("strategy %s: %w", st.Name, err)
	}
	m.Values[harness.UnitStart] = nanoseconds(time.Since(began))
	if err = m.load.Place(ctx, ex); err != nil {
		// no job can run
	} else if m.spec.Cell.Rate > 0 {
		err = m.openLoop(ctx, ex, st.Capabilities.Processes || m.workload.Children)
	} else if m.job, m.stamped, err = jobs(m.load, ex, m.spec); err == nil && m.spec.Stages > 0 {
		err = m.stages(ctx, ex)
	} else if err == nil {
		if err = m.closedLoop(ctx, st.Capabilities); err == nil && m.spec.ProfileKind == profiler.Trace {
			err = m.marked(ctx, ex)
		}
	}
	if err != nil {
		// Let the executor end its workers within a second; the loop's error is returned.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		ex.Stop(end)
		return err
	}
	if err := m.profile.Keep(); err != nil {
		return err
	}
	began = time.Now()
	if err := ex.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	m.Values[harness.UnitStop] = nanoseconds(time.Since(began))
	return nil
}

// closedLoop measures the cell in a closed loop: it runs a cold job, then warm-up jobs until their
// makespans are steady, and then timed jobs. It stores the results in m. The argument can holds the
// capabilities of the strategy. If can says that the strategy has worker processes, closedLoop
// counts their CPU time too.
func (m *measurement) closedLoop(ctx context.Context, can catalog.Capabilities) error {
	done := enough
	m.goroutines = runtime.NumGoroutine()
	var before []time.Duration
	if m.spec.Once {
		done = func(times []time.Duration, _ time.Duration) bool { return len(times) > 0 }
		m.put(harness.UnitFirst, 0, errOnce)
		m.put(harness.UnitPSS, 0, errOnce)
	} else {
		var err error
		if before, err = m.cold(ctx); err != nil {
			return err
		}
	}
	elsewhere := can.Idiom == catalog.RemoteIdiom
	processes := can.Processes || m.workload.Children || elsewhere
	stopOthers := m.others(processes) // begins with the warm-up, because the share is more exact over a longer time
	if before != nil {
		if _, err := m.repeat(ctx, before, warm, nil); err != nil {
			return err
		}
	}
	if m.stamped != nil && !m.spec.Once {
		if _, err := m.runOnce(ctx, m.stamped, nil); err != nil {
			return err
		}
		maps.Copy(m.Values, m.load.Values())
	}

	stopWatch := m.watch()
	runtime.GC() // collects garbage of the warm-up
	meter := probe.OpenMeter(processes)
	if servers := m.servers(); len(servers) > 0 {
		meter.AddServers(servers...)
	}
	clear(m.shown)
	clear(m.took)
	times, err := m.repeat(ctx, nil, done, meter)
	if err != nil {
		return err
	}
	used := meter.Close()
	if m.spec.Cell.Strategy == harness.Direct {
		m.Beyond = beyond(used, times)
		if elsewhere {
			m.Beyond = 1 + float64(m.apart)/float64(sum(times))
		} else if !m.workload.Children {
			m.Working = working(m.goroutines)
		}
	}
	if elsewhere {
		used = probe.Observation{Absent: map[string]error{harness.UnitCPU: errElsewhere}}
	}
	stopOthers()
	stopWatch()
	if len(times) > 1 && !steady(times) {
		m.Marks = append(m.Marks, harness.MarkUnsettled)
	}
	computes := !m.workload.Waits && !m.workload.Children
	if cpu, ok := used.Values[harness.UnitCPU]; ok && computes && !can.Parallel && preempted(sum(times), time.Duration(cpu)) {
		m.Marks = append(m.Marks, harness.MarkPreempted)
	}
	n := float64(m.spec.Tasks)
	makespan := median(times)
	m.Values[harness.UnitOp] = makespan
	m.Values[harness.UnitTask] = makespan / n
	m.Values[harness.UnitTasks] = n
	m.report(used, n*float64(len(times)))
	m.reportIdle(used, times)
	for unit, values := range m.shown {
		m.Values[unit] = median(values)
	}
	for _, times := range m.took {
		m.Inputs = append(m.Inputs, median(times))
	}
	m.Reps = len(times)
	return nil
}

// errElsewhere is the reason why jobs in another program have no values such as CPU time.
var errElsewhere = errors.New("the jobs ran in another program, so the value would include the hand-over of inputs and outputs")

// A HungError says that a job did not end within the time limit of a launch. Only jobs that run in
// another program have this limit. The pool of that program then counts as hung.
type HungError struct{ After time.Duration }

func (e *HungError) Error() string {
	return fmt.Sprintf("hung: the job did not end within %v, so the pool was killed", e.After)
}

// limited returns a function that runs the job and returns a [HungError] if the job exceeds the
// time limit. A limit of 0 means no limit.
func limited(job func(context.Context) error, limit time.Duration) func(context.Context) error {
	if limit == 0 {
		return job
	}
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeoutCause(ctx, limit, &HungError{limit})
		defer cancel()
		return job(ctx)
	}
}

// errOnce is the reason why a launch that runs its job only once has no values of earlier jobs.
var errOnce = errors.New("the job takes long, so a launch runs it only once, for its makespan")

// cold runs the first two jobs of the launch. The first is the cold job. During the second, cold
// reads the memory of the process tree. It returns the makespans of both jobs.
func (m *measurement) cold(ctx context.Context) ([]time.Duration, error) {
	first, err := m.runOnce(ctx, m.job, nil)
	if err != nil {
		return nil, err
	}
	m.Values[harness.UnitFirst] = nanoseconds(first)

	var looked time.Duration
	bytes, lookErr, err := peak(func() (err error) { looked, err = m.runOnce(ctx, m.job, nil); return err })
	if err != nil {
		return nil, err
	}
	m.put(harness.UnitPSS, float64(bytes), lookErr)
	return []time.Duration{first, looked}, nil
}

// repeat runs the job repeatedly and appends the makespans to times. Before each job, repeat calls
// the function done with the makespans and the cell's minimum time. It stops as soon as done
// returns true.
func (m *measurement) repeat(ctx context.Context, times []time.Duration, done func([]time.Duration, time.Duration) bool, meter *probe.Meter) ([]time.Duration, error) {
	for !done(times, m.spec.MinTime) {
		d, err := m.runOnce(ctx, m.job, meter)
		if err != nil {
			return times, err
		}
		times = append(times, d)
	}
	return times, nil
}

// runOnce runs a job once and returns its makespan. It returns an error if the digest of the job's
// outputs differs from that of earlier jobs. If meter is not nil, the meter measures the CPU time
// and other resources that the job uses.
func (m *measurement) runOnce(ctx context.Context, job func(context.Context) error, meter *probe.Meter) (time.Duration, error) {
	if meter != nil {
		meter.Begin()
	}
	began := time.Now()
	err := job(ctx)
	makespan := time.Since(began)
	if meter != nil {
		meter.End()
	}
	if err != nil {
		return 0, fmt.Errorf("job %d: %w", m.jobs, err)
	}
	if took, others := m.load.Took(); took > 0 { // the rest is the hand-over of inputs and outputs
		makespan = took
		if meter != nil {
			m.apart += others
		}
	}
	m.Busy += nanoseconds(makespan)
	digest, err := m.load.Digest()
	if err != nil {
		return 0, fmt.Errorf("outputs of job %d: %w", m.jobs, err)
	}
	if m.jobs == 0 {
		m.Digest = digest
	}
	if digest != m.Digest {
		return 0, fmt.Errorf("job %d: %w: earlier jobs had other outputs for the same tasks, so the kernel is not deterministic", m.jobs, &harness.DigestError{Got: digest, Want: m.Digest, Program: m.spec.Program != nil})
	}
	m.jobs++
	m.Ran += m.spec.Tasks
	if n := len(m.took); n > 0 {
		for i, d := range m.load.Times() {
			m.took[i%n] = append(m.took[i%n], nanoseconds(d))
		}
	}
	for unit, v := range m.load.Values() {
		m.shown[unit] = append(m.shown[unit], v)
		if unit == harness.UnitService {
			m.shown[harness.UnitConcurrency] = append(m.shown[harness.UnitConcurrency], v*float64(m.spec.Tasks)/nanoseconds(makespan))
		}
	}
	return makespan, nil
}

func nanoseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) }
