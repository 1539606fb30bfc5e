package hub

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// echoServer starts a server that sends back what it receives.
func echoServer(t testing.TB) (addr string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				io.Copy(c, c)
				c.Close()
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		conns.Wait()
	})
	return ln.Addr().String()
}

func newProxy(t testing.TB, delay time.Duration) (*Proxy, net.Conn) {
	p, err := Listen(echoServer(t), delay)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return p, c
}

// TestProxy checks that a proxy keeps bytes and their order, and delays them in both directions.
func TestProxy(t *testing.T) {
	const delay = 2 * time.Millisecond
	_, c := newProxy(t, delay)
	want := make([]byte, 3<<20)
	for i := range want {
		want[i] = byte(i * i >> 7)
	}
	began := time.Now()
	go c.Write(want)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the bytes differ, %v", err)
	}
	if d := time.Since(began); d < 2*delay {
		t.Errorf("the bytes returned after %v, before the round trip of %v", d, 2*delay)
	}
}

// TestProxyStalls checks that a stalled proxy holds bytes until it resumes, and that a proxy that stalls
// can be closed.
func TestProxyStalls(t *testing.T) {
	p, c := newProxy(t, 0)
	resume := p.Stall()
	c.Write([]byte("a"))
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	one := make([]byte, 1)
	if n, err := c.Read(one); n != 0 || err == nil {
		t.Errorf("read %d bytes of a stalled proxy, %v", n, err)
	}
	resume()
	c.SetReadDeadline(time.Time{})
	if _, err := io.ReadFull(c, one); err != nil || one[0] != 'a' {
		t.Errorf("read %q, %v", one, err)
	}
	p.Stall()
	c.Write([]byte("b"))
}

// TestProxyCuts checks that a proxy ends its connections, and accepts new ones.
func TestProxyCuts(t *testing.T) {
	p, c := newProxy(t, 0)
	c.Write([]byte("a"))
	one := make([]byte, 1)
	if _, err := io.ReadFull(c, one); err != nil {
		t.Fatal(err)
	}
	p.Cut()
	if _, err := c.Read(one); err == nil {
		t.Error("the connection lives")
	}
	again, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	again.Write([]byte("b"))
	if _, err := io.ReadFull(again, one); err != nil || one[0] != 'b' {
		t.Errorf("read %q, %v", one, err)
	}
}

// BenchmarkRoundTrip reports by how much a round trip through a proxy is longer than its delay.
func BenchmarkRoundTrip(b *testing.B) {
	for _, trip := range []time.Duration{0, 100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond} {
		b.Run(trip.String(), func(b *testing.B) {
			_, c := newProxy(b, trip/2)
			one := make([]byte, 1)
			for b.Loop() {
				c.Write(one)
				if _, err := io.ReadFull(c, one); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)-float64(trip), "extra-ns/op")
		})
	}
}
