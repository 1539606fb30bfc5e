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

// ErrPinning reports that this machine cannot pin a process to cores.
var ErrPinning = errors.New("pinning to cores is not available")

// Pinning returns nil if launches can be pinned to cores. Otherwise it returns an [ErrPinning] with
// the reason, and only GOMAXPROCS limits the cores of a launch.
func Pinning() (err error) {
	onThread(func() { err = pin(1) })
	if err != nil {
		return fmt.Errorf("%w; only GOMAXPROCS limits the cores", err)
	}
	return nil
}

// onThread calls f on a new thread and waits for it. The thread ends after f, since its goroutine
// stays locked to it, so f may change the affinity mask of the thread.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}

// pin restricts the calling thread, and the processes that the thread starts, to the first n of its
// cores.
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

// pinned returns a [harness.CoresError] if the calling thread, which was pinned to n cores, now has
// fewer cores. The system shrinks the mask silently when a core goes offline.
func pinned(n int) error {
	if cores, err := affinity.Cores(0); err == nil && len(cores) < n {
		return &harness.CoresError{Want: n, Have: len(cores)}
	}
	return nil
}

// outside calls start, which must start a process from this thread. The process runs on the cores
// that pin(n) leaves free, or on all cores if none are free or pinning is not available.
// Afterwards, the thread may use all of its cores again.
func outside(n int, start func() error) error {
	cores, err := ranked()
	if err != nil || n >= len(cores) || affinity.Keep(cores[n:]...) != nil {
		return start()
	}
	err = start()
	if back := affinity.Keep(cores...); back != nil && err == nil {
		err = fmt.Errorf("restore the cores after starting a server: %w", back)
	}
	return err
}

// ranked returns the cores of this thread, ordered so that the first hardware threads of all
// physical cores come before the second hardware threads.
func ranked() ([]int, error) {
	cores, err := affinity.Cores(0)
	slices.SortStableFunc(cores, func(a, b int) int { return cmp.Compare(sibling(a), sibling(b)) })
	return cores, err
}

// sibling returns the number of a core among the hardware threads of its physical core, from 0. It
// returns 0 if that is unknown.
func sibling(core int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", core))
	siblings, _ := affinity.ParseList(strings.TrimSpace(string(text)))
	return max(0, slices.Index(siblings, core))
}
