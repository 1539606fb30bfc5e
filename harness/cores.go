package harness

import (
	"fmt"
	"slices"
	"strconv"
)

// Words of the cores axis beside numbers.
const (
	CoresMax    = "max"    // all cores that this process may use
	CoresPowers = "powers" // 1, 2, 4, … and max
)

// ParseCores returns the core counts that words (numbers, "max", "powers") stand for on
// a machine with most cores, ascending and each once. A count beyond the machine is a
// [CoresError].
func ParseCores(words []string, most int) ([]int, error) {
	var counts []int
	for _, w := range words {
		switch w {
		case CoresMax:
			counts = append(counts, most)
		case CoresPowers:
			for n := 1; n < most; n *= 2 {
				counts = append(counts, n)
			}
			counts = append(counts, most)
		default:
			n, err := strconv.Atoi(w)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("cores %q: not a number from 1 up, %q or %q", w, CoresMax, CoresPowers)
			}
			if n > most {
				return nil, &CoresError{Want: n, Have: most}
			}
			counts = append(counts, n)
		}
	}
	slices.Sort(counts)
	return slices.Compact(counts), nil
}
