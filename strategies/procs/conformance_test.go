//go:build unix

package procs

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// conforming is the configuration under test. Each worker that ignores SIGTERM delays a test by
// Config.Grace.
var conforming = Config{Grace: 50 * time.Millisecond, Process: config(0).Process}

func conform(*testing.T) catalog.Config {
	return catalog.Config{Worker: []string{os.Args[0], "conform"}}
}

func TestConformance(t *testing.T) {
	if raceEnabled { // the race detector does not see other processes; the pairs are enough for this one
		strategiestest.RunRest(t, conforming.Strategy(), conform)
		return
	}
	strategiestest.Run(t, conforming.Strategy(), conform)
}

// TestConformanceOfPairs checks the rules of the contract that are about processes, with every pair
// of a start method and a transport.
func TestConformanceOfPairs(t *testing.T) {
	var starts, names []string
	for _, s := range Starts() {
		starts = append(starts, s.Name)
	}
	for _, tr := range transports() {
		names = append(names, tr.Name)
	}
	c := conforming
	strategiestest.Cover(t, c.Strategy(), starts, names, raceEnabled || testing.Short(), func(s catalog.Setting) catalog.Config {
		if s.Start == "self" {
			return catalog.Config{}
		}
		return conform(t)
	})
}

// TestConformanceOfSharedMemory checks the other rules of the contract over shared memory, the
// transport that is most likely to hang. For the remaining transports, which are sockets,
// [TestConformanceOfPairs] is enough.
func TestConformanceOfSharedMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector does not see the other process")
	}
	if testing.Short() {
		t.Skip("make proof runs it")
	}
	tr := transport.SHM(transport.SHMOptions{})
	opens(t, tr)
	c := conforming
	c.Transport, c.Arena = tr, 1<<20
	strategiestest.RunRest(t, c.Strategy(), conform)
}

// opens skips the test if this system does not support the transport tr.
func opens(t *testing.T, tr transport.Transport) {
	t.Helper()
	var refused *transport.RefusedError
	o, err := tr.Open()
	switch {
	case errors.As(err, &refused):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	o.Close()
}

// TestRefusedTransports checks that a transport with invalid options is refused before a process is
// started.
func TestRefusedTransports(t *testing.T) {
	for _, tr := range []transport.Transport{
		transport.SHM(transport.SHMOptions{Size: 1000}),
	} {
		c := config(1)
		c.Transport = tr
		_, err := New(t.Context(), c)
		var refused *transport.RefusedError
		if !errors.As(err, &refused) || refused.Transport != tr.Name {
			t.Errorf("%s: got error %v, want a RefusedError of this transport", tr.Name, err)
		}
	}
}

// TestWorkerProgramsThatDoNotCall checks that New reports faults of a worker program also over a
// transport for which the worker has to connect to this process.
func TestWorkerProgramsThatDoNotCall(t *testing.T) {
	tests := []struct {
		worker []string
		want   string
	}{
		{[]string{"sh", "-c", "echo sorry >&2; exit 7"}, "exit status 7; last lines of standard error: sorry"},
		{[]string{own[0], "hang"}, "no answer within 50ms"},
	}
	for _, test := range tests {
		c := config(2)
		c.Program, c.Transport = program(test.worker), transport.Unix("")
		if test.worker[len(test.worker)-1] == "hang" {
			c.StartTimeout = 50e6
		}
		_, err := New(t.Context(), c)
		var e *StartError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("worker program %q: got error %v, want a StartError with %q", test.worker, err, test.want)
		}
	}
}

// TestSpin checks that if a core is free, both ends of a channel in shared memory spin before they
// sleep. They still notice when a task or a worker ends.
func TestSpin(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	tr := transport.SHM(transport.SHMOptions{Spin: spin})
	opens(t, tr)
	c := config(1)
	c.Transport = tr
	x := newExecutor(t, c)
	for i := range 50 {
		in := []string{"x", "exit 3", "y"}
		if i%10 > 0 {
			in[1] = "z"
		}
		out, err := fault.Map(t.Context(), x, in, strategies.Options{})
		if out[0] != "x" || out[2] != "y" || (err != nil) != (i%10 == 0) {
			t.Fatal(out, err)
		}
	}
}

// TestWith checks that the method With accepts valid settings of a suite and refuses invalid ones,
// so that a run can check them before it measures.
func TestWith(t *testing.T) {
	s := Config{}.Strategy()
	for _, set := range []catalog.Setting{
		{Transport: "loopback"}, {Transport: "smoke"}, {Start: "fork"}, {Transport: "socketpair", Start: "fork"},
	} {
		if _, err := s.With(set); err == nil {
			t.Errorf("setting %+v: got no error, want a refusal", set)
		}
	}
	c, err := Config{Process: config(0).Process}.With(catalog.Setting{Transport: "socketpair", Start: "chunk"})
	if err != nil || c.Transport.Name != "socketpair" || c.Start != Chunk || c.Process.Env == nil {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := c.With(catalog.Setting{Prefetch: 3, Ahead: 5}); err != nil || c.Prefetch != (Prefetch{3, 5}) || c.Start != Chunk {
		t.Errorf("%+v, %v", c, err)
	}
	if plain, err := c.With(catalog.Setting{}); err != nil || plain.Transport.Name != "socketpair" {
		t.Errorf("%+v, %v", plain, err)
	}
}
