package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/hub"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/cluster"
	"github.com/payoff-bench/payoff/strategies/procs"
)

// Cluster returns the strategy cluster for this command. Each launch has its own NATS server, which
// the function serve runs. For each host, it has a process of this program, which starts the
// workers of the host. The workers have the environment of the launch, like those of [Processes].
//
// The function serve is the function of this name in package harness/nats. A program that links
// that package starts about 1 ms later. So [Own] does not add this strategy: name it in
// [Program].Strategies.
func Cluster(serve func(set catalog.Setting, in io.Reader, out io.Writer) error) catalog.Strategy {
	return remote{base: cluster.Config{}.Strategy(), serve: serve, start: startCluster}.row(catalog.Setting{})
}

// Durable is like [Cluster] for the strategy durable. The function serve is ServeDurable of package
// harness/nats.
func Durable(serve func(set catalog.Setting, in io.Reader, out io.Writer) error) catalog.Strategy {
	return remote{base: cluster.DurableConfig{}.Strategy(), serve: serve, start: startDurable, durable: true}.row(catalog.Setting{})
}

// A remote is a strategy whose workers are on other hosts.
type remote struct {
	base    catalog.Strategy
	serve   func(catalog.Setting, io.Reader, io.Writer) error
	start   func(ctx context.Context, o cluster.Options, workers int) (strategies.Executor, error)
	durable bool
}

func startCluster(ctx context.Context, o cluster.Options, workers int) (strategies.Executor, error) {
	x, err := cluster.New(ctx, cluster.Config{Options: o, Workers: workers})
	if err != nil {
		return nil, err
	}
	if x.Slots() < workers {
		return nil, errors.Join(fmt.Errorf("only %d of %d workers started", x.Slots(), workers), x.Close())
	}
	return x, nil
}

func startDurable(ctx context.Context, o cluster.Options, workers int) (strategies.Executor, error) {
	x, err := cluster.NewDurable(ctx, cluster.DurableConfig{Options: o, Workers: workers})
	if err != nil {
		return nil, err
	}
	return x, nil
}

// period is the time between heartbeats of a durable launch. A slot that is idle for three periods
// ends its process, so the period is longer than the pauses between jobs.
const period = 10 * time.Second

// options returns the options of an executor or a host that reaches the server at url.
func (r remote) options(url string, at hub.Address) cluster.Options {
	o := cluster.Options{URL: url, User: at.User, Password: at.Password}
	if r.durable {
		o.Period = period
	}
	return o
}

func (r remote) row(set catalog.Setting) catalog.Strategy {
	s := r.base
	s.Capabilities.Prepares = true
	s.Serve = r.serve
	s.With = func(set catalog.Setting) (catalog.Strategy, error) {
		if set != (catalog.Setting{Hosts: set.Hosts, RoundTrip: set.RoundTrip, Prepare: set.Prepare}) {
			return s, fmt.Errorf("strategy %s has only the settings hosts and roundtrip", s.Name)
		}
		return r.row(set), nil
	}
	s.New = func(ctx context.Context, c catalog.Config) (strategies.Executor, error) {
		x, err := r.newHosted(ctx, set, c)
		if err != nil {
			return nil, err
		}
		return x, nil
	}
	return s
}

// A hosted is an executor together with the hosts of its workers.
type hosted struct {
	strategies.Executor
	hosts []*hostProcess
}

// newHosted starts the hosts, each with its share of the workers, and an executor that uses all
// workers.
func (r remote) newHosted(ctx context.Context, set catalog.Setting, c catalog.Config) (*hosted, error) {
	at, err := hub.Parse(c.Server)
	if err != nil {
		return nil, err
	}
	workers, err := c.WorkerCount()
	if err != nil {
		return nil, err
	}
	if n := len(at.Hosts); workers < n {
		return nil, &strategies.OptionError{Strategy: r.base.Name, Option: "hosts", Value: n, Reason: fmt.Sprintf("each host needs a worker, and there are %d", workers)}
	}
	x := &hosted{}
	left := workers
	for i, url := range at.Hosts {
		share := (left + len(at.Hosts) - i - 1) / (len(at.Hosts) - i)
		left -= share
		h, err := startHost(hostConfig{
			Options: r.options(url, at), Durable: r.durable,
			Name: fmt.Sprintf("host%d", i), Slots: share, Worker: c.Worker,
			Init: procs.Init{Kernel: set.Prepare.Kernel, Input: []byte(set.Prepare.Input)},
		})
		if err != nil {
			return nil, errors.Join(err, x.end())
		}
		x.hosts = append(x.hosts, h)
	}
	for _, h := range x.hosts {
		err = errors.Join(err, h.ready(ctx))
	}
	if err == nil {
		x.Executor, err = r.start(ctx, r.options(at.URL, at), workers)
	}
	if err != nil {
		return nil, errors.Join(err, x.end())
	}
	return x, nil
}

