package harness

import (
	"slices"
	"strings"
	"time"
)

// A Side is one of the three sides of a run that compares two programs: the base, the base a second
// time, and the head.
type Side int

// The three sides of a comparison. BaseAgain is a second launch of the base in each round: its
// difference from the first shows the noise floor.
const (
	Base Side = iota
	BaseAgain
	Head
	Sides = 3 // number of sides
)

func (s Side) String() string { return [...]string{"base", "base-again", "head"}[s] }

// A SideSample is the result of one launch of one [Side].
type SideSample struct {
	Name    string // benchmark name, with the number of cores at its end, without the word Benchmark
	Round   int    // number of the round, from 0
	Attempt int    // 1 or more if the three sides were measured again in the round
	At      time.Time
	Reps    int
	Values  map[string]float64 // measured values, keyed by unit
	Marks   []string           // see [MarkSteal] and the other marks
	// Wall and CPU are the times of the whole launch, from the start of the process to its end. CPU
	// is the user and system time of the process and its descendants.
	Wall, CPU time.Duration
}

// Contaminated reports whether the sample has a mark which says that other work disturbed the
// launch.
func (s SideSample) Contaminated() bool { return Sample{Marks: s.Marks}.Contaminated() }

// Starved reports whether the sample has [MarkStarved]: during the launch, other processes took
// much of the cores' time.
func (s SideSample) Starved() bool { return Sample{Marks: s.Marks}.Starved() }

// Standard units of Go benchmarks.
const (
	UnitBytesOp  = "B/op"
	UnitAllocsOp = "allocs/op"
)

// BetterOf returns whether lower or higher values of a unit are better: "lower", "higher", or "" if
// this is unknown.
func BetterOf(unit string) string {
	units := Units()
	if i := slices.IndexFunc(units, func(u Unit) bool { return u.Name == unit }); i >= 0 {
		return units[i].Better
	}
	switch {
	case strings.HasSuffix(unit, "/s"):
		return "higher"
	case IsTime(unit) || unit == UnitBytesOp || unit == UnitAllocsOp:
		return "lower"
	}
	return ""
}

// IsTime reports whether the unit is a time, such as ns/op or p99-ns.
func IsTime(unit string) bool {
	unit, _, _ = strings.Cut(unit, "/")
	word := unit[strings.LastIndexByte(unit, '-')+1:]
	return slices.Contains([]string{"ns", "nsec", "sec"}, word)
}
