package transport

import (
	"errors"
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire/ring"
)

// The shared memory consists of a page, in which each end records whether it sleeps, and two rings.
// Its size is sealed, so neither end can remove memory that the other end uses.
const (
	sleepParent = 128 // offset of a word with its own cache lines
	sleepChild  = 256
	ringsAt     = 4096
	seals       = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
)

func memoryLen(ringSize int) int { return ringsAt + 2*(ring.HeadLen+ringSize) }

func openSHM(o SHMOptions) (*Offer, error) {
	fd, err := unix.MemfdCreate("payoff-ring", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("memory: %w", err)
	}
	// Fallocate allocates all memory at once. If memory is missing, it returns an error now, and no
	// access fails later.
	for err = unix.EINTR; err == unix.EINTR; {
		err = unix.Fallocate(fd, 0, 0, int64(memoryLen(o.Size)))
	}
	if err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		closeAll(fd)
		return nil, fmt.Errorf("memory of %d bytes: %w", memoryLen(o.Size), err)
	}
	here, there, err := ticket{Transport: "shm", Size: o.Size, Spin: o.Spin}.issue()
	if err != nil {
		closeAll(fd)
		return nil, err
	}
	s, err := mapShared(fd, here, o, sleepParent)
	if err != nil {
		closeAll(fd, here, there)
		return nil, err
	}
	return &Offer{Files: []int{there, fd}, conn: s}, nil
}

// takeSHM returns the child's end of the channel in shared memory. The argument fd is the
// descriptor of the memory, and bell the socket by which one end wakes the other. On success
// takeSHM closes fd; on an error it leaves fd open.
func (t ticket) takeSHM(bell, fd int) (Conn, error) {
	o := SHMOptions{Size: t.Size, Spin: t.Spin}
	if err := o.check(); err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	if st.Size != int64(memoryLen(o.Size)) {
		return nil, fmt.Errorf("memory has %d bytes, not %d", st.Size, memoryLen(o.Size))
	}
	if got, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0); err != nil || got&seals != seals {
		return nil, errors.Join(errors.New("the size of the memory is not sealed, so a process could change it"), err)
	}
	s, err := mapShared(fd, bell, o, sleepChild)
	if err != nil {
		return nil, err
	}
	closeAll(fd)
	return s, nil
}

// mapShared maps shared memory and returns one end of the channel in it. The argument fd is the
// descriptor of the memory, and bell the socket by which one end wakes the other. The argument mine
// is the offset of this end's sleep word, in which the end records that it sleeps.
func mapShared(fd, bell int, o SHMOptions, mine int) (*shared, error) {
	mem, err := unix.Mmap(fd, 0, memoryLen(o.Size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map memory: %w", err)
	}
	half := ring.HeadLen + o.Size
	out, in := mem[ringsAt:ringsAt+half], mem[ringsAt+half:]
	theirs := sleepChild
	if mine == sleepChild {
		theirs, out, in = sleepParent, in, out
	}
	w, errW := ring.NewWriter(out)
	r, errR := ring.NewReader(in)
	if err := errors.Join(errW, errR); err != nil {
		unix.Munmap(mem)
		return nil, err
	}
	return &shared{
		in: r, out: w, mem: mem, bell: bell, limit: o.Spin,
		mine:   (*atomic.Uint32)(unsafe.Pointer(&mem[mine])),
		theirs: (*atomic.Uint32)(unsafe.Pointer(&mem[theirs])),
	}, nil
}