// Close implements [strategies.Executor].
func (x *hosted) Close() error { return errors.Join(x.Executor.Close(), x.end()) }

// Stop implements [strategies.Executor].
func (x *hosted) Stop(ctx context.Context) error { return errors.Join(x.Executor.Stop(ctx), x.end()) }

// end ends the processes of the hosts.
func (x *hosted) end() (err error) {
	for _, h := range x.hosts {
		h.in.Close()
	}
	for _, h := range x.hosts {
		err = errors.Join(err, h.wait())
	}
	return err
}

// clusterHostCommand is the name of the hidden subcommand that runs one host of a launch. It reads
// its configuration, which contains a password, from standard input, and ends when standard input
// ends.
const clusterHostCommand = "cluster-host"

// A hostConfig is the configuration of a host.
type hostConfig struct {
	cluster.Options
	Durable bool
	Name    string
	Slots   int
	Worker  []string // command of the worker processes
	Init    procs.Init
}

func (p Program) clusterHostCommand() *cobra.Command {
	return &cobra.Command{
		Use:    clusterHostCommand,
		Short:  "Run the workers of a launch until standard input ends",
		Hidden: true,
		Args:   none,
		RunE: func(c *cobra.Command, _ []string) error {
			var h hostConfig
			from := json.NewDecoder(os.Stdin)
			if from.Decode(&h) != nil || len(h.Worker) == 0 {
				return misuse("payoff cluster-host is internal; use payoff worker, which serves the kernels on this host")
			}
			ctx, end := context.WithCancel(c.Context())
			defer end()
			go func() {
				io.Copy(io.Discard, os.Stdin)
				end()
			}()
			w := cluster.Worker{Options: h.Options, Name: h.Name, Slots: h.Slots, Program: procs.Command(h.Worker[0], h.Worker[1:]...), Init: h.Init}
			w.Process.Env = harness.Inherited(os.Environ())
			w.Process.Profile, w.Process.ProfileKind = os.Getenv(harness.ProfileEnv), os.Getenv(harness.ProfileKindEnv)
			w.Ready = func() { fmt.Fprintln(c.OutOrStdout(), hostReady) }
			if h.Durable {
				return cluster.ServeDurable(ctx, w)
			}
			return cluster.Serve(ctx, w)
		},
	}
}

// hostReady is the line that a host prints when its workers can be used.
const hostReady = "ready"

// A hostProcess is a process that runs clusterHostCommand.
type hostProcess struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	said   strings.Builder // its standard error
	line   chan string     // receives the first line of its standard output
	exited chan struct{}
	err    error // how the process ended; valid once exited is closed
}

func startHost(c hostConfig) (*hostProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	h := &hostProcess{cmd: exec.Command(self, clusterHostCommand), line: make(chan string, 1), exited: make(chan struct{})}
	h.cmd.Stderr = &h.said
	h.cmd.WaitDelay = hostPatience
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		first, _ := bufio.NewReader(out).ReadString('\n')
		h.line <- strings.TrimSpace(first)
		h.err = h.cmd.Wait()
		close(h.exited)
	}()
	if err := json.NewEncoder(h.in).Encode(c); err != nil {
		h.in.Close()
		return nil, errors.Join(err, h.wait())
	}
	return h, nil
}

// hostPatience is the time that a host may take to end.
const hostPatience = 5 * time.Second

// ready waits until the host is ready.
func (h *hostProcess) ready(ctx context.Context) error {
	select {
	case first := <-h.line:
		if first != hostReady {
			h.in.Close()
			return errors.Join(errors.New("a host has not started"), h.wait())
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// wait waits until the host has ended, and kills it if it takes too long.
func (h *hostProcess) wait() error {
	select {
	case <-h.exited:
	case <-time.After(hostPatience):
		h.cmd.Process.Kill()
		<-h.exited
	}
	if h.err == nil {
		return nil
	}
	return fmt.Errorf("host (process %d): %w: %s", h.cmd.Process.Pid, h.err, strings.TrimSpace(h.said.String()))
}
