//go:build unix

package strategies

import (
	"math"
	"syscall"
	"testing"
)

// reserve returns size bytes of memory that are not there until they are touched.
func reserve(t *testing.T, size int64) []byte {
	if size > math.MaxInt {
		t.Skip("an int is too small for so many bytes")
	}
	room, err := syscall.Mmap(-1, 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	if err != nil {
		t.Skip("no room: ", err)
	}
	t.Cleanup(func() { syscall.Munmap(room) })
	return room
}
