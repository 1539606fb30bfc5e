package cluster

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Worker is the configuration of [Serve].
type Worker struct {
	Options
	// Name names the worker in errors; "" means the name of the host. It has no spaces.
	Name string
	// Slots is the number of tasks that the worker runs at the same time; 0 means GOMAXPROCS.
	Slots int
	// Program is the command of the worker processes, which serve the kernels.
	Program procs.Program
	// Process holds the attributes of the worker processes, such as their environment.
	Process procs.Process
	// Init prepares each worker process; see procs.Config.
	Init procs.Init
	// Grace is the delay between the steps by which a worker process is ended, as in procs.Config.
	Grace time.Duration
	// Ready, if it is not nil, is called when executors can use the worker.
	Ready func()
}

// A host serves the slots of one host.
type host struct {
	Worker
	conn *nats.Conn

	mu     sync.Mutex
	sub    *nats.Subscription // subscription to the queue group while a slot is free; otherwise nil
	used   int
	ending bool
	slots  map[*slot]bool
	all    sync.WaitGroup
}

// Serve offers slots to the executors of the group until ctx ends. Then it takes no further tasks,
// finishes those that it has, and returns nil.
//
// The error of Serve is an OptionError, or a [ConnectError] if there is no server or it refuses the
// credentials. If the connection breaks later, Serve ends all slots and connects again.
func Serve(ctx context.Context, c Worker) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	c, err := c.complete()
	if err != nil {
		return err
	}
	h := &host{Worker: c, slots: map[*slot]bool{}}
	if h.conn, err = c.dial(h.broke); err != nil {
		return err
	}
	defer h.conn.Close()
	if err := h.offer(); err != nil {
		return err
	}
	h.conn.FlushTimeout(h.Period)
	if c.Ready != nil {
		c.Ready()
	}
	<-ctx.Done()
	h.mu.Lock()
	h.ending = true
	if h.sub != nil {
		h.sub.Drain() // answers the requests that have arrived
	}
	for s := range h.slots {
		s.quit(false)
	}
	h.mu.Unlock()
	h.all.Wait()
	h.conn.FlushTimeout(h.Period)
	return nil
}

// complete returns c with its defaults, or an OptionError.
func (c Worker) complete() (Worker, error) {
	o, err := c.checked()
	if err != nil {
		return c, err
	}
	c.Options = o
	if c.Name == "" {
		c.Name, _ = os.Hostname()
	}
	if c.Name = cmp.Or(c.Name, "worker"); strings.ContainsAny(c.Name, " \t\r\n") {
		return c, &work.OptionError{Strategy: name, Option: "name", Value: c.Name, Reason: "must not contain spaces"}
	}
	if c.Slots < 0 || c.Slots > work.MaxWorkers {
		return c, &work.OptionError{Strategy: name, Option: "slots", Value: c.Slots, Reason: fmt.Sprintf("must be 1 to %d (0 means GOMAXPROCS)", work.MaxWorkers)}
	}
	if c.Grace < 0 {
		return c, &work.OptionError{Strategy: name, Option: "grace", Value: c.Grace, Reason: "must not be negative"}
	}
	c.Slots = cmp.Or(c.Slots, runtime.GOMAXPROCS(0))
	if worker.Forgotten() {
		return c, errForgotten
	}
	return c, nil
}

// broke ends all slots, because messages may be lost.
func (h *host) broke() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.slots {
		s.quit(true)
	}
}

// offer keeps this host in the queue group while a slot is free, and out of it otherwise.
func (h *host) offer() (err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch free := h.used < h.Slots && !h.ending; {
	case free && h.sub == nil:
		if h.sub, err = h.conn.QueueSubscribe(h.hello(), "workers", func(m *nats.Msg) { go h.answer(m) }); err != nil {
			return err
		}
		h.conn.FlushTimeout(h.Period)
		return h.conn.Publish(h.joined(), nil)
	case !free && h.sub != nil:
		err = h.sub.Drain() // answers the requests that have arrived
		h.sub = nil
	case free:
		h.conn.Publish(h.joined(), nil)
	}
	return err
}

// answer answers a request for a slot.
func (h *host) answer(m *nats.Msg) {
	reply := nats.NewMsg(m.Reply)
	refuse := func(why string) {
		reply.Data = wire.AppendReady(nil, wire.Ready{Side: wire.Here()})
		reply.Header.Set(header, refused+" "+h.Name+" "+why)
		h.conn.PublishMsg(reply)
	}
	d := wire.DecoderOf(m.Data)
	ok, err := d.Next()
	if err != nil || !ok || d.Header.Kind != wire.KindHello || m.Reply == "" {
		refuse("the request is not from an executor of payoff")
		return
	}
	hello, err := wire.ParseHello(d.Payload)
	if err == nil {
		err = wire.Compare(hello.Side, wire.Here())
	}
	if err != nil {
		refuse(line(err))
		return
	}
	h.mu.Lock()
	if h.used >= h.Slots || h.ending {
		h.mu.Unlock()
		refuse(full)
		return
	}
	h.used++
	h.all.Add(1)
	h.mu.Unlock()
	h.offer()
	s, err := h.open(m.Header.Get(header), hello.Depth)
	if err != nil {
		refuse(line(err))
		h.free(nil)
		return
	}
	pid := 0
	if pids := s.pool.PIDs(); len(pids) > 0 {
		pid = pids[0]
	}
	reply.Data = wire.AppendReady(nil, wire.Ready{Side: wire.Here(), PID: pid, Kernels: s.pool.Kernels()})
	reply.Header.Set(header, slotAt+" "+s.at+" "+h.Name)
	h.conn.PublishMsg(reply)
	s.run()
}

// free records that a slot is free again.
func (h *host) free(s *slot) {
	h.mu.Lock()
	h.used--
	delete(h.slots, s)
	h.mu.Unlock()
	h.offer()
	h.all.Done()
}
