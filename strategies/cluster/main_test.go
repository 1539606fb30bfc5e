package cluster

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
	"github.com/payoff-bench/payoff/strategies/work"
)

// TestMain runs the tests, or serves kernels, or is the program of another host.
func TestMain(m *testing.M) {
	worker.Main(append(strategiestest.Kernels(conforming), kernels...))
	if len(os.Args) == 2 && os.Args[1] == few {
		worker.Serve([]work.Callable{number})
		os.Exit(0)
	}
	if len(os.Args) == 2 && os.Args[1] == durableName {
		worker.Serve(append(strategiestest.Kernels(durable), kernels...))
		os.Exit(0)
	}
	if len(os.Args) == 2 && programs[os.Args[1]] != nil {
		if err := programs[os.Args[1]](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// programs holds the other main functions of this test binary, by the argument that selects them.
var programs = map[string]func() error{
	"host":  func() error { return serveHost(Serve) },
	"queue": func() error { return serveHost(serveDurable) },
	"full": func() error {
		return serveHost(func(ctx context.Context, w Worker) error {
			w.Group = "full"
			return serveDurable(ctx, w)
		})
	},
	"killed": func() error { return serveHost(serveKilled) },
	"server": serveNATS,
	"submit": submitJobs,
}

const (
	testPeriod = time.Second
	user       = "tester"
	few        = "few" // name of a host with other kernels
)

// conforming is the strategy cluster for the conformance test. Its executors find the options in
// the command line of the workers, so that a task that creates an executor finds them too.
var conforming = func() catalog.Strategy {
	s := Config{}.Strategy()
	s.New = func(ctx context.Context, c catalog.Config) (work.Executor, error) {
		x, err := New(ctx, Config{Options: Options{URL: c.Worker[1], User: user, Password: c.Worker[2], Period: testPeriod}, Workers: c.Workers})
		if err != nil {
			return nil, err
		}
		return x, nil
	}
	with := s.With
	s.With = func(set catalog.Setting) (catalog.Strategy, error) {
		_, err := with(set)
		return s, err
	}
	return s
}()

// newServer starts a server in this process. The server requires a random password.
func newServer(t testing.TB, o *server.Options) (url, password string) {
	t.Helper()
	password = rand.Text()
	o.Host, o.Port, o.NoLog, o.NoSigs = "127.0.0.1", -1, true, true
	o.Username, o.Password = user, password
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s.ClientURL(), password
}

// serveHost is the main function of a program that stands for another host. It reads the options
// from standard input, one per line, and ends gracefully when standard input ends.
func serveHost(serve func(context.Context, Worker) error) error {
	in := bufio.NewReader(os.Stdin)
	var w Worker
	var password string
	if _, err := fmt.Fscanln(in, &w.URL, &password, &w.Name, &w.Slots); err != nil {
		return err
	}
	w.User, w.Password, w.Period = user, password, testPeriod
	w.Program, w.Grace = procs.Self(), 50*time.Millisecond
	if w.Name == few {
		w.Program = procs.Command(os.Args[0], few)
	}
	w.Ready = func() { fmt.Println("ready") }
	ctx, end := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, in)
		end()
	}()
	return serve(ctx, w)
}

// A process is a program that stands for another host.
type process struct {
	*exec.Cmd
	in io.WriteCloser
}

// newHost starts a program that stands for another host, and waits until it is ready.
func newHost(t testing.TB, url, password, name string, slots int) *process {
	t.Helper()
	return newProcess(t, "host", url, password, name, slots)
}

func newProcess(t testing.TB, program, url, password, name string, slots int) *process {
	t.Helper()
	p, line := startProcess(t, program, url, password, name, slots)
	if line != "ready" {
		t.Fatalf("the other host said %q", line)
	}
	return p
}

// startProcess starts a process with one line of input, and waits for one line of output.
func startProcess(t testing.TB, program string, input ...any) (p *process, line string) {
	t.Helper()
	p = &process{Cmd: exec.Command(os.Args[0], program)}
	p.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.in, err = p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.in.Close()
		p.Wait()
	})
	fmt.Fprintln(p.in, input...)
	line, _ = bufio.NewReader(out).ReadString('\n')
	return p, strings.TrimSpace(line)
}
