package shared

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL

// newMemory returns size bytes of memory that other processes can map, and the descriptor of this
// memory. The system closes the descriptor in a process that executes another program. The size is
// sealed: if a worker could truncate the memory, this process would crash at its next access.
func newMemory(size int) (fd int, mem []byte, err error) {
	fd, err = unix.MemfdCreate("payoff-arena", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, nil, fmt.Errorf("arena of %d bytes: create: %w", size, err)
	}
	if err = unix.Ftruncate(fd, int64(size)); err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals)
	}
	if err == nil {
		mem, err = unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	}
	if err != nil {
		unix.Close(fd)
		return -1, nil, fmt.Errorf("arena of %d bytes: %w", size, err)
	}
	return fd, mem, nil
}

// backMemory makes the system allocate n bytes of the memory with the descriptor fd, beginning at
// the offset at. If the system does not have enough memory, backMemory returns an error. Without
// this call, a later access could crash the process.
func backMemory(fd, at, n int) (err error) {
	for err = unix.EINTR; err == unix.EINTR; {
		err = unix.Fallocate(fd, 0, int64(at), int64(n))
	}
	return err
}

// mapMemory maps the arena that another process has created and whose descriptor is fd. If fd is
// not the descriptor of a file, mapMemory returns nil.
func mapMemory(fd int) ([]byte, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, fmt.Errorf("arena on descriptor %d: %w", fd, err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, nil
	}
	if got, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0); err != nil || got&seals != seals {
		return nil, errors.Join(errors.New("the size of the arena is not sealed, so a process could change it"), err)
	}
	mem, err := unix.Mmap(fd, 0, int(st.Size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map arena of %d bytes: %w", st.Size, err)
	}
	return mem, nil
}

func unmapMemory(mem []byte) { unix.Munmap(mem) }

func closeMemory(fd int) { unix.Close(fd) }
