package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A queueHost runs chunks from the queue on one host.
type queueHost struct {
	Worker
	*store
	consumer jetstream.Consumer
	id       string
	kernels  []string
	storing  context.Context // context of requests to the store; ends if the host should end and the server is away

	since   atomic.Int64 // time at which the connection was made, in ns
	records atomic.Int64

	mu      sync.Mutex
	running map[string]*run // runs, by the name of their chunk
}

// ServeDurable runs tasks of durable executors ([NewDurable]) of the group until ctx ends. It then
// finishes the chunks that it has, and returns nil. The server must have JetStream.
//
// The worker stores a claim before it starts a chunk, and the outcomes before it acknowledges the chunk. If the
// connection breaks, the tasks go on, and the worker stores their outcomes later.
//
// The error of ServeDurable is an OptionError, a [ConnectError], a [JetStreamError], or an error of procs.New.
func ServeDurable(ctx context.Context, c Worker) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	c, err := c.complete()
	if err != nil {
		return err
	}
	h := &queueHost{Worker: c, id: nuid.Next(), running: map[string]*run{}}
	conn, err := c.dial(func() {})
	if err != nil {
		return err
	}
	defer conn.Close()
	h.since.Store(time.Now().UnixNano())
	conn.SetReconnectHandler(func(*nats.Conn) { h.reconnected() })
	storing, end := context.WithCancel(context.Background())
	defer end()
	h.storing = storing
	if h.store, err = openStore(ctx, c.Options, conn, 0); err != nil {
		return err
	}
	if h.consumer, err = h.store.consumer(ctx, c.Options); err != nil {
		return err
	}
	slots := make([]*queueSlot, c.Slots)
	for i := range slots {
		slots[i] = &queueSlot{host: h}
	}
	if err := slots[0].start(0); err != nil {
		return err
	}
	h.kernels = slots[0].pool.Kernels()
	if err := h.listen(); err != nil {
		slots[0].pool.Close()
		return err
	}
	var all, started sync.WaitGroup
	for _, s := range slots {
		started.Add(1)
		all.Go(func() {
			if s.start(0) != nil {
				s.pool = nil // start is tried again for the first chunk, which reports the error
			}
			started.Done()
			s.serve(ctx)
		})
	}
	started.Wait()
	if c.Ready != nil {
		c.Ready()
	}
	<-ctx.Done()
	ended := make(chan struct{})
	go func() {
		all.Wait()
		close(ended)
	}()
	for {
		select {
		case <-ended:
			conn.FlushTimeout(h.Period)
			return nil
		case <-time.After(lossAfter * h.Period):
			if !conn.IsConnected() { // if it is connected, tasks still run
				end()
			}
		}
	}
}

// listen subscribes to the requests of executors and of other workers.
func (h *queueHost) listen() error {
	ready := wire.AppendReady(nil, wire.Ready{Side: wire.Here(), Kernels: h.kernels})
	_, err := h.conn.QueueSubscribe(h.hello(), "workers", func(m *nats.Msg) {
		answer := nats.NewMsg(m.Reply)
		answer.Header.Set(header, h.Name)
		answer.Data = ready
		d := wire.DecoderOf(m.Data)
		if ok, err := d.Next(); ok && err == nil {
			if hello, err := wire.ParseHello(d.Payload); err == nil && wire.Compare(hello.Side, wire.Here()) == nil {
				if err := procs.CheckDepth(hello.Depth); err != nil {
					answer.Header.Set(whyHeader, line(err))
				}
			}
		}
		h.conn.PublishMsg(answer)
	})
	if err != nil {
		return err
	}
	if _, err = h.conn.Subscribe(h.living(h.id), func(m *nats.Msg) {
		answer := "0"
		if h.find(string(m.Data)) != nil {
			answer = "1"
		}
		m.Respond([]byte(answer))
	}); err != nil {
		return err
	}
	_, err = h.conn.Subscribe(h.cancels(">"), func(m *nats.Msg) {
		if r := h.find(m.Subject[len(h.cancels("")):]); r != nil {
			go r.cancel()
		}
	})
	if err == nil {
		err = h.conn.FlushTimeout(dialTime)
	}
	return err
}

