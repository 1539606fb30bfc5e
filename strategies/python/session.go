//go:build unix

package python

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

//go:embed payoff_kernels.py payoff_tasks.py payoff_systems.py payoff_peers.py payoff_pool.py
var files embed.FS

// A RunError is an exception of Python that ended a job or the opening of a pool.
type RunError struct {
	System  string // name of the pool
	Message string // type and text of the exception
	Trace   string // traceback
}

func (e *RunError) Error() string { return e.System + ": " + e.Message }

// A session is a Python process with one pool. It implements [catalog.RemotePool].
type session struct {
	system string
	folder string // of the Python files
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	life   *os.File // Python ends its process group when this is closed
	stderr lastBytes
	ended  chan error // receives the result of Wait once
	clock  reading    // after the last job, or at the start
	closed bool
}

// A reading is one reading of Python's clock, between two readings of the clock of this process. The
// field others is the CPU time that threads of Python other than the first have used so far.
type reading struct {
	from, to    time.Time
	now, others time.Duration
}

// clockSlack is the share by which two clocks may differ in speed, and clockStep the time by which their
// readings may differ.
const (
	clockSlack = 0.001
	clockStep  = 100 * time.Microsecond
)

// since returns an error if Python's clock did not run as fast as that of this process since the reading
// before.
func (r reading) since(before reading) error {
	least, most := r.from.Sub(before.to), r.to.Sub(before.from)
	took := r.now - before.now
	slack := clockStep + time.Duration(clockSlack*float64(most))
	if took < least-slack || took > most+slack {
		return fmt.Errorf("the clock of python is wrong: by it %v passed, but it was from %v to %v (was it set, or slowed down by a program such as faketime?)", took, least, most)
	}
	return nil
}

// A head is the first part of a frame, in JSON. Commands to Python and its answers use different
// fields.
type head struct {
	Do      string      `json:"do,omitempty"`
	System  string      `json:"system,omitempty"`
	Workers int         `json:"workers,omitempty"`
	Start   string      `json:"start,omitempty"`
	Recycle int         `json:"recycle,omitempty"`
	Kernel  string      `json:"kernel,omitempty"`
	Chunk   int         `json:"chunk"`
	Sizes   []int       `json:"sizes,omitempty"`
	Error   string      `json:"error,omitempty"`
	Trace   string      `json:"trace,omitempty"`
	Took    int64       `json:"took,omitempty"`
	Now     int64       `json:"now,omitempty"`
	Others  int64       `json:"others,omitempty"`
	Failed  []failedRow `json:"failed,omitempty"`
}

// mostFrame is the largest size of a frame. A longer one is a mistake.
const mostFrame = min(1<<40, math.MaxInt)

