//go:build unix

package transport

import (
	"bytes"
	"errors"
	"io"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// descriptors returns the number of open descriptors of this process. It first opens and closes a
// pipe, since Go's poller opens descriptors of its own with the first pipe.
func descriptors(t *testing.T) int {
	t.Helper()
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
	all, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Skip("descriptors cannot be counted here")
	}
	return len(all)
}

func eachPair(t *testing.T, test func(t *testing.T, a, b Conn)) {
	for _, tr := range All() {
		t.Run(tr.Name, func(t *testing.T) {
			a, b, err := pair(tr)
			var refused *RefusedError
			if errors.As(err, &refused) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			defer b.Close()
			test(t, a, b)
		})
	}
}

// TestOpenAtOnce checks that many channels of one transport can be opened at the same time.
func TestOpenAtOnce(t *testing.T) {
	for _, tr := range All() {
		for _, tr := range []Transport{tr, tr.Spin(time.Microsecond)} {
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					var refused *RefusedError
					o, err := tr.Open()
					switch {
					case err == nil:
						o.Close()
					case !errors.As(err, &refused):
						t.Errorf("%s: %v", tr.Name, err)
					}
				})
			}
			wg.Wait()
		}
	}
}

func TestPair(t *testing.T) {
	eachPair(t, func(t *testing.T, a, b Conn) {
		for _, e := range [][2]Conn{{a, b}, {b, a}} {
			if n, err := e[1].TryRead(make([]byte, 10)); n != 0 || err != nil {
				t.Errorf("TryRead before a write: got %d bytes and error %v, want 0", n, err)
			}
			if n, err := e[0].Write([]byte("hello")); n != 5 || err != nil {
				t.Error(n, err)
			}
			buf := make([]byte, 10)
			if n, err := e[1].Read(buf); string(buf[:n]) != "hello" || err != nil {
				t.Errorf("%q %v", buf[:n], err)
			}
		}
		if err := a.CloseWrite(); err != nil {
			t.Error(err)
		}
		if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("read after CloseWrite: got %d bytes and error %v, want io.EOF", n, err)
		}
		if _, err := b.Write([]byte("still")); err != nil {
			t.Error(err)
		}
		if n, err := a.Read(make([]byte, 10)); n != 5 || err != nil {
			t.Error(n, err)
		}
		for range 2 {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		}
		if n, err := b.TryRead(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("read after Close: got %d bytes and error %v, want io.EOF", n, err)
		}
	})
}

