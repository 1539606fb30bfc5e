//go:build unix

package procs

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// hostile is the kernel of a hostile worker. It returns its input, unless the input names a
// misdeed.
var hostile = strategies.Kernel[string, string]{
	Name: "hostile", In: texts, Out: texts,
	Func: func(_ context.Context, v string) (string, error) { return v, nil },
}

// hostilePool returns a pool of workers that break the protocol. After a call of spoil, new workers
// answer the handshake wrongly; the argument how names the wrong answer. After a call of mend, new
// workers answer correctly again.
func hostilePool(t *testing.T, workers int, tr transport.Transport, how string) (x *Executor, spoil, mend func()) {
	t.Helper()
	opens(t, tr)
	spoilt := filepath.Join(t.TempDir(), "spoilt")
	c := config(workers)
	c.Program, c.Transport = Command(os.Args[0], "hostile", how, spoilt), tr
	if strings.Contains(how, "silent") || strings.Contains(how, "promise") {
		c.StartTimeout = 200 * time.Millisecond
	}
	spoil = func() { must(t, os.WriteFile(spoilt, nil, 0o600)) }
	mend = func() { must(t, os.Remove(spoilt)) }
	return newExecutor(t, c), spoil, mend
}

// A hostileWorker implements the protocol without package worker.
type hostileWorker struct {
	conn    transport.Conn
	page    *wire.Page
	memory  []byte // of the page
	decoder wire.Decoder
	state   wire.PageState

	frame wire.Header // being served
	rest  []byte      // its remaining tasks
}

// serveHostile is the main function of the hostile worker program. The argument how names the wrong
// answer to the handshake. The worker gives this answer while the file spoilt exists.
func serveHostile(how, spoilt string) error {
	page, memory, err := wire.OpenPage(wire.FDPage)
	if err != nil {
		return err
	}
	conn, err := transport.Adopt(wire.FDChannel)
	if err != nil {
		return err
	}
	w := &hostileWorker{conn: conn, page: page, memory: memory}
	if err := w.next(); err != nil {
		return err
	}
	ready := wire.Ready{Side: wire.Here(), PID: os.Getpid(), Kernels: []string{hostile.Name}}
	answer := wire.AppendReady(nil, ready)
	if _, err := os.Stat(spoilt); err == nil {
		answer = handshakes[how].answer(ready)
	}
	conn.Write(answer)
	for {
		if err := w.next(); err != nil {
			return err
		}
		w.frame, w.rest = w.decoder.Header, w.decoder.Payload
		for len(w.rest) > 0 {
			do, ok := w.claim()
			if !ok {
				break
			}
			n := (w.state.Started + wire.Tasks - 1) % wire.Tasks
			name, _, _ := strings.Cut(do, "|")
			if name == early {
				answerEarly(w, n)
			}
			if m := misdeeds[name]; m.do == nil {
				conn.Write(outcome(wire.KindOutputs, n, do))
			} else if m.do(w, n); !m.goesOn {
				select {}
			}
		}
	}
}

// next waits for the next frame from the parent and stores it in w.
func (w *hostileWorker) next() error {
	for {
		ok, err := w.decoder.Next()
		if ok || err != nil {
			return err
		}
		n, err := w.conn.Read(w.decoder.Space())
		if err != nil {
			return err
		}
		w.decoder.Wrote(n)
	}
}

// claim starts the next task of the current frame and returns its input. It skips tasks that the
// parent has recalled. The result ok is false if no task is left.
func (w *hostileWorker) claim() (input string, ok bool) {
	b, rest, _ := wire.NextTask(w.rest)
	w.rest = rest
	w.page.Begin()
	for w.state = w.page.State(); w.state.Epoch == w.frame.Epoch; {
		if w.state, ok = w.page.Claim(w.state, 0); ok {
			return string(b), true
		}
	}
	w.rest = nil
	return "", false
}

// outcome returns a frame of kind k with the outcome of the task with the given number. The
// argument payload is an output or the text of an error.
func outcome(k wire.Kind, number uint32, payload string) []byte {
	b := make([]byte, wire.HeaderLen)
	if k == wire.KindOutputs {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	}
	b = append(b, payload...)
	wire.Header{Len: uint32(len(b) - wire.HeaderLen), Kind: k, Number: number}.Put(b)
	return b
}

// relength changes the length in the header of the frame b to n, and returns b.
func relength(b []byte, n uint32) []byte {
	binary.LittleEndian.PutUint32(b, n)
	return b
}

