package analyze

import "github.com/payoff-bench/payoff/harness"

// workerClaims are the claims about the number and the kind of workers.
var workerClaims = []opinion{
	{
		id: "C14", text: "no pool size is over 5 % faster than the number of cores",
		cells:      "workload:spin,sleep,cached grain:0,40000,1000000 tasks:0 strategy:pool,procs start:exec recycle:0",
		experiment: "other numbers of workers, except one less, against one per core", metric: "makespan, which counts as shorter from 5 % on",
		needs: "a strategy with a worker per core and with other numbers of workers", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: passes(Worse), limit: always(1 / about), sides: sized(func(workers, cores int) bool {
				return workers != cores && workers != cores-1
			})})
		},
	}, {
		id: "C15", text: "twice as many workers as cores are faster",
		cells:      "workload:spin,sleep,cached grain:0,40000,1000000 tasks:0 strategy:pool,procs start:exec recycle:0",
		experiment: "two workers per core against one", metric: "makespan",
		needs: "a strategy with one worker and with two workers per core", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Better), sides: sized(func(workers, cores int) bool { return workers == 2*cores })})
		},
	}, {
		id: "C16", text: "too many workers slow a job down",
		cells:      "workload:spin,sleep,cached grain:0,40000,1000000 tasks:0 strategy:pool,procs start:exec recycle:0",
		experiment: "four or more workers per core against one", metric: "makespan",
		needs: "a strategy with one worker and with at least four workers per core", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Worse), sides: sized(func(workers, cores int) bool { return workers >= 4*cores })})
		},
	}, {
		id: "C17", text: "too few workers leave the machine idle",
		cells:      "workload:spin,sleep,cached grain:0,40000,1000000 tasks:0 strategy:pool,procs start:exec recycle:0",
		experiment: "fewer workers than cores against one per core", metric: "makespan",
		needs: "a strategy with a worker per core and with fewer workers", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Worse), sides: sized(func(workers, cores int) bool { return workers < cores })})
		},
	}, {
		id: "C20", text: "reusing workers beats starting one for each task",
		cells:      "workload:spin,py-spin grain:100,1000,10000,100000,1000000 tasks:0,16 spread:none shape:none strategy:pool,spawn,goroutines,py-pool-map,py-process",
		experiment: "pool against a new goroutine per task; Pool of Python against a new process per task", metric: "makespan",
		needs: "pool and spawn or goroutines, or py-pool-map and py-process, with the same chunk",
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				switch {
				case c.Chunk != "1" || c.Recycle > 0:
				case c.Strategy == "pool":
					return []harness.Cell{by(c, "spawn"), by(c, "goroutines")}
				case c.Strategy == "py-pool-map":
					return []harness.Cell{by(c, "py-process")}
				}
				return nil
			}})
		},
	}, {
		id: "C26", text: "threads suit tasks that wait, and processes suit tasks that compute",
		cells:      "workload:spin,sleep,cached,py-spin,py-sleep grain:0,100000,1000000 tasks:0 shape:none strategy:pool,gil,procs,py-pool-map,py-threadpool start:exec,fork recycle:0",
		experiment: "threads against processes: at most 5 % slower on tasks that wait, more than 5 % slower on tasks that compute", metric: "makespan",
		needs: "threads (pool, gil, py-threadpool) and processes with the same workers, on tasks that wait or compute for at least 100 µs", cores: 2,
		evidence: func(s *ground) []Evidence {
			sides := func(c harness.Cell) []harness.Cell {
				than := harness.Processes
				if inPython(c) {
					than = "py-pool-map"
				}
				return when(isThreads(c) && c.Chunk == "1" && c.Cores > 1 && c.Order == harness.MapOrder, by(c, than))
			}
			return s.try(
				trial{from: s.times, holds: passes(Better), limit: always(about), sides: func(c harness.Cell) []harness.Cell {
					return when(s.Settings.Waits(c.Workload), sides(c)...)
				}},
				trial{from: s.times, holds: passes(Worse), limit: always(about), sides: func(c harness.Cell) []harness.Cell {
					return when(computes(c.Task) && c.Grain >= 100_000 && isFull(c), sides(c)...)
				}})
		},
	}, {
		id: "C27", text: "a global interpreter lock keeps threads from speeding up tasks that compute",
		cells:      "workload:spin,py-spin tasks:0 strategy:gil,py-threadpool",
		experiment: "gil, and pools of threads of Python, against the direct loop", metric: "makespan, which counts as shorter from 5 % on",
		needs: "gil, py-threadpool or py-threads-map and the direct loop, on tasks that compute", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: passes(Worse), limit: always(1 / about), sides: func(c harness.Cell) []harness.Cell {
				return when(isThreads(c) && c.Strategy != "pool" && computes(c.Task) && isFull(c), direct(c))
			}})
		},
	}, {
		id: "C28", text: "an event loop scales to thousands of waiting tasks",
		cells:      "workload:sleep strategy:loop",
		experiment: "mean number of tasks under way at once in a job of at least 2,000 tasks that wait", metric: "at least 1,000 tasks under way",
		needs: "loop or py-asyncio on a job of at least 2,000 tasks that wait", unit: harness.UnitConcurrency,
		evidence: func(s *ground) []Evidence {
			return s.constant(harness.UnitConcurrency, OfUnderWay, "1,000", passes(Worse), func(c harness.Cell) (of, limit float64) {
				if c.Tasks < 2*thousands || c.Strategy != "loop" && c.Strategy != "py-asyncio" {
					return 0, 0
				}
				return thousands, 1
			})
		},
	},
}

// sized returns a function for the field sides of a [trial]. The function compares a cell with the
// same strategy with one worker per core. It does so only for pools, and only if keep returns true
// for the cell's numbers of workers and cores.
func sized(keep func(workers, cores int) bool) func(harness.Cell) []harness.Cell {
	return func(c harness.Cell) []harness.Cell {
		full := c
		full.Workers = c.Cores
		pool := isPool(c) || c.Strategy == "py-threadpool"
		return when(pool && c.Cores > 1 && c.Shape == "" && c.Order == harness.MapOrder && keep(c.Workers, c.Cores), full)
	}
}

// thousands is the number of tasks under way at once that an event loop must reach.
const thousands = 1000
