package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Job returns an executor for one job, a map or a single task, that outlives this program. The
// server keeps the accepted chunks of the job and their outcomes under the given name. If a later
// program starts a job with the same name, kernel and inputs, the job continues: it uses the stored
// outcomes, and puts only those tasks into the queue that were not accepted before. Inputs must
// have the same encoding each time.
//
// If two programs run the same job, the later one takes it over, and the job of the earlier one
// fails with a [JobError].
//
// The server keeps the outcomes until [NamedJob.Forget]. Call it after the results are safe.
func (x *Durable) Job(name string) *NamedJob { return &NamedJob{Durable: x, name: name} }

// A NamedJob starts a job with a name. It implements [work.Executor].
type NamedJob struct {
	*Durable
	name string
}

// Start implements [work.Executor]. It returns an OptionError for a stream, and for an invalid name.
func (j *NamedJob) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	switch {
	case !validGroup.MatchString(j.name):
		return nil, &work.OptionError{Strategy: durableName, Option: "job", Value: j.name, Reason: "must consist of letters, digits, - and _"}
	case job.Terms().Stream:
		return nil, &work.OptionError{Strategy: durableName, Option: "job", Value: j.name, Reason: "is the name of a stream; only maps and single tasks can have a name"}
	}
	return j.start(ctx, job, &named{x: j.Durable, name: j.name})
}

// Submit implements [work.Executor].
func (j *NamedJob) Submit(ctx context.Context, task work.Single) (work.Lease, error) {
	return j.Start(ctx, task)
}

// Forget removes the job, its accepted tasks and its outcomes from the server. It has no effect if there
// is no such job. Do not call it while the job runs.
func (j *NamedJob) Forget(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	n := named{x: j.Durable, name: j.name}
	state, _, err := n.read(ctx)
	if state.Life == "" || err != nil {
		return err
	}
	if err := j.store.remove(ctx, state.Life+".0"); err != nil {
		return err
	}
	return j.store.queue.Purge(ctx, jetstream.WithPurgeSubject(j.store.job(j.name)))
}

// A named is the state of an executor for one named job.
type named struct {
	x     *Durable
	name  string
	life  string
	epoch int    // number of this submitter
	seq   uint64 // sequence number of this submitter's message; the server accepts chunks only from the last submitter
	ready atomic.Bool

	mu    sync.Mutex
	news  *nats.Subscription
	found []found // accepted chunks that no lane has
}

// A found is a chunk that an earlier submitter put into the queue.
type found struct {
	chunkName
	own []bool // by task: whether its outcome comes from this chunk, and not from a later one
}

// A jobState is the content of the message of a named job. Its Life identifies the job until
// Forget.
type jobState struct {
	Life   string
	Epoch  int
	Kernel string
	Tasks  int
}

// read reads the message of the job, and its sequence number. If there is no message, Life is
// empty.
func (n *named) read(ctx context.Context) (s jobState, seq uint64, err error) {
	m, err := n.x.store.queue.GetLastMsgForSubject(ctx, n.x.store.job(n.name))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return s, 0, nil
	}
	if err != nil {
		return s, 0, err
	}
	if err := json.Unmarshal(m.Data, &s); err != nil || s.Life == "" {
		return s, 0, &JobError{Job: n.name, Reason: "the message of the job on the server is not from payoff"}
	}
	return s, m.Sequence, nil
}

// takeUp makes this program the submitter of the job, whose tasks are s. It finds the chunks that
// the server has accepted, and lets the lanes claim the other tasks.
func (n *named) takeUp(le *durableLease, s work.Span) {
	gaps := []work.Span{s}
	for s.Len() > 0 {
		g, err := n.find(le, s.Len())
		if err == nil {
			gaps = g
			break
		}
		var job *JobError
		var store *StoreError
		if errors.As(err, &job) || errors.As(err, &store) || n.x.calls.Err() != nil || le.job.Cancelled() != nil {
			le.job.Cancel(err)
			break
		}
		n.x.store.pause(n.x.calls) // the server is away
	}
	le.mu.Lock()
	if s.Len() > 0 {
		le.back = append(le.back, gaps...)
	}
	le.mu.Unlock()
	n.ready.Store(true)
	n.x.signal()
}