// TestHostileWorker runs workers that do something invalid in the middle of a job. Only such a
// worker must be replaced, and only the tasks that it had started must fail. Their errors must name
// the worker and the invalid action.
func TestHostileWorker(t *testing.T) {
	for _, tr := range transports() {
		if tr.Name == "shm" {
			tr = transport.SHM(transport.SHMOptions{Size: hostileRing})
		}
		t.Run(tr.Name, func(t *testing.T) {
			x, _, _ := hostilePool(t, 2, tr, "")
			for name, m := range misdeeds {
				once := m.hangs && (tr.Name == "socketpair" || tr.Name == "unix") // only the limit ends it, as over tcp
				if !once && (m.over == "" || m.over == tr.Name) {
					t.Run(name, func(t *testing.T) { m.test(t, x, name) })
				}
			}
		})
	}
}

const hostileRing = 4 << 10

// test runs a job of many tasks. In one of these tasks, the worker does the misdeed.
func (m misdeed) test(t *testing.T, x *Executor, name string) {
	limit := 20 * time.Second
	switch {
	case m.hangs:
		limit = 50 * time.Millisecond
	case m.either:
		limit = time.Second
	}
	for _, size := range []int{1, 8} {
		lost := x.Account().Restarts.Lost
		in := numbered(60)
		for i := range in { // more than the channel holds
			in[i] += "|" + strings.Repeat("x", 2<<10)
		}
		in[16] = name
		out, err := hostile.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size), Limit: limit})
		failed := m.failures(t, err)
		switch n := len(failed); {
		case n == m.blamed, m.blamed == unknown && n < 50, m.blamed == 2 && size == 1 && n == 1:
		default:
			t.Errorf("chunk %d: got %d failed tasks, want %d: %v", size, n, m.blamed, err)
		}
		for i := range in {
			if failed[i] == nil && out[i] != in[i] && (i != 16 || out[i] != "answered") && !(m.renumbers && i > 16 && slices.Contains(in[:16], out[i])) {
				t.Errorf("chunk %d: got output %.20q of task %d, want %q", size, out[i], i, in[i])
			}
		}
		// A misdeed may be found after the end of its job. It is then counted in the next job.
		if n := x.Account().Restarts.Lost - lost; n > 2 {
			t.Errorf("chunk %d: got %d lost workers, want at most 2", size, n)
		}
	}
}

// failures returns the failed tasks in err with their errors. It checks that each error names the
// worker and the cause.
func (m misdeed) failures(t *testing.T, err error) map[int]error {
	t.Helper()
	failed := map[int]error{}
	var e *strategies.JobError
	if err == nil {
		return failed
	}
	if !errors.As(err, &e) || e.Skipped > 0 {
		t.Fatal(err)
	}
	for task := range e.Failures() {
		var lost *strategies.LostError
		var over *strategies.TimeoutError
		failed[task.Task] = task
		right := errors.As(task, &lost) && strings.Contains(lost.Cause, m.cause)
		if m.hangs || m.either && !right {
			right = errors.As(task, &over)
		}
		if !right || task.Worker == nil || task.Worker.PID == 0 {
			t.Errorf("task %d: got error %#v, want one that names the worker and %q: %v", task.Task, task.Err, m.cause, task)
		}
	}
	return failed
}

// TestHostileHandshake checks new workers that fail the handshake. If there is no other worker,
// queued tasks must fail with this cause. If there is another worker, no task may fail. When
// workers answer correctly again, the next job must run.
func TestHostileHandshake(t *testing.T) {
	for how, test := range handshakes {
		over := []transport.Transport{transport.Pipe()}
		if how == "garbage" {
			over = transports()
		}
		for _, tr := range over {
			t.Run(how+"/"+tr.Name, func(t *testing.T) {
				x, spoil, mend := hostilePool(t, 1, tr, how)
				spoil()
				_, err := hostile.Map(t.Context(), x, []string{"1", "zeros", "2", "3"}, strategies.Options{Chunk: chunk.Fixed(1)})
				var e *StartError
				if !errors.As(err, &e) || e.Worker == nil || e.Worker.PID == 0 || !strings.Contains(e.Error(), test.cause) {
					t.Errorf("got error %v, want a StartError with %q", err, test.cause)
				}
				mend()
				if out, err := hostile.Map(t.Context(), x, numbered(3), strategies.Options{}); err != nil {
					t.Errorf("when workers answer correctly again: got %q and error %v", out, err)
				}
			})
		}
	}
	x, spoil, _ := hostilePool(t, 2, transport.Pipe(), "garbage")
	spoil()
	in := numbered(40)
	in[7] = "zeros"
	_, err := hostile.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(1)})
	if failed := misdeeds["zeros"].failures(t, err); len(failed) != 1 {
		t.Errorf("with another worker: got %d failed tasks, want 1: %v", len(failed), err)
	}
}
