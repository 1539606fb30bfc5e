// Package ab compares two programs, base and head, whose launches are interleaved in one run.
//
//  1. A [Subject] launches one benchmark of one side once, in a fresh process. Its benchmarks are
//     those of Go test binaries ([Tests]), cells of a suite ([Suite]) or whole commands ([Commands]).
//  2. [Runner.Run] measures the benchmarks in rounds. In each round it launches three sides of each
//     benchmark in random order: base, base again, and head. It stops measuring a benchmark when the
//     benchmark is decided.
//  3. [Judge] compares the sides by the ratios of each round. The two base sides, which are equal,
//     show the noise floor of the run.
//
// A slow change of the machine does not affect the ratios: the sides are paired within a round, and
// each side has each position in a round equally often.
package ab

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A Subject launches the two programs of a comparison, base and head.
type Subject interface {
	// Launch runs the benchmark of one side once, in a fresh process. The caller sets the fields
	// Name, Round and Attempt of the sample.
	Launch(ctx context.Context, side harness.Side, b Bench) (harness.SideSample, error)
}

// A Bench is a benchmark, cell or command that both base and head have.
type Bench struct {
	Name string        // benchmark name, with the number of cores at its end, without the word Benchmark
	Reps int           // number of operations in a launch, the same on all sides
	Cost time.Duration // time that a launch of base takes
}

// A Failure is a launch that failed and gave no sample.
type Failure struct {
	Name    string // name of the benchmark
	Side    harness.Side
	Round   int  // number of the round, from 0
	Dropped bool // the run drops the benchmark, because its launches failed in consecutive rounds
	Err     error
}

func (f *Failure) Error() string {
	if f.Dropped {
		return fmt.Sprintf("%s of %s is dropped, because its launches failed in %d rounds, the last in round %d: %v", f.Name, f.Side, outAfter, f.Round+1, f.Err)
	}
	return fmt.Sprintf("%s of %s failed in round %d: %v", f.Name, f.Side, f.Round+1, f.Err)
}

func (f *Failure) Unwrap() error { return f.Err }

// A Turn is one measurement of a benchmark in one round: one launch of each of the three sides.
type Turn struct {
	Round   int
	Samples [harness.Sides]harness.SideSample
}

// contaminated reports whether other work disturbed a launch of side a or of side b in the turn.
func (t Turn) contaminated(a, b harness.Side) bool {
	return t.Samples[a].Contaminated() || t.Samples[b].Contaminated()
}

// Turns returns the complete turns of each benchmark, keyed by the benchmark's name. The turns of a
// benchmark are in the order of measurement. Turns leaves out a turn that lacks the sample of a
// side, because an interruption cut it short.
func Turns(samples [harness.Sides][]harness.SideSample) map[string][]Turn {
	type key struct {
		name           string
		round, attempt int
	}
	turns, held := map[key]*Turn{}, map[key]int{}
	for side, of := range samples {
		for _, s := range of {
			k := key{s.Name, s.Round, s.Attempt}
			if turns[k] == nil {
				turns[k] = &Turn{Round: s.Round}
			}
			turns[k].Samples[side] = s
			held[k]++
		}
	}
	all := map[string][]Turn{}
	for _, s := range samples[harness.Base] {
		if k := (key{s.Name, s.Round, s.Attempt}); held[k] == harness.Sides {
			all[s.Name] = append(all[s.Name], *turns[k])
		}
	}
	return all
}
