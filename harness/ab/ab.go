// Package ab compares two programs, base and head, whose launches are interleaved in one run.
//
//  1. A [Subject] launches one benchmark of one side once, in a fresh process: benchmarks of Go
//     test binaries ([OpenTests]), cells of a suite ([OpenSuite]) or whole commands ([Commands]).
//  2. [Runner.Run] measures the benchmarks in rounds. In each round it launches three sides of each
//     benchmark in random order: base, base again, and head. A benchmark leaves when it is decided.
//  3. [Judge] compares the sides by the ratios of each round. The two base sides, which are equal,
//     show the noise floor of the run.
//
// Slow drift of the machine cancels, because the sides are paired within a round and each side has
// each position equally often.
package ab

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A Subject launches the two programs of a comparison, base and head.
type Subject interface {
	// Launch runs the benchmark of one side once, in a fresh process. It sets all fields of the
	// sample but Round and Attempt.
	Launch(ctx context.Context, side harness.Side, b Bench) (harness.SideSample, error)
}

// A Bench is a benchmark, cell or command that both base and head have.
type Bench struct {
	Name string        // benchmark name, with the number of cores at its end, without the word Benchmark
	Reps int           // number of operations in a launch, the same on all sides
	Cost time.Duration // time that a launch of base takes
}

// A Failure is a launch that failed, so that it gave no sample.
type Failure struct {
	Name    string // name of the benchmark
	Side    harness.Side
	Round   int  // number of the round, from 0
	Dropped bool // the benchmark was dropped, because its launches failed in consecutive rounds
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

// Turns returns the complete turns of each benchmark, in the order of measurement, keyed by the
// benchmark's name. It leaves out turns without a sample of each side, which an interruption cut
// short.
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
