package ab

import (
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A Program identifies the base or the head of a comparison.
type Program struct {
	Name   string   // path, command or git revision, as the user gave it
	Commit string   `json:",omitempty"` // commit of a git revision
	Files  []string `json:",omitempty"` // executed files, unless they are built from a revision
	Digest string   `json:",omitempty"` // digest of the executed files
}

func (p Program) String() string {
	if p.Commit != "" && p.Commit != p.Name {
		return fmt.Sprintf("%s (%.12s)", p.Name, p.Commit)
	}
	return p.Name
}

// An Info describes a comparison: everything about it except the samples. The folder of the run
// stores it in run.json.
type Info struct {
	Kind              string // always [Kind]
	What              What
	Base              Program
	Head              Program
	Machine           harness.Machine
	Version           string // version of payoff
	Commit            string // commit that payoff was built from
	Go                string
	Seed              uint32      // seed of the order of launches
	Started, Finished time.Time   // Finished is zero while the run is in progress, or if it was killed
	Resumed           []time.Time `json:",omitempty"`
	Budget            time.Duration
	Settings          Settings
	Package           string `json:",omitempty"` // import path of the benchmarks
	Benches           []Bench
	Missing           []Missing     `json:",omitempty"`
	Jobs              []harness.Job `json:",omitempty"` // jobs of the tasks of a suite
	Notes             []string      `json:",omitempty"`
	Failures          []string      `json:",omitempty"`
	Ended             string        // the reason for the end of the run
	Left              int           `json:",omitempty"` // number of launches of commands that left processes running
	Outputs           []string      `json:",omitempty"` // files among the arguments of commands that the commands write, which no guard watches
	// Environment has digests of environment variables; see [harness.Variables].
	Environment map[string]string `json:",omitzero"`
	Limits      harness.Limits    `json:",omitzero"`
	Doubt       string            `json:",omitempty"` // as in [harness.Info]
	Foreign     string            `json:"-"`          // as in [harness.Info]
}

// Kind is the value of the field Kind in every [Info]. In run.json, it distinguishes a comparison
// of two programs from a run of a suite.
const Kind = "ab"

// A What says what a comparison measures: the cells of a suite, Go benchmarks or commands. Exactly
// one of Suite, Bench and Command is set.
type What struct {
	Suite   string `json:",omitempty"` // name or file of the suite
	Bench   string `json:",omitempty"` // pattern of go test -bench that selects benchmarks
	Command bool   `json:",omitempty"`

	Revisions bool   `json:",omitempty"` // the programs are built from git revisions
	Build     string `json:",omitempty"` // package to build for a revision
	Filter    string `json:",omitempty"` // filter for the cells of the suite
	Dir       string `json:",omitempty"` // working directory of test binaries; "" for the package of a revision
	Procs     int    `json:",omitempty"` // GOMAXPROCS of test binaries
}

// A Missing is a benchmark that base or head lacks, or that failed.
type Missing struct {
	Name string
	Side harness.Side
	Why  string `json:",omitempty"` // reason of a failure; "" if the side lacks the benchmark
}

// Common returns the benchmarks that base and head have in common, in the order of base. The result
// missing holds all other benchmarks: those that only one of the two has, and those that failed.
func Common(base, head Listing) (both []Bench, missing []Missing) {
	has := func(l Listing, name string) bool {
		for _, b := range l.Benches {
			if b.Name == name {
				return true
			}
		}
		return false
	}
	for _, b := range base.Benches {
		if has(head, b.Name) {
			both = append(both, b)
		} else {
			missing = append(missing, Missing{Name: b.Name, Side: harness.Head})
		}
	}
	for _, b := range head.Benches {
		if !has(base, b.Name) {
			missing = append(missing, Missing{Name: b.Name, Side: harness.Base})
		}
	}
	for side, l := range map[harness.Side]Listing{harness.Base: base, harness.Head: head} {
		for _, name := range l.Failed {
			missing = append(missing, Missing{Name: name, Side: side, Why: "it failed"})
		}
	}
	return both, missing
}
