package wire

import "golang.org/x/sys/unix"

// pageFile returns a descriptor of anonymous memory of PageSize bytes, closed on exec. Its size
// is sealed: a worker that cut it short would have this process end by a fault, when it next
// looks. And all of it is allocated now, since memory that is missing later is a fault too.
func pageFile() (int, error) {
	fd, err := unix.MemfdCreate("payoff", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, &PageError{"no file for it", err}
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
