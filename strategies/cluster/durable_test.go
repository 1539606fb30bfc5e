package cluster

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
	"github.com/payoff-bench/payoff/strategies/work"
)

// durable is the strategy durable for the conformance test; see conforming.
var durable = func() catalog.Strategy {
	s := DurableConfig{}.Strategy()
	s.New = func(ctx context.Context, c catalog.Config) (work.Executor, error) {
		x, err := NewDurable(ctx, DurableConfig{Options: Options{URL: c.Worker[1], User: user, Password: c.Worker[2], Period: quickPeriod}, Workers: c.Workers})
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

// TestDurableConformance tests the strategy durable against the contract of all executors. The
// server and a worker run in processes of their own.
func TestDurableConformance(t *testing.T) {
	url, password := newJetStream(t).address()
	newProcess(t, "queue", url, password, "far", 16)
	config := catalog.Config{Worker: []string{"", url, password}}
	if testing.Short() { // the rules about processes, and about Close and Stop
		strategiestest.Cover(t, durable, []string{""}, []string{""}, true, func(catalog.Setting) catalog.Config { return config })
		return
	}
	strategiestest.Run(t, durable, func(t *testing.T) catalog.Config { return config })
}

// serveDurable calls ServeDurable with the kernels of the strategy durable.
func serveDurable(ctx context.Context, w Worker) error {
	if w.Period = quickPeriod; w.Name != few {
		w.Program = procs.Command(os.Args[0], durableName)
	}
	return ServeDurable(ctx, w)
}

// serveKilled is like serveDurable, but tries again as long as the server is away, because it may
// have been killed.
func serveKilled(ctx context.Context, w Worker) error {
	w.Program, w.Period = procs.Command(os.Args[0], durableName), killPeriod
	w.Ready()
	w.Ready = nil
	for {
		err := ServeDurable(ctx, w)
		var connect *ConnectError
		var jets *JetStreamError
		if !errors.As(err, &connect) && !errors.As(err, &jets) {
			return err
		}
		time.Sleep(killPeriod)
	}
}

// A jetStream is a server with JetStream in a process of its own, which may be killed and started again.
type jetStream struct {
	*process
	dir, password string
	port, payload int
}

func newJetStream(t testing.TB) *jetStream {
	t.Helper()
	s := &jetStream{dir: t.TempDir(), password: rand.Text(), port: -1, payload: 1 << 20}
	s.start(t)
	return s
}

func (s *jetStream) start(t testing.TB) {
	t.Helper()
	var line string
	s.process, line = startProcess(t, "server", s.dir, s.port, s.password, s.payload)
	if _, err := fmt.Sscan(line, &s.port); err != nil {
		t.Fatalf("the server said %q", line)
	}
}

func (s *jetStream) address() (url, password string) {
	return fmt.Sprintf("nats://127.0.0.1:%d", s.port), s.password
}

// kill kills the server.
func (s *jetStream) kill() {
	s.Process.Kill()
	s.Wait()
}

// serveNATS is the main function of a server. It reads its options from standard input, and ends when standard
// input ends.
func serveNATS() error {
	in := bufio.NewReader(os.Stdin)
	o := &server.Options{Host: "127.0.0.1", NoLog: true, NoSigs: true, JetStream: true, Username: user}
	var payload int32
	if _, err := fmt.Fscanln(in, &o.StoreDir, &o.Port, &o.Password, &payload); err != nil {
		return err
	}
	o.MaxPayload = payload
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		return errors.New("the server does not start")
	}
	fmt.Println(s.Addr().(*net.TCPAddr).Port)
	io.Copy(io.Discard, in)
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}
