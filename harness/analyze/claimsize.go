package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// target is the efficiency below which a claim considers overhead too large. It equals the default
// target efficiency of METG.
const target = 0.75

// sizeClaims are the claims about the size of tasks, jobs and chunks.
var sizeClaims = []opinion{
	{
		id: "C01", text: "a pool on all cores beats one thread on tasks that compute",
		cells:      "workload:spin grain:100,1000,10000,100000 tasks:0 spread:none shape:none strategy:pool,steal,procs",
		experiment: "pools with a worker per core against the direct loop, by grain", metric: "makespan",
		needs: "a pool and the direct loop on tasks that compute", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				return when(isPool(c) && computes(c.Task) && isFull(c) && isPlain(c) && c.Order == harness.MapOrder, direct(c))
			}})
		},
	}, {
		id: "C02", text: "handing tasks over one by one eats a quarter of the cores if tasks take up to 10 µs",
		cells:      "workload:spin grain:100,1000,10000 tasks:0 spread:none shape:none strategy:pool,steal,procs",
		experiment: "chunk 1 against the direct loop at grains up to 10 µs, by strategy", metric: "efficiency below 75 %",
		needs: "chunk 1 of a pool on tasks that compute for up to 10 µs", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{
				from: s.times, holds: passes(Worse),
				limit: func(c harness.Cell) float64 { return 1 / (target * float64(c.Cores)) },
				sides: func(c harness.Cell) []harness.Cell {
					fine := c.Grain <= 10_000 && c.Chunk == "1" && c.Order == harness.MapOrder
					return when(fine && isPool(c) && computes(c.Task) && isFull(c), direct(c))
				},
			})
		},
	}, {
		id: "C03", text: "chunking removes the cost of handing tasks over one by one",
		cells:      "workload:spin grain:200,8000 spread:none",
		experiment: "chunk 1 against the best of at least three fixed chunks", metric: "makespan",
		needs: "chunk 1 and at least two other fixed chunks of one strategy",
		evidence: func(s *ground) []Evidence {
			return s.longer(func(_ Sweep, r Regret) bool { return r.Chunk == "1" })
		},
	}, {
		id: "C04", text: "large chunks hurt when tasks differ in length",
		cells:      "workload:spin grain:200,8000 spread:last",
		experiment: "chunk static, or the largest, against the best of at least three fixed chunks, on tasks of different length", metric: "makespan",
		needs:    "at least three fixed chunks of one strategy on tasks of different length",
		evidence: func(s *ground) []Evidence { return s.longer(biggest) },
	}, {
		id: "C33", text: "parallel work on data pays if there is much of it",
		cells:      "workload:spin tasks:1,4,16,64,256 strategy:pool,procs start:exec",
		experiment: "start and first job of a pool against the direct loop, by number of tasks", metric: "time of start and first job",
		needs: "a pool and the direct loop on jobs with a fixed number of tasks", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.cold, of: OfStart, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				return when(isPool(c) && c.Shape == "" && isFull(c) && c.Start == "" && c.Recycle == 0 && isPlain(c), direct(c))
			}})
		},
	}, {
		id: "C34", text: "one central queue and decentralised schedulers differ on tiny tasks",
		cells:      "workload:spin grain:100,1000 tasks:0 spread:none strategy:pool,steal,static",
		experiment: "steal and static against pool, grain up to 1 µs, same chunk", metric: "makespan",
		needs: "pool and steal or static on tasks that compute for up to 1 µs", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: apart, sides: func(c harness.Cell) []harness.Cell {
				tiny := computes(c.Task) && c.Grain <= 1000 && isFull(c) && isPlain(c)
				return when(tiny && (c.Strategy == "steal" || c.Strategy == "static"), by(c, "pool"))
			}})
		},
	}, {
		id: "C39", text: "start simple: a plain loop is often the best",
		cells:      "workload:spin grain:100,1000,10000,100000 tasks:0 spread:none shape:none strategy:pool,steal,static,spawn,goroutines,procs",
		experiment: "the fastest strategy of each question against the direct loop", metric: "makespan",
		needs: "the direct loop and a strategy with a worker per core", cores: 2,
		evidence: func(s *ground) (all []Evidence) {
			for _, q := range s.Questions() {
				rows := only(q.Rows, func(r Row) bool {
					return !isDirect(r.Cell) && r.VsDirect.Ratio.Known() && (isFull(r.Cell) || q.Waits && q.Place.Cores > 1)
				})
				if len(rows) == 0 {
					continue
				}
				best := slices.MinFunc(rows, func(a, b Row) int {
					return cmp.Compare(b.Speedup.Value, a.Speedup.Value)
				})
				e := Evidence{Cell: best.Cell, Work: q.Work, Than: harness.Direct, Over: best.VsDirect, Holds: No}
				if v := best.VsDirect.Verdict; v == Unresolved {
					e.Holds = Open
				} else if v != Better {
					e.Holds = Yes
				}
				all = append(all, e)
			}
			return all
		},
	},
}

// when returns the cells if the condition is true, and none otherwise.
func when(is bool, cells ...harness.Cell) []harness.Cell {
	if !is {
		return nil
	}
	return cells
}

// by returns the cell c with its strategy replaced by the given one.
func by(c harness.Cell, strategy string) harness.Cell {
	c.Strategy = strategy
	return c
}

// computes reports whether the tasks only compute: they have no data, faults, or fixed number, and
// all take the same time.
func computes(t harness.Task) bool {
	plain := harness.Task{Workload: t.Workload, Grain: t.Grain}
	return t == plain && slices.Contains([]string{"spin", "primes", "matmul", "montecarlo", "sort", "json", "gzip", "py-spin"}, t.Workload)
}

// isFull reports whether the cell has a worker for each of at least two cores.
func isFull(c harness.Cell) bool { return c.Cores > 1 && c.Workers == c.Cores }

// isPool reports whether the strategy of the cell is a pool without a global lock: goroutines or
// processes.
func isPool(c harness.Cell) bool {
	return slices.Contains([]string{"pool", "steal", harness.Processes, "py-pool-map", "py-executor-map"}, c.Strategy)
}
