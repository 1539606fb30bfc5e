package profile

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// A Row is a part of a [Difference]: the values of both sides per task.
type Row struct {
	Name string
	A, B float64
	// Half is half the width of the 95 % interval of A-B: the sampling error of kind cpu. It is 0
	// for other kinds, which count every event or sample by bytes.
	Half float64
}

// Diff returns A-B.
func (r Row) Diff() float64 { return r.A - r.B }

// A Difference compares two sides per task.
type Difference struct {
	A, B      Side
	Unit      string // unit of all values: nanoseconds or bytes
	Total     Row
	Stages    []Row // in the order of [Stages]; stages without samples are left out
	Functions []Row // sorted by the size of the difference, the largest first
}

// noTasks says why profiles of some kinds have no difference per task.
var noTasks = map[string]string{
	"heap":      "a heap profile shows what is in memory at one moment, which no task accounts for; use --kind allocs",
	"goroutine": "a goroutine profile shows one moment, which no task accounts for; use --kind block",
}

// Comparable returns an error if profiles of the kind have no difference per task.
func Comparable(kind string) error {
	if why := noTasks[kind]; why != "" {
		return fmt.Errorf("%s", why)
	}
	return nil
}

// Compare compares two sides of one kind.
func Compare(a, b Side) (d Difference, err error) {
	if a.Kind != b.Kind {
		return d, fmt.Errorf("%s is a %s profile and %s is a %s profile; compare profiles of one kind", a.Path, a.Kind, b.Path, b.Kind)
	}
	if err := Comparable(a.Kind); err != nil {
		return d, err
	}
	d = Difference{A: a, B: b, Unit: a.profile.SampleType[index(a.profile, a.Kind)].Unit}
	stages, functions, total := tally{}, tally{}, tally{}
	for i, s := range []Side{a, b} {
		at := index(s.profile, s.Kind)
		for _, sample := range s.samples() {
			v := float64(sample.Value[at]) / float64(s.Tasks)
			noise := 0.0
			if n := sample.Value[0]; s.Kind == "cpu" && n > 0 { // n is roughly a Poisson variable
				noise = v * v / float64(n)
			}
			total.add("all", i, v, noise)
			stages.add(cmp.Or(only(sample, Stage), "other"), i, v, noise)
			functions.add(function(sample), i, v, noise)
		}
	}
	for _, r := range total.rows() {
		d.Total = r
	}
	for _, name := range append(Stages(), "other") {
		if r, ok := stages[name]; ok {
			d.Stages = append(d.Stages, r.finish())
		}
	}
	d.Functions = functions.rows()
	slices.SortFunc(d.Functions, func(x, y Row) int {
		return cmp.Or(cmp.Compare(math.Abs(y.Diff()), math.Abs(x.Diff())), cmp.Compare(x.Name, y.Name))
	})
	return d, nil
}

// A tally adds up rows by name. Until a row is finished, its Half is a variance.
type tally map[string]*Row

func (t tally) add(name string, side int, v, noise float64) {
	r := t[name]
	if r == nil {
		r = &Row{Name: name}
		t[name] = r
	}
	*[]*float64{&r.A, &r.B}[side] += v
	r.Half += noise
}

func (t tally) rows() (all []Row) {
	for _, r := range t {
		all = append(all, r.finish())
	}
	return all
}

// finish returns the row with the half width of an interval in place of a variance.
func (r *Row) finish() Row {
	const normal = 1.96 // 95 % quantile
	f := *r
	f.Half = normal * math.Sqrt(r.Half)
	return f
}

// function returns the name of the innermost function of a sample. It skips asyncPreempt, in which
// the runtime interrupts a function: its timer is that of the profiler, so both often coincide.
func function(s *profile.Sample) string {
	for _, l := range s.Location {
		for _, line := range l.Line {
			if line.Function != nil && !strings.HasPrefix(line.Function.Name, "runtime.asyncPreempt") {
				return line.Function.Name
			}
		}
	}
	return "unknown"
}

// Scaled is the number of tasks to which [Difference.Write] scales values, because values of a profile
// are whole numbers.
const Scaled = 1_000_000

// Write writes the difference as a profile, compressed by gzip. The values of its samples are those of
// A, and the negative values of B, for a million tasks.
func (d Difference) Write(w io.Writer) error {
	var parts []*profile.Profile
	for i, s := range []Side{d.A, d.B} {
		p := s.profile.Copy()
		p.Sample = slices.DeleteFunc(p.Sample, func(sample *profile.Sample) bool {
			return only(sample, Cell) != s.Cell || only(sample, Stage) == Outside
		})
		for _, t := range p.SampleType {
			t.Type += "_per_million_tasks"
		}
		p.DefaultSampleType, p.Comments = "", nil
		p.Scale([]float64{1, -1}[i] * Scaled / float64(s.Tasks))
		parts = append(parts, p)
	}
	merged, err := profile.Merge(parts)
	if err != nil {
		return fmt.Errorf("%s and %s have profiles of different kinds: %w", d.A.Path, d.B.Path, err)
	}
	merged.DurationNanos = 0
	merged.Comments = []string{
		"difference per million tasks: A minus B, so 1 ms means 1 ns per task",
		fmt.Sprintf("A: %d tasks of %s", d.A.Tasks, d.A.Cell),
		fmt.Sprintf("B: %d tasks of %s", d.B.Tasks, d.B.Cell),
	}
	return merged.Write(w)
}