// find makes one try of takeUp, for a job with the given number of tasks. It returns the tasks that
// the server has not accepted.
func (n *named) find(le *durableLease, tasks int) ([]work.Span, error) {
	x := n.x
	ctx, end := context.WithTimeout(x.calls, 10*x.options.Period)
	defer end()
	state, last, err := n.read(ctx)
	if err != nil {
		return nil, err
	}
	if state.Life == "" {
		state = jobState{Life: nuid.Next(), Kernel: le.terms.Kernel, Tasks: tasks}
	}
	if state.Kernel != le.terms.Kernel || state.Tasks != tasks {
		return nil, &JobError{Job: n.name, Reason: fmt.Sprintf("it was started with kernel %s and %s, and not with kernel %s and %s; use another name, or forget the job", state.Kernel, work.CountTasks(state.Tasks), le.terms.Kernel, work.CountTasks(tasks))}
	}
	state.Epoch++
	m := nats.NewMsg(x.store.job(n.name))
	m.Data, err = json.Marshal(state)
	if err != nil {
		return nil, err
	}
	if n.seq, err = x.store.put(ctx, m, jetstream.WithExpectLastSequencePerSubject(last)); err != nil {
		return nil, err
	}
	n.life, n.epoch = state.Life, state.Epoch
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.news == nil {
		if n.news, err = x.hear(n.life); err != nil {
			return nil, err
		}
	}
	chunks, err := n.accepted(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(chunks, compareChunks)
	owner := make([]int, tasks) // for each task, 1 + the index of its chunk in chunks; 0 for none
	for i, c := range chunks {
		if c.lo+c.n > tasks {
			return nil, &JobError{Job: n.name, Reason: "its chunks on the server have more tasks than the job"}
		}
		for t := c.lo; t < c.lo+c.n; t++ {
			owner[t] = i + 1
		}
	}
	n.found = n.found[:0]
	for i, c := range chunks {
		f := found{chunkName: c, own: make([]bool, c.n)}
		for t := range f.own {
			f.own[t] = owner[c.lo+t] == i+1
		}
		if slices.Contains(f.own, true) {
			n.found = append(n.found, f)
		}
	}
	has := make([]bool, tasks)
	for t := range has {
		has[t] = owner[t] > 0
	}
	return undone(has), nil
}

// accepted returns the names of the chunks of the job that are in the queue or have records. It
// reads the queue first: a chunk has a record before it leaves the queue, so accepted misses no
// chunk.
func (n *named) accepted(ctx context.Context) (chunks []chunkName, err error) {
	s := n.x.store
	seen := map[chunkName]bool{}
	for _, in := range []struct {
		stream jetstream.Stream
		prefix string
	}{{s.queue, s.queued(n.life + ".0.")}, {s.ledger, s.ledgerOf(n.life + ".0.")}} {
		info, err := in.stream.Info(ctx, jetstream.WithSubjectFilter(in.prefix+">"))
		if err != nil {
			return nil, err
		}
		for subject := range info.State.Subjects {
			c, ok := parseChunkName(strings.TrimPrefix(subject, in.prefix))
			if !ok {
				return nil, &JobError{Job: n.name, Reason: fmt.Sprintf("the server has a chunk with the name %q, which is not from payoff", subject)}
			}
			if !seen[c] {
				seen[c] = true
				chunks = append(chunks, c)
			}
		}
	}
	return chunks, nil
}

// next returns an accepted chunk for a lane, and removes it from n.found.
func (n *named) next() (c found, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.found) == 0 {
		return c, false
	}
	c, n.found = n.found[0], n.found[1:]
	return c, true
}

func (n *named) end() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.news != nil {
		n.news.Unsubscribe()
	}
}

// adoptNext makes the lane wait for the records of an accepted chunk for which no lane waits yet.
// It reports false if there is no such chunk. If the inputs of the chunk's tasks differ from those
// of this program, the job fails.
func (l *durableLane) adoptNext(le *durableLease) (ok bool) {
	x := l.x
	c, ok := le.named.next()
	if !ok {
		return false
	}
	s := work.Span{Lo: c.lo, Hi: c.lo + c.n}
	e := encode(&x.core, l.w, le.lease, l.buffer[:0], s, wire.MaxPayload)
	if l.buffer = e.b; cap(e.b) > mostBytes {
		l.buffer = nil
	}
	l.process = nil
	l.hold(le, s, le.named.life+".0."+c.chunkName.String(), nil)
	for i, own := range c.own {
		if !own {
			l.state.done[i] = true // the outcome comes from a later chunk
			l.state.left--
		}
	}
	if e.failure != nil || e.rest.Len() > 0 || sumOf(e.b) != c.sum {
		failure := error(&JobError{Job: le.named.name, Reason: fmt.Sprintf("tasks %d to %d have other inputs than when the job was started; use another name, or forget the job", s.Lo, s.Hi-1)})
		le.job.Cancel(failure)
		l.giveUp(failure)
		return true
	}
	l.stale.Store(true)
	l.catchUp()
	return true
}
