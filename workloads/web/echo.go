package web

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/payoff-bench/payoff/workloads"
)

// Echo sends payload bytes over TCP to a server in a process of its own, which waits for the
// grain and sends them back: a call of another service at its plainest. Connections are
// kept, as many as tasks were under way at once. The spread is that of the server's waits,
// which its timers make longer, as with sleep.
func Echo() workloads.Workload {
	pool := &connections{}
	return workloads.Visiting(workloads.Workload{
		Name:  "echo",
		Doc:   "sends payload bytes over TCP to a server process, which waits for the grain and sends them back: a call of another service",
		Uses:  "allocates its payload twice and 800 B, in 7 pieces; copies through the system",
		Heavy: true,
		Serve: listening(func(l net.Listener) error { return accept(l, echo) }),
	}, pool.echo, pool.close)
}

// accept serves each connection on a goroutine of its own.
func accept(l net.Listener, serve func(net.Conn) error) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			serve(c) // what is wrong the other side sees by its end
		}()
	}
}

// A call is 8 bytes of ns to wait, 4 bytes of length, and as many bytes.
const echoHead = 12

func echo(c net.Conn) error {
	var b []byte
	for {
		var head [echoHead]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return err
		}
		wait, size := binary.LittleEndian.Uint64(head[:]), binary.LittleEndian.Uint32(head[8:])
		if size > workloads.MaxPayload || wait > uint64(workloads.MaxGrain) {
			return fmt.Errorf("a call for %d bytes after %d ns", size, wait)
		}
		if uint32(cap(b)) < size {
			b = make([]byte, size)
		}
		b = b[:size]
		if _, err := io.ReadFull(c, b); err != nil {
			return err
		}
		time.Sleep(time.Duration(wait))
		// At least one byte, so that an answer to an empty call is one.
		if _, err := c.Write(append(b, '.')); err != nil {
			return err
		}
	}
}

// connections are those that no task uses, the last used on top.
type connections struct {
	mu   sync.Mutex
	idle map[string][]net.Conn // by address
}

func (p *connections) take(ctx context.Context, address string) (net.Conn, error) {
	p.mu.Lock()
	if idle := p.idle[address]; len(idle) > 0 {
		c := idle[len(idle)-1]
		p.idle[address] = idle[:len(idle)-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

func (p *connections) give(address string, c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.idle == nil {
		p.idle = map[string][]net.Conn{}
	}
	p.idle[address] = append(p.idle[address], c)
}

func (p *connections) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, idle := range p.idle {
		for _, c := range idle {
			c.Close()
		}
	}
	p.idle = nil
}

func (p *connections) echo(ctx context.Context, v workloads.Visit) ([]byte, error) {
	c, err := p.take(ctx, v.Server)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, echoHead+v.Size), v.Steps)
	b = binary.LittleEndian.AppendUint32(b, v.Size)
	b = append(b, v.Content()...)
	if _, err = c.Write(b); err == nil {
		b = b[:cap(b)][:v.Size+1]
		_, err = io.ReadFull(c, b)
	}
	if !stop() || err != nil {
		c.Close()
		return nil, err
	}
	p.give(v.Server, c)
	return b[:v.Size], nil
}
