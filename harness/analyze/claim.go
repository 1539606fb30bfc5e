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
	Over  Comparison // makespan over that one's
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
				e := Evidence{Cell: c.Who, Work: s.Work, Than: "chunk " + string(s.Best), Over: r.Over}
				e.Cell.Grain, e.Cell.Spread, e.Cell.Chunk = s.Task.Grain, s.Task.Spread, r.Chunk
				switch r.Over.Verdict {
				case Worse:
					e.Holds = Yes
				case Better, Equivalent:
					e.Holds = No
				}
				all = append(all, e)
			}
		}
	}
	return all
}
