//go:build unix

package strategies

import (
	"math"
	"syscall"
	"testing"
)

// reserve returns a slice of size bytes, which take address space but no memory until they are
// used.
func reserve(t *testing.T, size int64) []byte {
	if size > math.MaxInt {
		t.Skip("an int cannot hold the size")
	}
	room, err := syscall.Mmap(-1, 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	if err != nil {
		t.Skip("cannot reserve memory: ", err)
	}
	t.Cleanup(func() { syscall.Munmap(room) })
	return room
}
