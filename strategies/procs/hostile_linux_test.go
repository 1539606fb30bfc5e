package procs

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/ring"
)

// ringMisdeeds returns misdeeds (invalid actions of a worker) that write directly to the shared
// memory of the channel, past the worker's Conn.
func ringMisdeeds() map[string]misdeed {
	all := map[string]misdeed{}
	far := func(uint64) uint64 { return 1 << 40 }
	ones := func(uint64) uint64 { return 1<<64 - 1 }
	for name, m := range map[string]misdeed{
		"write index": {do: func(*hostileWorker, uint32) { scribble(rings().toParent, far) }, cause: "the write index", blamed: 1},
		"read index":  {do: func(*hostileWorker, uint32) { scribble(rings().toWorker[128:], far) }, cause: "the read index", blamed: 1, either: true}, // found when the parent writes more
		"both": {do: func(*hostileWorker, uint32) {
			scribble(rings().toParent, ones)
			scribble(rings().toWorker[128:], ones)
		}, cause: "shared memory is corrupt", blamed: 1},
		"shut": {do: func(*hostileWorker, uint32) { scribble(rings().toParent[8:], ones) }, cause: "closed its channel", blamed: 1},
		"bytes": {do: func(*hostileWorker, uint32) {
			r := rings()
			for i := range r.toParent[ring.HeadLen:] {
				r.toParent[ring.HeadLen+i] = byte(i * 11)
			}
			scribble(r.toParent, func(tail uint64) uint64 { return tail + 40 })
		}, cause: "not a frame", blamed: 1},
		"sleep": {do: answers(func(*hostileWorker, uint32) {
			scribble(rings().sleep[128:], ones)
			scribble(rings().sleep[256:], ones)
		}), goesOn: true},
		"awake": {do: answers(func(*hostileWorker, uint32) {
			scribble(rings().sleep[128:], func(uint64) uint64 { return 0 })
		}), goesOn: true},
	} {
		do := m.do
		m.do, m.over = func(w *hostileWorker, n uint32) {
			for r := rings(); !bytes.Equal(r.toParent[:8], r.toParent[128:136]); {
				runtime.Gosched() // wait until the parent has read everything, which would be spoilt too
			}
			do(w, n)
		}, "shm"
		all[name] = m
	}
	return all
}

// mapped is the channel memory that this worker process has mapped.
type mapped struct{ sleep, toWorker, toParent []byte }

func rings() mapped {
	b, err := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, "memfd:payoff-ring") {
			var from, to uintptr
			_, err = fmt.Sscanf(line, "%x-%x", &from, &to)
			mem := unsafe.Slice(*(**byte)(unsafe.Pointer(&from)), int(to-from))
			const head, half = 4096, ring.HeadLen + hostileRing
			return mapped{mem[:head], mem[head : head+half], mem[head+half : head+2*half]}
		}
	}
	panic(fmt.Sprint("no ring: ", err))
}

// cutPage tries to truncate the page of memory that worker and parent share. The seal of the page
// prevents it.
func cutPage() {
	if err := unix.Ftruncate(wire.FDPage, 0); err != unix.EPERM {
		panic(fmt.Sprint("the page is not sealed: ", err))
	}
}
