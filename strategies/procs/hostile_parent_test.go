//go:build unix

package procs

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// TestHostileParent checks that if a worker's parent sends invalid data, the worker prints the
// reason and ends. It does not panic, and it does not wait for more data.
func TestHostileParent(t *testing.T) {
	hello := wire.AppendHello(nil, wire.Hello{Side: wire.Here(), Depth: 1})
	other := wire.AppendHello(nil, wire.Hello{Side: wire.Side{Protocol: wire.Protocol + 1, Version: "v9.9.9"}})
	tasks := func(h wire.Header, payload string) []byte {
		b := append(make([]byte, wire.HeaderLen), payload...)
		h.Len, h.Kind = uint32(len(payload)), wire.KindTasks
		h.Put(b)
		return append(bytes.Clone(hello), b...)
	}
	for _, test := range []struct {
		name string
		send []byte
		says string
	}{
		{"garbage", []byte(strings.Repeat("hello, parent\n", 10)), "bad frame"},
		{"no hello", tasks(wire.Header{Number: 1}, "\x00\x00\x00\x00")[len(hello):], "before the handshake"},
		{"another version", other, "payoff v9.9.9, the worker has protocol"},
		{"fewer tasks than it says", tasks(wire.Header{Number: 1<<32 - 1}, ""), "tasks are incomplete"},
		{"a task longer than its frame", tasks(wire.Header{Number: 1}, "\xff\xff\xff\xff"), "tasks are incomplete"},
		{"no such kernel", tasks(wire.Header{Number: 1, Kernel: 1 << 31}, "\x00\x00\x00\x00"), "the frame does not have tasks for a kernel of this worker"},
		{"a long frame cut short", append(bytes.Clone(hello), relength(outcome(wire.KindTasks, 0, ""), wire.MaxPayload)...), "unexpected EOF"},
		{"a frame that is too long", append(bytes.Clone(hello), relength(outcome(wire.KindTasks, 0, ""), 1<<32-1)...), "longer than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, page, memory, err := wire.CreatePage()
			must(t, err)
			defer wire.ReleasePage(memory)
			offer, err := transport.Pipe().Open()
			must(t, err)
			defer offer.Close()
			var words bytes.Buffer
			c := exec.Command(own[0], own[1:]...)
			c.Stderr, c.Env = &words, config(1).Process.Env
			null, err := os.Open(os.DevNull) // in place of an arena
			must(t, err)
			defer null.Close()
			for _, fd := range append([]int{page, int(null.Fd())}, offer.Files...) {
				own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
				must(t, err)
				f := os.NewFile(uintptr(own), "")
				defer f.Close()
				c.ExtraFiles = append(c.ExtraFiles, f)
			}
			unix.Close(page)
			must(t, c.Start())
			for _, f := range c.ExtraFiles {
				f.Close()
			}
			conn, err := offer.Accept(context.Background())
			must(t, err)
			defer conn.Close()
			watchdog := time.AfterFunc(20*time.Second, func() { c.Process.Kill() })
			defer watchdog.Stop()
			if _, err := conn.Write(test.send); err != nil {
				t.Error(err)
			}
			must(t, conn.CloseWrite())
			io.Copy(io.Discard, conn)
			c.Wait()
			if s := words.String(); c.ProcessState.ExitCode() != 1 || !strings.Contains(s, test.says) || strings.Contains(s, "panic") {
				t.Errorf("%v: %s", c.ProcessState, s)
			}
		})
	}
}
