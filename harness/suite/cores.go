package suite

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
)

// Words of the cores axis beside numbers.
const (
	CoresMax    = "max"    // all cores that this process may use
	CoresPowers = "powers" // 1, 2, 4, … and max
)

// ParseCores returns the core counts that words (numbers, "max", "powers") stand for on
// a machine with most cores, ascending and each once. A count beyond the machine is a
// [harness.CoresError].
func ParseCores(words []string, most int) ([]int, error) {
	var counts []int
	for _, w := range words {
		switch n, err := strconv.Atoi(w); {
		case w == CoresMax:
			counts = append(counts, most)
		case w == CoresPowers:
			for n := 1; n < most; n *= 2 {
				counts = append(counts, n)
			}
			counts = append(counts, most)
		case err != nil || n < 1:
			return nil, fmt.Errorf("cores %q: not a number from 1 up, %q or %q", w, CoresMax, CoresPowers)
		case n > most:
			return nil, &harness.CoresError{Want: n, Have: most}
		default:
			counts = append(counts, n)
		}
	}
	slices.Sort(counts)
	return slices.Compact(counts), nil
}

// cores validates the values of the cores axis, which are numbers or words.
func (d *document) cores(path string, value any) (words []string, err error) {
	values, ok := value.([]any)
	if !ok {
		return nil, d.errorf(path, "%s", d.wanted("cores"))
	}
	for _, v := range values {
		w := fmt.Sprint(v)
		if n, err := strconv.Atoi(w); w != CoresMax && w != CoresPowers && (err != nil || n < 1) {
			return nil, d.errorf(path, `cores has %q; write numbers from 1 up, "max" or "powers"`, w)
		}
		words = append(words, w)
	}
	return words, d.once(path, words)
}
