package affinity

import (
	"fmt"
	"strings"
)

// ParseList returns the numbers of a list as the system writes it, "0-3,8"; none of "".
func ParseList(list string) (all []int, err error) {
	if list == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		var low, high int
		switch got, _ := fmt.Sscanf(part, "%d-%d", &low, &high); {
		case got == 1:
			high = low
		case got < 1 || high < low:
			return nil, fmt.Errorf("%q is no list of numbers", list)
		}
		for ; low <= high; low++ {
			all = append(all, low)
		}
	}
	return all, nil
}
