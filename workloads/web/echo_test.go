package web

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
)

// If the server is gone or hangs up, the error names it.
func TestServerGone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go accept(l, func(c net.Conn) error { return nil }) // closes each connection
	w := Echo()
	v := visit{Task: workloads.Task{Steps: 1}, Size: 3, Server: l.Addr().String()}
	src, _ := visitCodec().Append(nil, v)
	if _, err := w.Kernel.Call(t.Context(), nil, src); err == nil || !strings.Contains(err.Error(), "server "+v.Server) {
		t.Errorf("a server that hangs up: %v", err)
	}
	l.Close()
	if _, err := w.Kernel.Call(t.Context(), nil, src); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("no server: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Kernel.Call(ctx, nil, src); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	var param *workloads.ParamError
	if _, err := w.New(workloads.Params{Grain: 1}); !errors.As(err, &param) {
		t.Errorf("no address: %v", err)
	}
}

// On an event loop, long calls continue after each wait, and many calls wait at once. A call fails
// if the server hangs up or is gone, or the context ends. No socket stays open, or the server would
// never end.
func TestEchoOnALoop(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the loop has a poller on Linux alone")
	}
	loop, err := catalog.Named("loop").New(t.Context(), catalog.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	// serving starts a server. Stop closes it and waits for the end of its last connection.
	serving := func(serve func(net.Conn) error) (address string, stop func()) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		counted := &countedListener{Listener: l}
		over := make(chan struct{})
		go func() {
			accept(counted, serve)
			close(over)
		}()
		return l.Addr().String(), func() {
			l.Close()
			<-over
			counted.under.Wait()
		}
	}
	job := func(ctx context.Context, address string, payload, tasks, wait int) error {
		w := Echo()
		l, err := w.New(workloads.Params{Grain: wait, Payload: payload, Seed: 3, Server: address})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := l.Inputs(tasks); err != nil {
			t.Fatal(err)
		}
		if err := l.Map(ctx, loop, strategies.Options{}); err != nil {
			return err
		}
		_, err = l.Digest()
		return err
	}
	good, stop := serving(echo)
	if err := job(t.Context(), good, 8<<20, 3, 1); err != nil { // larger than the buffers of sockets
		t.Error(err)
	}
	if err := job(t.Context(), good, 10, 100, 1_000_000); err != nil {
		t.Error(err)
	}
	stop()
	if err := job(t.Context(), good, 3, 5, 1); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("no server: %v", err)
	}
	hangsUp, stop := serving(func(c net.Conn) error {
		err := c.(countedConn).Conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, c)
		return err
	})
	if err := job(t.Context(), hangsUp, 3, 5, 1); err == nil || !strings.Contains(err.Error(), "server "+hangsUp) {
		t.Errorf("a server that hangs up: %v", err)
	}
	stop()
	ctx, cancel := context.WithCancel(t.Context())
	silent, stop := serving(func(c net.Conn) error {
		io.ReadFull(c, make([]byte, echoHead))
		cancel() // while the task waits for its answer
		io.Copy(io.Discard, c)
		return nil
	})
	if err := job(ctx, silent, 3, 5, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	stop()
}

// A countedListener counts its open connections.
type countedListener struct {
	net.Listener
	under sync.WaitGroup
}

func (l *countedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.under.Add(1)
	}
	return countedConn{c, l}, err
}

type countedConn struct {
	net.Conn
	of *countedListener
}

func (c countedConn) Close() error {
	defer c.of.under.Done()
	return c.Conn.Close()
}
