package affinity

import (
	"fmt"
	"strings"
)

// FormatList returns ascending numbers as text in the list format of Linux, such as "0-3,8".
func FormatList(all []int) string {
	var parts []string
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end] == all[end-1]+1 {
			end++
		}
		part := fmt.Sprint(all[i])
		if end > i+1 {
			part += fmt.Sprintf("-%d", all[end-1])
		}
		parts, i = append(parts, part), end
	}
	return strings.Join(parts, ",")
}

// ParseList parses a list of numbers in the list format of Linux, such as "0-3,8". It returns no
// numbers for the text "".
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
