package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A session is the use of one slot of a worker by one lane.
type session struct {
	*link
	name    string // name of the worker in errors, such as w0@NAME for lane 0
	kernels []string
	process *work.Worker // process that runs the tasks
}

// The notes in the answer of a worker to a Hello frame.
const (
	slotAt  = "slot"    // yes: followed by the subject of the slot and the name of the worker
	refused = "refused" // no: followed by the name of the worker and the reason
)

// startTime is the time that a worker may take to start a process for a slot.
const startTime = 15 * time.Second

// hello asks the group for a slot. A worker whose slots are all taken leaves the queue group, but
// may still get a request. It refuses this request, and hello repeats it at once.
func (l *lane) hello(ctx context.Context) (s *session, err error) {
	var none *NoWorkersError
	for range helloTries {
		if s, err = l.ask(ctx); !errors.As(err, &none) || !none.full {
			break
		}
	}
	return s, err
}

const helloTries = 20

// ask asks one worker of the group for a slot. If the answer is not a slot that this program can use, ask
// returns an error: a NoWorkersError if no slot is free, or a WorkerError.
func (l *lane) ask(ctx context.Context) (*session, error) {
	x := l.x
	ctx, end := context.WithTimeoutCause(ctx, startTime, errors.New("no answer"))
	defer end()
	none := &NoWorkersError{Group: x.options.Group, URL: x.options.address()}
	inbox := x.conn.NewInbox()
	k, err := listen(x.conn, inbox, lossAfter*x.options.Period)
	if err != nil {
		none.Err = err
		return nil, none
	}
	request := nats.NewMsg(x.options.hello())
	request.Header.Set(header, inbox)
	request.Data = wire.AppendHello(nil, wire.Hello{Side: wire.Here(), Depth: worker.Depth()})
	answer, err := x.conn.RequestMsgWithContext(ctx, request)
	if err != nil {
		k.shut()
		if !errors.Is(err, nats.ErrNoResponders) {
			none.Err = err
		}
		return nil, none
	}
	kind, rest, _ := strings.Cut(answer.Header.Get(header), " ")
	first, rest, _ := strings.Cut(rest, " ")
	d := wire.DecoderOf(answer.Data)
	ok, err := d.Next()
	ready := wire.Ready{}
	if ok && err == nil {
		ready, err = wire.ParseReady(d.Payload)
	}
	switch {
	case kind == refused && first == "":
		err = errors.New("an answer that is not from a worker")
	case err == nil && ok:
		err = wire.Compare(wire.Here(), ready.Side)
	}
	if err == nil && kind == refused {
		k.shut()
		if rest == full {
			none.full = true
			return nil, none
		}
		return nil, &WorkerError{Worker: first, Err: errors.New(rest)}
	}
	if err == nil {
		err = x.admit(ready.Kernels)
	}
	if err != nil {
		k.shut()
		if kind == slotAt {
			m := nats.NewMsg(first)
			m.Header.Set(header, bye)
			x.conn.PublishMsg(m)
			first = rest
		}
		return nil, &WorkerError{Worker: first, Err: err}
	}
	k.to = first
	k.hear()
	rest = fmt.Sprintf("w%d@%s", l.w, rest)
	return &session{link: k, name: rest, kernels: ready.Kernels, process: &work.Worker{Name: rest, PID: ready.PID}}, nil
}

// full is the reason with which a worker without a free slot refuses a request.
const full = "no free slot"

// kernel returns the index of the kernel with the given name.
func (s *session) kernel(name string) int { return slices.Index(s.kernels, name) }

// ran records which process runs the tasks from now on. The text has a process id and a generation.
func (s *session) ran(text string) {
	pid, generation, _ := strings.Cut(text, " ")
	w := &work.Worker{Name: s.name}
	w.PID, _ = strconv.Atoi(pid)
	w.Generation, _ = strconv.Atoi(generation)
	s.process = w
}

// set makes s the session of the lane. If s is nil, the lane has no session.
func (l *lane) set(s *session) {
	l.session = s
	l.has.Store(s)
}

// leave gives the slot back if the lane has one. It waits until the worker confirms this, but at
// most one period.
func (l *lane) leave() {
	s := l.session
	if s == nil {
		return
	}
	l.set(nil)
	m := nats.NewMsg(s.to)
	m.Header.Set(header, bye)
	l.x.conn.RequestMsg(m, l.x.options.Period)
	s.shut()
}

// lostError returns the error of a task that was sent to a lost worker and has no outcome.
func (s *session) lostError(why error) error {
	return &work.LostError{Cause: fmt.Sprintf("%v, on another host: %v", s.process, why), ExitCode: -1}
}
