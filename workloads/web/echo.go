package web

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// Echo returns the workload echo. Its tasks send payload bytes over TCP to a server process. The
// server waits for the grain (a time in ns) and sends the bytes back. This is the simplest call of
// another service. The spread applies to the waits of the server. Timers make short waits longer,
// as in the workload sleep.
//
// Tasks reuse connections. The number of connections is the largest number of tasks that ran at the
// same time.
func Echo() workloads.Workload {
	var calls kept[net.Conn]
	var loops kept[socket]
	return asking{
		ask: func(ctx context.Context, v visit) ([]byte, error) { return call(ctx, &calls, v) },
		begin: func(ctx context.Context, v visit, ev strategies.Events, done func([]byte, error)) {
			begin(ctx, &loops, v, ev, done)
		},
		idle: func() {
			calls.close()
			loops.close()
		},
	}.workload(workloads.Workload{
		Name:  "echo",
		Doc:   "sends payload bytes over TCP to a server process, which waits for the grain and sends them back: like a call of another service",
		Uses:  "allocates twice its payload and 800 B, in 7 allocations; the operating system copies the data",
		Serve: listening(func(l net.Listener) error { return accept(l, echo) }),
	})
}

// accept accepts connections on l, and calls serve for each connection on a new goroutine. It
// returns only when l fails or is closed.
func accept(l net.Listener, serve func(net.Conn) error) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			serve(c) // ignore the error: the client notices it, because the connection is closed then
		}()
	}
}

// echoHead is the size of the start of a message, in bytes: 8 bytes for the wait in ns, and 4 bytes
// for the number of payload bytes that follow.
const echoHead = 12

// echo answers the calls on connection c until the connection ends. It returns the error that ended
// it.
func echo(c net.Conn) error {
	var b []byte
	for {
		var head [echoHead]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return err
		}
		wait, size := binary.LittleEndian.Uint64(head[:]), binary.LittleEndian.Uint32(head[8:])
		if size > workloads.MaxPayload || wait > uint64(workloads.MaxGrain) {
			return fmt.Errorf("invalid call: %d bytes after %d ns, which exceeds a limit", size, wait)
		}
		if uint32(cap(b)) < size {
			b = make([]byte, size)
		}
		b = b[:size]
		if _, err := io.ReadFull(c, b); err != nil {
			return err
		}
		time.Sleep(time.Duration(wait))
		// The answer has one extra byte, so that it is never empty and the client always waits for
		// it.
		if _, err := c.Write(append(b, '.')); err != nil {
			return err
		}
	}
}

// message returns the message that the task v sends to the server. The slice has room for the
// answer, which is read into the same memory.
func message(v visit) []byte {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, echoHead+v.Size), v.Steps)
	b = binary.LittleEndian.AppendUint32(b, v.Size)
	return append(b, v.content()...)
}

// dial connects to the server at the given address.
func dial(ctx context.Context, address string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

// call sends the message of v to the server and returns the payload of the answer. It takes an open
// connection from pool, or makes a new connection. If ctx ends, call closes the connection.
func call(ctx context.Context, pool *kept[net.Conn], v visit) ([]byte, error) {
	c, ok := pool.take(v.Server)
	if !ok {
		var err error
		if c, err = dial(ctx, v.Server); err != nil {
			return nil, err
		}
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	b := message(v)
	_, err := c.Write(b)
	if err == nil {
		b = b[:v.Size+1]
		_, err = io.ReadFull(c, b)
	}
	if !stop() || err != nil {
		c.Close()
		return nil, err
	}
	pool.give(v.Server, c)
	return b[:v.Size], nil
}

// A kept holds, for each server, a stack of open connections that no task uses at the moment. A
// task takes the connection that was used last.
type kept[C io.Closer] struct {
	mu   sync.Mutex
	idle map[string][]C // connections by server address
}

func (k *kept[C]) take(address string) (c C, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	idle := k.idle[address]
	if ok = len(idle) > 0; ok {
		c, k.idle[address] = idle[len(idle)-1], idle[:len(idle)-1]
	}
	return c, ok
}

func (k *kept[C]) give(address string, c C) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.idle == nil {
		k.idle = map[string][]C{}
	}
	k.idle[address] = append(k.idle[address], c)
}

func (k *kept[C]) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, idle := range k.idle {
		for _, c := range idle {
			c.Close()
		}
	}
	k.idle = nil
}
