package analyzetest

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A World simulates the cells that test one claim, at two points that differ in one axis. At each
// point the claim is true or false.
type World struct {
	ID    string // ID of the claim
	cells func(at int, holds bool) []launched
}

// A launched is a simulated launch of a cell other than the direct loop.
type launched struct {
	cell   harness.Cell
	over   float64            // makespan divided by that of the direct loop
	values map[string]float64 // values in other units, before noise
	failed bool               // the launch fails, so that it has no sample
}

// Samples returns a run of the world with the given number of rounds, in which the claim is true at
// each point whose element of holds is true. The machine drifts by up to 10 % between blocks.
func (w World) Samples(holds [2]bool, rounds int, noise float64, seed uint64) (info harness.Info, samples []harness.Sample) {
	g := newGenerator(seed, 9, noise)
	info.Failed = map[string]int{}
	for g.round = range rounds {
		g.block = 0
		for at := range holds {
			all := w.cells(at, holds[at])
			for len(all) > 0 { // a block for each task
				task := all[0].cell.Task
				drift := math.Exp(0.1 * g.rng.Float64())
				const serial = 10_000.0
				loop := harness.Cell{Task: task, Cores: all[0].cell.Cores, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
				g.launch(launched{cell: loop, over: 1}, drift*serial)
				for _, l := range all {
					switch {
					case l.cell.Task != task:
					case l.failed:
						info.Failed[l.cell.String()]++
					default:
						g.launch(l, drift*serial)
					}
				}
				all = slices.DeleteFunc(all, func(l launched) bool { return l.cell.Task == task })
				g.block++
			}
		}
	}
	return info, g.out
}

// launch adds the launch of a cell, given the time of a task in the direct loop, in ns.
func (g *generator) launch(l launched, serial float64) {
	v := g.add(l.cell, l.over*serial, false)
	n := float64(max(l.cell.Tasks, 64))
	v[harness.UnitTasks], v[harness.UnitOp] = n, v[harness.UnitTask]*n
	v[harness.UnitStart], v[harness.UnitFirst] = 0, v[harness.UnitTask]*n
	for unit, x := range l.values {
		v[unit] = x * math.Exp(g.noise*g.rng.NormFloat64())
	}
}

// Worlds returns a world for each claim that a run can test.
func Worlds() []World {
	pool := harness.Cell{Task: harness.Task{Workload: "spin"}, Strategy: "pool", Cores: 2, Workers: 2, Chunk: "1", Order: harness.MapOrder}
	procs := pool
	procs.Strategy = harness.Processes
	grains := func(c *harness.Cell, at int) { c.Grain = []int{100, 1000}[at] }
	coarse := func(c *harness.Cell, at int) { c.Grain = []int{100_000, 1_000_000}[at] }
	tasks := func(c *harness.Cell, at int) { c.Tasks = []int{4, 16}[at] }
	payloads := func(c *harness.Cell, at int) { c.Payload = []int{1024, 65_536}[at] }
	// alone returns a world of one cell, compared with the direct loop.
	alone := func(id string, yes, no float64, axis func(*harness.Cell, int), c harness.Cell) World {
		return World{id, func(at int, holds bool) []launched {
			axis(&c, at)
			return []launched{{cell: c, over: either(holds, yes, no)}}
		}}
	}
	// pair returns a world of two cells, with the ratio of the makespans of a and b. A unit that is not
	// "" has this ratio too.
	pair := func(id string, yes, no float64, axis func(*harness.Cell, int), a, b harness.Cell, unit string) World {
		return World{id, func(at int, holds bool) []launched {
			axis(&a, at)
			axis(&b, at)
			x, y := launched{cell: a, over: 0.6}, launched{cell: b, over: 0.6}
			if x.over *= either(holds, yes, no); unit != "" {
				x.values, y.values = map[string]float64{unit: 1e7 * either(holds, yes, no)}, map[string]float64{unit: 1e7}
			}
			return []launched{x, y}
		}}
	}
	with := func(c harness.Cell, change func(*harness.Cell)) harness.Cell { change(&c); return c }
	named := func(c harness.Cell, workload string) harness.Cell {
		return with(c, func(c *harness.Cell) { c.Workload = workload })
	}
	started := func(start string) harness.Cell { return with(procs, func(c *harness.Cell) { c.Start = start }) }
	workers := func(n int) harness.Cell { return with(pool, func(c *harness.Cell) { c.Workers = n }) }
	by := func(strategy string) harness.Cell { return with(pool, func(c *harness.Cell) { c.Strategy = strategy }) }
	shaped := func(c harness.Cell, shape string) harness.Cell {
		return with(c, func(c *harness.Cell) { c.Shape = shape })
	}
	over := func(c harness.Cell, transport string) harness.Cell {
		return with(c, func(c *harness.Cell) { c.Workload, c.Transport = "mirror", transport })
	}
	single := func(c harness.Cell) harness.Cell {
		return with(c, func(c *harness.Cell) { c.Order = harness.SingleOrder })
	}
	return slices.Concat([]World{
		alone("C01", 0.52, 1.3, grains, pool),
		alone("C02", 1, 0.51, grains, pool),
		alone("C27", 1.05, 0.55, grains, by("gil")),
		alone("C33", 0.6, 1.5, tasks, pool),
		alone("C39", 1.3, 0.52, grains, pool),
		pair("C05", 3, 0.5, tasks, procs, pool, ""),
		pair("C06", 0.5, 1.5, tasks, started("helper"), procs, ""),
		pair("C07", 0.5, 1.5, grains, started("helper"), procs, harness.UnitPSS),
		pair("C08", 3, 1.1, func(c *harness.Cell, at int) { c.Recycle = at }, procs, started("standby"), ""),
		pair("C14", 1.2, 0.5, grains, workers(8), pool, ""),
		pair("C15", 0.6, 1.2, grains, workers(4), pool, ""),
		pair("C16", 1.3, 0.6, grains, workers(8), pool, ""),
		pair("C17", 1.9, 0.8, grains, workers(1), pool, ""),
		pair("C18", 0.5, 1.5, payloads, named(procs, "shared"), named(procs, "send"), ""),
		pair("C19", 0.2, 1.5, grains, shaped(with(procs, func(c *harness.Cell) { c.Recycle = 500 }), "leak65536"), shaped(pool, "leak65536"), harness.UnitPSS),
		pair("C20", 0.7, 1.3, grains, pool, by("spawn"), ""),
		pair("C22", 0.5, 1.5, payloads, with(named(procs, "send"), func(c *harness.Cell) { c.Transport, c.Codec = "shm", "reference" }), named(procs, "send"), ""),
		pair("C23", 0.6, 1.4, payloads, named(procs, "record"), named(procs, "tree"), ""),
		pair("C24", 1.3, 0.7, payloads, with(named(procs, "mirror"), func(c *harness.Cell) { c.Transport = "shm" }), named(procs, "mirror"), ""),
		pair("C29", 0.1, 2, payloads, single(named(pool, "mirror")), single(named(procs, "mirror")), ""),
		pair("C30", 1.5, 0.7, grains, named(pool, "lock50"), named(pool, "lock10"), ""),
		pair("C34", 1.3, 1, grains, by("steal"), pool, ""),
		pair("C36", 0.6, 1.5, func(c *harness.Cell, at int) { c.Memory = []int{65_536, 67_108_864}[at] }, named(procs, "alloc"), named(pool, "alloc"), ""),
		pair("C37", 0.3, 1.2, payloads, shaped(procs, "lazy16777216"), shaped(procs, "eager16777216"), harness.UnitPSS),
		{"C26", func(at int, holds bool) []launched {
			a, b := named(pool, []string{"sleep", "spin"}[at]), named(procs, []string{"sleep", "spin"}[at])
			coarse(&a, at)
			coarse(&b, at)
			return []launched{{cell: a, over: 0.6 * either(holds == (at == 0), 0.8, 1.4)}, {cell: b, over: 0.6}}
		}},
		{"C28", func(at int, holds bool) []launched {
			c := named(by("loop"), "sleep")
			c.Tasks = []int{2500, 10_000}[at]
			return []launched{{cell: c, over: 0.01, values: map[string]float64{harness.UnitConcurrency: either(holds, 2000, 300)}}}
		}},
		pair("C13", 0.7, 1.3, grains, named(pool, "overlap"), named(pool, "await"), ""),
		{"C21", func(at int, holds bool) []launched {
			c := named(pool, "tally")
			grains(&c, at)
			return []launched{{cell: c, over: 0.6, values: map[string]float64{"busiest-tasks/op": 32 * either(holds, 1.02, 1.4)}}}
		}},
		pair("C25", 0.99, 1.4, tasks, over(procs, "unix"), over(procs, "socketpair"), ""),
		{"C09", func(at int, holds bool) []launched {
			c := named(procs, "inherited")
			grains(&c, at)
			return []launched{{cell: c, over: 0.6, values: map[string]float64{"inherited-extra/op": either(holds, 0, 1)}}}
		}},
		alone("C38", 0.6, 1.5, grains, with(by(harness.Cluster), func(c *harness.Cell) { c.RoundTrip = 1_000_000 })),
		{"C31", failing(named(pool, "queue"), grains)},
		{"C35", failing(shaped(procs, "kill1000"), grains)},
		{"C32", func(at int, holds bool) []launched {
			c := named(pool, "racy")
			grains(&c, at)
			return []launched{{cell: c, over: 0.6, values: map[string]float64{"lost-updates/op": either(holds, 10, 0)}}}
		}},
	}, sweeps(pool), streams(pool))
}

// either returns yes if the claim holds, and otherwise no.
func either(holds bool, yes, no float64) float64 {
	if holds {
		return yes
	}
	return no
}

// failing returns a function for the field cells of a [World]: at points at which the claim is
// false, the launches of cell c fail.
func failing(c harness.Cell, axis func(*harness.Cell, int)) func(int, bool) []launched {
	return func(at int, holds bool) []launched {
		axis(&c, at)
		return []launched{{cell: c, over: 0.6, failed: !holds}}
	}
}

// sweeps returns worlds for the claims about chunks.
func sweeps(c harness.Cell) []World {
	sweep := func(id, spread string, chunk harness.Chunk, yes, no float64) World {
		return World{id, func(at int, holds bool) (all []launched) {
			c.Grain, c.Spread = []int{100, 1000}[at], spread
			over := map[harness.Chunk]float64{"1": 1.1, "16": 1, "64": 1.2}
			over[chunk] = either(holds, yes, no)
			for _, k := range []harness.Chunk{"1", "16", "64", "static"} {
				if c.Chunk = k; over[k] > 0 {
					all = append(all, launched{cell: c, over: 0.5 * over[k]})
				}
			}
			return all
		}}
	}
	return []World{sweep("C03", "", "1", 1.5, 0.8), sweep("C04", "last", "static", 1.6, 0.9)}
}

// streams returns worlds for the claims about streams. Each has a map, and streams in input order
// and in completion order.
func streams(c harness.Cell) []World {
	stream := func(id string, values func(order string, holds bool) (over, first, held float64)) World {
		return World{id, func(at int, holds bool) (all []launched) {
			c.Grain, c.Spread = []int{4000, 50_000}[at], "pareto"
			c.Order, c.Window = harness.MapOrder, 0
			all = append(all, launched{cell: c, over: 0.6})
			for _, c.Order = range []string{harness.InputOrder, harness.CompletionOrder} {
				c.Window = 64
				over, first, held := values(c.Order, holds)
				all = append(all, launched{cell: c, over: over, values: map[string]float64{harness.UnitFirstResult: first, harness.UnitHeldTasks: held}})
			}
			return all
		}}
	}
	input := func(order string, there float64) float64 { return either(order == harness.InputOrder, there, 1) }
	const whole = 0.6 * 10_000 * 64 // ns that the map takes
	return []World{
		stream("C10", func(_ string, holds bool) (over, first, held float64) {
			return 0.6, whole * either(holds, 0.1, 1.4), 3
		}),
		stream("C11", func(order string, holds bool) (over, first, held float64) {
			return 0.6 * input(order, either(holds, 1.4, 0.8)), whole / 10, 3
		}),
		stream("C12", func(order string, holds bool) (over, first, held float64) {
			return 0.6, whole / 10, 30 * input(order, either(holds, 2, 0.7))
		}),
	}
}