// TestFull sends more bytes than any buffer holds in both directions at once. They must arrive
// unchanged. When the peer closes its end, reads and writes must detect it.
func TestFull(t *testing.T) {
	eachPair(t, func(t *testing.T, a, b Conn) {
		data := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
		done := make(chan error)
		go func() {
			got, buf := 0, make([]byte, 1<<16)
			for got < len(data) {
				n, err := b.Read(buf)
				if err == nil {
					_, err = b.Write(buf[:n])
				}
				if err != nil {
					done <- err
					return
				}
				got += n
			}
			done <- b.Close()
		}()
		read, write := a.Poll()
		var got []byte
		buf := make([]byte, 1<<16)
		for sent := 0; len(got) < len(data); {
			n, err := 0, error(nil)
			if sent < len(data) {
				n, err = a.TryWrite(data[sent:])
			}
			if err != nil {
				t.Fatal(err)
			}
			sent += n
			m, err := a.TryRead(buf)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, buf[:m]...)
			if n+m > 0 {
				continue
			}
			want := WantRead
			if sent < len(data) {
				want |= WantWrite
			}
			if read < 0 && write < 0 {
				runtime.Gosched() // nothing to poll in memory
			} else if err := await(a, want, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-done; err != nil || !bytes.Equal(got, data) {
			t.Errorf("got %d bytes, want the %d that were sent: %v", len(got), len(data), err)
		}
		_, err := a.Read(buf)
		if err != io.EOF {
			t.Errorf("read when the peer is gone: got error %v, want io.EOF", err)
		}
		for err = nil; err == nil; {
			_, err = a.Write(data)
		}
		if !errors.Is(err, unix.EPIPE) {
			t.Errorf("write when the peer is gone: got error %v, want EPIPE", err)
		}
	})
}

// TestWakes checks three events that must wake a waiting Read and a waiting poll: new bytes, the
// end of the data, and the end of the peer's process.
func TestWakes(t *testing.T) {
	deeds := map[string]func(Conn) error{
		"bytes":      func(c Conn) error { _, err := c.Write([]byte("x")); return err },
		"CloseWrite": Conn.CloseWrite,
		"Close":      Conn.Close,
	}
	for name, deed := range deeds {
		t.Run(name, func(t *testing.T) {
			eachPair(t, func(t *testing.T, a, b Conn) {
				done := make(chan error)
				r, _ := a.Poll()
				polls := r >= 0
				go func() {
					if polls {
						done <- await(a, WantRead, 0)
					}
					_, err := a.Read(make([]byte, 1))
					done <- err
				}()
				if polls {
					if err := deed(b); err != nil {
						t.Error(err)
					}
					if err := <-done; err != nil {
						t.Error(err)
					}
				} else if err := deed(b); err != nil {
					t.Error(err)
				}
				if err := <-done; (err == io.EOF) == (name == "bytes") || err != nil && err != io.EOF {
					t.Error(err)
				}
			})
		})
	}
}

// TestProcesses sends many frames of all sizes, with checksums, to another process and back. This
// process sends and receives in the same way as a pool.
func TestProcesses(t *testing.T) {
	before := descriptors(t)
	for _, tr := range append(processes(t), SHM(SHMOptions{Size: 4 << 10, Spin: 20 * time.Microsecond})) {
		t.Run(tr.Name, func(t *testing.T) {
			c, pid := connect(t, tr, "echo")
			var out []byte
			frames := 0
			for size := 1; size < 1<<20; size += 1 + size/2 {
				for range max(1, min(200, 4096/size)) {
					out = appendChecked(out, uint32(frames), size)
					frames++
				}
			}
			var d wire.Decoder
			for sent, got := 0, 0; got < frames; {
				n, err := c.TryWrite(out[sent:])
				if err != nil {
					t.Fatal(err)
				}
				sent += n
				m, err := c.TryRead(d.Space())
				if err != nil {
					t.Fatal(err)
				}
				d.Wrote(m)
				for ok := true; ok; {
					if ok, err = d.Next(); ok {
						err = checked(&d, uint32(got))
						got++
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				want := WantRead
				if sent < len(out) {
					want |= WantWrite
				}
				if n+m == 0 {
					if err := await(c, want, 10*time.Microsecond); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := c.CloseWrite(); err != nil {
				t.Error(err)
			}
			if _, err := c.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("read when the child has ended: got error %v, want io.EOF", err)
			}
			var status unix.WaitStatus
			if _, err := unix.Wait4(pid, &status, 0, nil); err != nil || status.ExitStatus() != 0 {
				t.Errorf("got exit status %d of the child, want 0: %v", status.ExitStatus(), err)
			}
			c.Close()
		})
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// TestKilled kills a child. The other end must read the bytes that the child had written, and then
// io.EOF.
func TestKilled(t *testing.T) {
	for _, tr := range processes(t) {
		for _, polls := range []bool{false, true} {
			t.Run(tr.Name, func(t *testing.T) {
				c, _ := connect(t, tr, "die")
				var got []byte
				for {
					buf := make([]byte, 100)
					n, err := 0, error(nil)
					if polls {
						if n, err = c.TryRead(buf); n == 0 && err == nil {
							err = await(c, WantRead, 0)
						}
					} else {
						n, err = c.Read(buf)
					}
					got = append(got, buf[:n]...)
					if string(got) == "last words" && n > 0 {
						c.Write([]byte("now"))
					}
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				if string(got) != "last words" {
					t.Errorf("%q", got)
				}
			})
		}
	}
}
