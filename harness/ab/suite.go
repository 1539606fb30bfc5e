package ab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/run"
)

// SuiteUnits lists the units that have rows in the table of a suite, in addition to the makespan.
var SuiteUnits = []string{harness.UnitCPU, harness.UnitPSS}

// A Suite is a [Subject] whose benchmarks are the cells of a suite. It compares two programs that
// can launch cells, such as two versions of payoff.
type Suite struct {
	Launchers [harness.Sides]*run.Launcher
	Seed      uint64                  // seed of the tasks
	specs     map[string]harness.Spec // specs of launches, keyed by benchmark name
	digests   map[harness.Task]uint64 // digests of the outputs
}

// CellName returns the benchmark name of a cell. It ends in a hyphen and the number of cores.
func CellName(c harness.Cell) string { return fmt.Sprintf("%s-%d", c.Name(), c.Cores) }

// CommonCells returns a benchmark for each cell that base and head have in common. The result
// missing holds the cells that only one of the two has. CommonCells ignores open loops, which have
// no makespan.
func CommonCells(base, head []harness.Block) (both []Bench, missing []Missing) {
	var lists [2]Listing
	for i, blocks := range [][]harness.Block{base, head} {
		for _, b := range blocks {
			for _, c := range b.Cells {
				bench := Bench{Name: CellName(c), Reps: 1, Cost: 2*b.MinTime + 50*time.Millisecond}
				if c.Rate == 0 && !slices.Contains(lists[i].Benches, bench) {
					lists[i].Benches = append(lists[i].Benches, bench)
				}
			}
		}
	}
	return Common(lists[0], lists[1])
}

// Probe launches base to determine the job of each task in the blocks. It then launches head with
// the same jobs. If base and head compute different outputs, Probe returns an error.
func (s *Suite) Probe(ctx context.Context, blocks []harness.Block) (jobs []harness.Job, err error) {
	known := map[harness.Task]bool{}
	for _, b := range blocks {
		if known[b.Task] {
			continue
		}
		known[b.Task] = true
		workers := 1
		for _, other := range blocks {
			for _, c := range other.Cells {
				if other.Task == b.Task {
					workers = max(workers, c.Workers)
				}
			}
		}
		spec := harness.Spec{Cell: b.Cells[0], Workers: workers, Seed: s.Seed, MinTime: b.MinTime}
		r, err := s.Launchers[harness.Base].Launch(ctx, spec)
		if err != nil {
			return nil, fmt.Errorf("launch of base for %s: %w", b.Task, err)
		}
		job := harness.Job{Task: b.Task, Tasks: r.Tasks, Subsample: r.Subsample, Work: r.Work, Digest: r.Digest}
		spec.Tasks, spec.MinTime = job.Tasks, time.Millisecond
		r, err = s.Launchers[harness.Head].Launch(ctx, spec)
		if err != nil {
			return nil, fmt.Errorf("launch of head for %s: %w", b.Task, err)
		}
		if r.Digest != job.Digest {
			return nil, fmt.Errorf("base and head compute different outputs for the tasks %s (digests %016x and %016x), so their times cannot be compared; leave these tasks out by --filter", b.Task, job.Digest, r.Digest)
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}

// Plan stores, for each cell of the blocks, the [harness.Spec] with which a launch measures it. The
// argument jobs holds the results of [Suite.Probe].
func (s *Suite) Plan(blocks []harness.Block, jobs []harness.Job) {
	s.specs, s.digests = map[string]harness.Spec{}, map[harness.Task]uint64{}
	for _, j := range jobs {
		s.digests[j.Task] = j.Digest
		for _, b := range blocks {
			for _, c := range b.Cells {
				if c.Task == j.Task {
					s.specs[CellName(c)] = harness.Spec{Cell: c, Tasks: j.Tasks, Seed: s.Seed, MinTime: b.MinTime}
				}
			}
		}
	}
}

// Launch implements [Subject]: it launches the cell b once, with the program of the given side.
func (s *Suite) Launch(ctx context.Context, side harness.Side, b Bench) (x harness.SideSample, err error) {
	spec, ok := s.specs[b.Name]
	if !ok {
		return x, errors.New("the suite no longer has this cell; start a new run")
	}
	x.At = time.Now()
	r, err := s.Launchers[side].Launch(ctx, spec)
	switch want := s.digests[spec.Cell.Task]; {
	case err != nil:
		return x, err
	case r.Digest != want:
		return x, &harness.DigestError{Got: r.Digest, Want: want}
	case r.Values[harness.UnitOp] <= 0:
		return x, errors.New("the launch measured no makespan")
	}
	x.Reps, x.Values, x.Marks = max(1, r.Reps), r.Values, r.Marks
	// Wall and CPU are the times of the timed jobs, without warm-up.
	x.Wall = time.Duration(r.Values[harness.UnitOp] * float64(x.Reps))
	x.CPU = time.Duration(r.Values[harness.UnitCPU] * float64(r.Tasks*x.Reps))
	return x, nil
}
