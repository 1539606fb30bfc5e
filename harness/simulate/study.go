package simulate

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/model"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// Reach is the factor by which the cores of a simulation may exceed those on which it was validated.
const Reach = 4

// PerWorker is the number of tasks for each worker in a job whose study does not say how many.
const PerWorker = 256

// seeds is the number of simulations behind a mean, if tasks vary.
const seeds = 5

// A Study asks how a strategy of a run behaves on more cores, or across a network.
type Study struct {
	Series   model.Series
	Work     float64 // ns of a task
	Payload  int
	Tasks    int // in a job; 0 for 256 per worker
	Policy   chunk.Policy
	Spread   float64 // coefficient of variation of the work
	Steal    bool
	Window   int
	Target   float64 // efficiency of the METG
	Cores    int     // the largest number of cores
	Round    float64 // round trip to workers across a network, in ns; 0 for this machine
	Transfer float64 // ns per byte on the network
	Ahead    int
}

// A Row is one number of cores of a study, with as many workers.
type Row struct {
	Cores     int
	Time      analyze.Estimate // makespan per task, ns
	METG      float64          // ns; +Inf if no task of up to 10 s reaches the efficiency
	Predicted float64          // METG by the formula max((o+d)/(1−E), P·d)
}

// A Check compares the simulation with a measured cell.
type Check struct {
	model.Measured
	Simulated float64 // ns per task
}

// Error returns (simulated − measured)/measured.
func (c Check) Error() float64 { return c.Simulated/c.Time.Value - 1 }

// job returns the job of the study on a number of cores and workers. Work lengthens with further busy
// cores as on the largest number that was measured: nothing is known beyond it.
func (s Study) job(work float64, cores, workers int) Job {
	v := s.Series.Costs.Values
	further := float64(min(cores, workers, s.Series.Range.Hi.Cores) - 1)
	if s.Round > 0 {
		further = 0 // each worker has its own machine
	}
	j := Job{
		Tasks: s.Tasks, Workers: workers, Cores: cores, Policy: s.Policy,
		Work: work, Spread: s.Spread,
		PerTask:  v[model.PerTask] + v[model.PerByte]*float64(s.Payload) + (v[model.Contention]+v[model.PerFurther]*work)*further,
		PerChunk: v[model.PerChunk], Dispatch: v[model.Dispatch], DispatchOne: v[model.DispatchOne], PerJob: v[model.PerJob],
		Steal: s.Steal, Window: s.Window, RoundTrip: s.Round, Transfer: s.Transfer * float64(s.Payload), Ahead: s.Ahead, Seed: 1,
	}
	if j.Tasks == 0 {
		j.Tasks = PerWorker * workers
	}
	return j
}

// Validate simulates the measured cells of the series, and compares the makespans. It leaves out
// cells whose chunk policy varies the chunk.
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

// Half returns the half-width of a 95 % band of the logarithm of a simulated makespan, from the
// errors of the checks. It is +Inf for fewer than two.
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

// Counts returns the powers of two up to the study's cores, and these cores.
func (s Study) Counts() (counts []int) {
	for n := 1; n < s.Cores; n *= 2 {
		counts = append(counts, n)
	}
	return append(counts, s.Cores)
}

// Validated returns the largest number of cores on which the series was measured.
func (s Study) Validated() int { return s.Series.Range.Hi.Cores }

// Bend returns the number of workers at which the METG of the formula in [Row] bends, because P·d exceeds
// (o+d)/(1−E). It returns +Inf without a dispatcher, or if the run does not show its cost.
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

// Like reports whether a measured cell has the task and chunk of the study, on this machine, and as many
// workers as cores.
func (s Study) Like(m model.Measured) bool {
	const same = 1.1 // ratio of the works
	ratio := m.At.Work / s.Work
	return s.Round == 0 && m.At.Payload == s.Payload && m.At.Workers == m.At.Cores && ratio < same && ratio > 1/same && string(m.Cell.Chunk) == s.Policy.String()
}

// Rows simulates the study on each number of cores. half is the band of the makespan.
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

// each returns the chunks per task of a fixed chunk; 0 for other policies.
func each(p chunk.Policy) float64 {
	if f, ok := p.(chunk.Fixed); ok {
		return 1 / float64(f)
	}
	return 0
}

// mean returns the mean makespan per task over seeds; one seed if nothing is random.
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

// A Policed is the simulated makespan of a chunk policy.
type Policed struct {
	Policy chunk.Policy
	Time   float64 // ns per task
}

// Policies simulates the study's largest number of cores with each chunk policy, fastest first.
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
