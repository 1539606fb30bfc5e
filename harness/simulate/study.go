package simulate

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/model"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// Reach limits the cores of a simulation: to this factor times the largest number of cores on which
// the simulation was validated.
const Reach = 4

// PerWorker is the number of tasks for each worker in a job, if the study sets no number of tasks.
const PerWorker = 256

// seeds is the number of simulations, with different seeds, whose mean is the result if tasks vary.
const seeds = 5

// A Study asks how a strategy of a run behaves on more cores, or across a network.
type Study struct {
	Series    model.Series
	Work      float64 // time of a task in ns
	Payload   int
	Tasks     int // tasks in a job; 0 for PerWorker times the number of workers
	Policy    chunk.Policy
	Spread    float64 // coefficient of variation of the work
	Steal     bool
	Window    int
	Target    float64 // efficiency that the METG must reach
	Cores     int     // the largest number of cores
	RoundTrip float64 // round trip to workers across a network, in ns; 0 for this machine
	Transfer  float64 // time in ns that the network takes for a byte
	Ahead     int
}

// A Row is the result of a study for one number of cores, with as many workers as cores.
type Row struct {
	Cores     int
	Time      analyze.Estimate // makespan per task in ns
	METG      float64          // METG in ns; +Inf if no task of up to 10 s reaches the efficiency
	Predicted float64          // METG in ns by the formula max((o+d)/(1−E), P·d)
}

// A Check compares the simulation with a measured cell.
type Check struct {
	model.Measured
	Simulated float64 // simulated makespan per task in ns
}

// Error returns the relative error of the simulation: (simulated − measured)/measured.
func (c Check) Error() float64 { return c.Simulated/c.Time.Value - 1 }

// job returns the job of the study for a number of cores and workers. Tasks take longer with more
// busy cores, but from the largest measured number of cores on, job keeps this effect constant,
// because it is not known.
func (s Study) job(work float64, cores, workers int) Job {
	v := s.Series.Costs.Values
	further := float64(min(cores, workers, s.Series.Range.Hi.Cores) - 1)
	if s.RoundTrip > 0 {
		further = 0 // workers share no cores: each has its own machine
	}
	j := Job{
		Tasks: s.Tasks, Workers: workers, Cores: cores, Policy: s.Policy,
		Work: work, Spread: s.Spread,
		PerTask:  v[model.PerTask] + v[model.PerByte]*float64(s.Payload) + (v[model.Contention]+v[model.PerFurther]*work)*further,
		PerChunk: v[model.PerChunk], Dispatch: v[model.Dispatch], DispatchOne: v[model.DispatchOne], PerJob: v[model.PerJob],
		Steal: s.Steal, Window: s.Window, RoundTrip: s.RoundTrip, Transfer: s.Transfer * float64(s.Payload), Ahead: s.Ahead, Seed: 1,
	}
	if j.Tasks == 0 {
		j.Tasks = PerWorker * workers
	}
	return j
}

// Validate simulates the measured cells of the series, and returns the simulated and the measured
// makespans. It leaves out cells whose chunk policy varies the chunk size.
func (s Study) Validate() (checks []Check) {
	for _, m := range s.Series.Cells {
		if m.At.Chunk == 0 {
			continue
		}
		at := Study{Series: s.Series, Payload: m.At.Payload, Tasks: m.At.Tasks, Policy: chunk.Fixed(m.At.Chunk)}
		j := at.job(m.At.Work, m.At.Cores, m.At.Workers)
		checks = append(checks, Check{m, Run(j).PerTask(j)})
	}
	return checks
}

// Half returns the half-width of a 95 % band around the logarithm of a simulated makespan, from the
// errors of the checks. It returns +Inf for fewer than two checks.
func Half(checks []Check) float64 {
	if len(checks) < 2 {
		return math.Inf(1)
	}
	sum := 0.0
	for _, c := range checks {
		sum += math.Pow(math.Log(c.Simulated/c.Time.Value), 2)
	}
	return analyze.TQuantile(0.95, len(checks)) * math.Sqrt(sum/float64(len(checks)))
}

