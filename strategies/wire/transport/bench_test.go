//go:build unix

package transport

import (
	"io"
	"strconv"
	"testing"
	"time"
)

// Ways to wait for an answer: in Read; in a poll system call, as a pool waits; and in a poll system
// call after spinning, which needs a free core.
var ways = []struct {
	name  string
	polls bool
	spin  time.Duration
}{
	{"read", false, 0},
	{"poll", true, 0},
	{"spin", true, 50 * time.Microsecond},
}

// BenchmarkPingPong measures round trips of 16 bytes to another process and back. It alternates
// them with round trips that use only system calls (for shared memory, only a futex). The unit
// x-bare is the ratio of the two times. On a shared machine, this ratio means more than either
// time.
func BenchmarkPingPong(b *testing.B) {
	const turn = 64
	for _, tr := range processes(b) {
		for _, way := range ways {
			b.Run("transport="+tr.Name+"/wait="+way.name, func(b *testing.B) {
				tr := tr
				if tr.Name == "shm" {
					tr = SHM(SHMOptions{Spin: way.spin})
				} else if way.spin > 0 {
					b.Skip("only shm spins before it sleeps")
				}
				c, _ := connect(b, tr, "bytes")
				bareTrip := bare(b, tr.Name)
				msg := make([]byte, 16)
				var ours, theirs time.Duration
				n := 0
				trip := func() (err error) {
					if way.polls {
						return polled(c, msg, way.spin)
					}
					if _, err := c.Write(msg); err != nil {
						return err
					}
					_, err = io.ReadFull(c, msg)
					return err
				}
				for b.Loop() {
					if n%turn == 0 {
						b.StopTimer()
						start := time.Now()
						for range turn {
							if err := bareTrip(msg); err != nil {
								b.Fatal(err)
							}
						}
						theirs += time.Since(start)
						start = time.Now()
						for range turn {
							if err := trip(); err != nil {
								b.Fatal(err)
							}
						}
						ours += time.Since(start)
						b.StartTimer()
					}
					if err := trip(); err != nil {
						b.Fatal(err)
					}
					n++
				}
				b.ReportMetric(float64(ours)/float64(theirs), "x-bare")
			})
		}
	}
}

// polled sends msg, and reads an answer of the same length into it. While it waits, it polls
// descriptors, as a pool does.
func polled(c Conn, msg []byte, spin time.Duration) error {
	sent, got := 0, 0
	for got < len(msg) {
		if sent < len(msg) {
			n, err := c.TryWrite(msg[sent:])
			if err != nil {
				return err
			}
			sent += n
		}
		n, err := c.TryRead(msg[got:sent])
		if err != nil {
			return err
		}
		got += n
		want := WantRead
		if sent < len(msg) {
			want |= WantWrite
		}
		if n == 0 {
			if err := await(c, want, spin); err != nil {
				return err
			}
		}
	}
	return nil
}

// BenchmarkEcho measures the bandwidth of sending 1 MiB to another process and back. Bytes that
// travel both ways are counted once.
func BenchmarkEcho(b *testing.B) {
	const size = 1 << 20
	for _, tr := range append(processes(b), SHM(SHMOptions{Size: 1 << 20, Spin: 50 * time.Microsecond})) {
		b.Run("transport="+tr.Name, func(b *testing.B) {
			c, _ := connect(b, tr, "bytes")
			out, in := make([]byte, size), make([]byte, size)
			b.SetBytes(size)
			for b.Loop() {
				for sent, got := 0, 0; got < size; {
					n, err := c.TryWrite(out[sent:])
					if err != nil {
						b.Fatal(err)
					}
					sent += n
					m, err := c.TryRead(in[got:])
					if err != nil {
						b.Fatal(err)
					}
					got += m
					if n+m == 0 {
						want := WantRead
						if sent < size {
							want |= WantWrite
						}
						if err := await(c, want, 0); err != nil {
							b.Fatal(err)
						}
					}
				}
			}
		})
	}
}

// BenchmarkInside measures the cost of a transport without waiting. A single goroutine has both
// ends of the channel. It sends bytes to the other end and back.
func BenchmarkInside(b *testing.B) {
	for _, tr := range All() {
		for _, size := range []int{16, 16 << 10} {
			b.Run("transport="+tr.Name+"/bytes="+strconv.Itoa(size), func(b *testing.B) {
				x, y, err := pair(tr)
				if err != nil {
					b.Skip(err)
				}
				defer x.Close()
				defer y.Close()
				msg := make([]byte, size)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					for _, way := range [2][2]Conn{{x, y}, {y, x}} {
						if _, err := way[0].Write(msg); err != nil {
							b.Fatal(err)
						}
						if _, err := io.ReadFull(way[1], msg); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}

// BenchmarkCopy measures a copy of 1 MiB inside this process.
func BenchmarkCopy(b *testing.B) {
	const size = 1 << 20
	from, to := make([]byte, size), make([]byte, size)
	b.SetBytes(size)
	for b.Loop() {
		copy(to, from)
	}
}

// BenchmarkOpen measures how long it takes to open and close a channel inside this process.
func BenchmarkOpen(b *testing.B) {
	for _, tr := range All() {
		b.Run("transport="+tr.Name, func(b *testing.B) {
			for b.Loop() {
				x, y, err := pair(tr)
				if err != nil {
					b.Skip(err)
				}
				x.Close()
				y.Close()
			}
		})
	}
}
