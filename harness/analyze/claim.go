package analyze

import (
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Claim is a common opinion about pools, tested with the results of a run.
type Claim struct {
	ID       string
	Text     string
	Evidence []Evidence // never empty
}

// An Evidence is one comparison that tests a claim.
type Evidence struct {
	Cell  harness.Cell
	Work  Estimate   // w, ns per task of the direct loop
	Than  string     // name of the other side of the comparison
	Of    string     // compared quantity; "" for the makespan
	Over  Comparison // ratio of the quantity of Cell to that of the other side; unknown for [OfResults]
	Runs  int        // for OfResults: number of rounds in which every other task had its result
	Holds Answer
}

// OfResults is the quantity of an [Evidence] without a comparison: the results of the tasks that did
// not crash. A launch yields a sample only if each of these tasks has its result.
const OfResults = "results of other tasks"

// An Answer says whether results support a [Claim]. It is the answer of one [Evidence], or of all
// evidence of the claim together.
type Answer int

const (
	Open Answer = iota
	Yes
	No
	Depends // only for all evidence together: some confirms the claim and some refutes it
)

func (a Answer) String() string {
	return [...]string{"unresolved", "confirmed", "refuted", "depends"}[a]
}

// Answer returns the answer of all evidence together. It is Depends if some evidence confirms the
// claim and some refutes it. Otherwise it is Open if most evidence is undecided.
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

// testable lists the claims that a run can test. An Analysis has only claims for which its run has
// evidence.
var testable = []struct {
	id, text string
	evidence func(*Analysis) []Evidence
}{
	{"C03", "chunking removes the cost of handing tasks over one by one", func(a *Analysis) []Evidence {
		return a.longer(func(_ Sweep, r Regret) bool { return r.Chunk == "1" })
	}},
	{"C04", "large chunks hurt when tasks differ in length", func(a *Analysis) []Evidence { return a.longer(biggest) }},
	{"C10", "a stream delivers its first result earlier than a map", func(a *Analysis) []Evidence {
		return a.deliveries(widest, "time to the first result", Better, "map", func(d Delivery) Comparison { return d.FirstEarly })
	}},
	{"C11", "completion order beats input order when tasks differ in length", func(a *Analysis) []Evidence {
		return a.deliveries(uneven, "", Worse, "completion order", func(d Delivery) Comparison { return d.OverFree })
	}},
	{"C12", "input order costs memory: finished outcomes wait for an unfinished one", func(a *Analysis) []Evidence {
		keep := func(o Ordering, d Delivery) bool { return uneven(o, d) && widest(o, d) }
		return a.deliveries(keep, "peak number of finished outcomes that wait for delivery", Worse, "completion order", func(d Delivery) Comparison { return d.MoreHeld })
	}},
	{"C19", "replacing worker processes limits the memory that leaks take", func(a *Analysis) []Evidence {
		leaks := func(c harness.Cell) bool { return c.Recycle > 0 && hasShape(c.Shape, "leak") }
		return a.isolated(leaks, "memory", func(i Isolation) (Comparison, Answer) { return i.Memory, holds(i.Memory, Better) })
	}},
	// Every sample confirms this claim, if there are enough.
	{"C35", "worker processes contain crashes: every other task has its result", func(a *Analysis) []Evidence {
		crash := func(c harness.Cell) bool { return crashes(c.Shape) }
		all := a.isolated(crash, OfResults, func(i Isolation) (Comparison, Answer) {
			if Few(i.Time.Ratio.N) {
				return i.Time, Open
			}
			return i.Time, Yes
		})
		for i := range all { // the times are no evidence for this claim
			all[i].Runs, all[i].Over = all[i].Over.Ratio.N, Comparison{}
		}
		return all
	}},
	{"C36", "tasks that allocate take less time on separate heaps with separate garbage collectors", func(a *Analysis) []Evidence {
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

// biggest reports whether r is the result of the largest chunk in the sweep s, and the tasks of s
// have unequal work. The policy static counts as the largest chunk. If static was not measured, the
// largest fixed chunk counts.
func biggest(s Sweep, r Regret) bool {
	switch {
	case s.Task.Spread == "":
		return false
	case s.Row("static").Chunk != "":
		return r.Chunk == "static"
	}
	return !slices.ContainsFunc(s.Rows, func(x Regret) bool { return x.Chunk.Fixed() > r.Chunk.Fixed() })
}

// longer returns the evidence for the claim that jobs with certain chunks take longer than jobs
// with the best fixed chunk. The function chunk reports whether the claim is about the chunk of a
// given result.
func (a *Analysis) longer(chunk func(Sweep, Regret) bool) (all []Evidence) {
	for _, c := range a.Chunkings {
		for _, s := range c.Sweeps {
			for _, r := range s.Rows {
				if !chunk(s, r) || !r.Over.Ratio.Known() {
					continue
				}
				e := Evidence{Cell: c.Who, Work: s.Work, Than: "chunk " + string(s.Best), Over: r.Over}
				e.Cell.Task = e.Cell.Task.Sized(s.Task.Size())
				e.Cell.Spread, e.Cell.Chunk = s.Task.Spread, r.Chunk
				if e.Holds = holds(r.Over, Worse); r.Chunk == s.Best && !s.settled() {
					e.Holds = Open // another chunk may turn out better than this one
				}
				all = append(all, e)
			}
		}
	}
	return all
}

// holds returns the answer that comparison c gives to a claim. It is Yes if c has the verdict that
// the claim predicts, Open if c is unresolved, and otherwise No.
func holds(c Comparison, predicted Verdict) Answer {
	switch c.Verdict {
	case predicted:
		return Yes
	case Unresolved:
		return Open
	}
	return No
}

// widest reports whether delivery d has the widest window that was measured for the ordering.
func widest(o Ordering, d Delivery) bool { return d.Window() == slices.Max(o.Windows()) }

// uneven reports whether the tasks of delivery d have different lengths.
func uneven(_ Ordering, d Delivery) bool { return d.Cell.Spread != "" }

// deliveries returns the evidence for a claim about streams. It uses each stream d for which the
// function keep returns true. The claim predicts a verdict for the comparison that the function
// compared returns for d. quantity and other name the compared quantity and the other side of the
// comparison.
func (a *Analysis) deliveries(keep func(Ordering, Delivery) bool, quantity string, predicted Verdict, other string, compared func(Delivery) Comparison) (found []Evidence) {
	for _, o := range a.Orderings {
		for _, k := range o.Kinds {
			for _, d := range k.Deliveries {
				if c := compared(d); c.Ratio.Known() && keep(o, d) {
					found = append(found, Evidence{Cell: d.Cell, Work: k.Work, Than: other, Of: quantity, Over: c, Holds: holds(c, predicted)})
				}
			}
		}
	}
	return found
}

// isolated returns the evidence for a claim that compares worker processes with goroutines. It uses
// each cell for which the function keep returns true. The function compared returns the comparison
// of an isolation, and the answer that this comparison gives to the claim. quantity names the
// compared quantity.
func (a *Analysis) isolated(keep func(harness.Cell) bool, quantity string, compared func(Isolation) (Comparison, Answer)) (found []Evidence) {
	for _, i := range a.Isolations {
		if c, answer := compared(i); c.Ratio.Known() && keep(i.Cell) {
			found = append(found, Evidence{Cell: i.Cell, Work: i.Work, Than: Label(i.Than), Of: quantity, Over: c, Holds: answer})
		}
	}
	return found
}