// Counts returns the numbers of cores to simulate: the powers of two below the study's number of
// cores, and this number.
func (s Study) Counts() (counts []int) {
	for n := 1; n < s.Cores; n *= 2 {
		counts = append(counts, n)
	}
	return append(counts, s.Cores)
}

// Validated returns the largest number of cores on which the series was measured.
func (s Study) Validated() int { return s.Series.Range.Hi.Cores }

// Bend returns the number of workers from which the METG grows, by the formula in [Row]: the number
// at which P·d exceeds (o+d)/(1−E). It returns +Inf if there is no dispatcher, or if the run does
// not show its cost.
func (s Study) Bend() float64 {
	v := s.Series.Costs.Values
	d := v[model.Dispatch] + v[model.DispatchOne]*each(s.Policy)
	if d == 0 || s.Steal {
		return math.Inf(1)
	}
	n := s.Cores
	o := s.job(0, n, n).PerTask + v[model.PerChunk]*each(s.Policy)
	return (o + d) / ((1 - s.Target) * d)
}

// Like reports whether a measured cell is like the study: it has the same task and chunk, as many
// workers as cores, and workers on this machine.
func (s Study) Like(m model.Measured) bool {
	const same = 1.1 // largest ratio of the works
	ratio := m.At.Work / s.Work
	return s.RoundTrip == 0 && m.At.Payload == s.Payload && m.At.Workers == m.At.Cores && ratio < same && ratio > 1/same && string(m.Cell.Chunk) == s.Policy.String()
}

// Rows simulates the study on each number of cores. The argument half is the result of [Half].
func (s Study) Rows(half float64) (rows []Row) {
	for _, n := range s.Counts() {
		t := s.mean(s.job(s.Work, n, n))
		v := s.Series.Costs.Values
		o := s.job(0, n, n).PerTask + v[model.PerChunk]*each(s.Policy)
		d := v[model.Dispatch] + v[model.DispatchOne]*each(s.Policy)
		rows = append(rows, Row{
			Cores:     n,
			Time:      analyze.Estimate{Value: t, Lo: t * math.Exp(-half), Hi: t * math.Exp(half), N: seeds},
			METG:      s.metg(n),
			Predicted: max((o+d)/(1-s.Target), float64(n)*d),
		})
	}
	return rows
}

// each returns the number of chunks per task for a fixed chunk, and 0 for other policies.
func each(p chunk.Policy) float64 {
	if f, ok := p.(chunk.Fixed); ok {
		return 1 / float64(f)
	}
	return 0
}

// mean returns the mean makespan per task over simulations with several seeds, or with one seed if
// nothing is random.
func (s Study) mean(j Job) (sum float64) {
	n := seeds
	if j.Spread == 0 {
		n = 1
	}
	for i := range n {
		j.Seed = uint64(i + 1)
		sum += Run(j).PerTask(j) / float64(n)
	}
	return sum
}

// metg returns the smallest granularity T·C/N that reaches the target efficiency on n cores.
func (s Study) metg(n int) float64 {
	reaches := func(work float64) (float64, bool) {
		j := s.job(work, n, n)
		t := Run(j).PerTask(j)
		return t * float64(n), work >= s.Target*t*float64(n)
	}
	lo, hi := 0.1, 1e10
	g, ok := reaches(hi)
	if !ok {
		return math.Inf(1)
	}
	for hi/lo > 1.01 {
		mid := math.Sqrt(lo * hi)
		if at, ok := reaches(mid); ok {
			g, hi = at, mid
		} else {
			lo = mid
		}
	}
	return g
}

// A Policed is the simulated makespan of a job with a chunk policy.
type Policed struct {
	Policy chunk.Policy
	Time   float64 // makespan per task in ns
}

// Policies simulates the study with each chunk policy on its largest number of cores. It returns
// the makespans, the smallest first.
func (s Study) Policies() (all []Policed) {
	for _, p := range append(chunk.All(), chunk.Fixed(1), chunk.Fixed(16), chunk.Fixed(64)) {
		s.Policy = p
		all = append(all, Policed{p, s.mean(s.job(s.Work, s.Cores, s.Cores))})
	}
	slices.SortStableFunc(all, func(a, b Policed) int {
		if a.Time < b.Time {
			return -1
		}
		return 1
	})
	return all
}
