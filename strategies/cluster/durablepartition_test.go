package cluster

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
)

// A partition is a proxy of a server. While the partition is locked, it forwards no bytes.
type partition struct {
	sync.RWMutex
	url string
}

func newPartition(t *testing.T, url string) *partition {
	t.Helper()
	in, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	p := &partition{url: "nats://" + in.Addr().String()}
	go func() {
		for {
			near, err := in.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://"))
			if err != nil {
				near.Close()
				continue
			}
			go p.copy(near, far)
			go p.copy(far, near)
		}
	}()
	return p
}

func (p *partition) copy(to, from net.Conn) {
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		p.RLock()
		if n > 0 && err == nil {
			_, err = to.Write(b[:n])
		}
		p.RUnlock()
		if err != nil {
			if err != io.EOF {
				from.Close()
			}
			return
		}
	}
}

// TestDurablePartition cuts off a host while its task runs, until the host counts as lost. Then the
// host reconnects with an outcome, which comes too late: the task has failed, or has run again as a
// counted attempt.
func TestDurablePartition(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until a host counts as lost")
	}
	for retries := range 2 {
		s := newJetStream(t)
		url, password := s.address()
		p := newPartition(t, url)
		newProcess(t, "queue", p.url, password, "far", 1)
		x := s.executor(t, 1)
		path := filepath.Join(t.TempDir(), "gate")
		attempts := make(chan int, 1)
		record := func(e strategies.Event) { attempts <- e.Attempt }
		f := gated.Go(t.Context(), x, path, strategies.Options{Retries: retries, Hooks: &strategies.Hooks{Result: record, Error: record}})
		until(exists(path + ".started"))
		p.Lock()
		s.host(t, "near", 1)
		if retries > 0 {
			until(func() bool { return starts(path) == 2 })
		} else {
			<-f.Done()
		}
		p.Unlock()
		os.WriteFile(path, nil, 0o666)
		_, err := f.Wait(t.Context())
		var lost *strategies.LostError
		if retries == 0 && !errors.As(err, &lost) || retries == 1 && err != nil {
			t.Errorf("%d retries: got error %v", retries, err)
		}
		if n := <-attempts; n != 1+retries || starts(path) != n {
			t.Errorf("got %d attempts and %d starts, want %d", n, starts(path), 1+retries)
		}
		in := []uint64{1, 2, 3, 4, 5, 6, 7, 8}
		if _, err := number.Map(t.Context(), x, in, strategies.Options{}); err != nil { // tasks run on both hosts
			t.Error(err)
		}
	}
}

// TestDurableSubmitterCutOff cuts off the program of an unnamed job, until workers drop its task.
// When the program reconnects, its task must count as lost, and must not run again.
func TestDurableSubmitterCutOff(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until a host counts as lost")
	}
	s := newJetStream(t)
	s.host(t, "far", 1)
	o := s.options()
	p := newPartition(t, o.URL)
	o.URL = p.url
	x, err := NewDurable(t.Context(), DurableConfig{Options: o, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Stop(context.Background())
	path := filepath.Join(t.TempDir(), "gate")
	f := gated.Go(t.Context(), x, path, strategies.Options{})
	until(exists(path + ".started"))
	p.Lock()
	if v, err := number.Go(t.Context(), s.executor(t, 1), 1, strategies.Options{}).Wait(t.Context()); v != 2 || err != nil { // this task runs on the same slot after the worker dropped the first task
		t.Error(v, err)
	}
	p.Unlock()
	var lost *strategies.LostError
	if _, err := f.Wait(t.Context()); !errors.As(err, &lost) || starts(path) != 1 {
		t.Errorf("got error %v after %d starts, want a LostError after one", err, starts(path))
	}
}
