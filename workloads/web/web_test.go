package web

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
)

var itself = procs.Config{Program: procs.Self()}

func TestMain(m *testing.M) {
	worker.Main(workloads.Kernels(both()))
	os.Exit(m.Run())
}

func both() []workloads.Workload { return []workloads.Workload{Echo(), HTTP()} }

func TestServed(t *testing.T) {
	for _, w := range both() {
		t.Run(w.Name, func(t *testing.T) { served(t, w) })
	}
}

// served checks that jobs of w have the digest of the direct loop, in this process and in worker
// processes. It also checks that the server of w ends when its input ends.
func served(t *testing.T, w workloads.Workload) {
	in, end := io.Pipe()
	out, says := io.Pipe()
	ended := make(chan error)
	go func() { ended <- w.Serve(in, says) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(line)
	l, err := w.New(workloads.Params{Grain: 1000, Payload: 5000, Spread: "lognormal", Seed: 3, Server: address})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Inputs(50); err != nil {
		t.Fatal(err)
	}
	digest := func(err error) uint64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		sum, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	want := digest(l.Direct(t.Context()))
	pool, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 8})
	if err != nil {
		t.Fatal(err)
	}
	c := itself
	c.Workers = 2
	processes, err := procs.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]strategies.Executor{"pool": pool, "procs": processes}
	if w.Kernel.Resumes() && runtime.GOOS == "linux" {
		if all["loop"], err = catalog.Named("loop").New(t.Context(), catalog.Config{}); err != nil {
			t.Fatal(err)
		}
	}
	for name, ex := range all {
		if got := digest(l.Map(t.Context(), ex, strategies.Options{})); got != want {
			t.Errorf("%s: digest %x, want %x as in the direct loop", name, got, want)
		}
		if l.Values()[workloads.ServiceUnit] <= 0 {
			t.Errorf("%s: got values %v, want a mean running time of tasks", name, l.Values())
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
	}
	if w.Name == "http" {
		refuses(t, address)
	}
	http.DefaultClient.CloseIdleConnections()
	end.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := l.Direct(t.Context()); err != nil && !strings.Contains(err.Error(), "server "+address) {
		t.Errorf("direct loop with a server that has ended: got error %v, want one that names the server", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// refuses checks that the server at address answers invalid requests with status 400.
func refuses(t *testing.T, address string) {
	for _, query := range []string{"", "wait=1&size=-1&index=1&seed=1", "wait=1&size=9999999999&index=1&seed=1"} {
		answer, err := http.Get("http://" + address + "/?" + query)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("invalid request %q: got status %s, want 400", query, answer.Status)
		}
	}
}
