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
// executors. A move to a larger stack would take several times as long as a small task.
//
// The test looks at the address of a local variable, modulo 4 KiB. On a stack of 4 KiB this is
// always in the top half of the 4 KiB. On many stacks of 2 KiB it is in the bottom half.
//
// If some goroutines have deep stacks, Go may start new goroutines on larger stacks after a garbage
// collection. The test therefore runs in a separate process, in which this is turned off.
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

// arrive waits until all other tasks have called it. A task first reads its stack address, since
// arrive needs more stack.
//
//go:noinline
func arrive(all *sync.WaitGroup) {
	all.Done()
	all.Wait()
}
