package harness

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The goals of a [Search].
const (
	FindCrossover = "crossover" // the value at which two strategies take the same time
	FindMETG      = "metg"      // the smallest task size at which a strategy reaches an efficiency
)

// A Search is the question of payoff find: at which value of an axis two strategies are equally
// fast, or a strategy reaches an efficiency.
type Search struct {
	Goal       string  // FindCrossover or FindMETG
	A, B       string  // strategies with settings, such as "pool,chunk=64"; B is direct for FindMETG
	Axis       string  // key of an axis with numbers
	From, To   int     // smallest and largest value
	Efficiency float64 `json:",omitempty"` // efficiency that A must reach, for FindMETG
	Task       Task    // the task; without its value on the axis
	Cores      int
	Precision  float64 // largest relative half-width of the interval
}

// A SearchAxis is an axis on which payoff find can search, with its usual range.
type SearchAxis struct {
	Key      string
	From, To int
	Whole    bool // the search may end when two neighbouring whole numbers enclose the answer
}

// SearchAxes returns the axes on which payoff find can search.
func SearchAxes() []SearchAxis {
	return []SearchAxis{
		{"grain", 50, 1_000_000, false},
		{"batch", 1, 1024, true},
		{"payload", 64, 1 << 20, false},
		{"chunk", 1, 4096, true},
		{"workers", 1, 64, true},
		{"tasks", 1, 16_384, true},
	}
}

// Name returns the name of the search, such as "find-crossover-grain-spin". It takes the place of
// the name of a suite, for example in the name of the run folder.
func (s Search) Name() string {
	return strings.Join([]string{"find", s.Goal, s.Axis, s.Task.Workload}, "-")
}

// searchStep is the largest ratio of neighbouring values of a search.
const searchStep = 1.15

// Values returns the values of the axis at which the search may measure, in increasing order: a
// geometric sequence from From to To, rounded to whole numbers. If B itself sets the axis, as in
// "pool,chunk=64", Values leaves out this value, because there A and B may be the same cell.
func (s Search) Values() (values []int) {
	n := int(math.Ceil(math.Log(float64(s.To)/float64(s.From)) / math.Log(searchStep)))
	for i := range n + 1 {
		v := float64(s.From) * math.Pow(float64(s.To)/float64(s.From), float64(i)/float64(max(1, n)))
		values = append(values, int(math.Round(v)))
	}
	_, settings, _ := strings.Cut(s.B, ",")
	for setting := range strings.SplitSeq(settings, ",") {
		if key, text, _ := strings.Cut(setting, "="); key == s.Axis {
			values = slices.DeleteFunc(values, func(v int) bool { return strconv.Itoa(v) == text })
		}
	}
	return slices.Compact(values)
}

// Limit returns the ratio T_A/T_B that the search looks for: 1 for a crossover. For the METG, T_B
// is the makespan of the direct loop, and the ratio is the one at which A has the given efficiency:
// 1/(efficiency × cores).
func (s Search) Limit() float64 {
	if s.Goal == FindMETG {
		return 1 / (s.Efficiency * float64(s.Cores))
	}
	return 1
}

// Check returns an error if the search cannot be made. It does not check whether the strategies and
// the workload exist.
func (s Search) Check() error {
	keys := []string{}
	for _, a := range SearchAxes() {
		keys = append(keys, a.Key)
	}
	switch {
	case s.Goal != FindCrossover && s.Goal != FindMETG:
		return &UnknownError{Kind: "goal", Name: s.Goal, Have: []string{FindMETG, FindCrossover}}
	case !slices.Contains(keys, s.Axis):
		return &UnknownError{Kind: "axis", Name: s.Axis, Have: keys}
	case s.Goal == FindMETG && s.Axis != "grain" && s.Axis != "batch":
		return fmt.Errorf("METG is a size of tasks, so its axis is grain or batch, not %s; find crossover searches on %s", s.Axis, s.Axis)
	case s.Goal == FindMETG && s.B != Direct:
		return fmt.Errorf("METG compares one strategy with the direct loop; remove --against, or use find crossover")
	case s.A == Direct:
		return fmt.Errorf("--strategy direct is the plain loop itself; name another strategy in --strategy, and direct in --against")
	case s.From >= s.To:
		return fmt.Errorf("the range from %d to %d is empty; give a smaller --from or a larger --to", s.From, s.To)
	case len(s.Values()) < 3:
		return fmt.Errorf("the range from %d to %d has fewer than 3 values; give a wider range", s.From, s.To)
	}
	if strings.Contains(s.A, ","+s.Axis+"=") {
		return fmt.Errorf("strategy %s sets %s, which is the axis of the search; remove this setting", s.A, s.Axis)
	}
	return nil
}
