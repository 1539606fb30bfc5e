package analyze

import (
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// startClaims are the claims about the start, the memory and the isolation of worker processes.
var startClaims = []opinion{
	{
		id: "C05", text: "a process costs more than a thread, in time to start and in memory",
		cells:      "workload:spin grain:100000 tasks:0,1,4,16 strategy:pool,procs start:exec",
		experiment: "procs against pool: start and first job of at most 16 tasks, and peak memory", metric: "time of start and first job, peak memory",
		needs: "pool and procs on a job of at most 16 tasks, or with measured memory",
		evidence: func(s *ground) []Evidence {
			sides := func(c harness.Cell) []harness.Cell {
				plain := c.Shape == "" && c.Memory == 0 && c.Start == "" && c.Recycle == 0 && c.Codec == "" && c.Transport == ""
				return when(plain && c.Strategy == harness.Processes, by(c, "pool"))
			}
			return s.try(
				trial{from: s.cold, of: OfStart, holds: predicts(Worse), sides: func(c harness.Cell) []harness.Cell {
					return when(c.Tasks <= 16, sides(c)...)
				}},
				trial{from: s.peaks, of: OfMemoryUsed, holds: predicts(Worse), sides: func(c harness.Cell) []harness.Cell {
					return when(computes(c.Task), sides(c)...)
				}})
		},
	}, {
		id: "C06", text: "a fork server starts workers faster than starting each anew",
		cells:      "workload:spin,py-spin tasks:1,4,16,64,256 strategy:procs,py-pool-map,py-process start:exec,helper,forkserver,spawn",
		experiment: "ways to start workers: helper against exec in Go, forkserver against spawn in Python", metric: "time of start and first job",
		needs: "procs with both start=helper and start=exec, or a pool of Python with both forkserver and spawn, on a fixed number of tasks",
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.cold, of: OfStart, holds: predicts(Better), sides: served})
		},
	}, {
		id: "C07", text: "a fork server saves memory",
		cells:      "workload:spin,py-spin grain:1000000 strategy:procs,py-pool-map,py-process start:exec,helper,forkserver,spawn recycle:0",
		experiment: "ways to start workers: helper against exec in Go, forkserver against spawn in Python", metric: "peak memory (PSS)",
		needs: "procs with both start=helper and start=exec, or a pool of Python with both forkserver and spawn, with measured memory", unit: harness.UnitPSS,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.peaks, of: OfMemoryUsed, holds: predicts(Better), sides: served})
		},
	}, {
		id: "C08", text: "the start method at least doubles or halves the time of a whole job",
		cells:      "workload:spin,py-spin grain:1000000 strategy:procs,py-pool-map,py-process start:exec,standby,fork,spawn",
		experiment: "exec against standby in Go, spawn against fork in Python, with workers that live long or are replaced often", metric: "makespan, at least twice as long",
		needs: "procs with start exec and standby, or a pool of Python with fork and spawn",
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: passes(Worse), limit: always(2), sides: func(c harness.Cell) []harness.Cell {
				fast := c
				switch {
				case c.Strategy == harness.Processes && c.Start == "":
					fast.Start = "standby"
				case inPython(c) && c.Start == "spawn":
					fast.Start = "fork"
				}
				return when(fast != c, fast)
			}})
		},
	}, {
		id: "C09", text: "a new worker inherits only the descriptors and the environment that it needs",
		cells:      "workload:inherited",
		experiment: "open files, pipes and sockets of the program, one of them without close-on-exec, and a variable that it keeps to itself: a worker process must have none of them", metric: "exact check",
		needs: "procs on the workload inherited",
		evidence: func(s *ground) []Evidence {
			inherits := func(c harness.Cell) bool { return c.Workload == "inherited" && c.Strategy == harness.Processes }
			return s.check(OfInherited, false, inherits, func(x harness.Sample) bool {
				n, counted := x.Values[inheritedExtra]
				return n > 0 || !counted
			})
		},
	}, {
		id: "C18", text: "an initialiser per worker is cheaper than a set-up in each task",
		cells:      "workload:shared,send strategy:procs transport:pipe codec:own",
		experiment: "data that each worker receives once (shared) against data sent with each task (send)", metric: "makespan",
		needs: "procs on the workloads shared and send with the same payload",
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				sent := c
				sent.Workload = "send"
				return when(c.Workload == "shared" && c.Strategy == harness.Processes, sent)
			}})
		},
	}, {
		id: "C19", text: "replacing worker processes limits the memory that leaks take",
		cells:      "workload:spin shape:leak65536",
		experiment: "procs with recycling against goroutines, on tasks that leak", metric: "peak memory (PSS)",
		needs: "procs with recycle, and pool, on tasks that leak", unit: harness.UnitPSS,
		evidence: func(s *ground) []Evidence {
			leaks := func(c harness.Cell) bool { return c.Recycle > 0 && hasShape(c.Shape, "leak") }
			return s.isolated(leaks, OfMemoryUsed, func(i Isolation) (Comparison, Answer) { return i.Memory, holds(i.Memory, Better) })
		},
	}, {
		id: "C35", text: "worker processes contain crashes: every other task has its result",
		cells:      "workload:spin,py-spin shape:exit1000,kill1000,kill100",
		experiment: "tasks that end their process, in worker processes; a failed launch lost results", metric: "exact check",
		needs: "procs, or processes of Python, on tasks with the shape exit or kill",
		evidence: func(s *ground) []Evidence {
			crash := func(c harness.Cell) bool { return crashes(c.Shape) }
			return s.check(OfResults, false, crash, func(harness.Sample) bool { return false })
		},
	}, {
		id: "C36", text: "tasks that allocate take less time on separate heaps with separate garbage collectors",
		cells:      "workload:alloc",
		experiment: "procs against pool on tasks that allocate, by size of the live heap", metric: "makespan",
		needs: "procs and pool on the workload alloc",
		evidence: func(s *ground) []Evidence {
			allocate := func(c harness.Cell) bool { return c.Workload == "alloc" }
			return s.isolated(allocate, "", func(i Isolation) (Comparison, Answer) { return i.Time, holds(i.Time, Better) })
		},
	}, {
		id: "C37", text: "inputs larger than the memory work if they are streamed",
		cells:      "workload:sha256",
		experiment: "lazy against eager inputs under a memory limit", metric: "peak memory (PSS)",
		needs: "streams of tasks with the shapes lazy and eager and the same limit", unit: harness.UnitPSS,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.peaks, of: OfMemoryUsed, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				eager := c
				limit, lazy := strings.CutPrefix(c.Shape, "lazy")
				eager.Shape = "eager" + limit
				return when(lazy, eager)
			}})
		},
	}, {
		id: "C38", text: "remote workers can help, in spite of the network",
		cells:      "workload:spin grain:20000,2000000 strategy:cluster",
		experiment: "workers behind an injected round trip against the direct loop, by grain", metric: "makespan",
		needs: "cluster with a round trip, and a worker per core, on tasks that compute", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				return when(c.Strategy == harness.Cluster && c.RoundTrip > 0 && isFull(c) && c.Shape == "", direct(c))
			}})
		},
	},
}

// inheritedExtra is the unit in which the workload inherited counts the descriptors and variables that
// a worker process inherited without need.
const inheritedExtra = "inherited-extra/op"

// served returns the cell with which to compare a cell whose workers are started by a fork server:
// the same cell, but with each worker started anew. For any other cell it returns none.
func served(c harness.Cell) []harness.Cell {
	anew := c
	switch {
	case c.Strategy == harness.Processes && c.Start == "helper":
		anew.Start = ""
	case inPython(c) && c.Start == "forkserver":
		anew.Start = "spawn"
	}
	return when(anew != c, anew)
}

// inPython reports whether the strategy is a pool of Python.
func inPython(c harness.Cell) bool { return strings.HasPrefix(c.Strategy, "py-") }

// isThreads reports whether the workers are threads: goroutines, or threads of Python.
func isThreads(c harness.Cell) bool {
	return slices.Contains([]string{"pool", "gil", "py-threadpool", "py-threads-map"}, c.Strategy)
}
