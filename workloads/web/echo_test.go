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

// TestServerGone checks that the error of a task names the server, if the server has ended or
// closes the connection.
func TestServerGone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go accept(l, func(c net.Conn) error { return nil }) // closes each connection at once
	w := Echo()
	v := visit{Task: workloads.Task{Steps: 1}, Size: 3, Server: l.Addr().String()}
	src, _ := visitCodec().Append(nil, v)
	if _, err := w.Kernel.Call(t.Context(), nil, src); err == nil || !strings.Contains(err.Error(), "server "+v.Server) {
		t.Errorf("call of a server that closes the connection: got error %v, want one that names the server", err)
	}
	l.Close()
	if _, err := w.Kernel.Call(t.Context(), nil, src); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("call of a server that has ended: got error %v, want a refused connection", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Kernel.Call(ctx, nil, src); !errors.Is(err, context.Canceled) {
		t.Errorf("call with a cancelled context: got error %v, want context.Canceled", err)
	}
	var param *workloads.ParamError
	if _, err := w.New(workloads.Params{Grain: 1}); !errors.As(err, &param) {
		t.Errorf("load without the address of a server: got error %v, want a ParamError", err)
	}
}

// TestEchoOnALoop checks tasks on an event loop:
//
//   - Long calls continue after each wait, and many calls wait at the same time.
//   - A call fails if the server closes the connection or has ended, or if the context ends.
//   - No socket stays open; otherwise the server would never end.
func TestEchoOnALoop(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the strategy loop can wait for sockets only on Linux")
	}
	loop, err := catalog.Named("loop").New(t.Context(), catalog.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	// serving starts a server. The function stop closes it and waits until its last connection has
	// ended.
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
	if err := job(t.Context(), good, 8<<20, 3, 1); err != nil { // the payload exceeds the buffers of sockets
		t.Error(err)
	}
	if err := job(t.Context(), good, 10, 100, 1_000_000); err != nil {
		t.Error(err)
	}
	stop()
	if err := job(t.Context(), good, 3, 5, 1); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("job with a server that has ended: got error %v, want a refused connection", err)
	}
	hangsUp, stop := serving(func(c net.Conn) error {
		err := c.(countedConn).Conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, c)
		return err
	})
	if err := job(t.Context(), hangsUp, 3, 5, 1); err == nil || !strings.Contains(err.Error(), "server "+hangsUp) {
		t.Errorf("job with a server that closes the connection: got error %v, want one that names the server", err)
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
		t.Errorf("job whose context ends during a call: got error %v, want context.Canceled", err)
	}
	stop()
}

// A countedListener counts its open connections, so that a test can wait until all are closed.
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
