package web

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/workloads"
)

// A server that is gone, or answers something else, is an error that names it.
func TestServerGone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go accept(l, func(c net.Conn) error { return nil }) // closes
	w := Echo()
	v := workloads.Visit{Task: workloads.Task{Steps: 1}, Size: 3, Server: l.Addr().String()}
	src, _ := workloads.VisitCodec().Append(nil, v)
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
