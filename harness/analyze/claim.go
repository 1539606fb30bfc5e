package analyze

import (
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Claim is a common opinion about pools, tested with the measurements of a run.
type Claim struct {
	ID       string
	Text     string
	Evidence []Evidence // never empty
}

// An Evidence is one comparison that a claim is tested by.
type Evidence struct {
	Cell  harness.Cell
	Work  Estimate   // of its tasks: ns in the direct loop
	Than  string     // the name of the other side of the comparison
	Of    string     // the quantity that is compared; "" for the makespan
	Over  Comparison // that of Cell over that one's
	Holds Answer
}

// An Answer says whether a claim holds, in one place or all in all.
type Answer int

const (
	Open Answer = iota
	Yes
	No
	Depends // all in all alone: it holds in one place and not in another
)

func (a Answer) String() string {
	return [...]string{"unresolved", "confirmed", "refuted", "depends"}[a]
}

// Answer sums up the evidence. Where most of it is open and the rest agrees, all is.
func (c Claim) Answer() Answer {
	var n [3]int
	for _, e := range c.Evidence {
		n[e.Holds]++
	}
	switch {
	case n[Yes] > 0 && n[No] > 0:
		return Depends
	case n[Open] > n[Yes]+n[No]:
		return Open
	case n[Yes] > 0:
		return Yes
	}
	return No
}

// testable are the claims that a run can test. One that finds no evidence in a run is
// not among the run's claims.
var testable = []struct {
	id, text string
	evidence func(*Analysis) []Evidence
}{
	{"C03", "chunking removes what handing tasks over one by one costs", func(a *Analysis) []Evidence {
		return a.longer(func(_ Sweep, r Regret) bool { return r.Chunk == "1" })
	}},
	{"C04", "big chunks hurt when tasks take unequally long", func(a *Analysis) []Evidence { return a.longer(biggest) }},
	{"C10", "a stream has its first result early, beside a map", func(a *Analysis) []Evidence {
		return a.deliveries(widest, "time to the first result", Better, "the map", func(d Delivery) Comparison { return d.FirstEarly })
	}},
	{"C11", "delivery in completion order beats that in input order where tasks differ", func(a *Analysis) []Evidence {
		return a.deliveries(uneven, "", Worse, "completion order", func(d Delivery) Comparison { return d.OverFree })
	}},
	{"C12", "order costs memory: outcomes that are done wait for one that is not", func(a *Analysis) []Evidence {
		keep := func(o Ordering, d Delivery) bool { return uneven(o, d) && widest(o, d) }
		return a.deliveries(keep, "outcomes held at most", Worse, "completion order", func(d Delivery) Comparison { return d.MoreHeld })
	}},
	{"C19", "replacing worker processes contains leaks", func(a *Analysis) []Evidence {
		leaks := func(c harness.Cell) bool { return c.Recycle > 0 && hasShape(c.Shape, "leak") }
		return a.isolated(leaks, "memory", func(i Isolation) (Comparison, Answer) { return i.Memory, holds(i.Memory, Better) })
	}},
	// It holds wherever there is a sample: a launch whose other tasks did not all have
	// their results has none.
	{"C35", "processes contain crashes: every other task has its result", func(a *Analysis) []Evidence {
		crash := func(c harness.Cell) bool { return crashes(c.Shape) }
		return a.isolated(crash, "", func(i Isolation) (Comparison, Answer) { return i.Time, Yes })
	}},
	{"C36", "tasks that allocate take less time on separate heaps, each with a collector of its own", func(a *Analysis) []Evidence {
		allocate := func(c harness.Cell) bool { return c.Workload == "alloc" }
		return a.isolated(allocate, "", func(i Isolation) (Comparison, Answer) { return i.Time, holds(i.Time, Better) })
	}},
}

func (a *Analysis) claims() (all []Claim) {
	for _, t := range testable {
		if evidence := t.evidence(a); len(evidence) > 0 {
			all = append(all, Claim{t.id, t.text, evidence})
		}
	}
	return all
}

// biggest reports whether a chunk is the largest of a sweep of tasks that differ: a share for
// each worker, or where that was not measured the largest number.
func biggest(s Sweep, r Regret) bool {
	switch {
	case s.Task.Spread == "":
		return false
	case s.Row("static").Chunk != "":
		return r.Chunk == "static"
	}
	return !slices.ContainsFunc(s.Rows, func(x Regret) bool { return x.Chunk.Fixed() > r.Chunk.Fixed() })
}

// longer returns the evidence for claims that some chunk makes a job longer than the best number.
func (a *Analysis) longer(chunk func(Sweep, Regret) bool) (all []Evidence) {
	for _, c := range a.Chunkings {
		for _, s := range c.Sweeps {
			for _, r := range s.Rows {
				if !chunk(s, r) || !r.Over.Ratio.Known() {
					continue
				}
				e := Evidence{Cell: c.Who, Work: s.Work, Than: "chunk " + string(s.Best), Over: r.Over}
				e.Cell.Grain, e.Cell.Spread, e.Cell.Chunk = s.Task.Grain, s.Task.Spread, r.Chunk
				if e.Holds = holds(r.Over, Worse); r.Chunk == s.Best && !s.settled() {
					e.Holds = Open // another number may be better by as much as the claim says
				}
				all = append(all, e)
			}
		}
	}
	return all
}

// holds returns whether a comparison came out as a claim says.
func holds(c Comparison, as Verdict) Answer {
	switch c.Verdict {
	case as:
		return Yes
	case Unresolved:
		return Open
	}
	return No
}

// widest and uneven select the streams with the widest window, and those of tasks that differ.
func widest(o Ordering, d Delivery) bool { return d.Window() == slices.Max(o.Windows()) }
func uneven(_ Ordering, d Delivery) bool { return d.Cell.Spread != "" }

// deliveries returns the evidence of some streams.
func (a *Analysis) deliveries(keep func(Ordering, Delivery) bool, of string, as Verdict, than string, over func(Delivery) Comparison) (found []Evidence) {
	for _, o := range a.Orderings {
		for _, k := range o.Kinds {
			for _, d := range k.Deliveries {
				if c := over(d); c.Ratio.Known() && keep(o, d) {
					found = append(found, Evidence{d.Cell, k.Work, than, of, c, holds(c, as)})
				}
			}
		}
	}
	return found
}

// isolated returns the evidence of some worker processes.
func (a *Analysis) isolated(keep func(harness.Cell) bool, of string, over func(Isolation) (Comparison, Answer)) (found []Evidence) {
	for _, i := range a.Isolations {
		if c, answer := over(i); c.Ratio.Known() && keep(i.Cell) {
			found = append(found, Evidence{i.Cell, i.Work, Label(i.Than), of, c, answer})
		}
	}
	return found
}
