package affinity

import (
	"fmt"
	"strings"
)

// ParseList parses a list of numbers as Linux writes it, such as "0-3,8". It returns no numbers
// for "".
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
			return nil, fmt.Errorf("%q is not a list of numbers", list)
		}
		for ; low <= high; low++ {
			all = append(all, low)
		}
	}
	return all, nil
}
