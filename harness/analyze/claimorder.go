package analyze

import "github.com/payoff-bench/payoff/harness"

// orderClaims are the claims about streams, order and asynchronous calls.
var orderClaims = []opinion{
	{
		id: "C10", text: "a stream delivers its first result earlier than a map",
		experiment: "streams with the widest window against a map", metric: "time to the first result",
		needs: "a map, and streams in both orders, of one strategy", unit: harness.UnitFirstResult,
		evidence: func(s *ground) []Evidence {
			return s.deliveries(widest, "time to the first result", Better, "map", func(d Delivery) Comparison { return d.FirstEarly })
		},
	}, {
		id: "C11", text: "completion order beats input order when tasks differ in length",
		experiment: "input order against completion order, by window", metric: "makespan",
		needs: "streams in both orders of one strategy on tasks of different length",
		evidence: func(s *ground) []Evidence {
			return s.deliveries(uneven, "", Worse, "completion order", func(d Delivery) Comparison { return d.OverFree })
		},
	}, {
		id: "C12", text: "input order costs memory: finished outcomes wait for an unfinished one",
		experiment: "input order against completion order with the widest window", metric: "peak number of finished outcomes that wait for delivery",
		needs: "streams in both orders of one strategy on tasks of different length", unit: harness.UnitHeldTasks,
		evidence: func(s *ground) []Evidence {
			keep := func(o Ordering, d Delivery) bool { return uneven(o, d) && widest(o, d) }
			return s.deliveries(keep, "peak number of finished outcomes that wait for delivery", Worse, "completion order", func(d Delivery) Comparison { return d.MoreHeld })
		},
	}, {
		id: "C13", text: "asynchronous calls let the caller work while the pool works",
		experiment: "a caller that computes between submission and result against one that waits", metric: "makespan of both parts together",
		needs: "a launch whose caller computes while the pool works; no workload does",
	}, {
		id: "C21", text: "a pool spreads tasks evenly over its workers",
		experiment: "tasks of each worker, on tasks of equal and of different length", metric: "most over mean, less one",
		needs: "a unit for the number of tasks of each worker; launches do not measure it",
	},
}
