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

// Pinning returns nil if this process can pin launches to cores. If not, it returns an error that
// wraps [ErrPinning] and the reason. In this case launches run unpinned, and only GOMAXPROCS limits
// the number of cores that they use.
func Pinning() (err error) {
	onThread(func() { err = pin(1) })
	if err != nil {
		return fmt.Errorf("%w; only GOMAXPROCS limits the number of cores that launches use", err)
	}
	return nil
}

// onThread calls the function f on a new thread and waits until f returns. The function f may
// change the thread's affinity mask: no other code runs on the thread, and the runtime ends the
// thread after f, because the goroutine of f remains locked to it.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}

// pin restricts the calling thread, and each process that the thread starts, to n cores: the first
// n in the order of [ranked].
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

// pinned returns a [harness.CoresError] if the calling thread, which was pinned to n cores, may now
// use fewer cores. This happens when a core goes offline: the system then removes the core from the
// affinity mask of the thread without an error.
func pinned(n int) error {
	if cores, err := affinity.Cores(0); err == nil && len(cores) < n {
		return &harness.CoresError{Want: n, Have: len(cores)}
	}
	return nil
}

// outside calls the function start, which must start a process from the calling thread. The process
// runs on the cores that a launch pinned to n cores does not use (see [pin]). If there are no such
// cores, or if pinning is not available, the process runs on all cores of the thread. Afterwards,
// the thread may use all of its cores again.
func outside(n int, start func() error) error {
	cores, err := ranked()
	if err != nil || n >= len(cores) || affinity.Keep(cores[n:]...) != nil {
		return start()
	}
	err = start()
	if back := affinity.Keep(cores...); back != nil && err == nil {
		err = fmt.Errorf("cannot restore the cores of the launch after starting its server: %w", back)
	}
	return err
}

// ranked returns the cores that the calling thread may use, in the order in which launches use
// them. The first hardware threads of all physical cores come first, then the second hardware
// threads, and so on.
func ranked() ([]int, error) {
	cores, err := affinity.Cores(0)
	slices.SortStableFunc(cores, func(a, b int) int { return cmp.Compare(sibling(a), sibling(b)) })
	return cores, err
}

// sibling returns the position of a hardware thread among the hardware threads of its physical
// core, counted from 0. The argument core is the system's number of the hardware thread. sibling
// returns 0 if the position is unknown.
func sibling(core int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", core))
	siblings, _ := affinity.ParseList(strings.TrimSpace(string(text)))
	return max(0, slices.Index(siblings, core))
}