func (h *queueHost) find(chunk string) *run {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.running[chunk]
}

// reconnected tells the server that the chunks of this host still run.
func (h *queueHost) reconnected() {
	h.since.Store(time.Now().UnixNano())
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.running {
		r.message.InProgress()
	}
}

// author returns a text that identifies one record of this host as its author.
func (h *queueHost) author() string { return fmt.Sprint(h.id, " ", h.records.Add(1)) }

// gone reports whether the program with the given id is gone, or lives but does not have the chunk.
// A program counts as gone if it has not answered for three periods in which this host was
// connected. If ctx ends first, gone returns false.
func (h *queueHost) gone(ctx context.Context, id, chunk string) bool {
	for ctx.Err() == nil {
		began := time.Now()
		asking, end := context.WithTimeout(ctx, lossAfter*h.Period)
		answer, err := h.conn.RequestWithContext(asking, h.living(id), []byte(chunk))
		end()
		connected := time.Since(time.Unix(0, h.since.Load()))
		switch {
		case err == nil:
			return string(answer.Data) == "0"
		case errors.Is(err, nats.ErrNoResponders) && connected > lossAfter*h.Period: // the program had time to reconnect
			return true
		case errors.Is(err, context.DeadlineExceeded) && h.conn.IsConnected() && connected > time.Since(began):
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(h.Period / 2):
		}
	}
	return false
}

// A queueSlot runs one chunk at a time on a worker process.
type queueSlot struct {
	host  *queueHost
	pool  *procs.Executor // nil if the slot has been idle for some time
	depth int             // depth of the pool
	used  time.Time
}

// start starts the worker process, unless the slot has a process for tasks of the given depth.
func (s *queueSlot) start(depth int) (err error) {
	s.used = time.Now()
	if s.pool != nil && s.depth == depth {
		return nil
	}
	s.end()
	h := s.host
	s.depth = depth
	s.pool, err = procs.New(context.Background(), procs.Config{Workers: 1, Program: h.Program, Process: h.Process, Init: h.Init, Depth: depth, Grace: h.Grace})
	return err
}

// end ends the worker process.
func (s *queueSlot) end() {
	if s.pool != nil {
		s.pool.Close()
		s.pool = nil
	}
}

// serve runs chunks until ctx ends.
func (s *queueSlot) serve(ctx context.Context) {
	defer s.end()
	h := s.host
	for ctx.Err() == nil {
		m, err := h.next(ctx)
		switch {
		case m != nil:
			newRun(s, m).do()
		case err != nil:
			h.pause(ctx)
		case s.pool != nil && time.Since(s.used) > lossAfter*h.Period:
			s.end()
		}
	}
}

// next takes a chunk from the queue. It returns nil if no chunk arrives for some time, or if ctx
// ends.
func (h *queueHost) next(ctx context.Context) (jetstream.Msg, error) {
	batch, err := h.consumer.Fetch(1, jetstream.FetchMaxWait(min(max(h.Period, 100*time.Millisecond), time.Second)))
	if err != nil {
		return nil, err
	}
	select {
	case m := <-batch.Messages():
		return m, batch.Error()
	case <-ctx.Done():
	}
	select {
	case m := <-batch.Messages(): // the server had already sent it
		return m, nil
	case <-time.After(lastFetch):
		return nil, nil
	}
}

// lastFetch is the time that an ending worker waits for a chunk that the server may have sent
// already. The server offers a chunk that arrives later to another worker.
const lastFetch = 20 * time.Millisecond

// ackWait returns the time that the server waits for a sign of life of a worker before it delivers
// a chunk again.
func (h *queueHost) ackWait() time.Duration {
	return cmp.Or(h.consumer.CachedInfo().Config.AckWait, lossAfter*h.Period)
}
