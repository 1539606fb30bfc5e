package analyze

import "github.com/payoff-bench/payoff/harness"

// dataClaims are the claims about data, transports and codecs.
var dataClaims = []opinion{
	{
		id: "C22", text: "moving less data is faster: references beat copies",
		cells:      "workload:send",
		experiment: "data passed by reference in shared memory against data passed by value, for each payload", metric: "makespan",
		needs: "procs with the codec reference, and with the workload's own codec, on the same payload",
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				pipe, shm := c, c
				pipe.Codec, pipe.Transport = "", ""
				shm.Codec = ""
				return when(c.Codec == reference, pipe, shm)
			}})
		},
	}, {
		id: "C23", text: "serialisation matters: flat structs are cheaper than trees",
		cells:      "workload:record,tree",
		experiment: "record against tree with the same codec and payload", metric: "makespan",
		needs: "procs on the workloads record and tree with the same codec and payload",
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				tree := c
				tree.Workload = "tree"
				return when(c.Workload == "record" && c.Strategy == harness.Processes, tree)
			}})
		},
	}, {
		id: "C24", text: "no transport is over 5 % faster than the default, the pipe",
		cells:      "workload:mirror tasks:0,64 strategy:procs",
		experiment: "other transports against pipe, by payload, one task at a time and many", metric: "makespan, which counts as shorter from 5 % on",
		needs: "procs with the transport pipe and with another one, on the same task",
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: passes(Worse), limit: always(1 / about), sides: func(c harness.Cell) []harness.Cell {
				pipe := c
				pipe.Transport = ""
				return when(c.Transport != "" && c.Codec != reference, pipe)
			}})
		},
	}, {
		id: "C25", text: "authentication is affordable: it adds at most 10 % to the start and first job, and 5 % to a round trip",
		cells:      "workload:mirror tasks:4,16,64 transport:socketpair,unix",
		experiment: "a Unix socket whose two sides authenticate each other (unix) against one that the worker inherits (socketpair): start and first job, then round trips", metric: "time of start and first job, round trip",
		needs: "procs with the transports unix and socketpair on the same number of tasks, in order single and in another one",
		evidence: func(s *ground) []Evidence {
			handed := func(c harness.Cell) []harness.Cell {
				pair := c
				pair.Transport = "socketpair"
				return when(c.Transport == "unix", pair)
			}
			return s.try(
				trial{from: s.cold, of: OfStart, holds: passes(Better), limit: always(affordable), sides: handed},
				trial{from: s.times, of: OfRoundTrip, holds: passes(Better), limit: always(about), sides: func(c harness.Cell) []harness.Cell {
					return when(c.Order == harness.SingleOrder, handed(c)...)
				}})
		},
	}, {
		id: "C29", text: "threads talk faster than processes",
		cells:      "workload:mirror order:single strategy:pool,procs transport:pipe,shm",
		experiment: "pool against procs by pipe and by shared memory, each task awaited", metric: "round trip",
		needs: "pool and procs in order single on the same task",
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, of: OfRoundTrip, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				pipe, shm := by(c, harness.Processes), by(c, harness.Processes)
				shm.Transport = "shm"
				return when(c.Strategy == "pool" && c.Order == harness.SingleOrder, pipe, shm)
			}})
		},
	},
}

// affordable is the ratio up to which one start of workers counts as not much longer than another.
const affordable = 1.1

// stateClaims are the claims about state that tasks share.
var stateClaims = []opinion{
	{
		id: "C30", text: "locks limit parallel work",
		cells:      "workload:lock10,lock50",
		experiment: "a lock for half of each task against a lock for a tenth", metric: "makespan",
		needs: "a pool on the workloads lock50 and lock10 with the same grain", cores: 2,
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Worse), sides: func(c harness.Cell) []harness.Cell {
				tenth := c
				tenth.Workload = "lock10"
				return when(c.Workload == "lock50" && isPool(c) && isFull(c), tenth)
			}})
		},
	}, {
		id: "C31", text: "a queue needs no further lock",
		cells:      "workload:queue",
		experiment: "producers and consumers share a queue, and each item must come out exactly once; a failed launch broke this", metric: "exact check",
		needs: "a strategy with several workers on the workload queue",
		evidence: func(s *ground) []Evidence {
			queue := func(c harness.Cell) bool { return c.Workload == "queue" && c.Workers > 1 }
			return s.check(OfItems, false, queue, func(harness.Sample) bool { return false })
		},
	}, {
		id: "C32", text: "shared state without a lock is corrupted",
		cells:      "workload:racy",
		experiment: "a counter in shared memory, read and written back without protection", metric: "launches with lost updates",
		needs: "a strategy with several workers on the workload racy", cores: 2,
		evidence: func(s *ground) []Evidence {
			racy := func(c harness.Cell) bool { return c.Workload == "racy" && isFull(c) }
			return s.check(OfUpdates, true, racy, func(x harness.Sample) bool { return x.Values[lostUpdates] > 0 })
		},
	},
}

// lostUpdates is the unit in which the workload racy counts updates of its counter that got lost.
const lostUpdates = "lost-updates/op"

// reference is the codec that passes data by its place in shared memory, and not by value.
const reference = "reference"
