package worker

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// isHelper reports whether this process was started as a helper, a process that starts workers. In
// a helper, the descriptor wire.FDPage is a socket to the parent; in a worker, it is the shared
// page.
func isHelper() bool {
	kind, err := unix.GetsockoptInt(wire.FDPage, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_SEQPACKET {
		return false
	}
	peer, err := unix.GetsockoptUcred(wire.FDPage, unix.SOL_SOCKET, unix.SO_PEERCRED)
	return err == nil && int(peer.Pid) == os.Getppid()
}

// mostFiles is the largest number of descriptors that a worker may inherit.
const mostFiles = 16

// help is the main function of a helper process: it starts workers until the parent closes the
// socket. The workers run this program too. A request is a message with the descriptors that the
// worker inherits, numbered from 0. The answer has 32 bits of the worker's process id and 32 bits
// of an error number.
//
// The workers become children of the parent, not of this process. The parent waits for them as if
// it had started them itself, and they outlive this process.
func help() error {
	unix.CloseOnExec(wire.FDPage)
	rights := make([]byte, unix.CmsgSpace(4*mostFiles))
	for {
		n, control, flags, _, err := unix.Recvmsg(wire.FDPage, make([]byte, 1), rights, unix.MSG_CMSG_CLOEXEC)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return fmt.Errorf("read from the parent: %w", err)
		case n == 0:
			return nil
		}
		files := received(rights[:control])
		pid, err := 0, error(unix.EMFILE)
		if flags&unix.MSG_CTRUNC == 0 {
			pid, err = start(files)
		}
		for _, fd := range files {
			unix.Close(fd)
		}
		errno := unix.EINVAL
		if err == nil {
			errno = 0
		} else {
			errors.As(err, &errno)
		}
		answer := binary.LittleEndian.AppendUint32(nil, uint32(pid))
		answer = binary.LittleEndian.AppendUint32(answer, uint32(errno))
		if _, err := unix.Write(wire.FDPage, answer); err != nil {
			return fmt.Errorf("write to the parent: %w", err)
		}
	}
}

// received returns the descriptors that a control message of a socket carries.
func received(control []byte) (fds []int) {
	messages, _ := unix.ParseSocketControlMessage(control)
	for i := range messages {
		some, _ := unix.ParseUnixRights(&messages[i])
		fds = append(fds, some...)
	}
	return fds
}

// start starts a worker that inherits the descriptors in files. It executes /proc/self/exe, which
// exists even if the file of the program was removed. If the system has not enough memory to
// execute it, the parent is left with a child whose process id it does not know. When the parent
// receives the error, it looks for this child.
func start(files []int) (pid int, err error) {
	theirs := make([]uintptr, len(files))
	for i, fd := range files {
		theirs[i] = uintptr(fd)
	}
	return syscall.ForkExec("/proc/self/exe", os.Args, &syscall.ProcAttr{
		Env: os.Environ(), Files: theirs,
		// The worker sets its own parent-death signal. Set here, it would fire when this process
		// ends.
		Sys: &syscall.SysProcAttr{Setpgid: true, Cloneflags: unix.CLONE_PARENT},
	})
}

// dieWithParent makes the system kill this process when its parent ends. A worker needs this only
// if a helper process started it; a parent that starts a worker itself sets the same attribute.
func dieWithParent() { unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0) }
