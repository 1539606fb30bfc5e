package document

import (
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Chunking compares the chunks of one strategy with its best fixed chunk. A chunk is the number
// of tasks that a worker receives at a time.
type Chunking struct {
	Series   Cell     `json:"series"`
	Sweeps   []Sweep  `json:"sweeps"`
	Policies []Policy `json:"policies,omitempty"`
	Notes    []string `json:"notes,omitempty"`
}

// A Sweep holds the results of all chunks for one task of a [Chunking].
type Sweep struct {
	Task Cell     `json:"task"`
	Work *Number  `json:"work,omitempty"`
	Best string   `json:"best"`
	Band []string `json:"band"`
	Rows []Chunk  `json:"rows"`
}

// A Chunk holds the results for one chunk in a [Sweep].
type Chunk struct {
	Chunk    string      `json:"chunk"`
	Size     int         `json:"tasks,omitempty"`
	Makespan *Number     `json:"makespan,omitempty"`
	Over     *Comparison `json:"against_best,omitempty"`
}

// A Policy summarizes the cost of one chunk over all tasks of a [Chunking].
type Policy struct {
	Chunk string  `json:"chunk"`
	Mean  *Number `json:"mean,omitempty"`
	P95   *Number `json:"p95,omitempty"`
	Worst *Number `json:"worst,omitempty"`
	At    Cell    `json:"worst_at"`
	N     int     `json:"tasks"`
}

func newChunking(c analyze.Chunking) Chunking {
	return Chunking{Series: Cell(c.Who), Sweeps: each(c.Sweeps, newSweep), Policies: each(c.Policies, newPolicy), Notes: notes(c.Notes)}
}

func newSweep(s analyze.Sweep) Sweep {
	return Sweep{
		Task: task(s.Task), Work: estimate(s.Work, "ns"), Best: string(s.Best), Band: []string{string(s.Band[0]), string(s.Band[1])},
		Rows: each(s.Rows, func(r analyze.Regret) Chunk {
			return Chunk{string(r.Chunk), r.Size, estimate(r.Makespan, "ns"), comparison(r.Over)}
		}),
	}
}

func newPolicy(p analyze.Policy) Policy {
	return Policy{string(p.Chunk), estimate(p.Mean, "ratio"), plain(p.P95, "share"), plain(p.Worst, "share"), task(p.At.Task), p.N}
}

// task returns a task as a [Cell] that has neither a strategy nor cores.
func task(t harness.Task) Cell { return Cell{Task: t} }

// An Ordering compares the orders of delivery (input order, completion order, map) for one
// strategy.
type Ordering struct {
	Series Cell        `json:"series"`
	Kinds  []OrderKind `json:"kinds"`
}

// An OrderKind holds the results of an [Ordering] for one kind of task.
type OrderKind struct {
	Task       Cell       `json:"task"`
	Work       *Number    `json:"work,omitempty"`
	Map        *Number    `json:"map_makespan,omitempty"`
	MapResult  *Number    `json:"map_first_result,omitempty"`
	Deliveries []Delivery `json:"deliveries"`
}

// A Delivery holds the results of streams with one order of delivery and one window.
type Delivery struct {
	Cell         Cell        `json:"cell"`
	Window       int         `json:"window"`
	Makespan     *Number     `json:"makespan,omitempty"`
	First        *Number     `json:"first_result,omitempty"`
	Held         *Number     `json:"held,omitempty"`
	HeadOfLine   *Number     `json:"head_of_line,omitempty"`
	Most         *Number     `json:"held_tasks,omitempty"`
	Availability *Number     `json:"availability,omitempty"`
	OverMap      *Comparison `json:"against_map,omitempty"`
	OverFree     *Comparison `json:"against_completion_order,omitempty"`
	FirstEarly   *Comparison `json:"first_result_against_map,omitempty"`
	MoreHeld     *Comparison `json:"held_tasks_against_completion_order,omitempty"`
}

func newOrdering(o analyze.Ordering) Ordering {
	return Ordering{Cell(o.Who), each(o.Kinds, func(k analyze.OrderKind) OrderKind {
		return OrderKind{task(k.Task), estimate(k.Work, "ns"), estimate(k.Map, "ns"), estimate(k.MapResult, "ns"), each(k.Deliveries, newDelivery)}
	})}
}

func newDelivery(d analyze.Delivery) Delivery {
	return Delivery{
		Cell: Cell(d.Cell), Window: d.Window(), Makespan: estimate(d.Makespan, "ns"), First: estimate(d.First, "ns"),
		Held: estimate(d.Held, "ns"), HeadOfLine: estimate(d.HeadOfLine, "ns"), Most: estimate(d.Most, "tasks"),
		Availability: estimate(d.Availability, "share"), OverMap: comparison(d.OverMap), OverFree: comparison(d.OverFree),
		FirstEarly: comparison(d.FirstEarly), MoreHeld: comparison(d.MoreHeld),
	}
}
