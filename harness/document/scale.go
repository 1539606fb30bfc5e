package document

import (
	"github.com/payoff-bench/payoff/harness/analyze"
)

// An Isolation compares worker processes with goroutines, for tasks that use memory or fail.
type Isolation struct {
	Cell   Cell        `json:"cell"`
	Than   Cell        `json:"than"`
	Work   *Number     `json:"work,omitempty"`
	Time   *Comparison `json:"time,omitempty"`
	Memory *Comparison `json:"memory,omitempty"`
}

func newIsolation(i analyze.Isolation) Isolation {
	return Isolation{Cell(i.Cell), Cell(i.Than), estimate(i.Work, "ns"), comparison(i.Time), comparison(i.Memory)}
}

// A Holding lists the memory that each strategy takes for one kind of task.
type Holding struct {
	Place Cell   `json:"place"`
	Rows  []Held `json:"rows"`
}

// A Held is the memory of one strategy in a [Holding].
type Held struct {
	Cell Cell    `json:"cell"`
	Peak *Number `json:"peak,omitempty"`
	Each *Number `json:"each_worker,omitempty"`
}

func newHolding(h analyze.Holding) Holding {
	return Holding{place(h.Place), each(h.Rows, func(r analyze.Held) Held {
		return Held{Cell(r.Cell), estimate(r.Peak, "bytes"), estimate(r.Each, "bytes")}
	})}
}

// A Scale compares strategies at each payload or at each number of tasks.
type Scale struct {
	Place  Cell         `json:"place"`
	Axis   string       `json:"axis"`
	Points []ScalePoint `json:"points"`
}

// A ScalePoint holds the results of a [Scale] at one payload or number of tasks.
type ScalePoint struct {
	At    int    `json:"at"`
	Costs []Cost `json:"costs"`
}

// A Cost is the cost of one strategy at one [ScalePoint].
type Cost struct {
	Series   Cell        `json:"series"`
	Time     *Number     `json:"time,omitempty"`
	Rate     *Number     `json:"rate,omitempty"`
	Best     bool        `json:"best,omitempty"`
	VsDirect *Comparison `json:"against_direct,omitempty"`
	VsBest   *Comparison `json:"against_best,omitempty"`
}

func newScale(s analyze.Scale) Scale {
	out := Scale{Place: place(s.Place), Axis: map[analyze.ScaleAxis]string{analyze.ByPayload: "payload", analyze.ByTasks: "tasks"}[s.Axis]}
	for i, at := range s.At {
		p := ScalePoint{At: at}
		for k, c := range s.Costs[i] {
			cost := Cost{Cell(s.Who[k]), estimate(c.Time, "ns"), nil, c.Best, comparison(c.VsDirect), comparison(c.VsBest)}
			if s.Axis == analyze.ByPayload && c.Time.Known() {
				cost.Rate = estimate(s.Rate(i, k), "bytes/ns")
			}
			p.Costs = append(p.Costs, cost)
		}
		out.Points = append(out.Points, p)
	}
	return out
}

// A Lineup lists the times of several workloads next to each other, for the same payloads and
// strategies.
type Lineup struct {
	Place Cell         `json:"place"`
	Times []LineupTime `json:"times"`
}

// A LineupTime is the time of one strategy for one workload and payload of a [Lineup].
type LineupTime struct {
	Series   Cell    `json:"series"`
	Workload string  `json:"workload"`
	Payload  int     `json:"payload"`
	Time     *Number `json:"time,omitempty"`
}

func newLineup(l analyze.Lineup) Lineup {
	out := Lineup{Place: place(l.Place)}
	for k, who := range l.Who {
		for i, payload := range l.At {
			for j, workload := range l.Workloads {
				out.Times = append(out.Times, LineupTime{Cell(who), workload, payload, estimate(l.Times[k][i][j], "ns")})
			}
		}
	}
	return out
}

// A Concurrency holds the throughput of one strategy at each number of workers, for tasks that
// wait.
type Concurrency struct {
	Series Cell    `json:"series"`
	Levels []Level `json:"levels"`
	Knee   *Number `json:"knee,omitempty"`
}

// A Level is the throughput with one number of workers in a [Concurrency].
type Level struct {
	Workers    int     `json:"workers"`
	Throughput *Number `json:"throughput,omitempty"`
	UnderWay   *Number `json:"under_way,omitempty"`
}

func newConcurrency(c analyze.Concurrency) Concurrency {
	return Concurrency{Cell(c.Who), each(c.Levels, func(l analyze.Level) Level {
		return Level{l.Workers, estimate(l.Throughput, "tasks/s"), estimate(l.UnderWay, "tasks")}
	}), estimate(c.Knee, "workers")}
}

// A Latency holds the response times of one strategy in an open loop, in which tasks arrive at a
// given rate, whether or not earlier tasks are done.
type Latency struct {
	Series    Cell       `json:"series"`
	Responses []Response `json:"responses"`
}

// A Response holds the response times at one arrival rate.
type Response struct {
	Rate        int     `json:"rate"`
	Throughput  *Number `json:"throughput,omitempty"`
	P50         *Number `json:"p50,omitempty"`
	P99         *Number `json:"p99,omitempty"`
	P999        *Number `json:"p999,omitempty"`
	Concurrency *Number `json:"concurrency,omitempty"`
	Void        int     `json:"void_loops"`
	Behind      bool    `json:"behind"`
}

func newLatency(l analyze.Latency) Latency {
	return Latency{Cell(l.Who), each(l.Responses, func(r analyze.Response) Response {
		return Response{
			r.Rate, estimate(r.Throughput, "tasks/s"), estimate(r.P50, "ns"), estimate(r.P99, "ns"), estimate(r.P999, "ns"),
			estimate(r.Concurrency, "tasks"), r.Void, r.Behind(),
		}
	})}
}

// A Claim is a common opinion about pools, with the results of the run that support or contradict
// it.
type Claim struct {
	ID         string     `json:"id"`
	Text       string     `json:"text"`
	Experiment string     `json:"experiment"`
	Metric     string     `json:"metric"`
	Answer     string     `json:"answer"`
	Boundary   string     `json:"boundary,omitempty"`
	Lacks      string     `json:"lacks,omitempty"`
	Evidence   []Evidence `json:"evidence"`
}

// An Evidence is one comparison that tests a [Claim].
type Evidence struct {
	Cell  Cell        `json:"cell"`
	Work  *Number     `json:"work,omitempty"`
	Than  string      `json:"than"`
	Of    string      `json:"of"`
	Over  *Comparison `json:"comparison,omitempty"`
	Runs  int         `json:"rounds,omitempty"`
	Wrong int         `json:"wrong_launches,omitempty"`
	Holds string      `json:"answer"`
}

func newClaim(c analyze.Claim) Claim {
	answer := c.Answer().String()
	if c.Lacks != "" {
		answer = "not tested"
	}
	return Claim{c.ID, c.Text, c.Experiment, c.Metric, answer, c.Boundary(), c.Lacks, each(c.Evidence, func(e analyze.Evidence) Evidence {
		of := e.Of
		if of == "" {
			of = "makespan"
		}
		return Evidence{Cell(e.Cell), estimate(e.Work, "ns"), e.Than, of, comparison(e.Over), e.Runs, e.Wrong, e.Holds.String()}
	})}
}
