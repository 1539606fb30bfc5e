//go:build unix

package worker

import (
	"context"
	"io"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A pageReader is a channel to a parent, for tests of a worker. The worker reads the bytes in its
// field send. Each time the worker writes, the pageReader keeps the results that the page holds.
type pageReader struct {
	transport.Conn
	page *wire.Page
	send []byte
	seen []byte
}

func (p *pageReader) Read(b []byte) (n int, err error) {
	if len(p.send) == 0 {
		return 0, io.EOF
	}
	n = copy(b, p.send)
	p.send = p.send[n:]
	return n, nil
}

func (p *pageReader) Write(b []byte) (int, error) {
	p.seen = append(p.seen, p.page.Results(p.page.State())...)
	return len(b), nil
}

// TestOutcomeOfInitialiserInPage checks a parent that finds the outcome of the initialiser in the
// page. It must not take it for the outcome of the first task.
func TestOutcomeOfInitialiserInPage(t *testing.T) {
	page, err := wire.NewPage(make([]byte, wire.PageSize))
	if err != nil {
		t.Fatal(err)
	}
	k := strategies.Kernel[[]byte, []byte]{
		Name: "init", In: raw.View(), Out: raw.Slice[byte](),
		Func: func(_ context.Context, v []byte) ([]byte, error) { return v, nil },
	}
	p := &pageReader{page: page, send: wire.AppendInit(nil, 0, []byte("input"))}
	s := &server{kernels: []work.Callable{k}, ctx: t.Context(), results: newResults(page, p)}
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
	var d wire.Decoder
	d.Wrote(copy(d.Space(), p.seen))
	if ok, err := d.Next(); !ok || err != nil || d.Header.Number != wire.Tasks-1 {
		t.Errorf("got header %+v, %v, %v; want the number before task 0, %d", d.Header, ok, err, wire.Tasks-1)
	}
}
