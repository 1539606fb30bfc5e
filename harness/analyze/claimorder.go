package analyze

import "github.com/payoff-bench/payoff/harness"

// orderClaims are the claims about streams, order and asynchronous calls.
var orderClaims = []opinion{
	{
		id: "C10", text: "a stream delivers its first result earlier than a map",
		cells:      "workload:spin grain:50000 window:0,1024",
		experiment: "streams with the widest window against a map", metric: "time to the first result",
		needs: "a map, and streams in both orders, of one strategy", unit: harness.UnitFirstResult,
		evidence: func(s *ground) []Evidence {
			return s.deliveries(widest, "time to the first result", Better, "map", func(d Delivery) Comparison { return d.FirstEarly })
		},
	}, {
		id: "C11", text: "completion order beats input order when tasks differ in length",
		cells:      "workload:spin grain:50000 spread:pareto",
		experiment: "input order against completion order, by window", metric: "makespan",
		needs: "streams in both orders of one strategy on tasks of different length",
		evidence: func(s *ground) []Evidence {
			return s.deliveries(uneven, "", Worse, "completion order", func(d Delivery) Comparison { return d.OverFree })
		},
	}, {
		id: "C12", text: "input order costs memory: finished outcomes wait for an unfinished one",
		cells:      "workload:spin grain:50000 spread:pareto window:0,1024",
		experiment: "input order against completion order with the widest window", metric: "peak number of finished outcomes that wait for delivery",
		needs: "streams in both orders of one strategy on tasks of different length", unit: harness.UnitHeldTasks,
		evidence: func(s *ground) []Evidence {
			keep := func(o Ordering, d Delivery) bool { return uneven(o, d) && widest(o, d) }
			return s.deliveries(keep, "peak number of finished outcomes that wait for delivery", Worse, "completion order", func(d Delivery) Comparison { return d.MoreHeld })
		},
	}, {
		id: "C13", text: "asynchronous calls let the caller work while the pool works",
		cells:      "workload:overlap,await",
		experiment: "a caller that computes half as long as all tasks together, while the pool works (overlap) against after it (await)", metric: "makespan of both parts together",
		needs: "a strategy on the workloads overlap and await with the same grain",
		evidence: func(s *ground) []Evidence {
			return s.try(trial{from: s.times, holds: predicts(Better), sides: func(c harness.Cell) []harness.Cell {
				after := c
				after.Workload = "await"
				return when(c.Workload == "overlap", after)
			}})
		},
	}, {
		id: "C21", text: "a pool spreads tasks evenly over its workers",
		cells:      "workload:tally",
		experiment: "tasks of the busiest worker against the mean of all workers, on tasks of equal and of different length", metric: "tasks, at most 10 % more",
		needs: "a strategy with several workers on the workload tally", unit: busiestTasks,
		evidence: func(s *ground) []Evidence {
			return s.constant(busiestTasks, OfTasksRun, "the mean worker", passes(Better), func(c harness.Cell) (mean, limit float64) {
				if c.Workload != "tally" || c.Workers < 2 {
					return 0, 0
				}
				return s.tasks(c) / float64(c.Workers), evenly
			})
		},
	},
}

// busiestTasks is the unit in which the workload tally counts the tasks of the worker that ran the
// most tasks.
const busiestTasks = "busiest-tasks/op"

// evenly is the ratio up to which the number of tasks of one worker counts as not larger than that
// of another.
const evenly = 1.1