// A failedRow reports a task that failed while the job continued.
type failedRow struct {
	At      int    `json:"at"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

// open starts a Python process, opens the pool that h describes, and returns after each worker of
// the pool has run a task.
func open(ctx context.Context, python string, h head) (s *session, err error) {
	folder, err := os.MkdirTemp("", "payoff-python-")
	if err != nil {
		return nil, err
	}
	s = &session{system: h.System, folder: folder, ended: make(chan error, 1)}
	if err := os.CopyFS(folder, files); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := s.start(cmp.Or(python, Default)); err != nil {
		return nil, errors.Join(fmt.Errorf("start of python: %w", err), os.RemoveAll(folder))
	}
	h.Do = "open"
	_, _, err = s.ask(ctx, h, nil)
	if err == nil {
		s.clock, err = s.read(ctx)
	}
	if err != nil {
		s.kill()
		return nil, err
	}
	return s, nil
}

// start starts the Python process in its own process group.
func (s *session) start(python string) (err error) {
	path, err := exec.LookPath(python)
	if err != nil {
		return err
	}
	alive, life, err := os.Pipe()
	if err != nil {
		return err
	}
	defer alive.Close()
	s.life = life
	s.cmd = exec.Command(path, "-u", filepath.Join(s.folder, "payoff_pool.py"))
	s.cmd.Stderr, s.cmd.ExtraFiles = &s.stderr, []*os.File{alive}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.WaitDelay = time.Second // processes of a pool may hold its standard error
	if s.in, err = s.cmd.StdinPipe(); err == nil {
		s.out, err = s.cmd.StdoutPipe()
	}
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		life.Close()
	}
	return err
}

// Hand implements [catalog.RemotePool].
func (s *session) Hand(ctx context.Context, kernel string, inputs [][]byte) error {
	_, _, err := s.ask(ctx, head{Do: "inputs", Kernel: kernel}, inputs)
	return err
}

// Run implements [catalog.RemotePool].
func (s *session) Run(ctx context.Context, chunk int) (o catalog.RemoteOutcome, err error) {
	began := time.Now()
	h, values, err := s.ask(ctx, head{Do: "run", Chunk: chunk}, nil)
	if err != nil {
		return o, err
	}
	if took, wall := time.Duration(h.Took), time.Since(began); took <= 0 || took > wall+time.Millisecond {
		return o, fmt.Errorf("%s: the clock of python is wrong: it counted %v for a job that took at most %v", s.system, took, wall)
	}
	before := s.clock
	if s.clock, err = s.read(ctx); err != nil {
		return o, err
	}
	if err := s.clock.since(before); err != nil {
		return o, fmt.Errorf("%s: %w", s.system, err)
	}
	o = catalog.RemoteOutcome{Took: time.Duration(h.Took), Others: s.clock.others - before.others, Values: values}
	if len(h.Failed) > 0 {
		o.Failed = map[int]error{}
	}
	for _, f := range h.Failed {
		o.Failed[f.At] = &work.RemoteError{Type: f.Type, Message: f.Message}
		if f.Type == "ChildProcessError" {
			o.Failed[f.At] = &work.LostError{Cause: f.Message, ExitCode: -1}
		}
	}
	return o, nil
}

// read reads Python's clock.
func (s *session) read(ctx context.Context) (r reading, err error) {
	r.from = time.Now()
	h, _, err := s.ask(ctx, head{Do: "clock"}, nil)
	r.to, r.now, r.others = time.Now(), time.Duration(h.Now), time.Duration(h.Others)
	return r, err
}

// ask sends a frame with the head h and values, and returns the answer. If ctx ends first, ask
// kills the process group and returns the cause of ctx.
func (s *session) ask(ctx context.Context, h head, values [][]byte) (answer head, out [][]byte, err error) {
	if s.closed {
		return answer, nil, work.ErrClosed
	}
	type result struct {
		head head
		out  [][]byte
		err  error
	}
	got := make(chan result, 1)
	go func() {
		var r result
		if r.err = s.send(h, values); r.err == nil {
			r.head, r.out, r.err = s.receive()
		}
		got <- r
	}()
	select {
	case <-ctx.Done():
		s.kill()
		<-got
		return answer, nil, context.Cause(ctx)
	case r := <-got:
		switch {
		case r.err != nil:
			ended := s.kill()
			return answer, nil, fmt.Errorf("%s: python ended: %v%s", s.system, cmp.Or(ended, r.err), tail(s.stderr.text))
		case r.head.Error != "":
			return answer, nil, &RunError{s.system, r.head.Error, r.head.Trace}
		}
		return r.head, r.out, nil
	}
}

func (s *session) send(h head, values [][]byte) error {
	size := 0
	h.Sizes = make([]int, len(values))
	for i, v := range values {
		h.Sizes[i] = len(v)
		size += len(v)
	}
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	frame := binary.LittleEndian.AppendUint64(make([]byte, 0, 16+len(text)+size), uint64(len(text)+size))
	frame = binary.LittleEndian.AppendUint64(frame, uint64(len(text)))
	_, err = s.in.Write(append(append(frame, text...), bytes.Join(values, nil)...))
	return err
}

func (s *session) receive() (h head, values [][]byte, err error) {
	var lengths [16]byte
	if _, err := io.ReadFull(s.out, lengths[:]); err != nil {
		return h, nil, err
	}
	all, first := binary.LittleEndian.Uint64(lengths[:]), binary.LittleEndian.Uint64(lengths[8:])
	if first > all || all > mostFrame {
		return h, nil, fmt.Errorf("invalid frame: it has %d bytes, and its head %d bytes", all, first)
	}
	frame := make([]byte, all)
	if _, err := io.ReadFull(s.out, frame); err != nil {
		return h, nil, err
	}
	if err := json.Unmarshal(frame[:first], &h); err != nil {
		return h, nil, err
	}
	rest := frame[first:]
	for _, n := range h.Sizes {
		if n < 0 || n > len(rest) {
			return h, nil, errors.New("invalid frame: its values have more bytes than the frame")
		}
		values, rest = append(values, rest[:n:n]), rest[n:]
	}
	return h, values, nil
}

// kill ends the process group and waits for the end of the Python process. It returns the error of
// that end, or nil.
func (s *session) kill() error {
	if s.closed {
		return nil
	}
	s.closed = true
	go func() { s.ended <- s.cmd.Wait() }()
	var ended error
	select {
	case ended = <-s.ended: // it had ended by itself
		syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	case <-time.After(50 * time.Millisecond):
		syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		ended = <-s.ended
	}
	s.life.Close()
	os.RemoveAll(s.folder)
	return ended
}

// Close implements [catalog.RemotePool].
func (s *session) Close(ctx context.Context) error {
	if s.closed {
		return nil
	}
	_, _, err := s.ask(ctx, head{Do: "close"}, nil)
	s.kill()
	return err
}
