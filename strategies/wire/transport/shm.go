package transport

import (
	"cmp"
	"fmt"
	"math/bits"
	"time"
)

// SHMOptions are the options of the transport [SHM]. With the zero SHMOptions, each ring has 1 MiB,
// and Write sleeps at once if the ring has no room.
type SHMOptions struct {
	// Size is the size in bytes of each of the two rings, a power of two from 4 KiB to 64 MiB; 0
	// means 1 MiB. The memory is allocated when the channel is opened. A message that is larger
	// than a ring moves at a third of the speed, since the two ends must wait for each other.
	Size int
	// Spin is how long Write polls for room, without yielding the CPU, before it sleeps. Polling is
	// useful only if each end has a core of its own; otherwise it takes the core from the peer.
	// After polls without success, Write polls less. 0 means no polling; 20 to 50 µs is enough.
	// Read always polls for bytes, but yields between polls.
	Spin time.Duration
}

const (
	smallestRing = 4 << 10
	usualRing    = 1 << 20
	largestRing  = 64 << 20
	longestSpin  = 10 * time.Millisecond
)

// SHM returns the transport that uses two rings in shared memory. It needs Linux.
func SHM(o SHMOptions) Transport {
	o.Size = cmp.Or(o.Size, usualRing)
	return Transport{
		Name: "shm", Doc: "two rings in shared memory",
		open: func() (*Offer, error) {
			if err := o.check(); err != nil {
				return nil, err
			}
			return openSHM(o)
		},
		spin: func(d time.Duration) Transport {
			polling := o
			polling.Spin = cmp.Or(o.Spin, d)
			return SHM(polling)
		},
	}
}

func (o SHMOptions) check() error {
	switch {
	case o.Size < smallestRing || o.Size > largestRing || bits.OnesCount(uint(o.Size)) != 1:
		return &RefusedError{Transport: "shm", Reason: fmt.Sprintf("ring size %d bytes is invalid; it must be a power of two from %d to %d (0 means %d)", o.Size, smallestRing, largestRing, usualRing)}
	case o.Spin < 0 || o.Spin > longestSpin:
		return &RefusedError{Transport: "shm", Reason: fmt.Sprintf("spin time %v is out of range; it must be from 0 to %v", o.Spin, longestSpin)}
	}
	return nil
}
