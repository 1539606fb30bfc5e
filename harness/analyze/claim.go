package analyze

import (
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Claim is what people say about pools, put to the test by what a run measured.
type Claim struct {
	ID       string
	Text     string
	Evidence []Evidence // never empty
}

// An Evidence is one comparison that a claim is tested by.
type Evidence struct {
	Cell  harness.Cell
	Work  Estimate   // of its tasks: ns in the direct loop
	Than  string     // what Cell was compared with
	Of    string     // what was compared: "makespan", "memory"
	Over  Comparison // that of Cell over that one's
	Holds Answer
}

// An Answer says whether a claim holds, somewhere or all in all.
type Answer int

const (
	Open Answer = iota
	Yes
	No
	Depends // all in all alone: it holds somewhere and elsewhere it does not
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

// tests are the claims that can be put to the test. One that finds no evidence in a run is
// not among the run's claims.
var tests = []struct {
	id, text string
	evidence func(*Analysis) []Evidence
}{
	{"C03", "chunking removes what handing tasks over one by one costs", oneByOne},
	{"C04", "big chunks hurt when tasks take unequally long", bigChunks},
	{"C10", "a stream has its first result early, beside a map", early},
	{"C11", "delivery in completion order beats that in input order where tasks differ", freer},
	{"C12", "order costs memory: outcomes that are done wait for one that is not", waiting},
	{"C19", "replacing worker processes contains leaks", replaced},
	{"C35", "processes contain crashes: every other task has its result", contained},
	{"C36", "tasks that allocate take less time on separate heaps, each with a collector of its own", heaps},
}

func (a *Analysis) claims() (all []Claim) {
	for _, t := range tests {
		if evidence := t.evidence(a); len(evidence) > 0 {
			all = append(all, Claim{t.id, t.text, evidence})
		}
	}
	return all
}

// oneByOne compares chunk 1 with the best number.
func oneByOne(a *Analysis) []Evidence {
	return a.longer(func(_ Sweep, r Regret) bool { return r.Chunk == "1" })
}

// bigChunks compares the largest chunk on tasks that differ with the best number: a share for
// each worker, or where that was not measured the largest number.
func bigChunks(a *Analysis) []Evidence {
	return a.longer(func(s Sweep, r Regret) bool {
		if s.Task.Spread == "" {
			return false
		}
		if slices.ContainsFunc(s.Rows, func(r Regret) bool { return r.Chunk == "static" }) {
			return r.Chunk == "static"
		}
		return !slices.ContainsFunc(s.Rows, func(x Regret) bool { return x.Chunk.Fixed() > r.Chunk.Fixed() })
	})
}

// longer is the evidence for claims that some chunk makes a job longer than the best number.
func (a *Analysis) longer(chunk func(Sweep, Regret) bool) (all []Evidence) {
	for _, c := range a.Chunkings {
		for _, s := range c.Sweeps {
			for _, r := range s.Rows {
				if !chunk(s, r) || !r.Over.Ratio.Known() {
					continue
				}
				e := Evidence{Cell: c.Who, Work: s.Work, Than: "chunk " + string(s.Best), Of: ofMakespan, Over: r.Over}
				e.Cell.Grain, e.Cell.Spread, e.Cell.Chunk = s.Task.Grain, s.Task.Spread, r.Chunk
				if e.Holds = holds(r.Over, Worse); r.Chunk == s.Best && !s.settled() {
					e.Holds = Open // another number may be as much better as the claim has it
				}
				all = append(all, e)
			}
		}
	}
	return all
}

// settled reports whether no other number may be better than the best.
func (s Sweep) settled() bool {
	return !slices.ContainsFunc(s.Rows, func(r Regret) bool { return r.Chunk.Fixed() > 0 && r.Over.Verdict == Unresolved })
}

// What an Evidence compares.
const (
	ofMakespan = "makespan"
	ofMemory   = "memory"
	ofResult   = "time to the first result"
	ofHeld     = "outcomes held at most"
)

// holds says whether a comparison came out as a claim has it.
func holds(c Comparison, as Verdict) Answer {
	switch c.Verdict {
	case as:
		return Yes
	case Unresolved:
		return Open
	}
	return No
}

// deliveries is the evidence of streams: those with the widest window alone, or all.
func (a *Analysis) deliveries(all bool, of string, as Verdict, over func(Delivery) (Comparison, string)) (found []Evidence) {
	for _, o := range a.Orderings {
		windows := o.Windows()
		for _, k := range o.Kinds {
			for _, d := range k.Deliveries {
				c, than := over(d)
				if !c.Ratio.Known() || !all && d.Window() != windows[len(windows)-1] {
					continue
				}
				found = append(found, Evidence{Cell: d.Cell, Work: k.Work, Than: than, Of: of, Over: c, Holds: holds(c, as)})
			}
		}
	}
	return found
}

func early(a *Analysis) []Evidence {
	return a.deliveries(false, ofResult, Better, func(d Delivery) (Comparison, string) { return d.FirstEarly, "the map" })
}

func freer(a *Analysis) []Evidence {
	return a.deliveries(true, ofMakespan, Worse, func(d Delivery) (Comparison, string) {
		if d.Cell.Spread == "" {
			return Comparison{}, ""
		}
		return d.OverFree, "completion order"
	})
}

func waiting(a *Analysis) []Evidence {
	return a.deliveries(false, ofHeld, Worse, func(d Delivery) (Comparison, string) {
		if d.Cell.Spread == "" {
			return Comparison{}, ""
		}
		return d.MoreHeld, "completion order"
	})
}

// apartness is the evidence of worker processes, where it is about these.
func (a *Analysis) apartness(of string, over func(Isolation) (Comparison, Answer)) (found []Evidence) {
	for _, i := range a.Isolations {
		if c, answer := over(i); c.Ratio.Known() {
			found = append(found, Evidence{Cell: i.Cell, Work: i.Work, Than: Label(i.Than), Of: of, Over: c, Holds: answer})
		}
	}
	return found
}

func replaced(a *Analysis) []Evidence {
	return a.apartness(ofMemory, func(i Isolation) (Comparison, Answer) {
		if i.Cell.Recycle == 0 || !hasShape(i.Cell.Shape, "leak") {
			return Comparison{}, Open
		}
		return i.Memory, holds(i.Memory, Better)
	})
}

// contained holds wherever there is a sample: a launch whose other tasks did not all have
// their results has none.
func contained(a *Analysis) []Evidence {
	return a.apartness(ofMakespan, func(i Isolation) (Comparison, Answer) {
		if !crashes(i.Cell.Shape) {
			return Comparison{}, Open
		}
		return i.Time, Yes
	})
}

func heaps(a *Analysis) []Evidence {
	return a.apartness(ofMakespan, func(i Isolation) (Comparison, Answer) {
		if i.Cell.Workload != "alloc" {
			return Comparison{}, Open
		}
		return i.Time, holds(i.Time, Better)
	})
}
