package procs

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A lane is the goroutine that owns one worker process and everything in this struct,
// except where it says otherwise. While it waits for the worker a caller may have it; see
// trip.go.
type lane struct {
	mu     sync.Mutex // who has the lane: its goroutine, unless that waits for the worker
	x      *Executor
	w      int
	poller *poller
	pid    atomic.Int32 // of the worker, 0 while there is none that is able

	looking atomic.Bool  // Executor.looking was set for this lane, by whoever woke it
	load    atomic.Int64 // ns of work that is prefetched behind a task, for lanes that have none
	asked   atomic.Bool  // one of those wants some of it

	life       life
	p          *process // nil while it is gone
	generation int      // of p, or of the next one
	failures   int      // processes in a row that started no task
	retryAt    time.Time
	first      chan<- error // is told how the first start went
	leaving    leaving

	flight    flight
	limit     time.Duration // the shortest of a task in flight; 0 if none has one
	seen      seen          // the task that was last found running
	held      run           // claimed and not encoded yet; lo up to hi
	out       []byte        // frames on their way to the worker
	coded     []byte        // out, with the frame that is being encoded
	span      work.Span     // that a codec is at
	undecoded []byte        // outputs that have come
	sent      int           // bytes of out that were written
	lent      []byte        // what comes behind out: the rest of the last task's input, in memory of the job's
	turn      int           // where the round of the jobs stands
	came      time.Time

	back        []*lease // whose outcomes have come and are not timed
	interrupted bool     // a codec ended the goroutine while outcomes were passed on
	salvaging   bool     // outcomes come from the page of a worker that has ended

	peekedAt int // outcomes of p when what it holds was looked for; -1 if it was not

	warm  bool          // it had a task not long ago
	trips int           // callers that had the lane
	quiet time.Duration // how long to wait for the worker before looking after it
	slow  bool          // what was behind the task that runs went elsewhere: nothing goes there until it ends
}

func newLane(x *Executor, w int) (*lane, error) {
	p, err := newPoller()
	if err != nil {
		return nil, err
	}
	l := &lane{x: x, w: w, poller: p}
	l.mu.Lock() // for its goroutine
	return l, nil
}

// run is the lane's goroutine; when a codec ends it, another takes its place.
func (l *lane) run() {
	ended := false
	defer func() {
		if ended {
			l.poller.close()
			l.mu.Unlock()
			l.x.running.Done()
			return
		}
		go l.run()
	}()
	for l.round() {
	}
	ended = true
}

// round does what can be done and then waits for more. It returns false when the
// lane has ended.
func (l *lane) round() (more bool) {
	l.hear()
	if l.life == gone && l.wanted() {
		l.launch()
	}
	if l.asked.Load() && l.asked.Swap(false) && l.flight.tasks > 1 && l.life.able() && !l.leaving.due {
		l.split()
	}
	l.fill()
	l.end()
	if l.life == gone || l.life == starting || l.life == lost {
		return l.waitAlone()
	}
	lending := len(l.lent) > 0
	l.write()
	if l.life == lost || lending && !l.unsent() || l.read() {
		return true
	}
	l.wait()
	return true
}

