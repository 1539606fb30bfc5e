package harness

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// pin keeps this thread, and the processes that it starts, to the first n of its cores: of
// each physical core the first hardware thread before the second of any.
func pin(n int) error {
	var allowed, mask unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return fmt.Errorf("%w: sched_getaffinity: %v", ErrPinning, err)
	}
	var cpus []int
	for cpu := range len(allowed) * 64 {
		if allowed.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	if n > len(cpus) {
		return &CoresError{Want: n, Have: len(cpus)}
	}
	slices.SortStableFunc(cpus, func(a, b int) int { return cmp.Compare(sibling(a), sibling(b)) })
	for _, cpu := range cpus[:n] {
		mask.Set(cpu)
	}
	if err := unix.SchedSetaffinity(0, &mask); err != nil {
		return fmt.Errorf("%w: sched_setaffinity: %v", ErrPinning, err)
	}
	return nil
}

// pinned returns a [CoresError] if this thread, which was kept to n cores, has fewer by now:
// the mask shrinks without a word when a core is taken offline.
func pinned(n int) error {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err == nil && allowed.Count() < n {
		return &CoresError{Want: n, Have: allowed.Count()}
	}
	return nil
}

// sibling returns which hardware thread of its physical core cpu is, from 0; 0 where the
// system does not say.
func sibling(cpu int) int {
	list, err := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu))
	if err != nil {
		return 0
	}
	rank := 0
	for part := range strings.SplitSeq(strings.TrimSpace(string(list)), ",") {
		var low, high int
		if n, _ := fmt.Sscanf(part, "%d-%d", &low, &high); n == 1 {
			high = low
		}
		rank += max(0, min(high+1, cpu)-low)
	}
	return rank
}
