// Package web is the workloads that ask a server over the network, echo and http. It stands
// apart from package kernels because net and net/http make each program that links them
// larger and slower to start, worker processes among them.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/payoff-bench/payoff/workloads"
)

// HTTP gets a page of payload bytes from an HTTP server in a process of its own, which waits
// for the grain before it answers: what a crawler does, or a client of an interface on the
// web. Connections are kept alive. The spread is that of the server's waits, which its
// timers make longer, as with sleep.
//
// It has no resumable form. net/http waits on goroutines of its own, two a connection, so that
// an event loop over it would be measured with these; and with another client it would be
// compared with strategies that do more work.
func HTTP() workloads.Workload {
	transport := &http.Transport{
		MaxIdleConnsPerHost: 4096, // as many as workers; two by default, so that most would be closed again
		DisableCompression:  true,
	}
	client := &http.Client{Transport: transport}
	return asking{
		ask:  func(ctx context.Context, v visit) ([]byte, error) { return get(ctx, client, v) },
		idle: transport.CloseIdleConnections,
	}.workload(workloads.Workload{
		Name:  "http",
		Doc:   "gets a page of payload bytes over HTTP from a server process, which waits for the grain: a crawler, or a client of somebody's interface",
		Uses:  "allocates its payload and 6.5 KiB, in 83 pieces; copies through the system",
		Serve: listening(serve),
	})
}

// listening makes a server process's main of a server: on a port of the loopback interface,
// whose address it writes to out.
func listening(serve func(net.Listener) error) func(in io.Reader, out io.Writer) error {
	return func(in io.Reader, out io.Writer) error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("server: %w", err)
		}
		if _, err := fmt.Fprintln(out, l.Addr()); err != nil {
			return errors.Join(err, l.Close())
		}
		go func() {
			io.Copy(io.Discard, in)
			l.Close()
		}()
		if err := serve(l); !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("server: %w", err)
		}
		return nil
	}
}

func get(ctx context.Context, client *http.Client, v visit) ([]byte, error) {
	url := fmt.Sprintf("http://%s/?wait=%d&size=%d&index=%d&seed=%d", v.Server, v.Steps, v.Size, v.Index, v.Seed)
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(ask)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answered %s", answer.Status)
	}
	page := make([]byte, v.Size)
	if _, err := io.ReadFull(answer.Body, page); err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, answer.Body) // to its end, so that the connection is kept
	return page, err
}

func serve(l net.Listener) error {
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v visit
		q := r.URL.Query()
		for _, field := range []struct {
			name string
			most uint64
			set  func(uint64)
		}{
			{"wait", uint64(workloads.MaxGrain), func(n uint64) { v.Steps = n }},
			{"size", workloads.MaxPayload, func(n uint64) { v.Size = uint32(n) }},
			{"index", 1<<32 - 1, func(n uint64) { v.Index = uint32(n) }},
			{"seed", 1<<32 - 1, func(n uint64) { v.Seed = uint32(n) }},
		} {
			n, err := strconv.ParseUint(q.Get(field.name), 10, 64)
			if err != nil || n > field.most {
				http.Error(w, fmt.Sprintf("%s=%q is not a number up to %d", field.name, q.Get(field.name), field.most), http.StatusBadRequest)
				return
			}
			field.set(n)
		}
		time.Sleep(time.Duration(v.Steps))
		w.Header().Set("Content-Length", strconv.Itoa(int(v.Size)))
		w.Write(v.content()) // the client sees an answer that is cut
	}))
}
