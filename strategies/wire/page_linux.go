package wire

import "golang.org/x/sys/unix"

// pageFile returns a descriptor of anonymous memory of PageSize bytes. The system closes the
// descriptor in a process that executes another program. The size is sealed: if a worker could
// truncate the memory, the parent would crash at its next access. The system allocates all of the
// memory in this call, so the parent cannot crash later for lack of memory.
func pageFile() (int, error) {
	fd, err := unix.MemfdCreate("payoff", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, &PageError{"cannot create the file of the page", err}
	}
	for err = unix.EINTR; err == unix.EINTR; {
		err = unix.Fallocate(fd, 0, 0, PageSize)
	}
	if err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	}
	if err != nil {
		unix.Close(fd)
		return -1, noRoom(err)
	}
	return fd, nil
}
