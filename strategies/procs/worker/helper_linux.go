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

// isHelper reports whether this process was started to start workers: in the place of the
// page there is a socket, of which its parent has the other end.
func isHelper() bool {
	kind, err := unix.GetsockoptInt(wire.FDPage, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_SEQPACKET {
		return false
	}
	peer, err := unix.GetsockoptUcred(wire.FDPage, unix.SOL_SOCKET, unix.SO_PEERCRED)
	return err == nil && int(peer.Pid) == os.Getppid()
}

// mostFiles is how many descriptors a worker may be given.
const mostFiles = 16

// help starts workers, which are this program again, until the parent closes the socket.
// A request is a message with the descriptors that the worker is to have, from 0 on. The
// answer is its process id and the number of an error, 32 bits each.
//
// The workers are children of the parent, as this process is: the parent notices their end
// and reaps them as if it had started them, and this process need not outlive them. As
// children of this one they would have to be waited for and looked after here, and would all
// end with it.
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

// received returns the descriptors of a message.
func received(control []byte) (fds []int) {
	messages, _ := unix.ParseSocketControlMessage(control)
	for i := range messages {
		some, _ := unix.ParseUnixRights(&messages[i])
		fds = append(fds, some...)
	}
	return fds
}

// start starts a worker. Its executable is the one that runs here, which cannot have gone. A
// process whose exec fails nevertheless (there is no memory) is the parent's child with an
// unknown number; the parent looks for it when it hears of the failure.
func start(files []int) (pid int, err error) {
	theirs := make([]uintptr, len(files))
	for i, fd := range files {
		theirs[i] = uintptr(fd)
	}
	return syscall.ForkExec("/proc/self/exe", os.Args, &syscall.ProcAttr{
		Env: os.Environ(), Files: theirs,
		// To have it killed with its parent is up to the worker: here that would mean the end of this process.
		Sys: &syscall.SysProcAttr{Setpgid: true, Cloneflags: unix.CLONE_PARENT},
	})
}

// dieWithParent has this process killed when its parent is gone. Where the parent started it
// the system knows already.
func dieWithParent() { unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0) }
