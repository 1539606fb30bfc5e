package strategies

import (
	"testing"
	"unsafe"
)

// A future is as small as it says: many at once are held up by the allocator and the
// collector, which see each of its bytes.
func TestFutureSize(t *testing.T) {
	if n := unsafe.Sizeof(futureJob[int, int]{}); n != 128 && unsafe.Sizeof(n) == 8 {
		t.Errorf("a future of a word each way has %d bytes", n)
	}
}
