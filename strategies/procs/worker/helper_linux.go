package worker

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// isHelper reports whether this process was started to start workers: in the place of
// the page there is a socket, of which its parent has the other end.
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
// answer is its process id and the number of an error, 32 bits each, and a descriptor that
// stands for the process.
//
// The workers are children of the parent, as this process is: the parent notices their end
// and reaps them as if it had started them, and this process need not outlive them. Were
// they children of this one, it would have to wait for them, tell how they ended, look for
// stopped ones, and would take them all with it.
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
		pid, pidfd, err := 0, -1, error(unix.EMFILE)
		if flags&unix.MSG_CTRUNC == 0 {
			pid, pidfd, err = start(files)
		}
		for _, fd := range files {
			unix.Close(fd)
		}
		var answer [8]byte
		binary.LittleEndian.PutUint32(answer[:], uint32(pid))
		if errno, ok := err.(syscall.Errno); ok {
			binary.LittleEndian.PutUint32(answer[4:], uint32(errno))
		} else if err != nil {
			binary.LittleEndian.PutUint32(answer[4:], uint32(unix.EINVAL))
		}
		var handle []byte
		if pidfd >= 0 {
			handle = unix.UnixRights(pidfd)
		}
		err = unix.Sendmsg(wire.FDPage, answer[:], handle, nil, 0)
		if pidfd >= 0 {
			unix.Close(pidfd)
		}
		if err != nil {
			return fmt.Errorf("write to the parent: %w", err)
		}
	}
}

// received returns the descriptors of a message.
func received(control []byte) (fds []int) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil
	}
	for i := range messages {
		if some, err := unix.ParseUnixRights(&messages[i]); err == nil {
			fds = append(fds, some...)
		}
	}
	return fds
}

// start starts a worker. Its executable is the one that runs here, which cannot have gone. A
// process whose exec fails nevertheless (there is no memory) is the parent's child, whose
// number nobody knows; the parent looks for it when it hears of the failure.
func start(files []int) (pid, pidfd int, err error) {
	theirs := make([]uintptr, len(files))
	for i, fd := range files {
		theirs[i] = uintptr(fd)
	}
	pidfd = -1
	pid, err = syscall.ForkExec("/proc/self/exe", os.Args, &syscall.ProcAttr{
		Env: os.Environ(), Files: theirs,
		// It cannot be told here to die with its parent: that would be this process's.
		Sys: &syscall.SysProcAttr{Setpgid: true, Cloneflags: unix.CLONE_PARENT, PidFD: &pidfd},
	})
	return pid, pidfd, err
}

// dieWithParent has this process killed when its parent is gone, as it may have been told
// already.
func dieWithParent() { unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0) }
