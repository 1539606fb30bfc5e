package cluster

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A slot is one worker process that an executor uses.
type slot struct {
	*link
	host *host
	at   string // subject to which the slot listens
	pool *procs.Executor
	ends chan bool // receives a value if the slot must end: true if it must kill its process

	next    time.Duration // time limit of the tasks of the next frame
	job     *relay        // job of the last frame
	lease   work.Lease
	process work.Worker // process that the slot last reported to the lane
	jobs    sync.WaitGroup
	gone    bool
	ack     *nats.Msg // latest message that needs an answer
}

// open starts the process of a slot for the lane that listens at inbox.
func (h *host) open(inbox string, depth int) (*slot, error) {
	pool, err := procs.New(context.Background(), procs.Config{Workers: 1, Program: h.Program, Process: h.Process, Init: h.Init, Depth: depth, Grace: h.Grace})
	if err != nil {
		return nil, err
	}
	s := &slot{host: h, at: h.slot(nuid.Next()), pool: pool, ends: make(chan bool, 2)}
	if s.link, err = listen(h.conn, s.at, lossAfter*h.Period); err != nil {
		pool.Close()
		return nil, err
	}
	s.to = inbox
	h.conn.FlushTimeout(h.Period) // the subscription must exist before the lane sends to it
	h.mu.Lock()
	defer h.mu.Unlock()
	h.slots[s] = true
	if h.ending {
		s.quit(false)
	}
	return s, nil
}

// quit makes the slot end. It never blocks.
func (s *slot) quit(kill bool) {
	select {
	case s.ends <- kill:
	default:
	}
}

// run serves the slot until the lane leaves it or is lost, or the host ends.
func (s *slot) run() {
	defer s.host.free(s)
	beats := time.NewTicker(s.host.Period)
	defer beats.Stop()
	ended := make(chan struct{})
	defer close(ended)
	go s.beats(ended)
	kill, graceful := false, false
	for !s.gone {
		select {
		case m := <-s.in:
			if m.Reply != "" {
				s.ack = m
			}
			if s.receive(m, s.noted, s.arrived) != nil {
				s.gone, kill = true, true
			}
		case kill = <-s.ends:
			s.gone, graceful = true, !kill
		case <-beats.C:
			if s.silent() != nil {
				s.gone, kill = true, true
			}
		}
	}
	if graceful {
		s.pool.Close()
	} else {
		ctx, end := context.WithCancel(context.Background())
		if kill || s.job != nil && s.job.open() { // the lane has left, so nobody waits for the outcomes
			end()
		}
		s.pool.Stop(ctx)
		end()
	}
	s.jobs.Wait()
	s.shut()
	switch {
	case s.ack != nil && s.ack.Header.Get(header) == bye:
		s.ack.Respond(nil)
	case graceful:
		s.note(bye, whole)
	default:
		s.note(bye, "")
	}
}

// beats sends heartbeats until ended is closed. It has a goroutine of its own, because a large
// frame may keep the goroutine of the slot busy for several periods.
func (s *slot) beats(ended <-chan struct{}) {
	beats := time.NewTicker(s.host.Period)
	defer beats.Stop()
	for {
		select {
		case <-ended:
			return
		case <-beats.C:
			s.beat()
		}
	}
}

// noted handles a note from the lane.
func (s *slot) noted(kind, value string) {
	switch kind {
	case limit:
		s.next, _ = time.ParseDuration(value)
	case cancel:
		s.drop(wire.ErrCancelled)
	case stop:
		go s.pool.Stop(context.Background())
	case bye:
		s.gone = true
	}
}

// drop cancels the tasks of the last frame.
func (s *slot) drop(cause error) {
	if s.job != nil {
		s.job.Cancel(cause)
		s.lease.Stop()
	}
}

// arrived runs the tasks of a frame.
func (s *slot) arrived(h *wire.Header, payload []byte) error {
	kernels := s.pool.Kernels()
	if h.Kind != wire.KindTasks || int64(h.Kernel) >= int64(len(kernels)) {
		return &wire.FrameError{Header: *h, Reason: "the frame does not have tasks for a kernel of this worker"}
	}
	if !s.decoder.Give() {
		payload = bytes.Clone(payload)
	}
	job, err := newRelay(s, kernels[h.Kernel], h, payload)
	if err != nil {
		return err
	}
	job.terms.Limit, s.next = s.next, 0
	lease, err := s.pool.Start(context.Background(), job)
	if err != nil {
		job.Cancel(err)
		job.end()
		return nil
	}
	s.job, s.lease = job, lease
	s.jobs.Go(func() {
		lease.Wait()
		job.end()
	})
	return nil
}

// outcomes sends frames with the outcomes of tasks that the process by ran.
func (s *slot) outcomes(frames []byte, by *work.Worker) {
	note := ""
	if by != nil && (by.PID != s.process.PID || by.Generation != s.process.Generation) {
		s.process = *by
		note = fmt.Sprintf("%s %d %d", ran, by.PID, by.Generation)
	}
	if s.write(frames, note) != nil {
		s.quit(true)
	}
}

func (s *slot) unstarted(why string) { s.note(over, why) }
