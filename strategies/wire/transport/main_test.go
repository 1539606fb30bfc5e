//go:build unix

package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
)

const first = 3 // number of the first inherited descriptor

// TestMain runs the tests or, in a child process, the function that the parent has chosen. The test
// binary is also the program of the child processes.
func TestMain(m *testing.M) {
	if len(os.Args) < 3 || os.Args[1] != "child" {
		code := m.Run()
		if err := goleak.Find(); code == 0 && err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}
	what, how, _ := strings.Cut(os.Args[2], " ")
	child := map[string]func() error{
		"echo": echoChild, "bytes": bytesChild, "die": dieChild, "exhaust": exhaustChild,
		"bare": bareChild, "futex": bareFutexChild,
		"wake": func() error { return wakeChild(how) },
	}[what]
	if err := child(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// start runs this binary as a child process. The argument what names the function that the child
// runs. The child inherits the descriptors in files, numbered from 3 on.
func start(t testing.TB, files []int, what string) (pid int) {
	t.Helper()
	inherited := []uintptr{0, 1, 2}
	for _, fd := range files {
		inherited = append(inherited, uintptr(fd))
	}
	pid, err := syscall.ForkExec(os.Args[0], []string{os.Args[0], "child", what}, &syscall.ProcAttr{
		Env: []string{"GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0"}, Files: inherited,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Kill(pid, unix.SIGKILL); unix.Wait4(pid, nil, 0, nil) })
	return pid
}

// connect starts a child process that is connected through the transport tr. It returns this
// process's end of the channel and the process id of the child. The argument what names the
// function that the child runs.
func connect(t testing.TB, tr Transport, what string) (Conn, int) {
	t.Helper()
	o, err := tr.Open()
	if err != nil {
		t.Fatal(err)
	}
	pid := start(t, o.Files, what)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := o.Accept(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, pid
}

// pair returns both ends of a channel inside this process.
func pair(tr Transport) (a, b Conn, err error) {
	o, err := tr.Open()
	if err != nil {
		return nil, nil, err
	}
	files := o.Files
	o.Files = nil
	adopted := make(chan struct{})
	var failed error
	go func() {
		defer close(adopted)
		b, failed = adopt(files)
	}()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go func() {
		<-adopted
		if failed != nil {
			cancel(failed)
		}
	}()
	a, err = o.Accept(ctx)
	<-adopted
	var here, there *PeerError
	switch {
	case failed != nil && errors.As(err, &here) && !errors.As(failed, &there):
		err = failed // err only says that the peer was gone, which this error caused
	case err != nil && b != nil:
		b.Close()
	case err == nil && failed != nil:
		a.Close()
		err = failed
	}
	if err != nil {
		return nil, nil, err
	}
	return a, b, nil
}

// processes returns the transports that connect processes on this system.
func processes(t testing.TB) (all []Transport) {
	for _, tr := range All() {
		o, err := tr.Open()
		var refused *RefusedError
		if errors.As(err, &refused) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		o.Close()
		all = append(all, tr)
	}
	return all
}

// appendChecked appends a frame with the given number, whose payload is n bytes and their checksum.
func appendChecked(dst []byte, number uint32, n int) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, wire.HeaderLen)...)
	x := number*2654435761 + 1
	for range n {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		dst = append(dst, byte(x))
	}
	dst = binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[at+wire.HeaderLen:]))
	wire.Header{Len: uint32(n + 4), Kind: wire.KindOutputs, Number: number}.Put(dst[at:])
	return dst
}

func checked(d *wire.Decoder, number uint32) error {
	n := len(d.Payload) - 4
	if n < 0 || d.Header.Number != number || crc32.ChecksumIEEE(d.Payload[:n]) != binary.LittleEndian.Uint32(d.Payload[n:]) {
		return fmt.Errorf("frame %d, %d bytes, is not frame %d as it was sent", d.Header.Number, n, number)
	}
	return nil
}

// echoChild is a child process that checks every frame and sends it back.
func echoChild() error {
	c, err := Adopt(first)
	if err != nil {
		return err
	}
	var d wire.Decoder
	for number := uint32(0); ; {
		ok, err := d.Next()
		if err != nil {
			return err
		}
		if !ok {
			n, err := c.Read(d.Space())
			if err == io.EOF && d.Buffered() == 0 {
				return c.Close()
			}
			if err != nil {
				return err
			}
			d.Wrote(n)
			continue
		}
		if err := checked(&d, number); err != nil {
			return err
		}
		number++
		head := make([]byte, wire.HeaderLen)
		d.Header.Put(head)
		if _, err := c.Write(append(head, d.Payload...)); err != nil {
			return err
		}
	}
}

// bytesChild is a child process that sends back all bytes as they arrive.
func bytesChild() error {
	c, err := Adopt(first)
	if err != nil {
		return err
	}
	b := make([]byte, 256<<10)
	for {
		n, err := c.Read(b)
		if err == io.EOF {
			return c.Close()
		}
		if err != nil {
			return err
		}
		if _, err := c.Write(b[:n]); err != nil {
			return err
		}
	}
}

// dieChild is a child process that opens the channel, writes some bytes, reads one, and kills
// itself.
func dieChild() error {
	c, err := Adopt(first)
	if err != nil {
		return err
	}
	c.Write([]byte("last words"))
	c.Read(make([]byte, 1))
	unix.Kill(os.Getpid(), unix.SIGKILL)
	select {}
}

// await waits for the events in want, in the same way as a pool. It first polls for at most the
// time spin.
func await(c Conn, want Want, spin time.Duration) error {
	if c.Arm(want, spin) {
		return nil
	}
	defer c.Disarm()
	r, w := c.Poll()
	fds := []unix.PollFd{{Fd: int32(r)}, {Fd: -1, Events: unix.POLLOUT}}
	if want&WantRead != 0 || w < 0 {
		fds[0].Events = unix.POLLIN
	}
	if want&WantWrite != 0 {
		fds[1].Fd = int32(w)
	}
	n, err := unix.Poll(fds, 20_000)
	switch {
	case err == unix.EINTR:
		return nil
	case err == nil && n == 0:
		return errors.New("nothing happened for 20 s")
	}
	return err
}
