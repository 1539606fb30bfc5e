package transport

import (
	"fmt"
	"math/bits"
	"time"
)

// SHMOptions are those of [SHM]. The zero value is rings of 1 MiB, and no spinning.
type SHMOptions struct {
	// Size is the bytes of a ring, one each way: a power of two from 4 KiB to 64 MiB; 0
	// means 1 MiB. The memory is taken when the channel is opened. A message that does not
	// fit into a ring moves at a third of the speed, since the ends wait for each other.
	Size int
	// Spin is how long an end that waits for room in Write looks before it sleeps, and keeps
	// its core for. It makes sense only while there is a core for each end that looks; else the
	// end takes the core from the one that it looks for. An end looks less when it was in vain.
	// 0 is not at all; 20 to 50 µs is plenty. Read looks for bytes in any case, but yields.
	Spin time.Duration
}

const (
	smallestRing = 4 << 10
	usualRing    = 1 << 20
	largestRing  = 64 << 20
	longestSpin  = 10 * time.Millisecond
)

// SHM returns the transport over two rings in shared memory. Linux only.
func SHM(o SHMOptions) Transport {
	return Transport{
		Name: "shm", Doc: "two rings in shared memory",
		open: func() (*Offer, error) {
			if o.Size == 0 {
				o.Size = usualRing
			}
			if err := o.check(); err != nil {
				return nil, err
			}
			return openSHM(o)
		},
		spin: func(d time.Duration) Transport {
			if o.Spin == 0 {
				o.Spin = d
			}
			return SHM(o)
		},
	}
}

func (o SHMOptions) check() error {
	switch {
	case o.Size < smallestRing || o.Size > largestRing || bits.OnesCount(uint(o.Size)) != 1:
		return &RefusedError{Transport: "shm", Reason: fmt.Sprintf("a ring of %d bytes: it must be a power of two from %d to %d (0 means %d)", o.Size, smallestRing, largestRing, usualRing)}
	case o.Spin < 0 || o.Spin > longestSpin:
		return &RefusedError{Transport: "shm", Reason: fmt.Sprintf("looking for %v: it must be 0 to %v", o.Spin, longestSpin)}
	}
	return nil
}
