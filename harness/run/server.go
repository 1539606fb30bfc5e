package run

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Time limits for a server to print its address, and to end.
const (
	serverStart = 10 * time.Second
	serverEnd   = time.Second
)

// A server is a process that the tasks or the strategy of a launch call, for example over TCP. It ends when its
// standard input is closed. On Linux, it also ends when the thread that started it ends.
type server struct {
	of      string // the word workload or strategy, and its name
	cmd     *exec.Cmd
	in      io.Closer
	printed gist
	address string
	gone    chan struct{} // closed when the server has ended
	err     error         // how the server ended; valid once gone is closed
}

// A ServerError is the error for a failed launch whose tasks or strategy call a server, if this server
// had ended before the failure.
type ServerError struct {
	Of      string // the word workload or strategy, and its name
	Process int
	Ended   error  // how the server ended; nil for exit status 0
	Said    string // its standard error
	Err     error  // error of the launch
}

func (e *ServerError) Error() string {
	how := "by itself"
	if e.Ended != nil {
		how = "by " + e.Ended.Error()
	}
	if e.Said != "" {
		how += " and printed " + e.Said
	}
	return fmt.Sprintf("the server of %s (process %d) ended %s: %v", e.Of, e.Process, how, e.Err)
}

func (e *ServerError) Unwrap() error { return e.Err }

// startServer starts a server, and waits until the server prints its address. The argument of names
// the workload or strategy of the server. It starts the server from the calling thread. If the machine has more cores
// than the launch uses, the server runs on these free cores.
func startServer(ctx context.Context, of string, command []string, cores int) (*server, error) {
	s := &server{of: of, gone: make(chan struct{})}
	s.cmd = exec.Command(command[0], command[1:]...)
	s.cmd.Env = harness.Inherited(s.cmd.Environ())
	s.cmd.Stderr = &s.printed
	s.cmd.SysProcAttr = ownGroup()
	s.cmd.WaitDelay = serverEnd
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	s.in = in
	if err := outside(cores, s.cmd.Start); err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReaderSize(out, 256).ReadString('\n')
		line <- strings.TrimSpace(text)
		s.err = s.cmd.Wait()
		close(s.gone)
	}()
	select {
	case s.address = <-line:
		if s.address == "" {
			<-s.gone
			return nil, s.ended(errors.New("the server printed no address"))
		}
		return s, nil
	case <-time.After(serverStart):
		err = fmt.Errorf("server %q has printed no address for %v", command, serverStart)
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	s.stop()
	return nil, err
}

// ended returns the argument err, the error of a launch or nil. If there is an error and the server has
// already ended, ended wraps err in a [ServerError].
func (s *server) ended(err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-s.gone:
		return &ServerError{s.of, s.cmd.Process.Pid, s.err, s.printed.String(), err}
	default:
		return err
	}
}

// stop closes the server's standard input and waits until the server has ended. If the server has
// not ended within a second, stop kills it.
func (s *server) stop() {
	s.in.Close()
	select {
	case <-s.gone:
	case <-time.After(serverEnd):
		killGroup(s.cmd.Process)
		<-s.gone
	}
}
