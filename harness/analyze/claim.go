package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Claim is a common opinion about pools, tested with the results of a run.
type Claim struct {
	ID, Text   string
	Experiment string // the comparison that tests the claim
	Metric     string // the compared quantity
	Evidence   []Evidence
	Lacks      string // what the run lacks for a test; "" if there is evidence
}

// An Evidence is one comparison or check that tests a claim.
type Evidence struct {
	Cell  harness.Cell
	Work  Estimate   // w, ns per task of the direct loop
	Than  string     // name of the other side of the comparison; "" for a check
	Of    string     // compared quantity; "" for the makespan
	Over  Comparison // ratio of the quantity of Cell to that of the other side; unknown for a check
	Runs  int        // for a check: number of launches in which nothing went wrong
	Wrong int        // for a check: number of launches in which something went wrong, or that failed
	Holds Answer     // whether this evidence supports the claim
}

// Checked reports whether the evidence is that of an exact check, and not of a comparison.
func (e Evidence) Checked() bool { return e.Than == "" }

// The quantities of checks, which are an [Evidence] without a comparison.
const (
	// OfResults is the results of the tasks that did not crash. A launch yields a sample only if each
	// of these tasks has its result.
	OfResults = "results of other tasks"
	OfItems   = "items taken exactly once"
	OfUpdates = "lost updates"
	// OfInherited is the descriptors and variables that worker processes inherited without need.
	OfInherited = "inherited descriptors and variables"
)

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

// Count returns the number of comparisons and checks with each answer. The index is the answer:
// Open, Yes or No.
func (c Claim) Count() (n [3]int) {
	for _, e := range c.Evidence {
		n[e.Holds]++
	}
	return n
}

// Answer returns the answer of all evidence together, or Open if there is no evidence. It is
// Depends if some evidence confirms the claim and some refutes it. Otherwise it is Open if most
// evidence is undecided.
func (c Claim) Answer() Answer {
	n := c.Count()
	switch {
	case n[Yes] > 0 && n[No] > 0:
		return Depends
	case n[Open] > n[Yes]+n[No]:
		return Open
	case n[Yes] > 0:
		return Yes
	case n[No] > 0:
		return No
	}
	return Open
}

// AllClaims returns all claims, sorted by ID: those with evidence, and those that the run does not
// test.
func (a *Analysis) AllClaims() []Claim {
	all := slices.Concat(a.Claims, a.Untested)
	slices.SortFunc(all, func(a, b Claim) int { return cmp.Compare(a.ID, b.ID) })
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

// Quantities of comparisons, in [Evidence].
const (
	OfStart      = "time of start and first job"
	OfMemoryUsed = "memory"
	OfRoundTrip  = "round trip"
	OfUnderWay   = "tasks under way"
	OfTasksRun   = "tasks of a worker"
)
