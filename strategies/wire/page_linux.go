package wire

import "golang.org/x/sys/unix"

// pageFile returns a descriptor of anonymous memory, closed on exec.
func pageFile() (int, error) { return unix.MemfdCreate("payoff", unix.MFD_CLOEXEC) }
