package strategies

import (
	"testing"
	"unsafe"
)

// A future has the documented size. With many futures, the allocator and the garbage collector take
// most of the time, which grows with the size.
func TestFutureSize(t *testing.T) {
	if n := unsafe.Sizeof(futureJob[int, int]{}); n != 128 && unsafe.Sizeof(n) == 8 {
		t.Errorf("a future with an input and an output of one word has %d bytes", n)
	}
}
