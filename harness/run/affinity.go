package run

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/affinity"
)

// ErrPinning is a machine on which a process cannot be kept to some of its cores.
var ErrPinning = errors.New("pinning to cores is not available")

// Pinning returns nil where launches can be pinned to cores. Otherwise it is an
// [ErrPinning] that says why; launches then only have GOMAXPROCS set.
func Pinning() error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its mask
		done <- pin(1)
	}()
	if err := <-done; err != nil {
		return fmt.Errorf("%w; core counts are GOMAXPROCS alone", err)
	}
	return nil
}

// pin keeps this thread, and the processes that it starts, to the first n of its cores.
func pin(n int) error {
	cores, err := ranked()
	have := len(cores)
	if err != nil {
		have = runtime.NumCPU()
	}
	if n > have {
		return &harness.CoresError{Want: n, Have: have}
	}
	if err == nil {
		err = affinity.Keep(cores[:n]...)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPinning, err)
	}
	return nil
}

// pinned returns a [harness.CoresError] if this thread, which was kept to n cores, has fewer by
// now: the mask shrinks silently when a core is taken offline.
func pinned(n int) error {
	if cores, err := affinity.Cores(0); err == nil && len(cores) < n {
		return &harness.CoresError{Want: n, Have: len(cores)}
	}
	return nil
}

// outside calls start, which starts a process from this thread, such that the process runs
// on the cores that [pin] of n leaves; on all where it leaves none, and where nothing can be
// pinned. The thread itself keeps all of its cores.
func outside(n int, start func() error) error {
	cores, err := ranked()
	if err != nil || n >= len(cores) || affinity.Keep(cores[n:]...) != nil {
		return start()
	}
	err = start()
	if back := affinity.Keep(cores...); back != nil && err == nil {
		err = fmt.Errorf("cores after the start of a server: %w", back)
	}
	return err
}

// ranked returns the cores of this thread: of each physical core the first hardware thread
// before the second of any.
func ranked() ([]int, error) {
	cores, err := affinity.Cores(0)
	slices.SortStableFunc(cores, func(a, b int) int { return cmp.Compare(sibling(a), sibling(b)) })
	return cores, err
}

// sibling returns which hardware thread of its physical core a core is, from 0; 0 where the
// system does not say.
func sibling(core int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", core))
	siblings, _ := affinity.ParseList(strings.TrimSpace(string(text)))
	return max(0, slices.Index(siblings, core))
}