// fill claims and encodes tasks, as many as the worker should have, and lets go of
// those of cancelled jobs. It reports whether there were any.
func (l *lane) fill() (worked bool) {
	leases := *l.x.leases.Load()
	for _, le := range leases {
		if le.job.Cancelled() != nil {
			l.letGo(le)
		}
	}
	l.slow = l.slow && l.flight.tasks > 0
	if !l.life.able() || l.leaving.due || l.slow || l.interrupted {
		return false
	}
	for range leases {
		le := leases[l.turn%len(leases)]
		worked = l.send() || worked
		if l.held.lo < l.held.hi || !l.ready() {
			return worked
		}
		unclaimed := le.unclaimed()
		chunk := le.chunk(unclaimed)
		room := l.room(chunk)
		if room == 0 {
			return worked
		}
		mean, enough, least := le.mean.Load(), le.ahead, int64(0)
		if mean > 0 && le.flags&wire.FlagPrompt == 0 {
			enough, least = min(enough, 2*l.even(int64(unclaimed)*mean)), leastShare
		}
		if !hungry(l.flight.load, enough, l.flight.tasks, chunk, unclaimed, len(l.x.lanes)) {
			break
		}
		l.turn++
		want := max(enough-l.flight.load, 0) / int64(len(leases))
		s := le.claim(min(share(chunk, mean, want, least, unclaimed, len(l.x.lanes)), room))
		if s.Len() == 0 {
			continue
		}
		l.hold(le, s, chunk)
		l.load.Store(l.flight.load + l.held.each*int64(s.Len()))
		l.found()
		worked = l.send() || worked
	}
	return worked
}

// even returns the ns of work that each lane has when all of them have the same, with so much
// that nobody has claimed. Of the others it is what they had when they last claimed or slept.
func (l *lane) even(unclaimed int64) int64 {
	all := unclaimed + l.flight.load
	for _, other := range l.x.lanes {
		if other != l {
			all += other.load.Load()
		}
	}
	return all / int64(len(l.x.lanes))
}

// hold keeps what was claimed until it is sent.
func (l *lane) hold(le *lease, s work.Span, chunk int) {
	le.last.Store(int64(chunk))
	l.held = run{lease: le, lo: s.Lo, hi: s.Hi, each: le.expected(max(chunk, s.Len()))}
}

// found says that l is not looking for work any more, and wakes the next lane if there
// is more of it.
func (l *lane) found() {
	if !l.rest() {
		return
	}
	if l.x.asleep.Load() > 0 && l.x.more() {
		l.x.wake()
	}
}

// letGo lets go of what has not started of a cancelled job. If the worker runs a task of
// it, that is given a little time.
func (l *lane) letGo(le *lease) {
	if l.held.lease == le {
		le.skip(work.Span{Lo: l.held.lo, Hi: l.held.hi}, l.w)
		l.held = run{}
	}
	if l.life.able() && l.flight.of(le) {
		l.recall()
		if l.leaving.patience.IsZero() && l.flight.of(le) {
			l.leaving.patience = time.Now().Add(patience)
		}
	}
	le.skipAll(l.w)
}

// recall takes back every task that the worker has not started.
func (l *lane) recall() {
	state := l.p.page.Recall()
	l.p.epoch = state.Epoch
	l.cut(state.Started)
}

// cut gives back the tasks that were sent and not among the started ones.
func (l *lane) cut(started uint32) {
	l.takeBack(started, l.giveBack)
	l.unhold()
	if l.flight.tasks == 0 && l.life == busy {
		l.life = l.life.on(drained)
	}
}

// takeBack passes to take the tasks that were sent and not among the started ones.
func (l *lane) takeBack(started uint32, take func(*lease, work.Span)) {
	before := l.flight.tasks
	l.flight.cut(int(since(l.p.finished, started)), take)
	if l.flight.tasks < before && len(l.lent) > 0 {
		// The last task has lent it and is gone, and its job may be over any time. The frame
		// has to be sent to its end all the same; nobody will look at it.
		l.out, l.lent = append(l.out, make([]byte, len(l.lent))...), nil
	}
}

// unhold gives back what was claimed and not sent.
func (l *lane) unhold() {
	if l.held.lo < l.held.hi {
		l.giveBack(l.held.lease, work.Span{Lo: l.held.lo, Hi: l.held.hi})
	}
	l.held = run{}
}

// giveBack returns tasks that were claimed here and not started.
func (l *lane) giveBack(le *lease, s work.Span) {
	if le.job.Cancelled() != nil {
		le.skip(s, l.w)
		return
	}
	le.giveBack(s)
	l.x.wake()
}
