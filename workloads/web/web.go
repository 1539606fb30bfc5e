// Package web holds the workloads echo and http, whose tasks call a server over the network. It is
// separate from package kernels, because net and net/http make every program that links them larger
// and slower to start. This matters for worker programs.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/payoff-bench/payoff/workloads"
)

// HTTP returns the workload http. Its tasks get a page of payload bytes from an HTTP server
// process. The server waits for the grain (a time in ns) before it answers. A crawler or a client
// of a web API works like this. Tasks reuse connections. The spread applies to the waits of the
// server. Timers make short waits longer, as in the workload sleep.
//
// HTTP has no kernel for event loops. net/http uses two goroutines for each connection, so a
// measurement of the event loop would include their time. With another HTTP client, tasks on the
// event loop would do less work than the same tasks with other strategies.
func HTTP() workloads.Workload {
	transport := &http.Transport{
		MaxIdleConnsPerHost: 4096, // at least one for each worker; with the default of 2, further connections would be closed
		DisableCompression:  true,
	}
	client := &http.Client{Transport: transport}
	return asking{
		ask:  func(ctx context.Context, v visit) ([]byte, error) { return get(ctx, client, v) },
		idle: transport.CloseIdleConnections,
	}.workload(workloads.Workload{
		Name:  "http",
		Doc:   "gets a page of payload bytes over HTTP from a server process, which waits for the grain: like a crawler or a client of a web API",
		Uses:  "allocates its payload and 6.5 KiB, in 83 allocations; the operating system copies the data",
		Serve: listening(serve),
	})
}

// listening returns the main function of a server process, for the field Serve of a workload. The
// main function listens on the loopback interface and calls serve with the listener. When its
// standard input, in, ends, it closes the listener.
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

// get requests the page of v from the server and returns it.
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
		return nil, fmt.Errorf("the server answered with status %s, must be 200 OK", answer.Status)
	}
	page := make([]byte, v.Size)
	if _, err := io.ReadFull(answer.Body, page); err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, answer.Body) // the client reuses a connection only if the body is read to its end
	return page, err
}

// serve runs an HTTP server on l that answers requests for pages.
func serve(l net.Listener) error {
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v visit
		var err error
		query := r.URL.Query()
		number := func(name string, most uint64) uint64 {
			n, e := strconv.ParseUint(query.Get(name), 10, 64)
			if e != nil || n > most {
				err = fmt.Errorf("%s=%q: must be a number from 0 to %d", name, query.Get(name), most)
			}
			return n
		}
		v.Steps, v.Size = number("wait", uint64(workloads.MaxGrain)), uint32(number("size", workloads.MaxPayload))
		v.Index, v.Seed = uint32(number("index", math.MaxUint32)), uint32(number("seed", math.MaxUint32))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		time.Sleep(time.Duration(v.Steps))
		w.Header().Set("Content-Length", strconv.Itoa(int(v.Size)))
		w.Write(v.content()) // ignore the error: the client then receives a short page and reports it
	}))
}
