//go:build amd64 && !race

package strategies

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"unsafe"
)

// A task of spawn runs on the first 2 KiB of the stack of its goroutine, even if there are many
// executors. To move to a larger stack takes several times as long as a small task.
//
// The top half of a stack of 4 KiB is in the top half of 4 KiB of memory, but many of those of 2 KiB are
// in the bottom half.
//
// Go may start goroutines on larger stacks after a garbage collection while some have deep stacks. The
// test therefore runs in a process of its own in which Go does not.
func TestSpawnStack(t *testing.T) {
	const fixed = "adaptivestackstart=0"
	if os.Getenv("GODEBUG") != fixed {
		alone := exec.Command(os.Args[0], "-test.run=^TestSpawnStack$")
		alone.Env = append(os.Environ(), "GODEBUG="+fixed)
		if out, err := alone.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	for range 40 {
		ex := Serial()
		if _, err := Map(t.Context(), ex, []int{1}, func(context.Context, int) (int, error) { return 0, nil }); err != nil {
			t.Fatal(err)
		}
		ex.Close()
	}
	const tasks = 200 // each on a stack of its own
	ex := Spawn(tasks)
	defer ex.Close()
	var all sync.WaitGroup
	all.Add(tasks)
	low, err := Map(t.Context(), ex, make([]int, tasks), func(context.Context, int) (bool, error) {
		var here byte
		low := uintptr(unsafe.Pointer(&here))%4096 < 2048
		arrive(&all)
		return low, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, l := range low {
		if l {
			n++
		}
	}
	if n == 0 {
		t.Error("every task was moved to a larger stack")
	}
}

// arrive waits for the other tasks. It is called after the stack was looked at, since it needs more.
//
//go:noinline
func arrive(all *sync.WaitGroup) {
	all.Done()
	all.Wait()
}
